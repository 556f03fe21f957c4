// SPDX-License-Identifier: Apache-2.0

package story

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/oomtrail/oomtrail/internal/plain"
	"github.com/oomtrail/oomtrail/parser"
	"github.com/oomtrail/oomtrail/parser/record"
)

// causes say what a cause means.
var causes = map[string]string{
	"kernel_oom":    "the kernel killed it to free memory",
	"memory_killer": "a memory killer in user space killed it",
	"evicted":       "the kubelet evicted the pod to free memory",
	"sent":          "a program sent SIGKILL",
	"supervisor":    "its supervisor killed it after a timeout",
	"unknown":       "the log does not show what sent SIGKILL",
}

// maxLine bounds what is printed of a witness's line, in bytes.
const maxLine = 400

// Print writes stories, and what would have shown more.
func Print(w io.Writer, stories []Story) error {
	var b []byte
	for i := range stories {
		if i > 0 {
			b = append(b, '\n')
		}
		b = stories[i].append(b)
	}
	b = appendMore(b, stories)
	_, err := w.Write(b)
	return err
}

// Title is a story in a line: when, where, what.
func (s *Story) Title() string {
	title := ""
	if at := s.Record.Time; !at.IsZero() {
		title = at.UTC().Format("2006-01-02 15:04:05 UTC ")
	}
	if host := s.Record.Text("host.name"); host != "" {
		title += plain.Printable(host) + ": "
	}
	return title + s.Record.Body
}

func (s *Story) append(b []byte) []byte {
	b = fmt.Appendf(b, "%s\n  why: %s (%s).", s.Title(), causes[s.Cause], s.Cause)
	if s.Sure != "" {
		b = fmt.Appendf(b, " %s.", strings.ToUpper(s.Sure[:1])+s.Sure[1:])
	}
	b = append(b, '\n')
	if s.Kernel != nil && s.Kernel != s.Record {
		b = appendLine(b, s.Kernel.Time, "kernel", s.Kernel.Body)
	}
	if s.Kernel != nil {
		for line := range strings.Lines(s.Kernel.Text("log.record.original")) {
			if line = strings.TrimSpace(line); strings.Contains(line, "ill") && isKillLine(line) {
				b = appendLine(b, s.Kernel.Time, "kernel", line)
			}
		}
	}
	b = s.appendSender(b)
	for i := range s.Lines {
		t := &s.Lines[i]
		program := t.Program
		if t.Verified {
			program += " (verified)"
		}
		b = appendLine(b, t.Time, program, t.Text)
	}
	for _, other := range s.Perhaps {
		b = fmt.Appendf(b, "  possibly the same: %s (no line proves it)\n", other.Title())
	}
	if sources := s.Record.Text("oom.verdict.sources"); sources != "" {
		b = fmt.Appendf(b, "  programs in this log: %s\n", strings.ReplaceAll(sources, ",", ", "))
	}
	return b
}

// appendSender says what is known of who sent the signal.
func (s *Story) appendSender(b []byte) []byte {
	start := len(b)
	for _, field := range [...]struct{ name, says string }{
		{"oom.sender.name", ""}, {"oom.sender.pid", "pid "}, {"oom.sender.uid", "uid "}, {"oom.sender.login_uid", "login uid "},
		{"oom.sender.executable", ""}, {"oom.sender.unit", "in "},
	} {
		v, ok := s.Record.Get(field.name)
		if !ok {
			continue
		}
		if len(b) == start {
			b = append(b, "  sender: "...)
		} else {
			b = append(b, ", "...)
		}
		b = append(b, field.says...)
		if v.Kind() == record.KindString {
			b = plain.AppendPrintable(b, s.Record.Text(field.name))
		} else {
			b = strconv.AppendInt(b, v.Int64(), 10)
		}
	}
	if len(b) > start {
		b = append(b, '\n')
	}
	return b
}

// isKillLine reports whether a line of a report is that of a kill.
func isKillLine(line string) bool {
	return strings.Contains(line, "Killed process ") || strings.Contains(line, "Kill process ")
}

func appendLine(b []byte, at time.Time, program, text string) []byte {
	b = append(b, "  "...)
	if !at.IsZero() {
		clock := "15:04:05.000 "
		if at.Nanosecond() == 0 { // syslog prints seconds
			clock = "15:04:05 "
		}
		b = at.UTC().AppendFormat(b, clock)
	}
	b = append(plain.AppendPrintable(b, program), ": "...)
	text = strings.TrimSpace(text)
	start := len(b)
	if b = plain.AppendPrintable(b, text); len(b)-start > maxLine {
		b = append(b[:start+maxLine], "…"...)
	}
	return append(b, '\n')
}

// appendMore says what would show more of the deaths whose cause is not certain.
func appendMore(b []byte, stories []Story) []byte {
	sources := sources(stories)
	var more []byte
	// The kernel's own kills are no system calls, so that audit would not show more of them.
	if !slices.Contains(sources, "audit") && slices.ContainsFunc(stories, func(s Story) bool {
		return s.Sure != Certain && s.Cause != "kernel_oom" && s.Cause != "memory_killer"
	}) {
		more = append(more, `  What sent SIGKILL: the kernel's audit records it, if these rules are loaded before it happens again
    auditctl -a always,exit -F arch=b64 -S kill,tkill -F a1=9 -k sigkill
    auditctl -a always,exit -F arch=b64 -S tgkill -F a2=9 -k sigkill
    oomtrail why journal.json /var/log/audit/audit.log
    (Audit records neither the kernel's own kills nor those by cgroup.kill.)
`...)
	}
	if !slices.Contains(sources, "sudo") && slices.ContainsFunc(stories, func(s Story) bool {
		return slices.ContainsFunc(s.Lines, func(t parser.Testimony) bool { return strings.HasSuffix(t.Text, "on client request.") })
	}) {
		more = append(more, "  Who asked systemd to kill: look for lines of sudo and polkit in the journal of that time.\n"...)
	}
	if slices.ContainsFunc(stories, func(s Story) bool { return s.Sure != Certain }) && !fromJournal(stories) {
		more = append(more, "  Units, containers and invocations: read the journal with its fields, not as text\n"+
			"    journalctl -o json --since TIME > journal.json; oomtrail why journal.json\n"...)
	}
	if !slices.Contains(sources, "kernel") && slices.ContainsFunc(stories, func(s Story) bool { return s.Sure != Certain }) {
		more = append(more, "  Whether the kernel killed it: this input has no kill by the kernel. Add the kernel's log of that time, if it is missing\n"+
			"    journalctl -k -o json --since TIME > kernel.json; oomtrail why journal.json kernel.json\n"...)
	}
	if len(more) > 0 {
		b = append(append(b, "\nTo learn more:\n"...), more...)
	}
	return b
}

// Summary says how many deaths there are of each cause, the most frequent first.
func Summary(stories []Story) string {
	counts := map[string]int{}
	for i := range stories {
		counts[stories[i].Cause]++
	}
	var words []string
	for cause := range counts {
		words = append(words, cause)
	}
	slices.SortFunc(words, func(a, b string) int { return cmp.Or(cmp.Compare(counts[b], counts[a]), strings.Compare(a, b)) })
	for i, cause := range words {
		words[i] = fmt.Sprintf("%d %s", counts[cause], cause)
	}
	return strings.Join(words, ", ")
}
