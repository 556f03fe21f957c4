package grammar

import "github.com/oomtrail/oomtrail/parser/internal/swar"

// A large task table is most of a report's lines. Its numbers are printed right-aligned in columns of fixed width, so that
// where a column ends in one row it ends in the next one too, unless a number is too wide for it. To read eight places at
// once, blanks and all, is several times faster than to go from byte to byte, where the end of each number is a surprise.

// maxColumns is the most columns that a table's head may have.
const maxColumns = 24

// ends is where the parts of a row end: the pid with its bracket, then the table's columns. All 0 is unknown.
type ends [1 + maxColumns]int32

// readAligned is [Task.Read] for a row whose columns end where those of an earlier row did. When it is false, the row may
// still be one of another layout, and v holds anything.
func (v *Task) readAligned(s string, t *TaskTable) bool {
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

// otherInt reads a number that has a minus sign or more than eight digits, and blanks before it. It takes no more than any
// column may hold.
func otherInt(s string) (n int64, ok bool) {
	n, rest, ok := takeInt(skipBlanks(s))
	return n, ok && rest == "" && max(n, -n) <= mostOf(ColRSS)
}

// alignedDigits reads a number of at most eight digits that ends at end, with nothing but blanks before it from start on.
func alignedDigits(s string, start, end int) (n int64, ok bool) {
	const (
		size   = 8
		blanks = 0x2020202020202020
		zeros  = 0x3030303030303030
		digit  = blanks ^ zeros     // the bit that digits have and blanks have not
		upper  = 0xf0f0f0f0f0f0f0f0 // half of each byte
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
	blank := ^w & digit >> 4 * 0xff // 0xff for each byte that is none, or no digit at all
	w |= digit
	if w&upper|(w+0x0606060606060606)&upper>>4 != 0x3333333333333333 {
		return 0, false // not all are digits now
	}
	w -= zeros
	if w&blank != 0 || blank&(blank+1) != 0 || blank>>56 != 0 {
		return 0, false // something else became a digit, or a blank stands behind one, or there is none
	}
	w = w*10 + w>>8 // pairs of digits, then fours, then all
	w = (w&0x000000ff000000ff*(100+1000000<<32) + w>>16&0x000000ff000000ff*(1+10000<<32)) >> 32
	return int64(w), true
}
