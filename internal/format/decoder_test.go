// SPDX-License-Identifier: Apache-2.0

package format

import (
	"strings"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/parser/report"
)

// line is what a test expects of a Line; what it leaves out is not compared.
type line struct {
	text   string
	format report.Format
	origin report.Origin
	level  int8
	uptime int64 // -1: no kernel stamp
	stamp  string
	host   string
	tag    string
	caller string
	more   func(*testing.T, *Line)
}

// decodeAll decodes lines of an input that is trusted for the format which the last of them has,
// and returns what they make; texts are copied.
func decodeAll(f report.Format, lines ...string) []Line {
	out := decodeTrusted(f, report.SourceNone, lines...)
	if len(out) == 0 {
		return nil
	}
	return decodeTrusted(f, out[len(out)-1].Format.Source(), lines...)
}

// decodeTrusted decodes lines of an input that comes from the source.
func decodeTrusted(f report.Format, s report.Source, lines ...string) []Line {
	var out []Line
	d := NewDecoder(f).Trust(s)
	keep := func(l *Line) { out = append(out, copyLine(l)) }
	for _, l := range lines {
		d.Decode([]byte(l), keep)
	}
	d.Flush(keep)
	return out
}

func copyLine(l *Line) Line {
	c := *l
	for _, p := range []*[]byte{&c.Text, &c.Stamp, &c.Caller, &c.Host, &c.Tag, &c.BootID, &c.MachineID, &c.Cursor} {
		if *p != nil {
			*p = append([]byte{}, *p...)
		}
	}
	return c
}

func checkLine(t *testing.T, got Line, want line) {
	t.Helper()
	if string(got.Text) != want.text {
		t.Errorf("text %q, want %q", got.Text, want.text)
	}
	if got.Format != want.format {
		t.Errorf("format %v, want %v", got.Format, want.format)
	}
	if got.Origin != want.origin {
		t.Errorf("origin %d, want %d", got.Origin, want.origin)
	}
	if got.Level != want.level {
		t.Errorf("level %d, want %d", got.Level, want.level)
	}
	if got.HasUptime != (want.uptime >= 0) || got.HasUptime && got.Uptime != want.uptime {
		t.Errorf("uptime %d (%t), want %d", got.Uptime, got.HasUptime, want.uptime)
	}
	if string(got.Stamp) != want.stamp {
		t.Errorf("stamp %q, want %q", got.Stamp, want.stamp)
	}
	if string(got.Host) != want.host {
		t.Errorf("host %q, want %q", got.Host, want.host)
	}
	if string(got.Tag) != want.tag {
		t.Errorf("tag %q, want %q", got.Tag, want.tag)
	}
	if string(got.Caller) != want.caller {
		t.Errorf("caller %q, want %q", got.Caller, want.caller)
	}
	if want.more != nil {
		want.more(t, &got)
	}
}

// one is a table row: one input line that makes one Line, in the given format and in Auto.
type one struct {
	name, in string
	want     line
}

func checkTable(t *testing.T, f report.Format, table []one) {
	t.Helper()
	for _, c := range table {
		for _, format := range []report.Format{f, report.Auto} {
			t.Run(c.name+"/"+format.String(), func(t *testing.T) {
				got := decodeAll(format, c.in)
				if len(got) != 1 {
					t.Fatalf("%q made %d lines, want 1: %q", c.in, len(got), texts(got))
				}
				checkLine(t, got[0], c.want)
				if got[0].Wrapped {
					t.Errorf("%q is marked wrapped", c.in)
				}
			})
		}
	}
}

func wall(want string) func(*testing.T, *Line) {
	return func(t *testing.T, l *Line) {
		t.Helper()
		if want == "" {
			if !l.Wall.IsZero() {
				t.Errorf("wall time %v, want none", l.Wall)
			}
			return
		}
		if got := l.Wall.UTC().Format(time.RFC3339Nano); got != want {
			t.Errorf("wall time %s, want %s", got, want)
		}
	}
}

func texts(lines []Line) string {
	var b strings.Builder
	for i, l := range lines {
		if i > 0 {
			b.WriteByte('|')
		}
		if l.Continues {
			b.WriteByte('+')
		}
		if l.Wrapped {
			b.WriteByte('~')
		}
		b.Write(l.Text)
	}
	return b.String()
}
