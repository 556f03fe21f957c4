// SPDX-License-Identifier: Apache-2.0

package format

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/oomtrail/oomtrail/parser/report"
)

// seeds are inputs of several lines, one for each carrier and each way in which one is hurt.
var seeds = []string{
	"4,1533,16713564,-;mysqld invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0\n SUBSYSTEM=pci\n6,1,2,c,caller=T1;a\\x0ab\\x5c\\xff\n4,1,2;x",
	"[   16.713564] mysqld invoked oom-killer: x\n               y\n[   16.713564][ T4242] z\n** 12 printk messages dropped ** [    1.000000] w",
	"<4>[ 5678.901234][ T4242] text\n<30>[    4.362320] systemd[1]: x\n<4>text",
	"[Di Aug 12 03:54:03 2025] a\n[五 5月 15 17:19:17 2026 <    0.000012>] b\n[May 1 12:00] c\n[  +0.000012] d\n[<    0.000012>] e",
	"kern  :warn  : 2023-05-01T12:00:00,123456+00:00 text\ndaemon:info  : [    2.000000] x",
	"{\n   \"dmesg\": [\n      {\n         \"pri\": 4,\n         \"time\":     1.000000,\n         \"msg\": \"a\\nb\"\n      }\n   ]\n}",
	"May  1 12:00:00 host kernel: [ 5678.901234] text#012x\nMay  1 12:00:01 host app[1]: y\n                      z\n-- Reboot --",
	"Mon May  1 12:00:00 2023 kern.warn kernel: [ 5678.901234] text\nMon 2023-05-01 12:00:00 UTC host kernel: t\n1682942400.123456 host kernel: t",
	"<4>1 2023-05-01T12:00:00.1+00:00 host kernel - - [a b=\"\\\"]\"] text\n<4>May  1 12:00:00 host kernel: x",
	"[ 5678.901234] host kernel: text\n[ 5678.901234 <    0.000012 >] host app[2]: text",
	journalKernel + "\n" + `{"MESSAGE":[97,255,10],"_TRANSPORT":"kernel","SYSLOG_FACILITY":["0","1"]}` + "\n{\"MESSAGE\":null,\"PRIORITY\":\"3\"}",
	export("a\nb", "_TRANSPORT=kernel") + export("c", "_TRANSPORT=syslog"),
	"> > [    1.000000] Killed process 1 (a),\n> b\n\n```x```\n    kernel: y\n... kernel: z",
	"<pre>[&lt;ffffffff816a3e81&gt;] a<br>\n&gt; [    1.000000]  &lt;TASK&gt;",
	"[    1.000000] x invoked oom-killer: gfp_mask=3D0xcc0, order=3D=\n0\n[    2.000000] =C3=BC",
	"2023-05-01T12:00:00.1Z stdout F [    1.000000] a\n2023-05-01T12:00:00.1Z stderr P b\n{\"log\":\"4,1,2,-;a\\n\",\"time\":\"2023-05-01T12:00:00.5Z\"}",
	`[{"transport":"kernel","message":"","host":{"hostname":"a"},"log":{"syslog":{"facility":{"code":0}}}}, {"jsonPayload":{"_TRANSPORT":"kernel","MESSAGE":"[ 1] a","ts":1718010924.5}}]`,
	"time,_TRANSPORT,line\n2024-06-10T09:15:24Z,kernel,\"a \"\"b\"\", c\"\n1718010924000,,\n,kernel,\"\"",
	"<3>[63651.068572s][pid:2912,cpu3,sh]a\n[   12.345678] I[0:      swapper/0:    1] b\n[   12.345678] -(3)[2912:sh]c\n[   12.345678 / 07-22 10:13:44.440] c3  1 (a) d",
	"Message from syslogd@a at Jun 10 09:15:24 ...\n kernel:b\n3m Warning OOMKilling a Killed process\n- message: c",
	"172.20.0.2: kern: warning: [2023-05-01T12:00:00.1Z]: a",
	"\x1b[32m[    1.000000] \x1b[0ma\x00\r\n\xff\xfe\n" + strings.Repeat("x", 5000) + "\n" + strings.Repeat("[", 300),
}

func FuzzDecode(f *testing.F) {
	for i, s := range seeds {
		f.Add(byte(i), []byte(s))
	}
	f.Fuzz(func(t *testing.T, format byte, in []byte) {
		checkDecoder(t, report.Format(format%byte(report.NumFormats)), in)
	})
}

func TestSeedsInEveryFormat(t *testing.T) {
	for f := range report.NumFormats {
		for _, s := range seeds {
			checkDecoder(t, f, []byte(s))
		}
	}
}

