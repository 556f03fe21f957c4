// SPDX-License-Identifier: Apache-2.0

package format

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"unicode/utf16"
	"unicode/utf8"
	"unsafe"

	"github.com/oomtrail/oomtrail/parser/report"
)

// jsonText reads JSON objects: entries of journalctl -o json, json-pretty, json-sse and json-seq,
// records of dmesg -J, and what container runtimes, log shippers and log stores make of a line. It
// follows braces and brackets only as far as the members of one object need it, so that all of them
// are read the same way.
type jsonText struct {
	// depth counts open braces and brackets; members matter at depth base.
	depth, base uint8
	// key is the member whose value comes next, when value is set.
	key   field
	value bool
	// array is set while the member's value is an array.
	array bool
	// message collects a message that is an array of bytes.
	message []byte
	text    []byte
	// guess is set where the format of the input is not said (Auto): what stores and shippers print
	// counts too, and inner is where in the objects inside the object it stands.
	guess bool
	inner inner
	// entry is the object that is being read.
	entry entry
}

// deepest bounds depth: what nests deeper is no journal entry.
const deepest = 64

func (j *jsonText) open() bool { return j.depth > 0 }

// reset forgets the object that is open.
func (j *jsonText) reset() {
	j.depth, j.base, j.key, j.value, j.array, j.inner = 0, 0, fieldNone, false, false, inner{}
	j.message, j.text = release(j.message), release(j.text)
}

func (j *jsonText) flush(*stream) { j.reset() }
func (j *jsonText) holds() bool   { return j.open() }

// copied returns an independent copy.
func (j *jsonText) copied() jsonText {
	c := *j
	c.message, c.text, c.entry = bytes.Clone(j.message), nil, j.entry.clone()
	return c
}

func (j *jsonText) trim() {
	j.text = nil
	if !j.open() {
		j.message, j.entry = nil, entry{}
	}
}

func (j *jsonText) buffered() int { return cap(j.message) + cap(j.text) + j.entry.buffered() }
func (j *jsonText) memory() int   { return int(unsafe.Sizeof(*j)) + j.buffered() }

// journalJSON reads journalctl -o json, json-pretty, json-sse and json-seq.
type journalJSON struct{ jsonText }

var _ = register(report.JournalJSON, func() reader { return new(journalJSON) })

func (j *journalJSON) read(s *stream, raw []byte) {
	b := bareJSON(trimEnd(raw))
	if len(b) == 0 || j.take(s, b) {
		return
	}
	s.begin(report.JournalJSON)
	s.line.Text = b
	s.send()
}

func (j *journalJSON) clone() reader { return &journalJSON{j.copied()} }

// bareJSON takes off what json-sse and json-seq put before an entry.
func bareJSON(b []byte) []byte {
	if hasPrefix(b, "data: ") {
		b = b[len("data: "):]
	}
	if hasPrefix(b, "\x1e") {
		b = b[1:]
	}
	return b
}

// jsonStart reports whether a line may begin a JSON text: an object, or an array of objects.
func jsonStart(b []byte) bool {
	if len(b) > 0 && (b[0] == 'd' || b[0] == '\x1e') {
		b = bareJSON(b)
	}
	return len(b) > 0 && (b[0] == '{' || b[0] == '[' && arrayStart(b))
}

// arrayStart reports whether an array of objects begins with b, which begins with a bracket. No
// line of the kernel's does.
func arrayStart(b []byte) bool {
	for _, c := range b[1:] {
		if c != ' ' && c != '\t' && c != '\r' {
			return c == '{'
		}
	}
	return true
}

