// SPDX-License-Identifier: Apache-2.0

package format

import (
	"bytes"
	"math/bits"
)

// ends are the bytes of which a line begins with one, or ends with one, where a row of a table may
// apply. The row is not called for any other line, so that it costs nothing there. The zero value
// is any line.
type ends struct {
	first, last *byteSet
	// wordEnd and second are further conditions, where set: a line without an indent has more than
	// one word, the first word ends with a byte of wordEnd, and the byte behind the space after it
	// is one of second.
	wordEnd, second *byteSet
}

type byteSet [256]bool

// begins is met by lines that begin with one of the bytes.
func begins(bytes string) ends { return ends{first: setOf(bytes), last: new(byteSet)} }

// beginsOrEnds is met by lines that begin with one byte of first or end with one of last.
func beginsOrEnds(first, last string) ends { return ends{first: setOf(first), last: setOf(last)} }

// beginsOtherwise is met by lines that do not begin with one of the bytes.
func beginsOtherwise(bytes string) ends {
	set := setOf(bytes)
	for c := range set {
		set[c] = !set[c]
	}
	return ends{first: set, last: new(byteSet)}
}

// afterWord adds that the first word ends with one of the bytes.
func (e ends) afterWord(bytes string) ends {
	e.wordEnd = setOf(bytes)
	return e
}

// beforeWord adds that the byte behind the first space is one of the bytes.
func (e ends) beforeWord(bytes string) ends {
	e.second = setOf(bytes)
	return e
}

// unless returns e, or what no line meets.
func (e ends) unless(never bool) ends {
	if never {
		return begins("")
	}
	return e
}

func setOf(bytes string) *byteSet {
	set := new(byteSet)
	for i := range len(bytes) {
		set[bytes[i]] = true
	}
	return set
}

const (
	decimals = "0123456789"
	letters  = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	controls = "\x00\x01\x02\x03\x04\x05\x06\x07\x08\t\n\v\f\r\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f"
)

// rowSet is a set of rows of a table: bit i is row i.
type rowSet uint16

// first returns the first row, of a set that has one.
func (s rowSet) first() int { return bits.TrailingZeros16(uint16(s)) }

// after returns the rows behind row i.
func (s rowSet) after(i int) rowSet { return s &^ (2<<i - 1) }

// lookup finds the rows of a table that may apply to a line, all of them at once.
type lookup struct {
	// first and last are the rows by the bytes that a line begins and ends with.
	first, last [256]rowSet
	// worded are the rows that have conditions on the words, wordEnd and second the rows that meet
	// them, by the byte.
	worded          rowSet
	wordEnd, second [256]rowSet
	// always are the rows of any line, all are all rows.
	always, all rowSet
}

// lookupOf makes the look-up of a table whose rows apply where at says.
func lookupOf[row any](table []row, at func(*row) ends) *lookup {
	t := new(lookup)
	if len(table) > bits.Len16(^uint16(0)) {
		panic("format: a table has more rows than a rowSet holds")
	}
	for i := range table {
		e, row := at(&table[i]), rowSet(1)<<i
		t.all |= row
		if e.first == nil {
			t.always |= row
		}
		if e.wordEnd != nil || e.second != nil {
			t.worded |= row
		}
		for c := range 256 {
			t.first[c] |= row.where(e.first == nil || e.first[c])
			t.last[c] |= row.where(e.last != nil && e.last[c])
			t.wordEnd[c] |= row.where(e.wordEnd == nil || e.wordEnd[c])
			t.second[c] |= row.where(e.second == nil || e.second[c])
		}
	}
	return t
}

func (s rowSet) where(ok bool) rowSet {
	if ok {
		return s
	}
	return 0
}

// byEnds returns the rows that may apply to b by its ends.
func (t *lookup) byEnds(b []byte) rowSet {
	if len(b) == 0 {
		return t.always
	}
	return t.first[b[0]] | t.last[b[len(b)-1]]
}

// rows returns the rows that may apply to b.
func (t *lookup) rows(b []byte) rowSet {
	rows := t.byEnds(b)
	if rows&t.worded != 0 && b[0] != ' ' && b[0] != '\t' {
		rows &= t.byWords(b)
	}
	return rows
}

// byWords returns the rows whose conditions on the words b meets; b has no indent.
func (t *lookup) byWords(b []byte) rowSet {
	n := bytes.IndexByte(b, ' ')
	if n < 0 || n+1 == len(b) {
		return ^t.worded
	}
	return t.wordEnd[b[n-1]] & t.second[b[n+1]]
}
