// SPDX-License-Identifier: Apache-2.0

package feeding

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/oomtrail/oomtrail/conformance/corpus/captures"
	"github.com/oomtrail/oomtrail/conformance/corpus/ordinary"
	"github.com/oomtrail/oomtrail/conformance/oracle/render"
	"github.com/oomtrail/oomtrail/parser/report"
)

// load returns the bundled captures.
func load(t *testing.T) []*captures.Capture {
	t.Helper()
	list, err := captures.Load("../../../testdata/captures")
	if err != nil || len(list) == 0 {
		t.Fatal("no captures", err)
	}
	return list
}

// recordsOf returns the records of a log of /dev/kmsg.
func recordsOf(kmsg []byte) (records []render.Record) {
	for line := range strings.SplitSeq(string(kmsg), "\n") {
		head, text, ok := strings.Cut(line, ";")
		priority, _, _ := strings.Cut(head, ",")
		n, err := strconv.Atoi(priority)
		if !ok || err != nil || strings.HasPrefix(line, " ") {
			continue
		}
		records = append(records, render.Record{Level: n & 7, Text: unescape(text)})
	}
	return records
}

// unescape undoes the \xNN of /dev/kmsg.
func unescape(text string) string {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if strings.HasPrefix(text[i:], `\x`) && i+4 <= len(text) {
			if c, err := strconv.ParseUint(text[i+2:i+4], 16, 8); err == nil {
				b.WriteByte(byte(c))
				i += 3
				continue
			}
		}
		b.WriteByte(text[i])
	}
	return b.String()
}

// ordinaryRecords returns n records of an ordinary day.
func ordinaryRecords(n int, seed uint64) (records []render.Record) {
	w := ordinary.NewWriter(ordinary.Kmsg, seed)
	w.Ordinary(n)
	return recordsOf(w.Log)
}

// form is a format to write records in.
type form struct {
	name string
	put  func([]render.Record) []byte
	// of is the setting that reads this format and no other, Auto where there is none.
	of report.Format
	// single is set where each line makes sense alone.
	single bool
}

// settings are the formats of render whose setting reads them.
var settings = map[string]report.Format{
	"kmsg": report.Kmsg, "kmsg caller": report.Kmsg, "kmsg 3.5": report.Kmsg, "dmesg": report.Dmesg, "dmesg -T": report.Dmesg, "dmesg -x": report.Dmesg,
	"dmesg -r": report.Dmesg, "syslog(2)": report.Dmesg, "console caller": report.Dmesg, "rsyslog imklog": report.Syslog, "rsyslog imjournal": report.Syslog,
	"rsyslog FileFormat": report.Syslog, "RFC 5424": report.Syslog, "journalctl short": report.Syslog, "journalctl json": report.JournalJSON,
	"journalctl export": report.JournalExport,
}

// singles are the formats of render of which hosts leave out lines.
var singles = []string{"kmsg", "dmesg -r", "syslog(2)", "rsyslog imklog", "rsyslog imjournal", "rsyslog FileFormat", "RFC 5424", "journalctl json"}

// forms returns all formats: those of render, and those that wrap another one.
func forms() (all []form) {
	for _, f := range render.Formats {
		put := func(records []render.Record) []byte {
			log, _ := f.Put(records)
			return log
		}
		all = append(all, form{f.Name, put, settings[f.Name], slices.Contains(singles, f.Name)})
	}
	for _, w := range wrappers {
		for _, inner := range []string{"dmesg", "rsyslog imklog", "kmsg", "journalctl cat"} {
			f := render.FormatNamed(inner)
			put := func(records []render.Record) []byte {
				log, _ := f.Put(records)
				return w.put(log)
			}
			all = append(all, form{w.name + " of " + inner, put, report.Auto, false})
		}
	}
	return all
}

