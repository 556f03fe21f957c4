// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/oomtrail/oomtrail/cmd/oomtrail/internal/input"
	"github.com/oomtrail/oomtrail/internal/assembly"
	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/internal/plain"
	"github.com/oomtrail/oomtrail/parser"
)

// newLines returns the command that names the kind of every line.
func newLines(std *stdio) *cobra.Command {
	var flags inputFlags
	cmd := &cobra.Command{
		Use:     "lines [FILE|DIR ...]",
		Short:   "Print number, kind and text of each line",
		Example: "  dmesg | oomtrail lines | grep -v '\tother\t'",
		RunE: func(_ *cobra.Command, args []string) error {
			set, err := flags.open(std, args)
			if err != nil {
				return err
			}
			err = set.Each(func(in *input.Input) error {
				in.Found() // it prints whatever there is
				asm := assembly.New(assembly.Options{})
				decoder := format.NewDecoder(in.Format)
				var text []byte
				printLine := func(l *format.Line) {
					text = plain.AppendPrintable(text[:0], string(l.Text))
					out := asm.Line(l)
					fmt.Fprintf(std.out, "%d\t%s\t%s\n", l.Number, out.Kind(), text)
				}
				err := parser.EachLine(in, func(line []byte) error {
					decoder.Decode(line, printLine)
					return nil
				})
				decoder.Flush(printLine)
				return err
			})
			std.ended(set)
			return err
		},
	}
	flags.define(cmd, false)
	return cmd
}
