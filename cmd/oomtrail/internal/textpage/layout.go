// SPDX-License-Identifier: Apache-2.0

package textpage

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/oomtrail/oomtrail/internal/page"
)

// indent is how far the lines under a heading stand in.
const indent = "  "

// Text is wrapped at the width of the terminal, as long as that is between the first two, and at
// the third where there is none.
const (
	narrowest = 40
	widest    = 100
	usual     = 78
)

// TextWidth is where text is wrapped.
func (o Options) TextWidth() int {
	if o.Width == 0 {
		return usual
	}
	return min(max(o.Width, narrowest), widest)
}

// The colours of a terminal.
const (
	bold    = "\x1b[1m"
	red     = "\x1b[1;31m"
	yellow  = "\x1b[33m"
	blue    = "\x1b[34m"
	magenta = "\x1b[35m"
	cyan    = "\x1b[36m"
	reset   = "\x1b[0m"
)

func (w *writer) line(s string) { w.text = append(append(w.text, page.Untied(s)...), '\n') }

// colored returns s in a colour where colours are wanted, and as it is for "".
func (w *writer) colored(color, s string) string {
	if !w.Color || color == "" || s == "" {
		return s
	}
	return color + s + reset
}

// heading starts a section.
func (w *writer) heading(s string) {
	w.line("")
	w.line(w.colored(bold, s))
}

// paragraph writes text wrapped at the page's width; the first line starts with first, the others
// with rest.
func (w *writer) paragraph(first, rest, text string) {
	line := first
	empty := true
	words := strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == '\n' })
	for i := 0; i < len(words); i++ {
		word := words[i]
		if i+1 < len(words) && (isUnit(words[i+1]) || word == "(pid") {
			i++
			word += " " + words[i]
		}
		if !empty && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > w.TextWidth() {
			w.line(line)
			line, empty = rest, true
		}
		if !empty {
			line += " "
		}
		line += word
		empty = false
	}
	w.line(line)
}

// isUnit reports whether a word is the unit of the number before it, from which a line's end must
// not part it.
func isUnit(word string) bool {
	switch strings.TrimRight(word, ".,;:)") {
	case "B", "KiB", "MiB", "GiB", "TiB", "%":
		return true
	}
	return false
}

// labels is how wide the names of rows are.
const labels = 15

// row writes a name and its value, wrapped; nothing without a value.
func (w *writer) row(name, value string) {
	if value != "" {
		w.paragraph(indent+left(name, labels), indent+left("", labels), value)
	}
}

// rowAsIs is row for a value that must stay in one piece, blanks and all: a path.
func (w *writer) rowAsIs(name, value string) {
	if value != "" {
		w.line(indent + left(name, labels) + value)
	}
}

func number(n int64) string { return strconv.FormatInt(n, 10) }

// right puts s at the right end of a column.
func right(s string, columns int) string {
	if n := columns - utf8.RuneCountInString(s); n > 0 {
		return strings.Repeat(" ", n) + s
	}
	return s
}

// left puts s at the left end of a column.
func left(s string, columns int) string {
	if n := columns - utf8.RuneCountInString(s); n > 0 {
		return s + strings.Repeat(" ", n)
	}
	return s
}
