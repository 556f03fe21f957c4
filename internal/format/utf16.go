// SPDX-License-Identifier: Apache-2.0

package format

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

// TextReader returns a reader of r's text in UTF-8, without a byte order mark: what PowerShell and
// Windows editors save in UTF-16, with a byte order mark before it, is decoded. Any other input is
// read as it is.
func TextReader(r io.Reader) io.Reader { return &textReader{r: r} }

type textReader struct {
	r      io.Reader
	opened bool
}

func (t *textReader) Read(p []byte) (n int, err error) {
	if n, err = t.r.Read(p); t.opened || n == 0 {
		return n, err
	}
	t.opened = true
	var order binary.ByteOrder
	switch {
	case p[0] == 0xff:
		order = binary.LittleEndian
	case p[0] == 0xfe:
		order = binary.BigEndian
	default: // nearly always
		return n, err
	}
	head := p[:n:n]
	if n == 1 && err == nil { // the rest of a mark may come later
		var next [1]byte
		n, err = io.ReadFull(t.r, next[:])
		head = append(head, next[:n]...)
	}
	t.r = io.MultiReader(bytes.NewReader(bytes.Clone(head)), &failing{t.r, err})
	if len(head) > 1 && order.Uint16(head) == 0xfeff {
		t.r = &utf16Reader{r: bufio.NewReader(t.r), order: order}
		var mark [len("\ufeff")]byte
		if _, err := io.ReadFull(t.r, mark[:]); err != nil {
			return 0, err
		}
	}
	return t.r.Read(p)
}

// failing gives the error that came with what was read before, then goes on with r.
type failing struct {
	r   io.Reader
	err error
}

func (f *failing) Read(p []byte) (int, error) {
	if f.err != nil {
		return 0, f.err
	}
	return f.r.Read(p)
}

// utf16Reader decodes UTF-16.
type utf16Reader struct {
	r     *bufio.Reader
	order binary.ByteOrder
	// text is what is decoded and not yet read. It has room for one rune and more.
	text []byte
	room [utf8.UTFMax]byte
}

func (u *utf16Reader) Read(p []byte) (n int, err error) {
	for n < len(p) {
		if len(u.text) == 0 {
			if n > 0 && u.r.Buffered() < 4 { // no waiting while there is something to give
				break
			}
			if u.text, err = u.rune(); err != nil {
				break
			}
		}
		c := copy(p[n:], u.text)
		u.text = u.text[c:]
		n += c
	}
	if n > 0 {
		err = nil
	}
	return n, err
}

// rune decodes the next rune. Half of a unit at the end of the input is dropped.
func (u *utf16Reader) rune() ([]byte, error) {
	unit, err := u.r.Peek(2)
	if len(unit) < 2 {
		if err == nil || errors.Is(err, io.ErrUnexpectedEOF) {
			err = io.EOF
		}
		return nil, err
	}
	r, size := rune(u.order.Uint16(unit)), 2
	if utf16.IsSurrogate(r) {
		r = utf8.RuneError
		if pair, _ := u.r.Peek(4); len(pair) == 4 {
			if full := utf16.DecodeRune(rune(u.order.Uint16(pair)), rune(u.order.Uint16(pair[2:]))); full != utf8.RuneError {
				r, size = full, 4
			}
		}
	}
	if _, err := u.r.Discard(size); err != nil {
		return nil, err
	}
	return utf8.AppendRune(u.room[:0], r), nil
}
