// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"strings"

	"github.com/oomtrail/oomtrail/parser/report"
)

// valueScan walks along the values of a kill line. Where it stops, shape says why.
type valueScan struct {
	s      string
	values int
	shape  shape
}

// stop ends the walk: with the line, if what is left begins what should follow, else within it.
func (c *valueScan) stop(isCut bool) bool {
	switch {
	case isCut:
		c.shape = truncated
	case c.values > 0:
		c.shape = corrupt
	default:
		c.shape = noMatch
	}
	return false
}

// label cuts the words before a value.
func (c *valueScan) label(words string) bool {
	rest, ok := strings.CutPrefix(c.s, words)
	if !ok {
		return c.stop(strings.HasPrefix(words, c.s))
	}
	c.s = rest
	return true
}

// kb cuts a value and its unit. A number that cannot be is passed over: whatever it is, the process
// was killed.
func (c *valueScan) kb(dst *report.Int) bool {
	n, rest, ok := takeInt(c.s)
	if !ok {
		n, rest = -1, strings.TrimLeft(c.s, "0123456789")
		ok = len(rest) < len(c.s)
	}
	if !ok || rest == "" {
		return c.stop(c.s == "" || c.s == "-" || ok)
	}
	if rest[0] == 'k' {
		*dst = valueOf(n)
		c.values++
	}
	if c.s, ok = strings.CutPrefix(rest, "kB"); !ok {
		return c.stop(rest == "k")
	}
	return true
}

// number cuts a value without a unit, of which a digit may be lost when it ends the line.
func (c *valueScan) number(dst *report.Int) bool {
	n, rest, ok := wholeInt(c.s)
	if !ok {
		_, rest, ok = takeInt(c.s)
		return c.stop(ok && rest == "" || c.s == "" || c.s == "-")
	}
	*dst, c.s = Some(n), rest
	return true
}

// lastNumber cuts a value without a unit that may end the line.
func (c *valueScan) lastNumber(dst *report.Int) bool {
	n, rest, ok := takeInt(c.s)
	if !ok {
		return c.stop(c.s == "" || c.s == "-")
	}
	*dst, c.s = Some(n), rest
	return true
}

// ends reports whether the line ends here, where some kernels end it and others go on with the
// words of next. What else follows may be damage or a vendor's value; a sentence is not the
// kernel's.
func (c *valueScan) ends(next string) bool {
	if next != "" && strings.HasPrefix(c.s, next[:min(len(next), len(c.s))]) && c.s != "" {
		return false
	}
	switch {
	case c.s == "":
		c.shape = complete
	case isSentence(c.s):
		c.shape = noMatch
	default:
		c.shape = corrupt
	}
	return true
}

// isSentence reports whether a word follows a space in s, and s holds no "name:1".
func isSentence(s string) bool {
	for i := 0; i+1 < len(s); i++ {
		if s[i] == ':' && isDigit(s[i+1]) {
			return false
		}
	}
	for i := 0; i+1 < len(s); i++ {
		if s[i] == ' ' && (s[i+1]|0x20)-'a' < 26 {
			return true
		}
	}
	return false
}
