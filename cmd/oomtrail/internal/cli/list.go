// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bytes"
	"cmp"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/oomtrail/oomtrail/cmd/oomtrail/internal/counters"
	"github.com/oomtrail/oomtrail/cmd/oomtrail/internal/filter"
	"github.com/oomtrail/oomtrail/cmd/oomtrail/internal/input"
	"github.com/oomtrail/oomtrail/cmd/oomtrail/internal/kills"
	"github.com/oomtrail/oomtrail/cmd/oomtrail/internal/output"
	"github.com/oomtrail/oomtrail/cmd/oomtrail/internal/pager"
	"github.com/oomtrail/oomtrail/cmd/oomtrail/internal/textpage"
	"github.com/oomtrail/oomtrail/internal/html"
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
  oomtrail -o html nodes/ > kills.html         with a timeline, and all that is known of each
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
var listOutputs = []output.Format{output.Table, output.Wide, output.JSON, output.CSV, output.TSV, output.Markdown, output.Text, output.HTML}

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
	case output.HTML:
		shown, err = l.page(reader, chosen)
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
		kill.SortByTime(found)
	}
	columns := kill.Columns(found, reader.Inputs.Dating.Location)
	failed := output.Write(l.std.out, format, columns, found, output.Options{Width: l.std.width, Color: l.std.wantsColor()})
	return len(found), cmp.Or(err, failed)
}

// page prints kills as a file to look at: when they were, a table, and the pages of the newest.
// Where there is none, it says why.
func (l *list) page(reader *kills.Reader, chosen *filter.Filter) (shown int, err error) {
	reader.Options.KeepLines = true
	listing := html.Listing{Location: reader.Inputs.Dating.Location}
	err = kills.Pages(reader, listing.Make, func(k *kill.Kill, made html.Made) error {
		listing.Add(k, made)
		return nil
	})
	if reader.Inputs.Files() > 1 {
		listing.SortByTime()
	}
	l.std.ended(reader.Inputs)
	listing.Notes = l.std.pageNotes(reader, chosen, listing.Len(), err)
	_, failed := l.std.out.Write(listing.File())
	return listing.Len(), cmp.Or(err, failed)
}

// note says beside the output what a person should know: what to type next, or why there is
// nothing.
func (l *list) note(set *input.Set, chosen *filter.Filter, shown, seen int, err error) {
	std := l.std
	std.noteNothing(set, chosen, shown, seen, err)
	if shown > 0 && std.terminal && l.output.Value != output.Text && l.output.Value != output.HTML {
		if std.out.Flush() != nil { // the note stands below
			return
		}
		command := func(words string) string {
			if len(set.Args) == 0 && !set.Own {
				return "  ... | oomtrail " + words
			}
			return "  oomtrail " + words + plain.ShellWords(set.Args)
		}
		fmt.Fprintf(std.notes, "\n%s. Next:\n%s\n", count(shown, "row"), command("explain --kill N"))
		if shown > 1 {
			fmt.Fprintln(std.notes, command("top"))
		}
	}
}

// noteNothing says what was left out, and why nothing is shown.
func (std *stdio) noteNothing(set *input.Set, chosen *filter.Filter, shown, seen int, err error) {
	std.noteFilter(chosen, shown)
	if seen == 0 && err == nil && std.cut == "" {
		nothing.Note(std.notes, set.Read(), counters.Note, nil)
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

// pageNotes returns what is noted beside an output, for a page that people read without it: what
// was left out, why nothing is shown, what else say notes, and whether the reading ended early.
func (std *stdio) pageNotes(reader *kills.Reader, chosen *filter.Filter, shown int, err error, say ...func(*stdio)) (notes []string) {
	said := func(say func(*stdio)) {
		var b bytes.Buffer
		in := *std
		in.notes = &b
		say(&in)
		var text []string
		for line := range strings.Lines(b.String()) {
			text = append(text, strings.TrimSpace(strings.TrimPrefix(line, "oomtrail: ")))
		}
		if len(text) > 0 {
			text[0] = strings.ToUpper(text[0][:1]) + text[0][1:] // no name begins it
			notes = append(notes, strings.Join(text, "\n"))
		}
	}
	said(func(std *stdio) {
		std.noteFilter(chosen, shown)
		if reader.Seen == 0 && err == nil && std.cut == "" {
			nothing.Explain(std.notes, reader.Inputs.Read(), counters.Note, nil)
		}
	})
	for _, say := range say {
		said(say)
	}
	if std.cut != "" {
		notes = append(notes, "The reading was interrupted "+std.cut+": what comes after it is not on this page.")
	}
	if err != nil {
		notes = append(notes, "Not everything could be read: "+err.Error())
	}
	return notes
}
