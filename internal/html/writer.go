// SPDX-License-Identifier: Apache-2.0

// Package html writes pages for a browser, a mail or a ticket: one file each, which needs no script
// and nothing else. Pictures are SVG in the page.
//
// Names and lines of a log are hostile. Only text and attr write what is not a constant of this
// package, and both escape it, so that nothing in a log becomes markup.
package html

import (
	"strconv"

	"github.com/oomtrail/oomtrail/internal/page"
	"github.com/oomtrail/oomtrail/internal/plain"
)

// writer is a page being written. Elements are written whole, so that the text is XML as well.
type writer struct {
	out    []byte
	opened []string // the elements that are open
	ids    int      // how many ids were given
	level  int      // how many headings stand above what is written
	prefix string   // of all ids
}

// heading is the heading of what is written, or of a part so many levels below it.
func (w *writer) heading(below int) string { return "h" + strconv.Itoa(1+w.level+below) }

// open begins an element. attrs are names and values.
func (w *writer) open(element string, attrs ...string) {
	w.begin(element, attrs)
	w.out = append(w.out, '>')
	w.opened = append(w.opened, element)
}

// empty writes an element that has no content.
func (w *writer) empty(element string, attrs ...string) {
	w.begin(element, attrs)
	w.out = append(w.out, "/>"...)
}

func (w *writer) begin(element string, attrs []string) {
	w.out = append(append(w.out, '<'), element...)
	for i := 0; i+1 < len(attrs); i += 2 {
		w.out = append(append(append(w.out, ' '), attrs[i]...), `="`...)
		w.out = appendEscaped(w.out, attrs[i+1])
		w.out = append(w.out, '"')
	}
}

// close ends the innermost element, and those around it up to the one that is named.
func (w *writer) close(element string) {
	for len(w.opened) > 0 {
		last := w.opened[len(w.opened)-1]
		w.opened = w.opened[:len(w.opened)-1]
		w.out = append(append(append(w.out, "</"...), last...), '>')
		if isBlock(last) {
			w.out = append(w.out, '\n')
		}
		if last == element {
			return
		}
	}
}

// isBlock reports whether a line of the file ends behind an element: for who reads the file itself.
func isBlock(element string) bool {
	switch element {
	case "a", "b", "code", "data", "small", "span", "strong", "text", "title", "time", "td", "th", "dt":
		return false
	}
	return true
}

// element writes an element with a text.
func (w *writer) element(element, text string, attrs ...string) {
	w.open(element, attrs...)
	w.text(text)
	w.close(element)
}

// text writes a text.
func (w *writer) text(s string) { w.out = appendEscaped(w.out, s) }

// id returns an id that no other element has.
func (w *writer) id(word string) string {
	w.ids++
	return w.prefix + word + "-" + strconv.Itoa(w.ids)
}

// mostText bounds a text, in bytes: twice the longest path that Linux has. The middle of a longer
// one is left out.
const mostText = 8192

// appendEscaped appends a text in which nothing is markup, and every character printable.
func appendEscaped(dst []byte, s string) []byte {
	start := len(dst)
	if len(s) > 2*mostText {
		s = s[:mostText] + s[len(s)-mostText:] // more than is written of either end
	}
	dst = plain.CutMiddle(plain.AppendPrintable(dst, page.Untied(s)), start, mostText)
	for i := start; i < len(dst); i++ {
		if escapes[dst[i]] != "" {
			return appendMarkup(dst[:start], string(dst[start:]))
		}
	}
	return dst
}

func appendMarkup(dst []byte, printable string) []byte {
	for i := range len(printable) {
		if escape := escapes[printable[i]]; escape != "" {
			dst = append(dst, escape...)
		} else {
			dst = append(dst, printable[i])
		}
	}
	return dst
}

// escapes are the characters that HTML may take for markup.
var escapes = [256]string{'&': "&amp;", '<': "&lt;", '>': "&gt;", '"': "&#34;", '\'': "&#39;"}
