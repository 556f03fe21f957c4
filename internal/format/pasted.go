// SPDX-License-Identifier: Apache-2.0

package format

import (
	"bytes"
	"html"
)

// pasted reads a log as people paste it: it undoes what mail and web pages did to the text. Each
// part is on only after the text has shown that it is needed: in a log that was not pasted the same
// bytes are names.
type pasted struct {
	// quotedPrintable, web and hardBlanks are set once a line has shown the encoding,
	// HTML, or a no-break space where the kernel writes a space.
	quotedPrintable, web, hardBlanks bool
	// held is the part of a line before a soft line break (= at the end), number where it began.
	held   []byte
	number int
	// line is the line that is being cleaned.
	line []byte
}

// copied returns an independent copy.
func (c *pasted) copied() pasted {
	p := *c
	p.held, p.line = bytes.Clone(c.held), nil
	return p
}

func (c *pasted) holds() bool   { return len(c.held) > 0 }
func (c *pasted) trim()         { c.line = nil }
func (c *pasted) buffered() int { return cap(c.held) + cap(c.line) }

// read reads a line of text as people paste it.
func (c *pasted) read(s *stream, raw []byte) {
	b := trimEnd(raw)
	if len(c.held) > 0 && beginsAnew(b) {
		c.flushHeld(s)
	}
	b, whole := c.unquotePrintable(b, s.number)
	if !whole {
		return
	}
	c.readCleaned(s, b)
	if len(c.line) > 0 {
		c.line = release(c.line)
	}
}

// flush reads a line that still waits for the rest after a soft line break.
func (c *pasted) flush(s *stream) {
	if len(c.held) > 0 {
		c.flushHeld(s)
	}
	c.number = 0
}

// flushHeld reads a line to which no rest has come. Where only its end looked like a soft line
// break, it was none.
func (c *pasted) flushHeld(s *stream) {
	held := c.held
	c.held = nil
	if c.quotedPrintable {
		held = appendPrintable(nil, held)
	} else {
		held = append(held, '=')
	}
	c.readCleaned(s, held)
}

// cleaner undoes one thing that mail, a web page, a terminal or a person did to the lines of a log.
type cleaner struct {
	// name says what was done.
	name string
	// at is where it may have been done.
	at ends
	// clean returns the line without it, b itself where it was not done.
	clean func(c *pasted, s *stream, b []byte) []byte
}

// cleaners work in this order, before the wrapping and the prefix of a line are read. A new one is
// one row here and one file.
var cleaners = [...]cleaner{
	{"byte order mark", begins("\ufeff"), cutByteOrderMark},
	{"HTML", ends{}, (*pasted).undoWeb},
	{"quoting of mail", begins(">"), unquote},
	{"no-break spaces", begins("\u00a0["), (*pasted).undoHardBlanks},
	{"code fences", beginsOrEnds("`", "`"), cutFence},
	{"marks of Markdown", begins(" `\"“„«*-+•–" + decimals), cutMarks},
	{"terminal", beginsOrEnds(controls, " "), (*pasted).undoTerminal},
}

var cleanersAt = lookupOf(cleaners[:], func(c *cleaner) ends { return c.at })

// readCleaned takes off what stands around a log line and reads the line.
func (c *pasted) readCleaned(s *stream, b []byte) {
	for todo := cleanersOf(s, b); todo != 0; {
		i := todo.first()
		b = cleaners[i].clean(c, s, b)
		todo = cleanersOf(s, b).after(i)
	}
	s.pasted = s.pasted || c.quotedPrintable || c.web || c.hardBlanks
	number := s.number
	if c.number > 0 {
		s.number, c.number = c.number, 0
	}
	readUnwrapped(s, b)
	s.number = number
}

// cleanersOf returns the cleaners to call for a line: any for one of a text that was changed.
func cleanersOf(s *stream, b []byte) rowSet {
	if s.pasted {
		return cleanersAt.all
	}
	return cleanersAt.byEnds(b)
}

func cutByteOrderMark(_ *pasted, s *stream, b []byte) []byte {
	if s.number == 1 {
		b = bytes.TrimPrefix(b, byteOrderMark)
	}
	return b
}

// cutFence takes off the ``` of Markdown.
func cutFence(_ *pasted, _ *stream, b []byte) []byte {
	if hasPrefix(b, "```") {
		b = b[len("```"):]
	}
	return bytes.TrimSuffix(b, []byte("```"))
}

