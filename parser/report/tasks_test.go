// SPDX-License-Identifier: Apache-2.0

package report

import (
	"slices"
	"testing"
)

// TestRows: rows come back in their order across blocks, and a clone and its original go on without
// each other.
func TestRows(t *testing.T) {
	for _, n := range []int{0, 1, blockRows - 1, blockRows, blockRows + 1, 3*blockRows - 1, 3 * blockRows} {
		var rows Rows
		for i := range n {
			rows.Append(Task{PID: int64(i)})
		}
		if last := rows.Last(); (last == nil) != (n == 0) || n > 0 && last.PID != int64(n-1) {
			t.Errorf("%d rows: the last is %+v", n, last)
		}
		rows.Add().PID = -1
		rows.Drop()
		c := rows.Clone()
		c.Append(Task{PID: 1e6})
		rows.Append(Task{PID: 2e6})
		if n > 0 {
			c.At(n - 1).Name = "of the clone"
			rows.At(n - 1).Name = "of the original"
		}
		if a, b := c.Last().PID, rows.Last().PID; a != 1e6 || b != 2e6 || c.Len() != n+1 || rows.Len() != n+1 {
			t.Errorf("%d rows and one more: %d and %d, the last %d and %d", n, c.Len(), rows.Len(), a, b)
		}
		if n > 0 && (c.At(n-1).Name != "of the clone" || rows.At(n-1).Name != "of the original") {
			t.Errorf("%d rows: one name in both", n)
		}
		i := 0
		for row := range c.All() {
			if i < n && (row.PID != int64(i) || row != c.At(i)) {
				t.Fatalf("%d rows: row %d is %+v", n, i, row)
			}
			i++
		}
		if i != n+1 {
			t.Errorf("%d rows of %d", i, n+1)
		}
	}
}

func TestLargest(t *testing.T) {
	var rows Rows
	for i, rss := range []int64{5, 9, 1, 9, 7, 0} {
		row := Task{PID: int64(i)}
		row.Values[ColRSS] = rss
		rows.Append(row)
	}
	for n, want := range map[int][]int64{1: {1}, 3: {1, 3, 4}, 10: {1, 3, 4, 0, 2, 5}} {
		var got []int64
		for _, row := range rows.AppendLargest(nil, n) {
			got = append(got, row.PID)
		}
		if !slices.Equal(got, want) {
			t.Errorf("the %d largest: %v, want %v", n, got, want)
		}
	}
}
