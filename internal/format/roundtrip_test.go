// SPDX-License-Identifier: Apache-2.0

package format

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/oomtrail/oomtrail/parser/report"
)

// record is one record of the kernel's ring, as a capture of /dev/kmsg has it.
type record struct {
	prio   int
	seq    uint64
	uptime int64
	text   string
	ascii  bool // printable and without escapes of any carrier
}

// captured reads the records of all captures in the repository.
func captured(t testing.TB) (records []record) {
	t.Helper()
	files, err := filepath.Glob("../../testdata/captures/*/*/kmsg.raw")
	if err != nil || len(files) == 0 {
		t.Fatalf("no captures found: %v", err)
	}
	for _, f := range files {
		for _, l := range readKmsg(t, f) {
			clean := !strings.ContainsFunc(strings.ReplaceAll(l.text, "\n", ""), func(r rune) bool { return r < ' ' || r > '~' }) &&
				!strings.Contains(l.text, `\x`) && !strings.Contains(l.text, "#0") && !strings.HasSuffix(l.text, "\n")
			l.ascii = clean
			records = append(records, l)
		}
	}
	return append(records, crafted...)
}

// crafted are records that no capture has.
var crafted = []record{
	{prio: 4, seq: 1, uptime: 1000001, text: "мир invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0"},
	{prio: 6, seq: 2, uptime: 1000002, text: "a\n b\n  c", ascii: true},
	{prio: 3, seq: 3, uptime: 99999999999999, text: "Out of memory: Killed process 1 ([9.1] Out of) total-vm:1kB", ascii: true},
	{prio: 12, seq: 4, uptime: 1000003, text: "Out of memory: Killed process 1 (a user wrote this)", ascii: true},
	{prio: 6, seq: 5, uptime: 1000004, text: "Code: ff ff ", ascii: true},
	{prio: 6, seq: 6, uptime: 1000005, text: "", ascii: true},
}

// readKmsg reads a capture on its own, not with the code under test.
func readKmsg(t testing.TB, file string) (records []record) {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range strings.Split(strings.TrimSuffix(string(raw), "\n"), "\n") {
		if l == "" || l[0] == ' ' {
			continue
		}
		head, text, _ := strings.Cut(l, ";")
		var r record
		if _, err := fmt.Sscanf(head, "%d,%d,%d,", &r.prio, &r.seq, &r.uptime); err != nil {
			t.Fatalf("%s: %q: %v", file, l, err)
		}
		for i := 0; i < len(text); i++ {
			var c byte
			if strings.HasPrefix(text[i:], `\x`) {
				if _, err := fmt.Sscanf(text[i+2:i+4], "%02x", &c); err == nil {
					r.text += string([]byte{c})
					i += 3
					continue
				}
			}
			r.text += text[i : i+1]
		}
		records = append(records, r)
	}
	return records
}

// carrier renders a record as one carrier does.
type carrier struct {
	name   string
	format report.Format
	render func(record) string
	// any is set when the carrier keeps all bytes, split when it makes a line of each line of a
	// record.
	any, split bool
	// stamped is set when it keeps the kernel's stamp, prioritized its level.
	stamped, prioritized bool
}

func secs(usec int64) string { return fmt.Sprintf("%5d.%06d", usec/1e6, usec%1e6) }

// indent renders a record behind a prefix, its further lines indented to the text.
func indent(prefix, text string) string {
	return prefix + strings.ReplaceAll(text, "\n", "\n"+strings.Repeat(" ", len(prefix)))
}

// repeat renders each line of a record behind the prefix.
func repeat(prefix, text string) string {
	return prefix + strings.ReplaceAll(text, "\n", "\n"+prefix)
}

func hexEscape(text string, escaped func(byte) bool) string {
	var b strings.Builder
	for i := range len(text) {
		if escaped(text[i]) {
			fmt.Fprintf(&b, `\x%02x`, text[i])
		} else {
			b.WriteByte(text[i])
		}
	}
	return b.String()
}