// wrappers are what shippers, container runtimes and people put around each line of a log.
var wrappers = []struct {
	name string
	put  func([]byte) []byte
}{
	{"docker", eachLine(func(line string) string {
		return fmt.Sprintf(`{"log":%q,"stream":"stdout","time":"2026-11-29T09:00:00.123456789Z"}`, line+"\n")
	})},
	{"CRI", eachLine(func(line string) string {
		if half := len(line) / 2; half > 40 {
			return "2026-11-29T09:00:00.123456789Z stdout P " + line[:half] + "\n2026-11-29T09:00:00.123456789Z stdout F " + line[half:]
		}
		return "2026-11-29T09:00:00.123456789Z stdout F " + line
	})},
	{"shipper", eachLine(func(line string) string {
		return fmt.Sprintf(`{"@timestamp":"2026-11-29T09:00:00.123Z","host":{"name":"node-7"},"message":%q,"tags":["a","b"]}`, line)
	})},
	{"store", eachLine(func(line string) string {
		return fmt.Sprintf(`{"transport":"kernel","message":%q,"labels":{"job":"journal"},"timestamp":"2026-11-29T09:00:00.123Z"}`, line)
	})},
	{"CSV", func(log []byte) []byte {
		rows := eachLine(func(line string) string { return `2026-11-29T09:00:00Z,"` + strings.ReplaceAll(line, `"`, `""`) + `"` })
		return append([]byte("time,line\n"), rows(log)...)
	}},
	{"pdsh", eachLine(func(line string) string { return "node01: " + line })},
	{"Samsung", eachLine(func(line string) string { return "[   12.345678]  [3:             sh: 2912] " + line })},
	{"mail", eachLine(func(line string) string { return "> " + line })},
	{"CRLF", eachLine(func(line string) string { return line + "\r" })},
	{"list", eachLine(func(line string) string { return "    " + line })},
}

func eachLine(put func(string) string) func([]byte) []byte {
	return func(log []byte) (wrapped []byte) {
		for line := range strings.SplitSeq(strings.TrimSuffix(string(log), "\n"), "\n") {
			wrapped = append(append(wrapped, put(line)...), '\n')
		}
		return wrapped
	}
}

// odd are lines that change how others are read, or look as if they did.
var odd = []string{
	"java: page allocation failure: order:4, mode:0x40dc0(GFP_KERNEL|__GFP_COMP|__GFP_ZERO), nodemask=(null)", "Mem-Info:",
	"Node 0 DMA free:15360kB min:4kB low:16kB high:28kB", "lowmem_reserve[]: 0 1946 1946 1946", "oom_kill_process: 17 callbacks suppressed",
	"sysrq: Manual OOM execution", "sysrq: Show Memory", "Killed process", "memory: usage 4kB", "Call Trace:", " dump_stack+0x1/0x2", "  indented",
	"[    T1] caller", "<4>[    1.000000] stamped twice", "systemd-oomd started", "Tasks in /a are going to be killed due to memory.oom.group set",
}

// hostile are names that look like something else, and ends of other lines.
var hostile = []string{" invoked oom-killer: gfp_mask=0xcc0, order=0, oom_score_adj=0", " cpuset=/ mems_allowed=0", "[1] 1 1 1 1 1 1", " x+0x1/0x2 [y]",
	"anon 4096", ": page allocation failure: order:0", " killed as a result of limit of /a", "oom-kill:constraint=CONSTRAINT_NONE"}

// damage is one way in which the records of a report come to harm.
type damage struct {
	name string
	do   func(r *rand.Rand, records, others []render.Record) []render.Record
}

// each changes one record in n by what change makes of it.
func each(n int, change func(r *rand.Rand, rec render.Record) []render.Record) func(*rand.Rand, []render.Record, []render.Record) []render.Record {
	return func(r *rand.Rand, records, _ []render.Record) (damaged []render.Record) {
		for _, rec := range records {
			if r.IntN(n) > 0 {
				damaged = append(damaged, rec)
				continue
			}
			damaged = append(damaged, change(r, rec)...)
		}
		return damaged
	}
}

func text(change func(r *rand.Rand, text string) string) func(*rand.Rand, render.Record) []render.Record {
	return func(r *rand.Rand, rec render.Record) []render.Record {
		rec.Text = change(r, rec.Text)
		return []render.Record{rec}
	}
}

