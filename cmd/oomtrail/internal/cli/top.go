// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"cmp"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/oomtrail/oomtrail/cmd/oomtrail/internal/kills"
	"github.com/oomtrail/oomtrail/cmd/oomtrail/internal/output"
	"github.com/oomtrail/oomtrail/cmd/oomtrail/internal/top"
	"github.com/oomtrail/oomtrail/internal/enum"
	"github.com/oomtrail/oomtrail/internal/html"
	"github.com/oomtrail/oomtrail/internal/kill"
	"github.com/oomtrail/oomtrail/parser"
)

// newTop returns the command that counts kills.
func newTop(std *stdio) *cobra.Command {
	var in inputFlags
	var chosen filterFlags
	var form output.Flag
	var by string
	var limit int
	var all bool
	names := top.Names()
	cmd := &cobra.Command{
		Use:   "top [FILE|DIR ...]",
		Short: "Count kills by pod, unit, process, cause and more",
		Example: `  oomtrail top --by pod --since 7d nodes/     which pods were killed most in the last week
  oomtrail top --by unit -o csv kern.log      the same of units, for a spreadsheet
  oomtrail top --by pod,cause --namespace shop nodes/
  oomtrail top --by pod -o html nodes/ > top.html
  oomtrail top --by event nodes/              how many kills, evictions, panics`,
		RunE: func(cmd *cobra.Command, args []string) error {
			counters := top.Guess()
			if by != "" {
				fields, err := top.Find(by)
				if err != nil {
					return usage(err)
				}
				counters = []top.Counter{{By: fields}}
				all = all || top.NeedsAll(fields)
			}
			for i := range counters {
				counters[i].Events = all
			}
			if limit < 0 {
				return usage(fmt.Errorf("--limit: %d: use a number from 1, or 0 for all", limit))
			}
			set, wanted, err := chosen.over(&in, std, args)
			if err != nil {
				return err
			}
			reader := kills.Reader{Inputs: set, Options: parser.Options{NoTasks: true}, Filter: wanted}
			err = reader.Records(func(k *kill.Kill) error {
				for i := range counters {
					counters[i].Take(k)
				}
				return nil
			})
			counter := top.Best(counters)
			std.ended(set)
			format := std.format(&form)
			rows, more := counter.Rows(limit)
			std.noteNothing(set, wanted, counter.Total, reader.Seen, err)
			none := func(std *stdio) {
				if counter.Total == 0 && reader.Seen > wanted.Rest {
					fmt.Fprintf(std.notes, "oomtrail: no kill among %s: --all counts them, oomtrail FILE lists them\n", count(reader.Seen-wanted.Rest, "event"))
				}
			}
			rest := func(std *stdio) {
				if more > 0 {
					fmt.Fprintf(std.notes, "oomtrail: %s not shown: --limit 0 shows all\n", count(more, "more row", "more rows"))
				}
			}
			none(std)
			columns := counter.Columns(rows, set.Dating.Location)
			if format == output.HTML {
				_, failed := std.out.Write(html.Counts(counter.Title(), std.pageNotes(&reader, wanted, counter.Total, err, none, rest), columns, rows, counter.Share))
				return cmp.Or(err, failed)
			}
			if len(rows) == 0 && format != output.CSV && format != output.TSV {
				return err
			}
			failed := output.Write(std.out, format, columns, rows, output.Options{Width: std.width, Color: std.wantsColor()})
			err = cmp.Or(err, failed)
			if std.out.Flush() == nil {
				rest(std)
			}
			return err
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVar(&by, "by", "", "`FIELD` to count by: "+enum.Or(names)+", or several with commas between them (default: pod, container, unit or process, the first that most kills have)")
	completeList(cmd, "by", names...)
	flags.BoolVar(&all, "all", false, "count every event, not only kills: pods that the kubelet evicted, panics, and what programs saw of kills that are not in the log")
	flags.IntVar(&limit, "limit", 20, "how many `ROWS`, 0 for all")
	outputFlag(cmd, &form, output.Auto, output.Table, output.Wide, output.JSON, output.CSV, output.TSV, output.Markdown, output.HTML)
	in.define(cmd, true)
	chosen.define(cmd)
	return cmd
}
