// SPDX-License-Identifier: Apache-2.0

// Package output writes rows as a table for people, and for programs. All commands that print rows
// print them by it.
package output

import (
	"fmt"
	"slices"

	"github.com/oomtrail/oomtrail/internal/enum"
)

// Format is a form of output.
type Format uint8

// The forms of output.
const (
	// Auto is Table on a terminal and JSON elsewhere.
	Auto     Format = iota
	Table           // for people
	Wide            // the same with more columns
	JSON            // an object a line
	CSV             // comma-separated, with a head
	TSV             // tab-separated, with a head
	Markdown        // a table for a ticket
	Text            // a page a kill
	HTML            // the same as a file for a browser
)

var formats = enum.New[Format]("output", "auto", "table", "wide", "json", "csv", "tsv", "md", "text", "html")

// String returns the name of the format.
func (f Format) String() string { return formats.String(f) }

// Names returns the names of formats, of all but auto where none are given.
func Names(of ...Format) (names []string) {
	for i, name := range formats.All() {
		if f := Format(i); f != Auto && (len(of) == 0 || slices.Contains(of, f)) {
			names = append(names, name)
		}
	}
	return names
}

// Flag is the flag --output of a command that has some of the formats; nil are all.
type Flag struct {
	Of    []Format
	Value Format
	given bool
}

// String is the value.
func (f *Flag) String() string {
	if f.Value == Auto {
		return ""
	}
	return f.Value.String()
}

// Type is what the help calls the value.
func (f *Flag) Type() string { return "FORMAT" }

// Set reads the flag. Two outputs are refused: which one is meant cannot be known.
func (f *Flag) Set(s string) error {
	v, ok := formats.Find(s)
	if !ok || v == Auto || len(f.Of) > 0 && !slices.Contains(f.Of, v) {
		return fmt.Errorf("unknown output %q: use %s", s, enum.Or(Names(f.Of...)))
	}
	if f.given && v != f.Value {
		return fmt.Errorf("two outputs, %s and %s: give one, and run the command again for the other", f.Value, v)
	}
	f.Value, f.given = v, true
	return nil
}
