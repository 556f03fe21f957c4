// SPDX-License-Identifier: Apache-2.0

package kernel

import "strings"

// shape says how well the text behind a comm agrees with a form of the kill line.
type shape uint8

const (
	foreign shape = iota // it does not
	damaged              // a form begins, but something else follows
	cut                  // the beginning of a form
	whole                // a form
)

// takeComm reads "comm) total-vm:…".
func takeComm(v Kill, s string) (best Kill, ok bool) {
	bestShape := foreign
	for i := range commEnds(s) {
		try := v
		try.Comm, try.HasComm = s[:i], true
		if sh := takeFigures(&try, trimEnd(s[i+1:])); sh > bestShape {
			try.Complete = sh == whole
			best, bestShape = try, sh
		}
	}
	switch {
	case bestShape == foreign:
		return v, len(s) <= maxComm || commFits(s) && strings.IndexByte(s, ')') < 0 // the comm is cut
	case bestShape != whole && len(s) <= maxComm:
		// The comm may still be open: what looks like figures may be part of it.
		v.Comm, v.HasComm = best.Comm, true
		return v, true
	}
	return best, true
}

// takeFigures reads what follows the comm's parenthesis.
func takeFigures(v *Kill, s string) shape {
	if strings.Trim(s, " .") == "" {
		return endWithoutFigures(v, s)
	}
	c := figureScan{s: s}
	if startsEither(s, ", UID ") { // RHEL 7
		if !c.label(", UID ") || !c.number(&v.UID) || !c.label(",") {
			return c.shape
		}
	}
	total := " total-vm:"
	if startsEither(c.s, " vsz:") { // 2.6.33 to 2.6.35
		total = " vsz:"
	}
	if !c.label(total) {
		return c.shape
	}
	if !c.kb(&v.TotalVMKB) || !c.label(", anon-rss:") || !c.kb(&v.AnonRSSKB) || !c.label(", file-rss:") || !c.kb(&v.FileRSSKB) {
		return c.shape
	}
	if v.Message == MessageNone && c.ends(", shmem-rss:") { // to 4.4
		return c.shape
	}
	if !c.label(", shmem-rss:") || !c.kb(&v.ShmemRSSKB) || c.ends(", UID:") { // 4.5 to 5.3, RHEL 7 and 8.1
		return c.shape
	}
	if !c.label(", UID:") || !c.lastNumber(&v.UID) || c.ends(" pgtables:") { // RHEL 8.3
		return c.shape
	}
	if !c.label(" pgtables:") || !c.kb(&v.PgtablesKB) || !c.label(" oom_score_adj:") || !c.lastNumber(&v.OOMScoreAdj) {
		return c.shape
	}
	c.ends("")
	return c.shape
}

// endWithoutFigures tells the shape of a line that ends at the comm, with a full stop or without.
func endWithoutFigures(v *Kill, s string) shape {
	switch {
	case s == "." && v.Message != MessageNone: // 2.6.9, 2.6.18, RHEL 5
		return whole
	case s == "" && v.Message == MessageNone && !v.UID.OK: // 2.6.20 to 2.6.32
		return whole
	}
	return cut
}

// figureScan walks along the figures of a kill line. Where it stops, shape says why.
type figureScan struct {
	s       string
	figures int
	shape   shape
}

// stop ends the walk: with the line, if what is left begins what should follow, else within it.
func (c *figureScan) stop(isCut bool) bool {
	switch {
	case isCut:
		c.shape = cut
	case c.figures > 0:
		c.shape = damaged
	default:
		c.shape = foreign
	}
	return false
}

// label cuts the words before a figure.
func (c *figureScan) label(words string) bool {
	rest, ok := strings.CutPrefix(c.s, words)
	if !ok {
		return c.stop(strings.HasPrefix(words, c.s))
	}
	c.s = rest
	return true
}

// kb cuts a figure and its unit. A number that cannot be is passed over: whatever it is, the process was killed.
func (c *figureScan) kb(dst *Int) bool {
	n, rest, ok := takeInt(c.s)
	if !ok {
		n, rest = -1, strings.TrimLeft(c.s, "0123456789")
		ok = len(rest) < len(c.s)
	}
	if !ok || rest == "" {
		return c.stop(c.s == "" || c.s == "-" || ok)
	}
	if rest[0] == 'k' {
		*dst = figureOf(n)
		c.figures++
	}
	if c.s, ok = strings.CutPrefix(rest, "kB"); !ok {
		return c.stop(rest == "k")
	}
	return true
}

// number cuts a figure without a unit, of which a digit may be lost when it ends the line.
func (c *figureScan) number(dst *Int) bool {
	n, rest, ok := wholeInt(c.s)
	if !ok {
		_, rest, ok = takeInt(c.s)
		return c.stop(ok && rest == "" || c.s == "" || c.s == "-")
	}
	*dst, c.s = Some(n), rest
	return true
}

// lastNumber cuts a figure without a unit that may end the line.
func (c *figureScan) lastNumber(dst *Int) bool {
	n, rest, ok := takeInt(c.s)
	if !ok {
		return c.stop(c.s == "" || c.s == "-")
	}
	*dst, c.s = Some(n), rest
	return true
}

// ends reports whether the line ends here, where some kernels end it and others go on with the words of next. What else
// follows may be damage or a vendor's figure; a sentence is not the kernel's.
func (c *figureScan) ends(next string) bool {
	if next != "" && strings.HasPrefix(c.s, next[:min(len(next), len(c.s))]) && c.s != "" {
		return false
	}
	switch {
	case c.s == "":
		c.shape = whole
	case isSentence(c.s):
		c.shape = foreign
	default:
		c.shape = damaged
	}
	return true
}

// isSentence reports whether a word stands behind a blank in s and no "name:1" with it.
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