// take reads one line of JSON and sends what it completes. It returns false,
// with nothing sent, for a line that is no JSON or completes only objects that say nothing to us.
func (j *jsonText) take(s *stream, b []byte) bool {
	b = trimEnd(b)
	j.guess = s.format == report.Auto
	inside := j.open()
	if !j.starts(b) {
		j.reset()
		return false
	}
	sent, completed := false, false
	for len(b) > 0 {
		c := b[0]
		b = b[1:]
		switch c {
		case ' ', '\t':
		case '{', '[':
			if !j.enter(c) {
				j.reset()
				return sent
			}
			if c == '{' && j.depth == j.base {
				j.entry.reset()
			}
		case '}', ']':
			if j.depth == j.base {
				completed = true
				sent = j.object(s) || sent
			}
			j.leave(s.number)
		case ':':
			j.value, j.inner.value = j.value || j.depth == j.base, true
		case ',':
			if j.inner.value = false; j.depth == j.base {
				j.value, j.key = false, fieldNone
			}
		case '"':
			text, n := j.readString(b)
			if n == 0 {
				j.reset()
				return sent
			}
			b = b[n:]
			j.string(text, s.number)
		default:
			n := bytes.IndexAny(b, " ,]}")
			if n < 0 {
				n = len(b)
			}
			if !j.open() || !isLiteral(c) {
				j.reset()
				return sent
			}
			j.literal(c, b[:n], s.number)
			b = b[n:]
		}
	}
	return sent || inside || j.open() || s.format != report.Auto && completed
}

// starts reports whether a line can begin or go on a JSON text. An object or an array of objects
// that begins in the first column is a new one: whatever was open before was cut off.
func (j *jsonText) starts(b []byte) bool {
	switch {
	case len(b) == 0:
		return false
	case b[0] == '{':
		j.reset()
		j.base = 1
		return true
	case b[0] == '[' && arrayStart(b):
		j.reset()
		j.base = 2
		return true
	}
	b = bytes.TrimLeft(b, " \t")
	if !j.open() || len(b) == 0 {
		return false
	}
	switch b[0] {
	case '"', '}', ']', '{', ',':
		return true
	}
	return j.array && isDigit(b[0])
}

// enter takes an opening brace or bracket; false when they nest too deep.
func (j *jsonText) enter(c byte) bool {
	if j.depth++; j.depth > deepest {
		return false
	}
	if c == '[' && j.depth == j.base+1 && j.value {
		if j.key == fieldDmesg && j.base == 1 { // dmesg -J: the records are two levels down
			j.base = 3
		} else {
			j.array = true
			j.message = j.message[:0]
		}
	}
	if j.depth == j.base {
		j.value, j.key = false, fieldNone
	}
	if j.guess && j.depth > j.base {
		if j.depth == j.base+1 && c == '{' && j.key == fieldContainer {
			j.entry.contained = true
		}
		j.inner.enter(c, j.depth-j.base)
	}
	return true
}

// leave takes a closing brace or bracket.
func (j *jsonText) leave(number int) {
	if j.array && j.depth == j.base+1 {
		j.array = false
		if j.key == fieldMessage {
			j.entry.setAt(fieldMessage, j.message, number)
		}
	}
	if j.depth > 0 {
		j.depth--
	}
	if j.inner.value = true; j.depth == 0 {
		j.reset()
	}
}

// string takes a string: a key, a value, or one of several values of a member.
func (j *jsonText) string(text []byte, number int) {
	switch {
	case j.depth == j.base && !j.value:
		j.inner.next = scopeNone
		if j.key = fieldByName(text); j.guess && (j.key == fieldNone || j.key == fieldLog) {
			j.storeKey(text)
		}
	case j.depth == j.base, j.array && j.depth == j.base+1:
		j.entry.setAt(j.key, text, number)
	case j.guess && j.depth > j.base:
		j.innerString(text, number)
	}
}

// storeKey takes a member's name as stores and shippers print them.
func (j *jsonText) storeKey(name []byte) {
	key, opens := storeKey(scopeEntry, name)
	if j.inner.next = opens; j.key == fieldNone {
		j.key = key
		j.entry.nested = j.entry.nested || key != fieldNone && bytes.IndexByte(name, '.') >= 0
	}
}

// innerString takes a string in an object inside the object: a key or a value.
func (j *jsonText) innerString(text []byte, number int) {
	in := j.inner.in(j.depth - j.base)
	switch {
	case in == scopeNone:
	case !j.inner.value:
		j.inner.key, j.inner.next = storeKey(in, text)
	case j.inner.key != fieldNone:
		j.entry.nested = true
		j.entry.setAt(j.inner.key, text, number)
	}
}

