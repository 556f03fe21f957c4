// SPDX-License-Identifier: Apache-2.0

package witnesscases

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/oomtrail/oomtrail/parser"
)

const (
	host   = "node-7"
	bootID = "0b6d4a1c5e2f4b7a9c8d3e1f2a4b6c8d"
)

// start is when the first line of a case is written.
var start = time.Date(2026, 5, 2, 10, 0, 0, 0, time.UTC)

// line is one line of a program.
type line struct {
	by   author
	text string
	// more are further fields of the journal entry.
	more [][2]string
	at   time.Time
}

// form is a format in which the lines of programs come.
type form struct {
	name  string
	write func(b []byte, l *line) []byte
	// source is what the input is known to come from.
	source parser.TrustedSource
	// container is set where only a container's output has this form.
	container bool
	// yearless is set where its timestamps have neither year nor zone.
	yearless bool
}

// forms are all of them. Only a case that names it is in plain text, which says nothing of its
// author.
var forms = [...]form{
	{"journal", journalJSON, parser.TrustedJournald, false, false},
	{"export", journalExport, parser.TrustedJournald, false, false},
	{"journal of unknown origin", journalJSON, parser.TrustedNone, false, false},
	{"syslog", syslog, parser.TrustedNone, false, true},
	{"rfc5424", rfc5424, parser.TrustedNone, false, false},
	{"plain", func(b []byte, l *line) []byte { return append(append(b, l.text...), '\n') }, parser.TrustedNone, false, false},
	{"cri", cri, parser.TrustedNone, true, false},
	{"docker", docker, parser.TrustedNone, true, false},
	{"kubernetes filter", shipped, parser.TrustedNone, true, false},
}

// options are the parser's for an input of this form.
func (f *form) options() parser.Options {
	return parser.Options{
		TrustedSource: f.source, Location: time.UTC,
		Reference: func() time.Time { return start.Add(24 * time.Hour) },
	}
}

// input writes lines in the form.
func (f *form) input(lines []line) (b []byte) {
	for i := range lines {
		b = f.write(b, &lines[i])
	}
	return b
}

func (l *line) entry() [][2]string {
	us := l.at.UnixMicro()
	fields := [][2]string{
		{"__CURSOR", "s=1;i=" + strconv.FormatInt(us, 16)}, {"__REALTIME_TIMESTAMP", strconv.FormatInt(us, 10)},
		{"__MONOTONIC_TIMESTAMP", strconv.FormatInt(us-start.UnixMicro()+5_000_000_000, 10)}, {"_BOOT_ID", bootID}, {"_HOSTNAME", host}, {"PRIORITY", "5"},
	}
	if l.by.transport == "kernel" {
		fields = append(fields, [2]string{"_SOURCE_MONOTONIC_TIMESTAMP", strconv.FormatInt(us-start.UnixMicro()+5_000_000_000, 10)})
	}
	fields = append(append(fields, l.by.fields()...), l.more...)
	return append(fields, [2]string{"MESSAGE", l.text})
}

func journalJSON(b []byte, l *line) []byte {
	b = append(b, '{')
	for i, f := range l.entry() {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(append(b, quoted(f[0])...), ':'), quoted(f[1])...)
	}
	return append(b, "}\n"...)
}

func journalExport(b []byte, l *line) []byte {
	for _, f := range l.entry() {
		if strings.ContainsFunc(f[1], func(r rune) bool { return r < ' ' }) {
			b = append(append(b, f[0]...), '\n')
			b = append(append(binary.LittleEndian.AppendUint64(b, uint64(len(f[1]))), f[1]...), '\n')
			continue
		}
		b = append(append(append(append(b, f[0]...), '='), f[1]...), '\n')
	}
	return append(b, '\n')
}

// tag is the name of the program and its process id, as syslog has them.
func (l *line) tag() string {
	if l.by.pid == 0 {
		return l.by.tag + ":"
	}
	return fmt.Sprintf("%s[%d]:", l.by.tag, l.by.pid)
}

func syslog(b []byte, l *line) []byte {
	text := l.text
	if l.by.transport == "kernel" {
		text = fmt.Sprintf("[%5d.%06d] %s", 5000+int(l.at.Sub(start)/time.Second), l.at.Nanosecond()/1000, text)
	}
	return fmt.Appendf(b, "%s %s %s %s\n", l.at.Format(time.Stamp), host, l.tag(), escape(text))
}

func rfc5424(b []byte, l *line) []byte {
	pid := "-"
	if l.by.pid != 0 {
		pid = strconv.Itoa(l.by.pid)
	}
	severity := 5
	if l.by.transport == "kernel" && strings.Contains(l.text, "Killed process") { // pr_err
		severity = 3
	}
	return fmt.Appendf(b, "<%d>1 %s %s %s %s - - %s\n", l.by.facility<<3|severity, l.at.Format("2006-01-02T15:04:05.000000Z07:00"), host, l.by.tag, pid, escape(l.text))
}

func cri(b []byte, l *line) []byte {
	return fmt.Appendf(b, "%s stdout F %s\n", l.at.Format(time.RFC3339Nano), escape(l.text))
}

func docker(b []byte, l *line) []byte {
	return fmt.Appendf(b, `{"log":%s,"stream":"stderr","time":"%s"}`+"\n", quoted(l.text+"\n"), l.at.Format(time.RFC3339Nano))
}

func shipped(b []byte, l *line) []byte {
	return fmt.Appendf(b, `{"time":"%s","log":%s,"kubernetes":{"pod_name":"web-0","namespace_name":"shop","container_name":"web"}}`+"\n", l.at.Format(time.RFC3339Nano), quoted(l.text+"\n"))
}

// escape writes control characters as rsyslog does.
func escape(s string) string {
	return strings.NewReplacer("\n", "#012", "\t", "#011", "\x1d", "#035").Replace(s)
}

func quoted(s string) []byte {
	b := new(strings.Builder)
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		panic(err) // a string always encodes
	}
	return []byte(strings.TrimSuffix(b.String(), "\n"))
}

// report is what the kernel says of a kill of ingest.service.
var report = []string{
	"ingest invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0",
	"CPU: 1 PID: 24117 Comm: ingest Not tainted 6.1.0-18-amd64 #1  Debian 6.1.76-1",
	"memory: usage 524288kB, limit 524288kB, failcnt 41",
	"Tasks state (memory values in pages):",
	"[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name",
	"[  24117]   998 24117   203085   131328  1228800        0             0 ingest",
	"oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=ingest.service,mems_allowed=0,oom_memcg=/system.slice/ingest.service,task_memcg=/system.slice/ingest.service,task=ingest,pid=24117,uid=998",
	"Memory cgroup out of memory: Killed process 24117 (ingest) total-vm:812340kB, anon-rss:524288kB, file-rss:1024kB, shmem-rss:0kB, UID:998 pgtables:1200kB oom_score_adj:0",
}

// kernel returns the report from a time on, a line every ten microseconds.
func kernel(at time.Time) (lines []line) {
	for i, text := range report {
		lines = append(lines, line{by: authors["kernel"], text: text, at: at.Add(time.Duration(i) * 10 * time.Microsecond)})
	}
	return lines
}
