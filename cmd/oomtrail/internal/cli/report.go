// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bufio"
	"bytes"

	"github.com/spf13/cobra"

	"github.com/oomtrail/oomtrail/cmd/oomtrail/internal/filter"
	"github.com/oomtrail/oomtrail/cmd/oomtrail/internal/input"
	"github.com/oomtrail/oomtrail/cmd/oomtrail/internal/reportview"
	"github.com/oomtrail/oomtrail/internal/facts"
	"github.com/oomtrail/oomtrail/internal/once"
	"github.com/oomtrail/oomtrail/parser"
	"github.com/oomtrail/oomtrail/parser/record"
	"github.com/oomtrail/oomtrail/parser/report"
)

// newReport returns the command that prints each report whole, one JSON object each.
func newReport(std *stdio) *cobra.Command {
	var in inputFlags
	var chosen filterFlags
	cmd := &cobra.Command{
		Use:     "report [FILE|DIR ...]",
		Short:   "Print each report of the kernel whole, every section, as JSON",
		Example: "  oomtrail report kern.log | jq .meminfo",
		RunE: func(_ *cobra.Command, args []string) error {
			set, wanted, err := chosen.over(&in, std, args)
			if err != nil {
				return err
			}
			kills := once.Holder[[]byte]{Hand: func(_ int, report []byte) error {
				_, err := std.out.Write(report)
				return err
			}}
			err = set.Each(func(in *input.Input) error {
				return kills.Release(in.More, printReports(std.out, in, set, wanted, &kills))
			})
			std.ended(set)
			if wanted.Rest > 0 {
				std.noteFilter(wanted, 1)
			}
			return kills.Release(false, err)
		},
	}
	in.define(cmd, true)
	chosen.define(cmd)
	return cmd
}

// printReports prints the reports of one input as each of them ends, of which one event is wanted.
// It holds the open reports, each within [parser.DefaultMaxReportBytes], and nothing of those that
// are printed. Of several inputs it prints a report that stands in more than one of them once.
func printReports(w *bufio.Writer, in *input.Input, set *input.Set, wanted *filter.Filter, kills *once.Holder[[]byte]) error {
	named := facts.Facts{Ask: set.Lookup}
	type open struct {
		first  *record.Record // of its first event
		wanted bool
	}
	reports := map[*report.Report]open{} // those that are open and have had an event
	h := parser.Handler{
		Event: func(e *report.Event, rec *record.Record) error {
			if e.Kind == report.EventReapFailed { // may stand outside of a report
				return nil
			}
			of, known := reports[e.Report]
			if !known {
				of.first = rec
			} else if in.Several {
				kills.See(rec)
			}
			of.wanted = of.wanted || wanted.Wants(rec)
			reports[e.Report] = of
			return nil
		},
		Report: func(closed *report.Report) error {
			in.Found()
			of, known := reports[closed]
			delete(reports, closed)
			switch {
			case known && !of.wanted, !known && wanted.Asks():
				return nil
			case !known || !in.Several:
				return reportview.Write(w, closed, &named)
			}
			var text bytes.Buffer
			view := bufio.NewWriter(&text)
			if err := reportview.Write(view, closed, &named); err != nil {
				return err
			}
			if err := view.Flush(); err != nil {
				return err
			}
			return kills.Take(of.first, text.Bytes(), in.More)
		},
	}
	return parser.ReadReports(in, in.Apply(parser.Options{KeepLines: true, NoTasks: true}), h)
}
