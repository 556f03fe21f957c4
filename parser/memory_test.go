// SPDX-License-Identifier: Apache-2.0

package parser

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
)

// row is a row of a task table as large as a kernel's are.
func row(i int) string {
	return fmt.Sprintf("[%7d]  1000 %7d     9385     8302     8144      158         0   110592        0             0 worker-%07d", i, i, i)
}

// TestDefaultBound: without a setting a report holds 32 MiB at most, whatever it is made of.
func TestDefaultBound(t *testing.T) {
	inOneGoroutine(t)
	const bound = 32 << 20
	if DefaultMaxReportBytes != bound {
		t.Fatalf("the bound is %d: say so in the READMEs", DefaultMaxReportBytes)
	}
	for _, file := range []string{"../SECURITY.md", "../fluentbit/README.md", "../otelprocessor/README.md"} {
		if text, err := os.ReadFile(file); err != nil || !strings.Contains(string(text), "32 MiB") {
			t.Errorf("%s does not name the bound of 32 MiB: %v", file, err)
		}
	}
	for _, tc := range []struct {
		name, start string
		next        func(int) string
	}{
		{"rows", taskHead, row},
		{"zones", callTrace, func(i int) string {
			return fmt.Sprintf("Node %d Normal free:4kB min:4kB", i) + strings.Repeat(" a:1kB", 200)
		}},
		{"allocations", "Memory allocations:", func(i int) string { return fmt.Sprintf("    4.00 MiB     %d mm/x.c:%d func:f", i, i) }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			most, unsaid := held(t, Options{}, []string{invocation, cpuLine, tc.start}, min(400_000, (32<<20)/len(tc.next(0))), bound/16, tc.next)
			t.Logf("%d KiB at most, %d KiB more than it says", most>>10, unsaid>>10)
			if most < bound/2 || most > bound || unsaid > bound/16 {
				t.Errorf("holds %d KiB, %d KiB more than it says", most>>10, unsaid>>10)
			}
		})
	}
}

// TestLargeTable: a table of a hundred thousand tasks is kept whole, also where the record is to
// have the report's lines.
func TestLargeTable(t *testing.T) {
	for _, original := range []bool{false, true} {
		lines := []string{invocation, cpuLine, taskHead}
		for i := range 100_000 {
			lines = append(lines, row(i))
		}
		records := read(t, Options{IncludeOriginal: original}, append(lines, chosenB, killed(memcgWords, 12, "b"))...)
		if len(records) != 1 || records[0].Text("oom.tasks.top") == "" {
			t.Errorf("original %v: %d records, of which the first is without its tasks: %s", original, len(records), records[0].Text("oom.report.truncated"))
		}
	}
}

// TestShedAnywhere: wherever a report is made to shed, its kill comes, with the same id and the
// same figures but those that it says are missing, and it is not called complete.
func TestShedAnywhere(t *testing.T) {
	files, _ := filepath.Glob("../testdata/captures/6.12/*/kmsg.raw")
	more, _ := filepath.Glob("../testdata/captures/5.*/*/kmsg.raw")
	files = append(files, more...)
	if len(files) < 10 {
		t.Fatal("no captures")
	}
	sheds := 0
	for _, file := range files {
		log, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		lines := bytes.Split(bytes.TrimSuffix(log, []byte("\n")), []byte("\n"))
		run := func(cut int) (records []*Record, shed bool) {
			p, err := New(Options{IncludeOriginal: true})
			if err != nil {
				t.Fatal(err)
			}
			for i, line := range lines {
				if i == cut {
					if shed = p.Open(); !shed {
						return nil, false
					}
					before := p.Memory()
					p.Shed()
					if after := p.Memory(); after > min(before+8<<10, 96<<10) {
						t.Fatalf("%s:%d: holds %d bytes, %d before it shed", file, i, after, before)
					}
				}
				records = append(records, p.Feed(bytes.Clone(line)).Records...)
			}
			return append(records, p.Flush()...), shed
		}
		want, _ := run(-1)
		for cut := 0; cut < len(lines); cut += 1 + len(lines)/40 {
			got, shed := run(cut)
			if !shed {
				continue
			}
			sheds++
			if len(got) != len(want) {
				t.Fatalf("%s:%d: %d records, want %d", file, cut, len(got), len(want))
			}
			for i := range want {
				compareShed(t, fmt.Sprintf("%s:%d", file, cut), got[i], want[i])
			}
		}
	}
	t.Logf("%d places", sheds)
	if sheds < 200 {
		t.Error("too few places")
	}
}

