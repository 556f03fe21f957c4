// Package names tells known names by number.
package names

// Table is a list of names.
type Table struct {
	// byLen holds the names by their length, which tells most of them apart already.
	byLen [longest + 1][]name
}

type name struct {
	text  string
	index int
}

// longest bounds the length of a name.
const longest = 31

// New returns the table of the names. An empty one stands for a number without a name.
func New(list ...string) *Table {
	t := &Table{}
	for i, text := range list {
		if text != "" {
			t.byLen[len(text)] = append(t.byLen[len(text)], name{text, i})
		}
	}
	return t
}

// Index returns which of the names text is, or -1.
func (t *Table) Index(text string) int {
	if len(text) == 0 || len(text) > longest {
		return -1
	}
	last := len(text) - 1
	for i := range t.byLen[len(text)] {
		n := &t.byLen[len(text)][i]
		if n.text[last] == text[last] && n.text == text {
			return n.index
		}
	}
	return -1
}