// jsonEscape escapes a text as util-linux does: bytes beyond ASCII stay as they are.
func jsonEscape(text string) string {
	var b strings.Builder
	for i := range len(text) {
		switch c := text[i]; {
		case c == '"' || c == '\\':
			b.WriteString(`\` + string(c))
		case c < ' ':
			fmt.Fprintf(&b, `\u%04x`, c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

func journalTag(r record) (transport, tag string) {
	if r.prio < 8 {
		return "kernel", "kernel:"
	}
	return "kernel", "app[7]:"
}

var carriers = []carrier{
	{name: "kmsg", format: report.Kmsg, any: true, stamped: true, prioritized: true, render: func(r record) string {
		return fmt.Sprintf("%d,%d,%d,-;%s", r.prio, r.seq, r.uptime, hexEscape(r.text, isEscaped))
	}},
	{name: "kmsg with caller", format: report.Kmsg, any: true, stamped: true, prioritized: true, render: func(r record) string {
		return fmt.Sprintf("%d,%d,%d,c,caller=T12;%s\n SUBSYSTEM=x", r.prio, r.seq, r.uptime, hexEscape(r.text, isEscaped))
	}},
	{name: "syslog(2)", format: report.Dmesg, split: true, stamped: true, prioritized: true, render: func(r record) string {
		return repeat(fmt.Sprintf("<%d>[%s] ", r.prio, secs(r.uptime)), r.text)
	}},
	{name: "console with caller", format: report.Dmesg, split: true, stamped: true, render: func(r record) string {
		return repeat(fmt.Sprintf("[%s][   T12] ", secs(r.uptime)), r.text)
	}},
	{name: "dmesg", format: report.Dmesg, stamped: true, render: func(r record) string {
		return indent(fmt.Sprintf("[%s] ", secs(r.uptime)), r.text)
	}},
	{name: "dmesg with caller", format: report.Dmesg, stamped: true, render: func(r record) string {
		return indent(fmt.Sprintf("[%s] [   T12] ", secs(r.uptime)), r.text)
	}},
	{name: "dmesg -T", format: report.Dmesg, render: func(r record) string {
		return indent("[Mon May  1 12:00:00 2023] ", r.text)
	}},
	{name: "dmesg -x", format: report.Dmesg, stamped: true, prioritized: true, render: func(r record) string {
		return indent(fmt.Sprintf("%-6s:%-6s: [%s] ", facilityNames[r.prio>>3], levelNamesList[r.prio&7], secs(r.uptime)), r.text)
	}},
	{name: "dmesg -d", format: report.Dmesg, stamped: true, render: func(r record) string {
		return indent(fmt.Sprintf("[%s <    0.000012>] ", secs(r.uptime)), r.text)
	}},
	{name: "dmesg --time-format iso", format: report.Dmesg, render: func(r record) string {
		return indent("2023-05-01T12:00:00,123456+00:00 ", r.text)
	}},
	{name: "dmesg -J", format: report.Dmesg, any: true, stamped: true, render: func(r record) string {
		return fmt.Sprintf("{\n   \"dmesg\": [\n      {\n         \"pri\": %d,\n         \"time\": %s,\n         \"msg\": \"%s\"\n      }\n   ]\n}", r.prio&7, secs(r.uptime), jsonEscape(r.text))
	}},
	{name: "journalctl", format: report.Syslog, render: func(r record) string {
		_, tag := journalTag(r)
		return indent("May 01 12:00:00 node1 "+tag+" ", r.text)
	}},
	{name: "journalctl -o short-monotonic", format: report.Syslog, stamped: true, render: func(r record) string {
		_, tag := journalTag(r)
		return indent("["+secs(r.uptime)+"] node1 "+tag+" ", r.text)
	}},
	{name: "journalctl -o short-full", format: report.Syslog, render: func(r record) string {
		_, tag := journalTag(r)
		return indent("Mon 2023-05-01 12:00:00 UTC node1 "+tag+" ", r.text)
	}},
	{name: "journalctl -o json", format: report.JournalJSON, any: true, stamped: true, prioritized: true, render: func(r record) string {
		message, _ := json.Marshal(r.text)
		if !utf8.ValidString(r.text) {
			values := make([]string, len(r.text))
			for i := range len(r.text) {
				values[i] = fmt.Sprint(r.text[i])
			}
			message = []byte("[" + strings.Join(values, ",") + "]")
		}
		return fmt.Sprintf(`{"_TRANSPORT":"kernel","SYSLOG_FACILITY":"%d","PRIORITY":"%d","MESSAGE":%s,"_SOURCE_MONOTONIC_TIMESTAMP":"%d"}`, r.prio>>3, r.prio&7, message, r.uptime)
	}},
	{name: "journalctl -o export", format: report.JournalExport, any: true, stamped: true, prioritized: true, render: func(r record) string {
		length := binary.LittleEndian.AppendUint64(nil, uint64(len(r.text)))
		return fmt.Sprintf("__CURSOR=x\n_TRANSPORT=kernel\nSYSLOG_FACILITY=%d\nPRIORITY=%d\nMESSAGE\n%s%s\n_SOURCE_MONOTONIC_TIMESTAMP=%d\n", r.prio>>3, r.prio&7, length, r.text, r.uptime)
	}},
	{name: "imklog", format: report.Syslog, split: true, stamped: true, render: func(r record) string {
		_, tag := journalTag(r)
		if r.prio >= 8 {
			return repeat("May  1 12:00:00 node1 "+tag+" ", r.text)
		}
		return repeat("May  1 12:00:00 node1 "+tag+" ["+secs(r.uptime)+"] ", r.text)
	}},
	{name: "imjournal", format: report.Syslog, render: func(r record) string {
		_, tag := journalTag(r)
		return "May  1 12:00:00 node1 " + tag + " " + strings.NewReplacer("\n", "#012", "\t", "#011").Replace(r.text)
	}},
	{name: "RFC 5424", format: report.Syslog, stamped: true, prioritized: true, split: true, render: func(r record) string {
		return repeat(fmt.Sprintf("<%d>1 2023-05-01T12:00:00.1+00:00 node1 kernel - - - [%s] ", r.prio, secs(r.uptime)), r.text)
	}},
}

func TestRoundTrip(t *testing.T) {
	records := captured(t)
	for _, c := range carriers {
		for _, f := range []report.Format{c.format, report.Auto} {
			t.Run(c.name+"/"+f.String(), func(t *testing.T) {
				roundTrip(t, c, f, records)
			})
		}
	}
}

func roundTrip(t *testing.T, c carrier, f report.Format, records []record) {
	var want []record
	var input strings.Builder
	for _, r := range records {
		if !c.any && !r.ascii {
			continue
		}
		input.WriteString(c.render(r) + "\n")
		if !c.split {
			want = append(want, r)
			continue
		}
		for _, text := range strings.Split(r.text, "\n") {
			want = append(want, record{prio: r.prio, uptime: r.uptime, text: text})
		}
	}
	var got []Line
	d := NewDecoder(f).Trust(c.format.Source())
	keep := func(l *Line) {
		if l.Continues {
			last := &got[len(got)-1]
			last.Text = append(append(last.Text, '\n'), l.Text...)
			return
		}
		got = append(got, copyLine(l))
	}
	for _, l := range bytes.Split([]byte(strings.TrimSuffix(input.String(), "\n")), []byte("\n")) {
		d.Decode(l, keep)
	}
	d.Flush(keep)
	if len(got) != len(want) {
		t.Fatalf("%d lines, want %d", len(got), len(want))
	}
	for i, w := range want {
		checkRecord(t, c, got[i], w)
		if t.Failed() {
			return
		}
	}
}

func checkRecord(t *testing.T, c carrier, got Line, want record) {
	t.Helper()
	user := want.prio >= 8
	text := want.text
	if c.name == "dmesg -J" {
		text = strings.TrimRight(text, "\n")
	}
	if string(got.Text) != text && !(user && strings.HasSuffix(string(got.Text), want.text)) {
		t.Errorf("text %q, want %q", got.Text, want.text)
	}
	if stamped := c.stamped && !(user && c.name == "imklog"); stamped && !(user && c.name == "RFC 5424") && (!got.HasUptime || got.Uptime != want.uptime) {
		t.Errorf("%q: uptime %d (%t), want %d", want.text, got.Uptime, got.HasUptime, want.uptime)
	}
	if c.prioritized {
		origin := report.OriginKernel
		if user {
			origin = report.OriginUser
		}
		if int(got.Level) != want.prio&7 || int(got.Facility) != want.prio>>3 || got.Origin != origin {
			t.Errorf("%q: level %d, facility %d, origin %d, want priority %d", want.text, got.Level, got.Facility, got.Origin, want.prio)
		}
	}
	if !c.prioritized && got.Origin == report.OriginKernel {
		t.Errorf("%q: the kernel's, without evidence", want.text)
	}
}

// Read from /dev/kmsg and from syslog(2), the same records give the same lines, but for
// the last lines of a record that syslog(2) has no room for (up to 6.1).
func TestCapturesAgree(t *testing.T) {
	files, _ := filepath.Glob("../../testdata/captures/*/*/syslog.raw")
	compared := 0
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if len(raw) == 0 { // a panic: nobody was left to read it
			continue
		}
		var want []record
		for _, r := range readKmsg(t, filepath.Join(filepath.Dir(file), "kmsg.raw")) {
			for _, text := range strings.Split(r.text, "\n") {
				want = append(want, record{prio: r.prio, uptime: r.uptime, text: text})
			}
		}
		got := decodeAll(report.Auto, strings.Split(strings.TrimSuffix(string(raw), "\n"), "\n")...)
		for i := 0; len(want) > 0; want = want[1:] {
			if i < len(got) && string(got[i].Text) == want[0].text && got[i].Uptime == want[0].uptime && int(got[i].Level) == want[0].prio&7 {
				i++
				compared++
			} else if i == 0 || got[i-1].Uptime != want[0].uptime {
				t.Errorf("%s: %q is missing before %q", file, want[0].text, got[i].Text)
				break
			}
		}
	}
	if compared < 1000 {
		t.Errorf("only %d lines compared", compared)
	}
}