// compareShed compares the record of a report that has shed with what it would have been.
func compareShed(t *testing.T, where string, got, want *Record) {
	t.Helper()
	for a := range want.Attrs() {
		v, ok := got.Get(a.Name)
		switch {
		case strings.HasPrefix(a.Name, "oom.diagnosis.") || a.Name == "log.record.original" || a.Name == "oom.report.truncated":
		case a.Name == "oom.report.complete":
			if cut := got.Text("oom.report.truncated"); v.Bool() && cut != want.Text("oom.report.truncated") {
				t.Errorf("%s: complete, and yet without %s", where, cut)
			}
		case !ok && maybeShed(a.Name):
		case !ok || !reflect.DeepEqual(v.Any(), a.Value.Any()):
			t.Errorf("%s: %s is %v, want %v", where, a.Name, v.Any(), a.Value.Any())
		}
	}
	for a := range got.Attrs() {
		if _, ok := want.Get(a.Name); !ok && a.Name != "oom.report.truncated" && a.Name != "oom.report.assumed" && !strings.HasPrefix(a.Name, "oom.diagnosis.") {
			t.Errorf("%s: %s is %v, want none", where, a.Name, a.Value.Any())
		}
	}
}

// maybeShed reports whether an attribute rests on what a report can give up.
func maybeShed(name string) bool {
	for _, of := range []string{"oom.tasks.", "oom.host_memory.", "oom.cgroup_stat.", "oom.victim."} {
		if strings.HasPrefix(name, of) {
			return true
		}
	}
	return false
}

// TestInputIsNotKept: a parser keeps nothing of the memory in which its lines come, a batch for
// instance that holds many more.
func TestInputIsNotKept(t *testing.T) {
	const parsers, batch = 50, 1 << 20
	for _, lines := range [][]string{
		{invocation, cpuLine, taskHead, rowA, chosenB},
		{invocation, statsHead, "figure_nobody_knows 1", "Out of memory: Killed process 5 (a"},
		{"4,1,1000000,-;" + invocation, "4,2,1000001,-;" + cpuLine + "\x00", `4,3,1000002,-;memory: \x09usage`},
		{"<4>Nov 21 08:00:00 some-host kernel: [    1.000000] " + invocation, "Nov 21 08:00:00 some-host kernel: [    1.000001] " + chosenB},
		{`{"MESSAGE":"` + invocation + `","_TRANSPORT":"kernel","_HOSTNAME":"h","_BOOT_ID":"b","__REALTIME_TIMESTAMP":"1000000"`, `{"MESSAGE":"Mem-Info:"`},
		{invocation, killed(memcgWords, 12, "b"), "a invoked oom-killer: gfp_mask=0x"},
		{"nothing of interest, oom-killer"},
	} {
		var all []*Parser
		before := heap()
		for range parsers {
			p, err := New(Options{})
			if err != nil {
				t.Fatal(err)
			}
			for _, line := range lines {
				p.Feed(append(make([]byte, 0, batch), line...))
			}
			all = append(all, p)
		}
		if each := (heap() - before) / parsers; each > 96<<10 {
			t.Errorf("%q: each parser keeps %d KiB", lines[0], each>>10)
		}
		runtime.KeepAlive(all)
	}
}
