// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/oomtrail/oomtrail/parser/report"
)

const rowHead = "[  pid  ]   uid  tgid total_vm      rss rss_anon rss_file rss_shmem pgtables_bytes swapents oom_score_adj name"

// generatedRows returns rows as 6.8 and later print them; where wide is set, with many numbers too
// wide for their columns.
func generatedRows(r *rand.Rand, n int, wide bool) []string {
	number := func(bits int) int {
		if !wide {
			bits = min(bits, 22)
		}
		return r.IntN(1 << (1 + r.IntN(bits)))
	}
	rows := make([]string, n)
	for i := range rows {
		pid, uid := 1+number(20), number(10)
		if wide && r.IntN(50) == 0 {
			pid, uid = pid<<10, 1000660000
		}
		rows[i] = fmt.Sprintf("[%7d] %5d %5d %8d %8d %8d %8d %9d %8d %8d         %5d worker-%d", pid, uid, pid, number(30), number(20), number(18),
			number(18), number(3), number(40), number(2), []int{0, 0, 0, 1000, 984, -997}[r.IntN(6)], pid%100)
	}
	return rows
}

// TestAlignedEqualsPlain: rows read by the places of their columns say what they say read byte by
// byte, whole and damaged.
func TestAlignedEqualsPlain(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	aligned, _ := ParseTaskHead(rowHead)
	plain := aligned
	taken := 0
	for _, row := range generatedRows(r, 20_000, true) {
		for round := range 8 {
			text := []byte(row)
			if round > 0 {
				damageRow(r, &text)
			}
			taken += checkRow(t, string(text), &aligned, &plain)
		}
	}
	if taken < 10_000 {
		t.Errorf("only %d rows were read by their places", taken)
	}
}

// damageRow changes a byte or two, or the end of a row.
func damageRow(r *rand.Rand, text *[]byte) {
	for range 1 + r.IntN(2) {
		at := r.IntN(len(*text))
		switch r.IntN(4) {
		case 0:
			(*text)[at] = byte(r.IntN(256))
		case 1:
			(*text)[at] = " 0123456789-]!)(+/:"[r.IntN(19)]
		case 2:
			(*text)[at] ^= 0x10
		case 3:
			*text = (*text)[:at+1]
		}
	}
}

// checkRow reads a row by both ways and returns 1 when the quick one took it.
func checkRow(t *testing.T, row string, aligned, plain *TaskTable) (taken int) {
	t.Helper()
	var quick, v, want report.Task
	if readAlignedTask(&quick, row, aligned) {
		taken = 1
	}
	ok, wantOK := ReadTask(&v, row, aligned), readPlainTask(&want, row, plain)
	if ok != wantOK || ok && v != want {
		t.Fatalf("%q: %v %+v, plainly %v %+v", row, ok, v, wantOK, want)
	}
	return taken
}

func FuzzAligned(f *testing.F) {
	f.Add("[      1]     0     1     5497      703      158      545         0    69632        0             0 init",
		"[     83]  1000    83    18045      735      253      482         0   118784        0          -997 hog")
	f.Fuzz(func(t *testing.T, first, second string) {
		aligned, _ := ParseTaskHead(rowHead)
		plain := aligned
		checkRow(t, first, &aligned, &plain)
		checkRow(t, second, &aligned, &plain)
	})
}

func BenchmarkRows(b *testing.B) {
	table, _ := ParseTaskHead(rowHead)
	rows := generatedRows(rand.New(rand.NewPCG(1, 2)), 10_000, false)
	for name, read := range map[string]func(*report.Task, string, *TaskTable) bool{"quick": ReadTask, "plain": readPlainTask} {
		b.Run(name, func(b *testing.B) {
			var v report.Task
			for i := 0; b.Loop(); i++ {
				read(&v, rows[i%len(rows)], &table)
			}
		})
	}
}