// damages are applied to records, before they are put into a format.
var damages = []damage{
	{"whole", func(_ *rand.Rand, records, _ []render.Record) []render.Record { return records }},
	{"lost", each(12, func(_ *rand.Rand, rec render.Record) []render.Record { rec.Gone = true; return []render.Record{rec} })},
	{"dropped", each(12, func(*rand.Rand, render.Record) []render.Record { return nil })},
	{"doubled", each(8, func(_ *rand.Rand, rec render.Record) []render.Record { return []render.Record{rec, rec} })},
	{"cut", each(8, text(func(r *rand.Rand, s string) string { return s[:r.IntN(len(s)+1)] }))},
	{"bytes", each(8, text(func(r *rand.Rand, s string) string {
		b := []byte(s + " ")
		b[r.IntN(len(b))] = byte(r.IntN(256))
		return string(b)
	}))},
	{"digits", each(6, text(func(r *rand.Rand, s string) string {
		b := []byte(s + " ")
		b[r.IntN(len(b))] = " 0123456789-]!)(+/:"[r.IntN(19)]
		return string(b)
	}))},
	{"names", each(6, text(func(r *rand.Rand, s string) string {
		at, words := r.IntN(len(s)+1), hostile[r.IntN(len(hostile))]
		switch r.IntN(3) {
		case 0:
			return s[:at] + words
		case 1:
			return words + s[at:]
		}
		return s[:at] + words + s[at:]
	}))},
	{"newlines", each(8, text(func(r *rand.Rand, s string) string {
		at := r.IntN(len(s) + 1)
		return s[:at] + []string{"\n", "\n\n", "\n" + odd[r.IntN(len(odd))] + "\n"}[r.IntN(3)] + s[at:]
	}))},
	{"NULs", each(8, text(func(r *rand.Rand, s string) string {
		at := r.IntN(len(s) + 1)
		return s[:at] + strings.Repeat("\x00", 1+r.IntN(4)) + s[at:]
	}))},
	{"huge", each(60, text(func(r *rand.Rand, s string) string {
		at := r.IntN(len(s) + 1)
		return s[:at] + strings.Repeat("x", 1<<(8+r.IntN(10))) + s[at:]
	}))},
	{"odd", each(10, func(r *rand.Rand, rec render.Record) []render.Record {
		return []render.Record{{Level: 4, Text: odd[r.IntN(len(odd))]}, rec}
	})},
	{"noise", func(_ *rand.Rand, records, _ []render.Record) []render.Record { return render.Noise(records) }},
	{"torn", func(_ *rand.Rand, records, _ []render.Record) []render.Record {
		torn, _ := render.Torn(records)
		return torn
	}},
	{"swapped", func(r *rand.Rand, records, _ []render.Record) []render.Record {
		records = slices.Clone(records)
		for i := range len(records) - 1 {
			if r.IntN(12) == 0 {
				records[i], records[i+1] = records[i+1], records[i]
			}
		}
		return records
	}},
	{"interleaved", func(r *rand.Rand, records, others []render.Record) (both []render.Record) {
		for len(records)+len(others) > 0 {
			if len(others) == 0 || len(records) > 0 && r.IntN(2) == 0 {
				n := 1 + r.IntN(min(len(records), 9))
				both, records = append(both, records[:n]...), records[n:]
				continue
			}
			n := 1 + r.IntN(min(len(others), 9))
			both, others = append(both, others[:n]...), others[n:]
		}
		return both
	}},
	{"a piece", func(r *rand.Rand, records, _ []render.Record) []render.Record {
		from := r.IntN(len(records))
		return records[from : from+1+r.IntN(min(len(records)-from, 40))]
	}},
	{"lost and a piece", func(r *rand.Rand, records, _ []render.Record) []render.Record {
		from := r.IntN(len(records))
		return append([]render.Record{{Gone: true}, {Gone: true}}, records[from:]...)
	}},
	{"only the kills", func(r *rand.Rand, records, _ []render.Record) []render.Record {
		return grep(records, func(text string) bool { return strings.Contains(text, "Killed process") })
	}},
	{"grepped", func(r *rand.Rand, records, _ []render.Record) []render.Record {
		return grep(records, func(text string) bool {
			return strings.Contains(text, "oom") || strings.Contains(text, "Killed process") || r.IntN(20) == 0
		})
	}},
	{"a user's lines", func(r *rand.Rand, records, _ []render.Record) (damaged []render.Record) {
		const users = 12
		for _, rec := range records {
			kill := strings.Contains(rec.Text, "Killed process")
			switch r.IntN(20) {
			case 0:
				damaged = append(damaged, render.Record{Level: users, Text: odd[r.IntN(len(odd))]})
			case 1:
				damaged = append(damaged, render.Record{Level: users, Text: "a record of a user's\n" + rec.Text + "\nmore"})
				continue
			case 2, 3, 4, 5, 6, 7:
				if kill {
					level := []int{users, 4}[r.IntN(2)] // a user's record, or one of the kernel's with a task's name in it
					damaged = append(damaged, render.Record{Level: level, Text: "x" + strings.Repeat([]string{"x\n", "\n"}[r.IntN(2)], r.IntN(20)) + rec.Text})
					continue
				}
			}
			damaged = append(damaged, rec)
		}
		return damaged
	}},
	{"all", nil}, // several of the others
}

