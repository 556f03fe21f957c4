// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"math/bits"

	"github.com/oomtrail/oomtrail/internal/swar"
	"github.com/oomtrail/oomtrail/parser/report"
)

// A large task table is most of a report's lines. Its numbers are printed right-aligned in columns
// of fixed width, so that where a column ends in one row it ends in the next one too, unless a
// number is too wide for it. To read eight places at once, spaces and all, is several times faster
// than to go from byte to byte, where the end of each number is a surprise.

// ends is where the parts of a row end: the pid with its bracket, then the table's columns. All 0
// is unknown.
type ends [1 + report.MaxColumns]int32

// readAlignedTask is [ReadTask] for a row whose columns end where those of an earlier row did. When
// it is false, the row may still be one of another layout, and v holds anything.
func readAlignedTask(v *report.Task, s string, t *TaskTable) bool {
	pid, rest, ok := takeRowPID(s)
	end := len(s) - len(rest)
	if !ok || end != int(t.ends[0]) || len(s) <= int(t.ends[t.Len]) {
		return false
	}
	v.PID = pid
	for i, c := range t.Columns[:t.Len] {
		start := end
		end = int(t.ends[i+1])
		if s[start] != ' ' || isDigit(s[end]) {
			return false
		}
		n, ok := alignedDigits(s, start, end)
		if !ok {
			if n, ok = otherInt(s[start:end]); !ok {
				return false
			}
		}
		v.Values[c] = n
	}
	v.Name = s[end+1:]
	return s[end] == ' ' && len(v.Name) <= longestName
}

// otherInt reads a number that has a minus sign or more than eight digits, and spaces before it. It
// takes no more than any column may hold.
func otherInt(s string) (n int64, ok bool) {
	n, rest, ok := takeInt(skipSpaces(s))
	return n, ok && rest == "" && max(n, -n) <= mostOf(report.ColRSS)
}

// alignedDigits reads a number of at most eight digits that ends at end, with nothing but spaces
// before it from start on.
func alignedDigits(s string, start, end int) (n int64, ok bool) {
	const (
		size   = 8
		blanks = ' ' * swar.Each
	)
	if end < size {
		return 0, false
	}
	w := swar.Load(s[end-size : end])
	switch before := end - start - size; {
	case before < 0: // the first places belong to the column before
		others := uint(-8 * before)
		w = w>>others<<others | blanks>>(64-others)
	case before > size:
		return 0, false
	case before > 0:
		if (swar.Load(s[start:start+size])^blanks)<<uint(64-8*before) != 0 {
			return 0, false
		}
	}
	front := uint(bits.TrailingZeros64(w^blanks)) &^ 7 // 64 where all are blanks
	digits := (w ^ '0'*swar.Each) >> front << front
	return int64(swar.JoinDigits(digits)), front < 64 && swar.NonDigits(digits) == 0
}
