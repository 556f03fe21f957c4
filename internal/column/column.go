// SPDX-License-Identifier: Apache-2.0

// Package column has the columns of rows. A table on a terminal, a file for a spreadsheet and a
// page for a browser are all made of them, so that they show the same.
package column

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/oomtrail/oomtrail/internal/plain"
)

// Level says which outputs have a column.
type Level uint8

// The levels. Each output has the columns of its own level and of those before it.
const (
	Table    Level = iota // for people
	Wide                  // for people who want more
	Programs              // all that a program may want
)

// Column is a column of rows of a type.
type Column[T any] struct {
	// Title heads it for people, Name everywhere else.
	Title, Name string
	// In is the first level that has it.
	In Level
	// Value is its value, a number, a text, or nil for none. Text is what people read in place of
	// it; nil is the value itself.
	Value func(*T) any
	Text  func(*T) string
	// Right puts it at the right end. Shrink lets it be cut where a terminal is too narrow.
	Right, Shrink bool
	// Drop says how early it is left out where a terminal is too narrow for the columns that may
	// shrink: the one with the highest first, one with 0 never.
	Drop uint8
}

// Cell is what people read, all of it printable.
func (c *Column[T]) Cell(row *T) string {
	if c.Text != nil {
		return plain.Printable(c.Text(row))
	}
	return Written(c.Value(row))
}

// Written is a value as text, all of it printable.
func Written(value any) string {
	switch v := value.(type) {
	case nil:
		return ""
	case string:
		return plain.Printable(v)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return fmt.Sprint(value)
}

// Shown returns the columns that people see at a level: those with a title, in which something
// stands.
func Shown[T any](columns []Column[T], at Level, rows []T) []Column[T] {
	return slices.DeleteFunc(slices.Clone(columns), func(c Column[T]) bool {
		return c.Title == "" || c.In > at || !slices.ContainsFunc(rows, func(row T) bool { return c.Cell(&row) != "" })
	})
}
