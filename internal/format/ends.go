// SPDX-License-Identifier: Apache-2.0

package format

// ends are the bytes of which a line begins with one, or ends with one, where a row of a table may
// apply. The row is not called for any other line, so that it costs nothing there. The zero value
// is any line.
type ends struct{ first, last *[256]bool }

// meet reports whether the row is to be called for b.
func (e *ends) meet(b []byte) bool {
	return e.first == nil || len(b) > 0 && (e.first[b[0]] || e.last[b[len(b)-1]])
}

// begins is met by lines that begin with one of the bytes.
func begins(bytes string) ends { return ends{setOf(bytes), new([256]bool)} }

// beginsOrEnds is met by lines that begin with one byte of first or end with one of last.
func beginsOrEnds(first, last string) ends { return ends{setOf(first), setOf(last)} }

// beginsOtherwise is met by lines that do not begin with one of the bytes.
func beginsOtherwise(bytes string) ends {
	set := setOf(bytes)
	for c := range set {
		set[c] = !set[c]
	}
	return ends{set, new([256]bool)}
}

func setOf(bytes string) *[256]bool {
	set := new([256]bool)
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
