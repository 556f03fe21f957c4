// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"

	"github.com/oomtrail/oomtrail/internal/assembly"
	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/internal/plain"
	"github.com/oomtrail/oomtrail/parser"
)

// runLines names the kind of every input line.
func runLines(std stdio, args []string) error {
	in, err := parseArgs("lines", std, args, nil)
	if err != nil {
		return err
	}
	return in.each(func(r io.Reader, in input) error {
		in.found() // it prints whatever there is
		asm := assembly.New(assembly.Options{})
		decoder := format.NewDecoder(in.transport)
		var text []byte
		printLine := func(l *format.Line) {
			text = plain.AppendPrintable(text[:0], string(l.Text))
			out := asm.Line(l)
			fmt.Fprintf(std.out, "%d\t%s\t%s\n", l.Number, out.Kind(), text)
		}
		err := parser.EachLine(r, func(line []byte) error {
			decoder.Decode(line, printLine)
			return nil
		})
		decoder.Flush(printLine)
		return err
	})
}
