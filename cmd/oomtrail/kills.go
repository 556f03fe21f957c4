// SPDX-License-Identifier: Apache-2.0

package main

import (
	"io"

	"github.com/oomtrail/oomtrail/cmd/oomtrail/internal/page"
	"github.com/oomtrail/oomtrail/internal/diagnosis"
	"github.com/oomtrail/oomtrail/parser"
	"github.com/oomtrail/oomtrail/parser/report"
)

// eachKill calls fn with each event of an input, and closed with each report once it is whole. What
// they are given is valid until they return.
func eachKill(r io.Reader, opt parser.Options, fn func(page.Kill) error, closed func(*report.Report) error) error {
	opt.MemoryStat, opt.NoTasks, opt.IncludeOriginal = parser.MemoryStatAll, true, false // all else is in the report
	diagnoser := diagnosis.Diagnoser{Names: opt.Names}
	return parser.ReadReports(r, opt, parser.Handler{
		Event: func(e *report.Event, rec *parser.Record) error {
			k := page.Kill{Event: e, Record: rec}
			if e.Kind != report.EventReapFailed {
				d := diagnoser.Diagnose(e.Report, e.Victim())
				k.Diagnosis = &d
			}
			return fn(k)
		},
		Report: closed,
	})
}