// literal takes a number, null, true or false; c is its first byte.
func (j *jsonText) literal(c byte, rest []byte, number int) {
	j.text = append(append(j.text[:0], c), rest...)
	switch {
	case !j.value:
	case j.array && j.depth == j.base+1:
		if v, n := digits(j.text, 3); n > 0 && v < 256 && len(j.message) < maxKept {
			j.message = append(j.message, byte(v))
		}
	case j.guess && j.depth > j.base && j.inner.key != fieldShipped && c != 'n' && j.inner.value:
		j.innerString(j.text, number)
	case j.depth != j.base, j.key == fieldShipped: // a number is no log line
	case c == 'n':
		if j.key == fieldMessage {
			j.entry.null, j.entry.number = true, number
		}
	default:
		j.entry.setAt(j.key, j.text, number)
	}
}

// isLiteral reports whether a number, null, true or false begins with c.
func isLiteral(c byte) bool { return isDigit(c) || c == '-' || c == 'n' || c == 't' || c == 'f' }

// readString reads the JSON string at the start of b, after its opening quote, and returns how many
// bytes it took with the closing quote, 0 when there is none. text is a part of b, or valid until
// the next call.
func (j *jsonText) readString(b []byte) (text []byte, n int) {
	if n = indexQuote(b); n < len(b) && b[n] == '"' { // nothing is escaped
		return b[:n], n + 1
	}
	j.text, n = appendString(j.text[:0], b)
	return j.text, n
}

// indexQuote returns where the first quote or backslash stands in b, len(b) when there is none.
func indexQuote(b []byte) int {
	const each, high = 0x0101010101010101, 0x8080808080808080
	n := 0
	for ; n+8 <= len(b); n += 8 {
		x := binary.LittleEndian.Uint64(b[n:])
		quote, escape := x^'"'*each, x^'\\'*each
		if found := ((quote-each)&^quote | (escape-each)&^escape) & high; found != 0 { // right up to the first zero byte
			return n + bits.TrailingZeros64(found)/8
		}
	}
	for n < len(b) && b[n] != '"' && b[n] != '\\' {
		n++
	}
	return n
}

// appendString appends the JSON string at the start of b, after its opening
// quote, to dst and returns how many bytes it took with the closing quote, 0 when there is none.
func appendString(dst, b []byte) (out []byte, n int) {
	for n < len(b) {
		switch c := b[n]; {
		case c == '"':
			return dst, n + 1
		case c != '\\':
			dst = append(dst, c)
			n++
		case n+1 == len(b):
			return dst, 0
		case b[n+1] == 'u':
			r, c := unicodeEscape(b[n:])
			dst = utf8.AppendRune(dst, r)
			n += c
		default:
			dst = append(dst, shortEscape(b[n+1]))
			n += 2
		}
	}
	return dst, 0
}

func shortEscape(c byte) byte {
	switch c {
	case 'n':
		return '\n'
	case 't':
		return '\t'
	case 'r':
		return '\r'
	case 'b':
		return '\b'
	case 'f':
		return '\f'
	}
	return c
}

// unicodeEscape reads \u0000, or two of them that make one character.
func unicodeEscape(b []byte) (r rune, n int) {
	r = hex4(b)
	if r < 0 {
		return utf8.RuneError, 2
	}
	if utf16.IsSurrogate(r) {
		if full := utf16.DecodeRune(r, hex4(b[6:])); full != utf8.RuneError {
			return full, 12
		}
	}
	return r, 6
}

// hex4 reads \uXXXX at the start of b, -1 when there is none.
func hex4(b []byte) rune {
	if len(b) < 6 || b[0] != '\\' || b[1] != 'u' {
		return -1
	}
	var r rune
	for _, c := range b[2:6] {
		h := hexDigit(c)
		if h < 0 {
			return -1
		}
		r = r<<4 | rune(h)
	}
	return r
}