// readUnwrapped reads a line of text, of which it takes the wrapping off.
func readUnwrapped(s *stream, b []byte) {
	for todo := wrapperFormsAt.rows(b); todo != 0; {
		i := todo.first()
		todo = todo.after(i)
		if w, text, ok := wrapperForms[i].open(b); ok {
			readWrapped(s, w, text)
			return
		}
	}
	readText(s, b)
}

// undoTerminal takes off what a terminal or a console put around a line.
func (c *pasted) undoTerminal(s *stream, b []byte) []byte {
	if n := len(b); n == 0 || b[0] >= ' ' && b[n-1] != ' ' || s.prev.continuesEmpty(b) {
		return b
	}
	b = bytes.TrimPrefix(b, []byte("\r")) // some return before a line
	if len(b) > 0 && b[0] == escape {
		b = undoColour(b)
	}
	if bytes.HasSuffix(b, padding) {
		b = bytes.TrimRight(b, " ")
	}
	return b
}

// beginsAnew reports whether a line begins as only the first line of a record does.
func beginsAnew(b []byte) bool {
	if len(b) == 0 {
		return true
	}
	_, n := priority(b)
	if n == 0 {
		_, n = parseBracket(b)
	}
	if n == 0 {
		_, n = wallStamp(b)
	}
	if n == 0 {
		_, n = levelNames(b)
	}
	return n > 0
}

var (
	byteOrderMark = []byte("\ufeff")
	hardBlank     = []byte("\u00a0")
	// padding is more spaces than a kernel line ends with: a terminal's, copied along.
	padding = bytes.Repeat([]byte(" "), 20)
)

// undoHardBlanks makes the no-break spaces of a copied web page spaces again, once one
// has stood at the start of a line or of a timestamp.
func (c *pasted) undoHardBlanks(_ *stream, b []byte) []byte {
	if !c.hardBlanks {
		c.hardBlanks = bytes.HasPrefix(bytes.TrimPrefix(b, []byte("[")), hardBlank) && !nameFirst(b)
	}
	if !c.hardBlanks || !bytes.Contains(b, hardBlank) {
		return b
	}
	return bytes.ReplaceAll(b, hardBlank, []byte(" "))
}

// unquote takes off mail's quoting: "> > " and ">> ".
func unquote(_ *pasted, _ *stream, b []byte) []byte {
	for len(b) > 0 && b[0] == '>' {
		b = skipSpace(b[1:])
	}
	return b
}

// unquotePrintable undoes quoted-printable. whole is false while a soft line break
// keeps the line waiting for its rest.
func (c *pasted) unquotePrintable(b []byte, number int) (line []byte, whole bool) {
	if len(c.held) == 0 && bytes.IndexByte(b, '=') < 0 {
		return b, true
	}
	const width = 76 // the longest line of quoted-printable, with the = at its end
	c.quotedPrintable = c.quotedPrintable || looksPrintable(b)
	encoded := c.quotedPrintable && bytes.IndexByte(b, '=') >= 0 && allEncoded(b)
	soft := len(b) > 0 && b[len(b)-1] == '=' && (c.quotedPrintable || len(b) == width) && allEncoded(b)
	if !soft && !encoded && len(c.held) == 0 {
		return b, true
	}
	if soft {
		b = b[:len(b)-1]
	}
	if len(c.held) == 0 {
		c.number = number
	}
	c.held = append(c.held, b...)
	if soft && len(c.held) < maxKept {
		return nil, false
	}
	c.line = appendPrintable(c.line[:0], c.held)
	c.held = release(c.held)
	return c.line, true
}

// looksPrintable reports whether a line shows quoted-printable: an = of the kernel's, encoded, in
// words that are longer than a task's name can be and stand after no path.
func looksPrintable(b []byte) bool {
	if !bytes.Contains(b, []byte("=3D")) || !allEncoded(b) {
		return false
	}
	for _, sign := range [...]string{"oom-killer: gfp_mask=3D0x", "oom-kill:constraint=3DCONSTRAINT", "Total swap =3D ", "Free swap  =3D "} {
		if i := bytes.Index(b, []byte(sign)); i >= 0 && bytes.IndexByte(b[:i], '/') < 0 && len(b)-i > longestComm {
			return true
		}
	}
	return false
}

