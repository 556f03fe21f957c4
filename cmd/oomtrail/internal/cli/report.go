// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bufio"
	"bytes"

	"github.com/spf13/cobra"

	"github.com/oomtrail/oomtrail/cmd/oomtrail/internal/input"
	"github.com/oomtrail/oomtrail/cmd/oomtrail/internal/once"
	"github.com/oomtrail/oomtrail/cmd/oomtrail/internal/reportview"
	"github.com/oomtrail/oomtrail/internal/facts"
	"github.com/oomtrail/oomtrail/parser"
	"github.com/oomtrail/oomtrail/parser/record"
	"github.com/oomtrail/oomtrail/parser/report"
)

// newReport returns the command that prints each report whole, one JSON object each.
func newReport(std *stdio) *cobra.Command {
	var in inputFlags
	cmd := &cobra.Command{
		Use:     "report [FILE|DIR ...]",
		Short:   "Print each report of the kernel whole, every section, as JSON",
		Example: "  oomtrail report kern.log | jq .meminfo",
		RunE: func(_ *cobra.Command, args []string) error {
			set, err := in.open(std, args)
			if err != nil {
				return err
			}
			kills := once.Holder[[]byte]{Hand: func(_ int, report []byte) error {
				_, err := std.out.Write(report)
				return err
			}}
			err = set.Each(func(in *input.Input) error {
				return kills.Release(in.More, printReports(std.out, in, set, &kills))
			})
			std.ended(set)
			return kills.Release(false, err)
		},
	}
	in.define(cmd, true)
	return cmd
}

// printReports prints the reports of one input as each of them ends. It holds the open reports,
// each within [parser.DefaultMaxReportBytes], and nothing of those that are printed. Of several
// inputs it prints a report that stands in more than one of them once.
func printReports(w *bufio.Writer, in *input.Input, set *input.Set, kills *once.Holder[[]byte]) error {
	named := facts.Facts{Ask: set.Lookup}
	first := map[*report.Report]*record.Record{} // of several inputs, the first event of each open report
	h := parser.Handler{Report: func(closed *report.Report) error {
		in.Found()
		rec := first[closed]
		if rec == nil {
			return reportview.Write(w, closed, &named)
		}
		delete(first, closed)
		var text bytes.Buffer
		view := bufio.NewWriter(&text)
		if err := reportview.Write(view, closed, &named); err != nil {
			return err
		}
		if err := view.Flush(); err != nil {
			return err
		}
		return kills.Take(rec, text.Bytes(), in.More)
	}}
	if in.Several {
		h.Event = func(e *report.Event, rec *record.Record) error {
			switch {
			case e.Kind == report.EventReapFailed: // may stand outside of a report
			case first[e.Report] == nil:
				first[e.Report] = rec
			default:
				kills.See(rec)
			}
			return nil
		}
	}
	return parser.ReadReports(in, in.Apply(parser.Options{KeepLines: true, NoTasks: true}), h)
}
