// SPDX-License-Identifier: Apache-2.0

package output

import (
	"io"
	"slices"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/oomtrail/oomtrail/internal/column"
)

// gap is what stands between two columns. A column that may shrink is widest or less, and shortest
// or more. Others are left out for one that would become shorter than readable.
const (
	gap      = 2
	shortest = 12
	readable = 20
	widest   = 50
)

// Fit returns the columns of a table that fit into a width, 0 for any: those in which something
// stands, without those that are to be left out first.
func Fit[T any](columns []column.Column[T], rows []T, width int) []column.Column[T] {
	columns = column.Shown(columns, column.Table, rows)
	if width == 0 {
		return columns
	}
	needed := func(c *column.Column[T]) int {
		n := len(c.Title)
		for i := range rows {
			n = max(n, text.StringWidth(c.Cell(&rows[i])))
		}
		if c.Shrink {
			n = min(n, readable)
		}
		return n
	}
	total := -gap
	for i := range columns {
		total += gap + needed(&columns[i])
	}
	for total > width {
		least := 0
		for i := range columns {
			if columns[i].Drop > columns[least].Drop {
				least = i
			}
		}
		if columns[least].Drop == 0 {
			break
		}
		total -= gap + needed(&columns[least])
		columns = slices.Delete(columns, least, least+1)
	}
	return columns
}

// writeTable writes a table for people. Columns in which nothing stands are left out.
func writeTable[T any](w io.Writer, f Format, columns []column.Column[T], rows []T, o Options) error {
	level := column.Table
	if f == Wide {
		level = column.Wide
	}
	if columns = column.Shown(columns, level, rows); f == Table {
		columns = Fit(columns, rows, o.Width)
	}
	if o.Color {
		text.EnableColors() // whatever the library makes of the environment: the caller has asked it
	}
	head := make(table.Row, len(columns))
	cells := make([]table.Row, len(rows))
	widths := make([]int, len(columns))
	for i, c := range columns {
		head[i], widths[i] = c.Title, len(c.Title)
		if o.Color && f != Markdown {
			head[i] = text.Bold.Sprint(c.Title)
		}
	}
	for i := range rows {
		cells[i] = make(table.Row, len(columns))
		for j, c := range columns {
			cell := c.Cell(&rows[i])
			if f == Markdown {
				cell = EscapeMarkdown(cell)
			}
			cells[i][j], widths[j] = cell, max(widths[j], text.StringWidth(cell))
		}
	}
	for i, c := range columns {
		if f == Table && c.Shrink {
			widths[i] = min(widths[i], widest)
		}
	}
	if f == Table && o.Width > 0 {
		shrink(columns, widths, o.Width)
	}
	t := table.NewWriter()
	t.SuppressTrailingSpaces()
	t.AppendHeader(head)
	t.AppendRows(cells)
	configs := make([]table.ColumnConfig, len(columns))
	for i, c := range columns {
		configs[i] = table.ColumnConfig{Number: i + 1, WidthMax: widths[i], WidthMaxEnforcer: Cut}
		if c.Right {
			configs[i].Align, configs[i].AlignHeader = text.AlignRight, text.AlignRight
		}
	}
	t.SetColumnConfigs(configs)
	t.SetStyle(plainStyle)
	rendered := t.Render
	if f == Markdown {
		rendered = t.RenderMarkdown
	}
	_, err := io.WriteString(w, rendered()+"\n")
	return err
}

// plainStyle has no lines: columns stand apart by blanks.
var plainStyle = func() table.Style {
	s := table.StyleDefault
	s.Name = "plain"
	s.Options = table.OptionsNoBordersAndSeparators
	s.Box.PaddingLeft, s.Box.PaddingRight = "", "  "
	s.Format.Header = text.FormatDefault
	return s
}()

// shrink makes columns narrower until a line fits, the widest first.
func shrink[T any](columns []column.Column[T], widths []int, width int) {
	total := gap * (len(widths) - 1)
	for _, w := range widths {
		total += w
	}
	for ; total > width; total-- {
		most := -1
		for i, c := range columns {
			if c.Shrink && widths[i] > shortest && (most < 0 || widths[i] > widths[most]) {
				most = i
			}
		}
		if most < 0 {
			return // the terminal wraps it
		}
		widths[most]--
	}
}

// Cut shortens a cell in the middle: names differ at their ends as often as at their beginnings.
func Cut(cell string, width int) string {
	if text.StringWidthWithoutEscSequences(cell) <= width || width < 3 { // a head may have a colour
		return cell
	}
	runes := []rune(cell)
	head, tail := runes[:len(runes)/2], runes[len(runes)/2:]
	shown := 1 // by the ellipsis
	for _, r := range runes {
		shown += text.RuneWidth(r)
	}
	for shown > width && len(tail) > 0 {
		if last := len(head) - 1; len(head) > len(tail) {
			shown -= text.RuneWidth(head[last])
			head = head[:last]
		} else {
			shown -= text.RuneWidth(tail[0])
			tail = tail[1:]
		}
	}
	return string(head) + "…" + string(tail)
}