// allEncoded reports whether each = of a line begins an escape or ends the line.
func allEncoded(b []byte) bool {
	for i, c := range b {
		if c == '=' && i+1 < len(b) && (i+2 >= len(b) || !upperHex(b[i+1]) || !upperHex(b[i+2])) {
			return false
		}
	}
	return true
}

func upperHex(c byte) bool { return isDigit(c) || c >= 'A' && c <= 'F' }

// appendPrintable appends src to dst with its =XX undone.
func appendPrintable(dst, src []byte) []byte {
	for i := 0; i < len(src); i++ {
		if src[i] == '=' && i+2 < len(src) && upperHex(src[i+1]) && upperHex(src[i+2]) {
			dst = append(dst, byte(hexDigit(src[i+1])<<4|hexDigit(src[i+2])))
			i += 2
			continue
		}
		dst = append(dst, src[i])
	}
	return dst
}

// undoWeb takes tags off and undoes entities, once a line has shown that the text is HTML.
func (c *pasted) undoWeb(_ *stream, b []byte) []byte {
	if bytes.IndexByte(b, '<') < 0 && bytes.IndexByte(b, '&') < 0 {
		return b
	}
	if !c.web {
		c.web = looksWeb(b)
	}
	if !c.web {
		return b
	}
	out := c.line[:0]
	if len(b) > 0 && len(c.line) > 0 && &b[0] == &c.line[0] {
		out = nil // b is the buffer itself
	}
	for len(b) > 0 {
		if n := tag(b); n > 0 {
			b = b[n:]
			continue
		}
		out = append(out, b[0])
		b = b[1:]
	}
	if bytes.IndexByte(out, '&') >= 0 {
		out = append(out[:0], html.UnescapeString(string(out))...)
		out = bytes.ReplaceAll(out, hardBlank, []byte(" "))
	}
	c.line = out
	return out
}

// looksWeb reports whether a line shows signs of HTML that no kernel text has: a
// tag at its start, or one of the kernel's own brackets as an entity.
func looksWeb(b []byte) bool {
	b = skipIndent(b)
	return len(b) > 0 && showsWeb(b) && !nameFirst(b)
}

// showsWeb is looksWeb for a line without an indent that may begin with a name.
func showsWeb(b []byte) bool {
	if b[0] == '<' && tag(b) > 0 || bytes.HasPrefix(b, []byte("&gt;")) || bytes.HasPrefix(b, []byte("[&nbsp;")) {
		return true
	}
	if b[len(b)-1] == '>' {
		if n := bytes.LastIndexByte(b, '<'); n > 0 && b[n-1] != ' ' && n+tag(b[n:]) == len(b) && !mayBeNamed(b[:n]) {
			return true
		}
	}
	i := bytes.Index(b, []byte("&lt;"))
	if i < 0 {
		return false
	}
	if i == 0 {
		return true
	}
	rest := b[i:]
	return !mayBeNamed(b[:i]) && (b[i-1] == '[' && bytes.HasPrefix(rest, []byte("&lt;ffff")) || b[i-1] == ' ' && (string(rest) == "&lt;TASK&gt;" || string(rest) == "&lt;/TASK&gt;"))
}

var tagNames = [...]string{"br", "p", "pre", "code", "span", "div", "b", "i", "em", "strong", "tt", "font", "li", "ul", "a", "td", "tr", "h1", "h2", "h3", "h4"}

// tag returns the length of the HTML tag at the start of b, 0 when there is none.
// "<TASK>", "<IRQ>" and "<ffffffff81124447>" are the kernel's.
func tag(b []byte) int {
	const longest = 300
	if len(b) < 3 || b[0] != '<' || b[1] != '/' && (b[1] < 'a' || b[1] > 'z') {
		return 0
	}
	end := bytes.IndexByte(b[:min(len(b), longest)], '>')
	if end < 0 {
		return 0
	}
	inner := bytes.TrimPrefix(b[1:end], []byte("/"))
	name := inner
	for i, c := range inner {
		if c == ' ' || c == '/' {
			name = inner[:i]
			break
		}
	}
	for _, n := range tagNames {
		if string(name) == n {
			return end + 1
		}
	}
	return 0
}
