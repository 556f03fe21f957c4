// SPDX-License-Identifier: Apache-2.0

package assembly

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/internal/kernel"
	"github.com/oomtrail/oomtrail/parser/report"
)

// TestUnreadIsNothingElse: a section takes a line that is not classified only if no other kind can
// look like it, and then just as it takes it once it is; in real reports and in damaged ones.
func TestUnreadIsNothingElse(t *testing.T) {
	files, _ := filepath.Glob("../../testdata/captures/*/*/kmsg.raw")
	if len(files) == 0 {
		t.Fatal("no captures")
	}
	r := rand.New(rand.NewPCG(3, 4))
	taken := make(map[report.Section]int)
	for _, file := range files {
		log, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		lines := bytes.Split(log, []byte("\n"))
		for round := range 8 {
			a, d := New(Options{KeepLines: true}), format.NewDecoder(report.Kmsg)
			for i := range lines {
				raw := bytes.Clone(lines[i])
				if round > 0 {
					raw = damage(r, raw, lines)
				}
				d.Decode(raw, func(l *format.Line) {
					if open := a.reports.sole(l); open != nil && !a.inAllocFailure && len(l.Text) > 0 && takesUnread(t, open, string(l.Text)) {
						taken[open.in]++
					}
					a.Line(l)
				})
			}
		}
	}
	for _, s := range []report.Section{report.SectionTrace, report.SectionMemcgStats, report.SectionTasks} {
		if taken[s] == 0 {
			t.Errorf("no line of %v was taken", s)
		}
	}
}

// takesUnread reports whether the open section takes the line before it is classified, and holds
// that against what it makes of the line once it is.
func takesUnread(t *testing.T, d *openReport, text string) bool {
	t.Helper()
	switch d.in {
	case report.SectionTrace, report.SectionMemcgStats, report.SectionTasks:
	default:
		if kind := d.clone().takeUnread(text); kind != kernel.Other {
			t.Errorf("%q is taken as %v in %v", text, kind, d.in)
		}
		return false
	}
	first, then := d.clone(), d.clone()
	kind := first.takeUnread(text)
	if kind == kernel.Other {
		return false
	}
	var reading kernel.Reading
	switch of := reading.Classify(text); {
	case of == kernel.Other:
		of = then.takeUnnamed(line{text, &reading, false})
		if of != kind {
			t.Errorf("%q is taken as %v, classified as %v", text, kind, of)
		}
	case of != kind || !then.takeNamed(line{text, &reading, false}):
		t.Errorf("%q is taken as %v, and is a %v", text, kind, of)
	}
	if !reflect.DeepEqual(first.r, then.r) {
		t.Errorf("%q is taken as %+v, classified as %+v", text, first.r, then.r)
	}
	return true
}

// hostile are names that look like something else, and ends of other lines.
var hostile = []string{" invoked oom-killer: gfp_mask=0xcc0, order=0, oom_score_adj=0", " cpuset=/ mems_allowed=0", "[1] 1 1 1 1 1 1", " x+0x1/0x2 [y]",
	"anon 4096", ": page allocation failure: order:0", " killed as a result of limit of /a", "oom-kill:constraint=CONSTRAINT_NONE"}

// damage changes one line in three: a byte, its end, its text, its head, or where it stands.
func damage(r *rand.Rand, raw []byte, lines [][]byte) []byte {
	text := bytes.IndexByte(raw, ';') + 1
	if text == 0 || text == len(raw) {
		return raw
	}
	at := text + r.IntN(len(raw)-text)
	words := hostile[r.IntN(len(hostile))]
	switch r.IntN(24) {
	case 0:
		raw[at] = byte(r.IntN(256))
	case 1:
		raw = raw[:at]
	case 2:
		raw = append(raw[:at:at], words...)
	case 3:
		raw = append(raw[:text:text], words...)
	case 4:
		raw = append(raw, words...)
	case 5:
		raw = bytes.Clone(lines[r.IntN(len(lines))])
	case 6: // another number, timestamp or writer
		raw[r.IntN(text-1)] = byte('0' + r.IntN(10))
	case 7:
		raw = bytes.Replace(raw, []byte(",-;"), []byte([]string{",c;", ",-,caller=T1;", ",-,caller=T2;"}[r.IntN(3)]), 1)
	case 8:
		raw = nil
	}
	return raw
}

// TestWordsOfUnreadLines: what sections take of unclassified lines by its words has no other kind
// by them.
func TestWordsOfUnreadLines(t *testing.T) {
	for _, text := range []string{" dump_stack+0x1/0x2", " ? x.isra.0+0x1e8/0x4d0 [xfs]", "  a+0x0/0x0", "anon 4096", "oom_reaper 1", "123 456", "low 1"} {
		_, stat := kernel.ParseStat(text)
		if !stat && !kernel.IsPlainTrace(text) {
			t.Errorf("%q is not taken", text)
		}
	}
	for _, text := range []string{"x+0x1/0x2", " x+0x1/0x2 cpuset=/ mems_allowed=0", " x+0x1/0x2 invoked oom-killer: ", " x+0x1", " +0x1/0x2", " x+0x1/0x2 [a b]", " x+0x1/0x2 ", "RIP: ", "RBP: \r"} {
		if kernel.IsPlainTrace(text) {
			t.Errorf("%q is taken", text)
		}
	}
}

func FuzzUnreadIsNothingElse(f *testing.F) {
	f.Add(" dump_stack+0x1/0x2")
	f.Add("anon 4096")
	f.Add("Code: 0f 05 <48> 3d 00 f0 ff ff 77 27 c3")
	f.Add("RIP: 0033:0x7f1e2d3c4b5a")
	f.Fuzz(func(t *testing.T, text string) {
		_, stat := kernel.ParseStat(text)
		if (stat || kernel.IsPlainTrace(text)) && kernel.Classify(text) != kernel.Other {
			t.Errorf("%q is a %v", text, kernel.Classify(text))
		}
		if kernel.IsPlainTrace(text) && !kernel.IsTrace(text) {
			t.Errorf("%q is no frame", text)
		}
	})
}

// TestUnreadCompletesOnce: what a line completes, a report that the log has left after, the next
// line does not complete again.
func TestUnreadCompletesOnce(t *testing.T) {
	a, d, events := New(Options{}), format.NewDecoder(report.Kmsg), 0
	for _, raw := range []string{
		"4,1,1000000,-;a invoked oom-killer: gfp_mask=0xcc0, order=0, oom_score_adj=0",
		"4,2,1000000,-;CPU: 0 PID: 1 Comm: a Not tainted 3.16.1 #1",
		"4,3,9000000,-;b invoked oom-killer: gfp_mask=0xcc0, order=0, oom_score_adj=0",
		"4,4,9000000,-;CPU: 1 PID: 2 Comm: b Not tainted 3.16.1 #1",
		"4,5,9000000,-;Call Trace:",
		"4,6,12000000,-; dump_stack+0x1/0x2",
		"4,7,12000000,-; dump_header+0x1/0x2",
		"4,8,12000000,-; out_of_memory+0x1/0x2",
	} {
		d.Decode([]byte(raw), func(l *format.Line) {
			a.Line(l)
			events += len(a.Events())
		})
	}
	if events != 1 {
		t.Errorf("%d events", events)
	}
}
