// SPDX-License-Identifier: Apache-2.0

package format

import "bytes"

// csvText reads the rows of a table that a log store exports as CSV. The first line of the input
// names the columns, as the members of an object are named; a row then is an object. The text of a
// row must have its own header, or the row must say that the kernel wrote it.
type csvText struct {
	// columns are what the cells of a row say; nil while no header was seen.
	columns []field
	// comma stands between two cells.
	comma byte
	// cells are those of the row that is being read, text the cells that had to be unquoted.
	cells [][]byte
	text  []byte
}

// longestHeader and mostColumns bound a header.
const longestHeader, mostColumns = 4 << 10, 256

func (c *csvText) copied() csvText { return csvText{columns: c.columns, comma: c.comma} }
func (c *csvText) trim()           { c.cells, c.text = nil, nil }
func (c *csvText) buffered() int   { return cap(c.columns) + 24*cap(c.cells) + cap(c.text) }

// read reads a row into j and sends the line that it holds. It returns false for a line that is no
// row, or a row without a line.
func (c *csvText) read(s *stream, j *jsonText, raw []byte) bool {
	if c.columns == nil {
		return s.number == 1 && c.header(raw)
	}
	if !c.split(trimEnd(raw), len(c.columns)) || len(c.cells) != len(c.columns) {
		return false
	}
	j.entry.reset()
	for i, cell := range c.cells {
		if len(cell) > 0 {
			j.entry.setAt(c.columns[i], cell, s.number)
		}
	}
	sent := j.object(s)
	if clear(c.cells); cap(c.text) > maxKept {
		c.text = nil
	}
	return sent
}

// header takes the first line of an input, and reports whether it names the columns of a table with
// a text.
func (c *csvText) header(raw []byte) bool {
	b := bytes.TrimPrefix(trimEnd(raw), byteOrderMark)
	if len(b) > longestHeader {
		return false
	}
	for _, comma := range [...]byte{',', ';', '\t'} {
		if c.comma = comma; bytes.IndexByte(b, comma) < 0 || !c.split(b, mostColumns) {
			continue
		}
		columns, text := make([]field, len(c.cells)), false
		for i, name := range c.cells {
			name = bytes.Trim(name, " ")
			if columns[i] = fieldByName(name); columns[i] == fieldNone {
				columns[i], _ = storeKey(scopeEntry, name)
			}
			text = text || columns[i] == fieldShipped || columns[i] == fieldMessage
		}
		if clear(c.cells); text && len(columns) > 1 {
			c.columns = columns
			return true
		}
	}
	return false
}

// split finds the cells of a row, at most most: a comma in the last one then belongs to it. It
// returns false where a quoted cell has no end on the line.
func (c *csvText) split(b []byte, most int) bool {
	c.cells, c.text = c.cells[:0], c.text[:0]
	for {
		cell, n := b, len(b)
		if len(b) > 0 && b[0] == '"' {
			if cell, n = c.unquote(b); n < 0 {
				return false
			}
		} else if i := bytes.IndexByte(b, c.comma); i >= 0 && len(c.cells)+1 < most {
			cell, n = b[:i], i
		}
		if c.cells = append(c.cells, cell); n == len(b) || len(c.cells) == most {
			return n == len(b)
		}
		if b[n] != c.comma {
			return false
		}
		b = b[n+1:]
	}
}

// unquote returns the text of the quoted cell that b begins with, in which "" is a quote, and where
// it ends; -1 for a cell without an end.
func (c *csvText) unquote(b []byte) (cell []byte, n int) {
	end := 1
	for doubled := false; ; end++ {
		i := bytes.IndexByte(b[end:], '"')
		if i < 0 {
			return nil, -1
		}
		if end += i; end+1 < len(b) && b[end+1] == '"' {
			doubled = true
			end++
			continue
		}
		if !doubled {
			return b[1:end], end + 1
		}
		from := len(c.text)
		c.text = append(c.text, bytes.ReplaceAll(b[1:end], []byte(`""`), []byte(`"`))...)
		return c.text[from:len(c.text):len(c.text)], end + 1
	}
}
