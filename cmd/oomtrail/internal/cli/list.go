// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/oomtrail/oomtrail/cmd/oomtrail/internal/filter"
	"github.com/oomtrail/oomtrail/cmd/oomtrail/internal/input"
	"github.com/oomtrail/oomtrail/cmd/oomtrail/internal/kills"
	"github.com/oomtrail/oomtrail/cmd/oomtrail/internal/output"
	"github.com/oomtrail/oomtrail/cmd/oomtrail/internal/pager"
	"github.com/oomtrail/oomtrail/cmd/oomtrail/internal/textpage"
	"github.com/oomtrail/oomtrail/internal/kill"
	"github.com/oomtrail/oomtrail/internal/nothing"
	"github.com/oomtrail/oomtrail/internal/plain"
	"github.com/oomtrail/oomtrail/parser"
	"github.com/oomtrail/oomtrail/parser/record"
)

// newList returns the root command: it lists kills, one a line.
func newList(std *stdio) *cobra.Command {
	l := &list{std: std, opt: parser.Options{TasksTop: parser.DefaultTasksTop}}
	cmd := &cobra.Command{
		Use:   "oomtrail [FILE|DIR ...]",
		Short: "Find the out-of-memory kills in a log, and explain them",
		Long: `oomtrail finds the out-of-memory kills in a log: one line a kill, with who was killed, how much
memory it held of how much, where it ran and why.

It reads any log that the kernel's lines are in: dmesg, journalctl, kern.log, messages, container
logs, or a paste of one; compressed files, journal files and whole directories too. Without a file
it reads standard input, or on a terminal this machine's own log. A kill that stands in several
files is listed once.

On a terminal it prints a table, in a pipe JSON lines.`,
		Example: `  oomtrail                                     the kills in this machine's log
  oomtrail /var/log                            those in all logs of a directory
  journalctl -k -b -1 | oomtrail               those of the boot before
  oomtrail --since 7d --pod 'shop/*' nodes/    those of some pods in the last week
  oomtrail -o csv kern.log > kills.csv         the same for a spreadsheet
  oomtrail explain --kill 3 kern.log           all that is known of the third`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := noCommand(cmd, args); err != nil {
				return err
			}
			return l.run(args)
		},
	}
	l.input.define(cmd, true)
	outputFlag(cmd, &l.output, output.Auto, listOutputs...)
	l.filter.define(cmd)
	return cmd
}

// listOutputs are the outputs of a list of kills.
var listOutputs = []output.Format{output.Table, output.Wide, output.JSON, output.CSV, output.TSV, output.Markdown, output.Text}

// list lists kills.
type list struct {
	std    *stdio
	input  inputFlags
	filter filterFlags
	output output.Flag
	opt    parser.Options
}

func (l *list) run(args []string) error {
	set, chosen, err := l.filter.over(&l.input, l.std, args)
	if err != nil {
		return err
	}
	format := l.std.format(&l.output)
	quiet := format == output.JSON && !l.std.terminal // a program reads it
	set.Brief = quiet
	reader := &kills.Reader{Inputs: set, Options: l.opt, Filter: chosen}
	shown := 0
	switch format {
	case output.JSON:
		err = reader.Records(func(k *kill.Kill) error {
			shown++
			return printJSON(l.std, k.Record)
		})
	case output.Text:
		var printed bool
		if printed, err = pager.Print(l.std.out, reader, textpage.Options{Color: l.std.wantsColor(), Width: l.std.width}); printed {
			shown = 1
		}
	default:
		shown, err = l.table(reader, format)
	}
	l.std.ended(set)
	if quiet {
		l.std.noteUntimed(chosen)
	} else {
		l.note(set, chosen, shown, reader.Seen, err)
	}
	return err
}

// table prints kills as rows.
func (l *list) table(reader *kills.Reader, format output.Format) (shown int, err error) {
	var found []kill.Kill
	err = reader.Records(func(k *kill.Kill) error {
		found = append(found, *k)
		return nil
	})
	if len(found) == 0 && (format == output.Table || format == output.Wide || format == output.Markdown) {
		return 0, err // what there is to say is said beside it
	}
	if reader.Inputs.Files() > 1 {
		byTime(found)
	}
	columns := kill.Columns(found, reader.Inputs.Dating.Location)
	failed := output.Write(l.std.out, format, columns, found, output.Options{Width: l.std.width, Color: l.std.wantsColor()})
	return len(found), cmp.Or(err, failed)
}

// byTime puts kills in order; those without a time come last.
func byTime(kills []kill.Kill) {
	slices.SortStableFunc(kills, func(a, b kill.Kill) int {
		switch x, y := a.Time(), b.Time(); {
		case x.IsZero() && y.IsZero():
			return 0
		case x.IsZero():
			return 1
		case y.IsZero():
			return -1
		default:
			return x.Compare(y)
		}
	})
}

// note says beside the output what a person should know: what to type next, or why there is
// nothing.
func (l *list) note(set *input.Set, chosen *filter.Filter, shown, seen int, err error) {
	std := l.std
	std.noteFilter(chosen, shown)
	switch {
	case seen == 0 && err == nil && std.cut == "":
		nothing.Note(std.notes, set.Read(), nothing.This, nil)
	case shown > 0 && std.terminal && l.output.Value != output.Text:
		if std.out.Flush() != nil { // the note stands below
			return
		}
		command := func(words string) string {
			if len(set.Args) == 0 && !set.Own {
				return "  ... | oomtrail " + words
			}
			return "  oomtrail " + words + shellWords(set.Args)
		}
		fmt.Fprintf(std.notes, "\n%s. Next:\n%s\n", count(shown, "row"), command("explain --kill N"))
		if shown > 1 {
			fmt.Fprintln(std.notes, command("top"))
		}
	}
}

// printJSON writes a record as one flat JSON object on a line, at once: somebody may be waiting at
// the end of a pipe.
func printJSON(std *stdio, r *record.Record) error {
	if _, err := std.out.Write(append(plain.EscapeJSON(r.AppendJSON(nil)), '\n')); err != nil {
		return err
	}
	return std.out.Flush()
}
