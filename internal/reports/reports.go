// SPDX-License-Identifier: Apache-2.0

// Package reports reads the events of logs for pages: each with the kernel's report of it.
package reports

import (
	"io"

	"github.com/oomtrail/oomtrail/internal/diagnosis"
	"github.com/oomtrail/oomtrail/internal/kill"
	"github.com/oomtrail/oomtrail/parser"
	"github.com/oomtrail/oomtrail/parser/record"
	"github.com/oomtrail/oomtrail/parser/report"
)

// maxUnruled bounds the events of which it is not known yet whether they count.
const maxUnruled = 64

// Reader reads events. Its zero value, with Kill set, is ready. It is for one goroutine.
type Reader struct {
	// Kill takes each event. What it gets is valid until it returns, but for the record, and for
	// the report, which is valid until Closed has returned: its memory serves the next one. Numbers
	// are the caller's.
	Kill func(*kill.Kill) error
	// Closed is called with each report once it is whole, after its events; nil is not.
	Closed func(*report.Report) error

	unruled []*kill.Kill // the events whose record may still come
}

// Read reads an input.
func (r *Reader) Read(in io.Reader, opt parser.Options) error {
	opt.MemoryStat, opt.NoTasks = parser.MemoryStatAll, true // all else is in the report
	diagnoser := diagnosis.Diagnoser{Names: opt.Names}
	return parser.ReadReports(in, opt, parser.Handler{
		Event: func(e *report.Event, rec *record.Record) error {
			k := kill.Kill{Source: rec.Input, Record: rec, Event: e}
			if e.Kind != report.EventReapFailed {
				d := diagnoser.Diagnose(e.Report, e.Victim())
				k.Diagnosis = &d
			}
			if len(r.unruled) == maxUnruled {
				r.unruled = append(r.unruled[:0], r.unruled[1:]...)
			}
			r.unruled = append(r.unruled, k.Keep())
			return nil
		},
		Record: r.Take,
		Report: func(closed *report.Report) error {
			for _, event := range r.unruled { // its record may still come, but the report is used again
				if event.Event != nil && event.Event.Report == closed {
					event.Event, event.Diagnosis = nil, nil
				}
			}
			if r.Closed == nil {
				return nil
			}
			return r.Closed(closed)
		},
	})
}

// Take takes a record that counts, which may have waited for further inputs.
func (r *Reader) Take(rec *record.Record) error {
	for i, event := range r.unruled {
		if event.Record == rec {
			r.unruled = append(r.unruled[:i], r.unruled[i+1:]...)
			return r.Kill(event)
		}
	}
	return r.Kill(&kill.Kill{Source: rec.Input, Record: rec})
}
