// SPDX-License-Identifier: Apache-2.0

package textpage

// Writer lays out a page for a terminal that is not of a kill, as those of kills look.
type Writer struct{ w writer }

// NewWriter returns an empty page.
func NewWriter(o Options) *Writer { return &Writer{writer{Options: o}} }

// Text is the page so far.
func (w *Writer) Text() []byte { return w.w.text }

// Title writes what the page is of.
func (w *Writer) Title(s string) { w.w.line(w.w.colored(bold, s)) }

// Heading starts a section, behind an empty line.
func (w *Writer) Heading(s string) { w.w.heading(s) }

// Alarm writes a sentence of which a reader has to take note, wrapped.
func (w *Writer) Alarm(s string) { w.w.alarm(indent, s) }

// Sentence writes a sentence of a section, wrapped.
func (w *Writer) Sentence(s string) { w.w.paragraph(indent, indent, s) }

// Item writes a sentence with a dash before it, wrapped.
func (w *Writer) Item(s string) { w.w.paragraph(indent+"- ", indent+"  ", s) }

// Command writes a line to type below an item, in one piece.
func (w *Writer) Command(s string) { w.w.line(indent + "    " + w.w.colored(cyan, s)) }

// Row writes a name and its value, wrapped; nothing without a value.
func (w *Writer) Row(name, value string) { w.w.row(name, value) }

// Lines writes lines that are laid out already, such as those of a table.
func (w *Writer) Lines(lines []string) {
	for _, line := range lines {
		w.w.line(indent + line)
	}
}

// TableWidth is how wide a table may be, 0 where it does not matter.
func (w *Writer) TableWidth() int {
	if w.w.Width == 0 {
		return 0
	}
	return max(1, w.w.Width-len(indent))
}
