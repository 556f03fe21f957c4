// SPDX-License-Identifier: Apache-2.0

package output

import (
	"bufio"
	"encoding/csv"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/oomtrail/oomtrail/internal/column"
	"github.com/oomtrail/oomtrail/internal/plain"
	"github.com/oomtrail/oomtrail/parser/record"
)

// Options say how rows are written.
type Options struct {
	// Width is that of the terminal, in columns; 0 cuts nothing.
	Width int
	// Color emphasises heads.
	Color bool
}

// Write writes rows. Auto, Text and HTML are no formats of rows.
func Write[T any](w io.Writer, f Format, columns []column.Column[T], rows []T, o Options) error {
	switch f {
	case Table, Wide, Markdown:
		return writeTable(w, f, columns, rows, o)
	case JSON:
		return writeJSON(w, columns, rows)
	case CSV:
		return writeCSV(w, ',', columns, rows)
	case TSV:
		return writeCSV(w, '\t', columns, rows)
	}
	return fmt.Errorf("no output of rows: %s", f)
}

// writeJSON writes an object a line. What is not known is left out.
func writeJSON[T any](w io.Writer, columns []column.Column[T], rows []T) error {
	out := bufio.NewWriter(w)
	for i := range rows {
		line := []byte{'{'}
		for _, c := range columns {
			value := c.Value(&rows[i])
			if value == nil || value == "" {
				continue
			}
			if len(line) > 1 {
				line = append(line, ',')
			}
			line = append(record.AppendJSONValue(line, c.Name), ':')
			line = record.AppendJSONValue(line, value)
		}
		out.Write(plain.EscapeJSON(append(line, "}\n"...)))
	}
	return out.Flush()
}

// writeCSV writes a head and a line a row, as RFC 4180 has it. A text that a spreadsheet would take
// for a formula gets an apostrophe before it: programs name themselves as they like.
func writeCSV[T any](w io.Writer, comma rune, columns []column.Column[T], rows []T) error {
	out := csv.NewWriter(w)
	out.Comma = comma
	cells := make([]string, len(columns))
	for i, c := range columns {
		cells[i] = c.Name
	}
	err := out.Write(cells)
	for i := range rows {
		for j, c := range columns {
			value := c.Value(&rows[i])
			cells[j] = column.Written(value)
			if _, isText := value.(string); isText && isFormula(cells[j]) {
				cells[j] = "'" + cells[j]
			}
		}
		if err == nil {
			err = out.Write(cells)
		}
	}
	out.Flush()
	if err == nil {
		err = out.Error()
	}
	return err
}

// isFormula reports whether a spreadsheet may take a text for a formula: also after blanks, and
// also where it begins with the wide form of one of the characters.
func isFormula(text string) bool {
	text = strings.TrimLeft(text, " ")
	r, _ := utf8.DecodeRuneInString(text)
	return text != "" && strings.ContainsRune("=+-@＝＋－＠", r)
}
