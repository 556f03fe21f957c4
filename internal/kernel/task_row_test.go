// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"fmt"
	"testing"

	"github.com/oomtrail/oomtrail/parser/report"
)

var taskTables = []struct {
	form, head, row string
	task            report.Task
}{
	{"T1", "[ pid ]   uid  tgid total_vm      rss cpu oom_adj name",
		"[ 2903]     0  2902     1618      436   3     -17 oom03",
		report.Task{PID: 2903, Name: "oom03", Values: [report.NumColumns]int64{report.ColTGID: 2902, report.ColTotalVM: 1618, report.ColRSS: 436, report.ColCPU: 3, report.ColOOMAdj: -17}}},
	{"T2", "[ pid ]   uid  tgid total_vm      rss cpu oom_adj oom_score_adj name",
		"[13550]   500 13550  3116506  1906906   1       0             0 java",
		report.Task{PID: 13550, Name: "java", Values: [report.NumColumns]int64{report.ColUID: 500, report.ColTGID: 13550, report.ColTotalVM: 3116506, report.ColRSS: 1906906, report.ColCPU: 1}}},
	{"T3", "[ pid ]   uid  tgid total_vm      rss nr_ptes swapents oom_score_adj name",
		"[ 2903]     0  2903     1618      436       9        5         -1000 oom03",
		report.Task{PID: 2903, Name: "oom03", Values: [report.NumColumns]int64{report.ColTGID: 2903, report.ColTotalVM: 1618, report.ColRSS: 436, report.ColNrPtes: 9, report.ColSwapents: 5, report.ColOOMScoreAdj: -1000}}},
	{"T4", "[ pid ]   uid  tgid total_vm      rss nr_ptes nr_pmds swapents oom_score_adj name",
		"[31490]  1000 31490  5318374   933186    2083      23        0             0 corerun",
		report.Task{PID: 31490, Name: "corerun", Values: [report.NumColumns]int64{report.ColUID: 1000, report.ColTGID: 31490, report.ColTotalVM: 5318374, report.ColRSS: 933186, report.ColNrPtes: 2083, report.ColNrPmds: 23}}},
	{"T5", "[ pid ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name",
		"[ 2746]     0  2746   134176   130596  1122304        0             0 leaker",
		report.Task{PID: 2746, Name: "leaker", Values: [report.NumColumns]int64{report.ColTGID: 2746, report.ColTotalVM: 134176, report.ColRSS: 130596, report.ColPgtablesBytes: 1122304}}},
	{"T6", "[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name",
		"[   6410]    -2  6410     9427      532    61440        0          -900 syz executor] 1",
		report.Task{PID: 6410, Name: "syz executor] 1", Values: [report.NumColumns]int64{report.ColUID: -2, report.ColTGID: 6410, report.ColTotalVM: 9427, report.ColRSS: 532, report.ColPgtablesBytes: 61440, report.ColOOMScoreAdj: -900}}},
	{"T7", "[  pid  ]   uid  tgid total_vm      rss rss_anon rss_file rss_shmem pgtables_bytes swapents oom_score_adj name",
		"[   1762]   998  1762     4074      467       96      371         1    77824      144          -900 systemd-oomd",
		report.Task{PID: 1762, Name: "systemd-oomd", Values: [report.NumColumns]int64{report.ColUID: 998, report.ColTGID: 1762, report.ColTotalVM: 4074, report.ColRSS: 467, report.ColRSSAnon: 96, report.ColRSSFile: 371, report.ColRSSShmem: 1, report.ColPgtablesBytes: 77824, report.ColSwapents: 144, report.ColOOMScoreAdj: -900}}},
}

// parseTask is ReadTask that returns the row.
func parseTask(s string, table *TaskTable) (v report.Task, ok bool) {
	if !ReadTask(&v, s, table) {
		return report.Task{}, false
	}
	return v, true
}

func TestParseTask(t *testing.T) {
	for _, c := range taskTables {
		t.Run(c.form, func(t *testing.T) {
			table, ok := ParseTaskHead(c.head)
			if !ok || table.Has(report.ColUnknown) {
				t.Fatalf("%q: got %+v %v", c.head, table, ok)
			}
			if kind := Classify(c.head); kind != TaskHead {
				t.Errorf("the head is %v", kind)
			}
			got, ok := parseTask(c.row, &table)
			if !ok || got != c.task {
				t.Errorf("%q\n got %+v %v\nwant %+v", c.row, got, ok, c.task)
			}
			if kind := Classify(c.row); kind != TaskRow {
				t.Errorf("the row is %v", kind)
			}
		})
	}
}

// A row that is cut tells nothing until its name begins, and then all but the rest of the name.
func TestParseTaskCut(t *testing.T) {
	for _, c := range taskTables {
		table, _ := ParseTaskHead(c.head)
		name := len(c.row) - len(c.task.Name)
		for i := range c.row {
			got, ok := parseTask(c.row[:i], &table)
			// The blank before the name may be trimmed: the last number's place tells that it is
			// whole.
			if ok != (i >= name-1) {
				t.Errorf("%s: %q: ok is %v", c.form, c.row[:i], ok)
			}
			if ok && (got.PID != c.task.PID || got.Values != c.task.Values) {
				t.Errorf("%s: %q: got %+v", c.form, c.row[:i], got)
			}
		}
	}
}