// grep keeps the records whose text is wanted; before some of them, more is lost than they show.
func grep(records []render.Record, want func(string) bool) (kept []render.Record) {
	for i, rec := range records {
		if !want(rec.Text) {
			continue
		}
		if i%3 == 0 {
			kept = append(kept, render.Record{Gone: true})
		}
		kept = append(kept, rec)
	}
	return kept
}

// harm applies a damage to the records of a report; nil is several of them.
func harm(r *rand.Rand, d damage, records, others []render.Record) []render.Record {
	if len(records) == 0 {
		return nil
	}
	if d.do != nil {
		return d.do(r, records, others)
	}
	for range 2 + r.IntN(3) {
		if d := damages[r.IntN(len(damages))]; d.do != nil && len(records) > 0 {
			records = d.do(r, records, others)
		}
	}
	return records
}

// ruin damages the bytes of a log, whatever its format is: lines are dropped, doubled, swapped,
// cut, and bytes changed.
func ruin(r *rand.Rand, log []byte) []byte {
	lines := bytes.Split(bytes.TrimSuffix(log, []byte("\n")), []byte("\n"))
	var ruined [][]byte
	for i, line := range lines {
		switch r.IntN(160) {
		case 0:
			continue
		case 1:
			ruined = append(ruined, line)
		case 2:
			if i+1 < len(lines) {
				lines[i+1], line = line, lines[i+1]
			}
		case 3:
			line = line[:r.IntN(len(line)+1)]
		case 4:
			line = line[r.IntN(len(line)+1):]
		case 5, 6:
			if line = bytes.Clone(line); len(line) > 0 {
				line[r.IntN(len(line))] = byte(r.IntN(256))
			}
		case 7:
			ruined = append(ruined, []byte([]string{"who knows", "", "6 records lost", `{"a": 1}`, "6,12", " KEY=unheard of", "__CURSOR=x", "\x00\x00\x00", "-- Boot 1 --"}[r.IntN(9)]))
		case 8:
			at := r.IntN(len(line) + 1)
			line = slices.Concat(line[:at], bytes.Repeat([]byte{0}, 1+r.IntN(5)), line[at:])
		}
		ruined = append(ruined, line)
	}
	return append(bytes.Join(ruined, []byte("\n")), "\n"[:r.IntN(2)]...)
}

const rowHead = "[  pid  ]   uid  tgid total_vm      rss rss_anon rss_file rss_shmem pgtables_bytes swapents oom_score_adj name"

// rows returns a report whose task table has n rows, many of them with numbers too wide for their
// columns.
func rows(r *rand.Rand, n int) []render.Record {
	number := func(bits int) int { return r.IntN(1 << (1 + r.IntN(bits))) }
	records := []render.Record{
		{Level: 4, Text: "java invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0"},
		{Level: 6, Text: "Tasks state (memory values in pages):"}, {Level: 6, Text: rowHead},
	}
	pid := 0
	for range n {
		uid := number(10)
		if pid = 1 + number(20); r.IntN(50) == 0 {
			pid, uid = pid<<10, 1000660000
		}
		records = append(records, render.Record{Level: 6, Text: fmt.Sprintf("[%7d] %5d %5d %8d %8d %8d %8d %9d %8d %8d         %5d worker-%d", pid, uid, pid,
			number(30), number(20), number(18), number(18), number(3), number(40), number(2), []int{0, 0, 0, 1000, 984, -997}[r.IntN(6)], pid%100)})
	}
	return append(records,
		render.Record{Level: 6, Text: fmt.Sprintf("oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,task_memcg=/a,task=worker-%d,pid=%d,uid=0", pid%100, pid)},
		render.Record{Level: 3, Text: fmt.Sprintf("Out of memory: Killed process %d (worker-%d) total-vm:8kB, anon-rss:4kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:4kB oom_score_adj:0", pid, pid%100)})
}
