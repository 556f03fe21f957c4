// SPDX-License-Identifier: Apache-2.0

package render

import (
	"fmt"
	"strings"
	"testing"

	"github.com/oomtrail/oomtrail/parser"
)

// TestForeignLines parses reports with a foreign line behind each of their own.
func TestForeignLines(t *testing.T) {
	for i, k := range Kernels {
		for j, s := range Scenarios {
			for n, format := range []string{"kmsg", "dmesg", "journalctl short-iso", "journalctl cat"} {
				if (i+j+n)%3 == 0 {
					format := FormatNamed(format)
					checkMixed(t, k, s, int64(i+j), format, "foreign lines", func(r []Record) []byte {
						text, _ := format.Put(Noise(r))
						return text
					})
				}
			}
		}
	}
}

// TestAllocFailure parses reports with the block of a page-allocation failure before, after and
// inside them.
func TestAllocFailure(t *testing.T) {
	for i, k := range Kernels {
		for j, s := range Scenarios {
			for where, place := range map[string]func([]Record) int{
				"before":         func(r []Record) int { return 0 },
				"after":          func(r []Record) int { return len(r) },
				"among the rows": amongRows,
				"before the end": func(r []Record) int { return len(r) - 1 },
			} {
				if !*full && (i+j+len(where))%2 == 0 {
					continue
				}
				format := FormatNamed([]string{"kmsg", "dmesg", "console"}[(i+j)%3])
				checkMixed(t, k, s, int64(i+j), format, "allocation failure "+where, func(r []Record) []byte {
					text, _ := format.Put(insert(r, place(r), AllocFailure(k, int64(i+j))))
					return text
				})
			}
		}
	}
}

// amongRows returns the place behind the first row of the task table, or the end.
func amongRows(records []Record) int {
	for i, r := range records {
		if strings.HasSuffix(r.Text, " name") && strings.HasPrefix(r.Text, "[ ") {
			return i + 2
		}
	}
	return len(records)
}

// checkMixed renders a report, puts it into a format in some other way, parses it and compares its
// records with the values.
func checkMixed(t *testing.T, k Kernel, s Scenario, seed int64, format Format, what string, put func([]Record) []byte) {
	t.Helper()
	if !s.Possible(k) {
		return
	}
	values := NewValues(seed, Ordinary)
	records := Stored(k, false, Report(k, s, values))
	_, lost := format.Put(records)
	want := Expect(k, s, values, format, records, lost)
	got := parse(t, put(records), parser.Options{MemoryStat: parser.MemoryStatAll, TrustedSource: format.source()})
	where := fmt.Sprintf("%s, %s, %s, %s, seed %d", k.Name, s.Title, what, format.Name, seed)
	if len(got) != len(want) {
		t.Errorf("%s: %d records, want %d", where, len(got), len(want))
		return
	}
	for n := range want {
		if format.Coarse && want[n]["oom.report.complete"] == true {
			want[n]["oom.report.complete"] = false // a foreign line stands before the last one
		}
		delete(want[n], "oom.kmsg.sequence")
		if sequence, ok := got[n].Get("oom.kmsg.sequence"); ok {
			want[n]["oom.kmsg.sequence"] = sequence.Any()
		}
		if difference := compare(got[n], want[n]); difference != "" {
			t.Errorf("%s, record %d:\n%s", where, n, difference)
		}
	}
}
