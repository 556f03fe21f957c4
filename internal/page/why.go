// SPDX-License-Identifier: Apache-2.0

package page

import (
	"strings"

	"github.com/oomtrail/oomtrail/internal/diagnosis"
	"github.com/oomtrail/oomtrail/internal/identity"
	"github.com/oomtrail/oomtrail/internal/plain"
	"github.com/oomtrail/oomtrail/parser/report"
)

// why returns the cause, and how sure that is.
func (m *maker) why() *Why {
	d := m.Diagnosis
	if d == nil || len(d.Findings) == 0 {
		return nil
	}
	return &Why{Summary: d.Summary, Cause: d.Cause.String(), Meaning: d.Cause.Meaning(), Confidence: d.Findings[0].Confidence.String()}
}

// Verdict is the cause in words, and how sure it is.
func (w *Why) Verdict() string {
	return "Cause: " + w.Meaning + " (" + w.Cause + "). " + capital(w.Confidence) + "."
}

// now returns the sentences of the advice.
func (m *maker) now() (sentences []string) {
	if m.Diagnosis == nil {
		return nil
	}
	for _, sentence := range strings.SplitAfter(m.Diagnosis.Advice, ". ") {
		if sentence = strings.TrimSpace(sentence); sentence != "" {
			sentences = append(sentences, sentence)
		}
	}
	return sentences
}

// findings lists what else the report shows, each with its figures.
func (m *maker) findings() (sentences []string) {
	d := m.Diagnosis
	if d == nil || len(d.Findings) < 2 {
		return nil
	}
	for i := range d.Findings[1:] {
		f := &d.Findings[i+1]
		text := f.Phrase(quoted)
		if f.Confidence != diagnosis.Certain && !strings.Contains(text, f.Confidence.String()) {
			text += " (" + f.Confidence.String() + ")"
		}
		if comm := f.Process.Comm; comm == "" || !strings.HasPrefix(text, plain.Printable(comm)) { // a name stays as it is
			text = capital(text)
		}
		sentences = append(sentences, text+".")
	}
	return sentences
}

// elsewhere says where the exit code of the victim shows, and where it does not; it explains what
// the reader has seen there.
func (m *maker) elsewhere() string {
	if m.Event.Kind != report.EventKill {
		return ""
	}
	const code = "Exit code 137 is 128 + 9: the process was ended by signal 9 (SIGKILL), as here."
	id := identity.Of(m.cgroup())
	switch {
	case id.PodUID != "":
		return code + " Kubernetes shows it with reason OOMKilled when the container's first process dies. When a child dies the container may run on, and Kubernetes shows nothing."
	case id.Runtime == identity.Podman:
		return code + " podman inspect shows it, with OOMKilled where the container's own limit was hit."
	case id.ContainerID != "" && id.Runtime != identity.LXC:
		return code + " docker inspect shows it, with OOMKilled true where the container's own limit was hit; when only a child dies the container may run on."
	case id.Unit != "" && id.ContainerID == "":
		return code + " systemctl status shows it as status=9/KILL, with Result: oom-kill for the unit."
	}
	return code + " A shell or supervisor that waited for it shows that code."
}

// notes says what the page cannot know.
func (m *maker) notes() (notes []Note) {
	if missing := m.Record.Text("oom.report.missing"); missing != "" && !m.bare() {
		notes = append(notes, Note{Text: "Not in this log: " + sectionWords(missing) + "."})
	}
	if n, ok := m.Number64("oom.report.suppressed"); ok && n > 0 {
		notes = append(notes, Note{Text: "The kernel rate-limited its log: " + number(n) + " reports before this one are missing."})
	}
	if m.bare() {
		notes = append(notes, Note{Text: "Only the kill line is in this log: read it unfiltered (dmesg, journalctl -k) to see the report above it."})
	}
	if m.Record.Text("oom.trust") == "unverified" {
		notes = append(notes, Note{Detail: true, Text: "Unverified: this format cannot prove that the kernel wrote it. journalctl -k -o json can; or name the format, if you trust the log (--format)."})
	}
	return notes
}

// bare reports whether only the kill line is in the log, and it is not proven that the kernel
// printed no more.
func (m *maker) bare() bool {
	return m.report.Bare && !m.report.HeldBack && m.Event.Kind == report.EventKill
}

// sectionWords names the parts of a report as a person would.
func sectionWords(list string) string {
	words := map[string]string{"invocation": "its first line", "cpu": "the CPU line", "trace": "the stack trace", "cpuset": "the cpuset line",
		"memcg": "the cgroup's counters", "memcg-stats": "the cgroup's memory.stat", "meminfo": "the host's memory figures", "tasks": "the process table",
		"oom-kill": "the oom-kill: line", "kill": "the kill line", "slab": "the slab table", "alloc-profile": "the allocation profile"}
	names := strings.Split(list, ",")
	for i, name := range names {
		if word := words[name]; word != "" {
			names[i] = word
		}
	}
	return strings.Join(names, ", ")
}