func TestParseTaskHostileName(t *testing.T) {
	table, _ := ParseTaskHead(taskTables[6].head)
	for _, comm := range hostileComms {
		row := "[    215]  1000   215     1294      319      208      111         0    45056        0          -500 " + comm
		got, ok := parseTask(row, &table)
		if !ok || got.Name != comm || got.PID != 215 || got.Values[report.ColOOMScoreAdj] != -500 {
			t.Errorf("%q: got %+v %v", row, got, ok)
		}
		if kind := Classify(row); kind != TaskRow {
			t.Errorf("%q is %v", row, kind)
		}
	}
}

// A vendor's column keeps the others in their places.
func TestParseTaskUnknownColumn(t *testing.T) {
	table, ok := ParseTaskHead("[ pid ]   uid  tgid total_vm      rss hugepages pgtables_bytes swapents oom_score_adj name")
	if !ok || !table.Has(report.ColUnknown) {
		t.Fatalf("got %+v %v", table, ok)
	}
	got, ok := parseTask("[ 2746]     0  2746   134176   130596     77  1122304        0             0 leaker", &table)
	if !ok || got.Values[report.ColPgtablesBytes] != 1122304 || got.Name != "leaker" {
		t.Errorf("got %+v %v", got, ok)
	}
}

func TestParseTaskRefuses(t *testing.T) {
	table, _ := ParseTaskHead(taskTables[2].head)
	for _, row := range []string{"", "[", "[]", "[ 1 ]", "[ 2903]", "[ 2903]0  2903     1618      436       9        5         -1000 oom03",
		"[ 2903]     0  2903     1618      436       9        5 oom03", "[ 2903]     0  2903     1618      436       9        5         -1000oom03",
		"[99999999999999999999]     0  2903     1618      436       9        5         -1000 oom03", "[  123.456789] foo", "[   1234] invoked"} {
		if v, ok := parseTask(row, &table); ok {
			t.Errorf("%q: got %+v", row, v)
		}
	}
	for _, line := range []string{"", "[", "[ 1 ]", "[ 2903]", "[  1234] invoked", "[  123.456789] foo", "[1] 2 3 4 5 x 6 7"} {
		if kind := Classify(line); kind != Other {
			t.Errorf("%q is %v", line, kind)
		}
	}
	for _, head := range []string{"", "[ pid ]", "[ pid ] name", "[ pid ]   uid  tgid total_vm      rss nr_ptes swap", "pid uid tgid rss name",
		"[ pid ] uid tgid rss a b c d e f g h i j k l m n o p q r s t u v w x y name"} {
		if v, ok := ParseTaskHead(head); ok {
			t.Errorf("%q: got %+v", head, v)
		}
	}
	if !IsTaskBanner("Tasks state (memory values in pages):") || IsTaskBanner("Tasks state (memory values in mebibytes):") {
		t.Error("banner")
	}
}

// TestTableOfRow: of a table without its head the columns are known where the pid's width and their
// number leave one form.
func TestTableOfRow(t *testing.T) {
	const none = "-"
	for _, c := range []struct{ name, row, want string }{
		{"4.19", fmt.Sprintf("[%7d] %5d %5d %8d %8d %8d %8d         %5d %s", 41022, 1000, 41022, 60021, 2201, 348160, 7, -998, "Socket Process"), "rss=2201 swapents=7 adj=-998 pgtables=348160 name=Socket Process"},
		{"6.8", fmt.Sprintf("[%7d] %5d %5d %8d %8d %8d %8d %9d %8d %8d         %5d %s", 1365, 990, 1365, 4420, 213, 128, 85, 0, 77824, 96, -900, "systemd-oomd"), "rss=213 swapents=96 adj=-900 pgtables=77824 name=systemd-oomd"},
		{"4.0", fmt.Sprintf("[%5d] %5d %5d %8d %8d %7d %7d %8d         %5d %s", 4242, 0, 4242, 119281, 1724, 22, 4, 9, -998, "runc:[2:INIT]"), "rss=1724 swapents=9 adj=-998 pgtables=0 name=runc:[2:INIT]"},
		{"a name of numbers", fmt.Sprintf("[%7d] %5d %5d %8d %8d %8d %8d         %5d %s", 5, 0, 5, 60021, 2201, 348160, 7, 0, "1 2 3"), "rss=2201 swapents=7 adj=0 pgtables=348160 name=1 2 3"},
		{"3.10 or 4.15: two forms fit", fmt.Sprintf("[%5d] %5d %5d %8d %8d %8d %8d         %5d %s", 4242, 0, 4242, 119281, 1724, 22, 4, -998, "runc"), none},
		{"2.6.25, no wide blank", fmt.Sprintf("[%5d] %5d %5d %8d %8d %3d     %3d %s", 4242, 0, 4242, 119281, 1724, 1, 0, "runc"), none},
		{"blanks squeezed", "[ 41022] 1000 41022 60021 2201 348160 0 0 x", none},
		{"no row", "[   12.345678] eth0: link up", none},
		{"broken off", "[  41022]  1000  41022    60021", none},
	} {
		got := none
		if table, ok := TableOfRow(c.row); ok {
			v, ok := parseTask(c.row, &table)
			got = fmt.Sprintf("rss=%d swapents=%d adj=%d pgtables=%d name=%s", v.Values[report.ColRSS], v.Values[report.ColSwapents], v.Values[report.ColOOMScoreAdj], v.Values[report.ColPgtablesBytes], v.Name)
			if !ok {
				got = "unreadable"
			}
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}