// checkDecoder feeds in line by line and checks what must hold for any input: no more text
// comes out than went in, the input is left alone, a copy made in the middle goes on
// like the original, and what is kept between lines is bounded.
func checkDecoder(t *testing.T, f report.Format, in []byte) {
	t.Helper()
	d := NewDecoder(f)
	var copied *Decoder
	var first, second bytes.Buffer
	fed, out := 0, 0
	lines := bytes.Split(in, []byte("\n"))
	for i, l := range lines {
		if i == len(lines)/2 {
			copied = d.Clone()
		}
		before := bytes.Clone(l)
		fed += len(l) + 1
		d.Decode(l, func(l *Line) {
			out += len(l.Text)
			checkFields(t, l, i+1)
			if copied != nil {
				dump(&first, l)
			}
		})
		if !bytes.Equal(before, l) {
			t.Fatalf("%v: Decode changed its input %q to %q", f, before, l)
		}
		if n := d.kept(); n > 16*maxKept {
			t.Fatalf("%v: %d bytes kept after line %d", f, n, i)
		}
		if out > fed+2*len("\ufffd")*fed { // an escape of JSON may stand for a longer character
			t.Fatalf("%v: %d bytes of text from %d bytes of input", f, out, fed)
		}
	}
	d.Flush(func(l *Line) { dump(&first, l) })
	for _, l := range lines[len(lines)/2:] {
		copied.Decode(l, func(l *Line) { dump(&second, l) })
	}
	copied.Flush(func(l *Line) { dump(&second, l) })
	if first.String() != second.String() {
		t.Fatalf("%v: the copy made\n%s\nthe original\n%s", f, second.String(), first.String())
	}
}

func checkFields(t *testing.T, l *Line, number int) {
	t.Helper()
	if l.Number < 1 || l.Number > number {
		t.Fatalf("number %d at line %d", l.Number, number)
	}
	if l.Level < -1 || l.Level > 7 || l.Facility < -1 {
		t.Fatalf("level %d, facility %d", l.Level, l.Facility)
	}
	if l.HasUptime && l.Uptime < 0 {
		t.Fatalf("uptime %d", l.Uptime)
	}
	if l.Origin == report.OriginKernel && l.Facility > 0 {
		t.Fatalf("facility %d as the kernel's", l.Facility)
	}
}

func dump(b *bytes.Buffer, l *Line) {
	for _, s := range [][]byte{l.Text, l.Stamp, l.Caller, l.Host, l.Tag, l.BootID, l.MachineID, l.Cursor} {
		b.Write(s)
		b.WriteByte('|')
	}
	c := *l
	c.Text, c.Stamp, c.Caller, c.Host, c.Tag, c.BootID, c.MachineID, c.Cursor = nil, nil, nil, nil, nil, nil, nil, nil
	b.WriteString(strings.ReplaceAll(strings.TrimSpace(formatLine(c)), "\n", " "))
	b.WriteByte('\n')
}

// kept counts the bytes that the decoder's buffers hold between two lines.
func (d *Decoder) kept() int { return d.stream.memory() + d.reader.memory() }

func TestKeptIsBounded(t *testing.T) {
	huge := strings.Repeat("y", 2<<20)
	for f := range report.NumFormats {
		for _, in := range []string{
			"4,1,2,-;" + strings.Repeat(`\x41\x5c`, 1<<18),
			"[    1.000000] " + strings.Repeat(`\x01`, 1<<18),
			"[    1.000000] gfp_mask=3D0x" + huge + "=",
			"&gt; " + strings.Repeat("&lt;", 1<<18),
			`{"MESSAGE":"` + huge + `","_TRANSPORT":"` + huge + `","PRIORITY":"3"}`,
			`{"MESSAGE":[` + strings.Repeat("97,", 1<<18),
			`{"MESSAGE":"` + huge,
			strings.Repeat("{[", 1<<18),
			"__CURSOR=" + huge, "MESSAGE=" + huge, "_TRANSPORT=" + huge,
			"May  1 12:00:00 " + huge + " kernel: x",
			"May  1 12:00:00 host " + huge + ": x",
			"2023-05-01T12:00:00.1Z stdout F " + huge,
		} {
			d := NewDecoder(f)
			for range 3 {
				d.Decode([]byte(in), func(*Line) {})
				if n := d.kept(); n > 16*maxKept {
					t.Errorf("%v: %d bytes kept after %.40q", f, n, in)
				}
			}
		}
	}
}

func formatLine(l Line) string { return fmt.Sprintf("%+v", l) }

// String makes tests compare what an entry holds, not where it is.
func (e *entry) String() string {
	var more moreFields
	if e.more != nil {
		more = *e.more
	}
	return string(more.text)
}
