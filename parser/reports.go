// SPDX-License-Identifier: Apache-2.0

package parser

import (
	"cmp"
	"io"

	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/parser/report"
)

// Handler takes what [ReadReports] finds. A nil function takes nothing. What a function gets is
// valid until it returns, but for the record, which is its to keep. The first error ends the
// reading.
type Handler struct {
	// Event is called with each event as it is completed, and with its record. Its report may go
	// on: after the first victim of a group kill come the others.
	Event func(*report.Event, *Record) error
	// Record is called with each record that [ReadAll] would give, after the event that it is made
	// of, if it is one of the kernel's. The record of an event may come later, or never: another
	// program's line may say who killed.
	Record func(*Record) error
	// Report is called with each report once it has ended, after its events.
	Report func(*report.Report) error
}

// ReadReports reads a whole input as [ReadAll] does, for the typed reports that the records are
// made of: every value in the kernel's own names and units. It returns the first error of h, or
// that of r once h has had all that came before it. Stamps have the number of their line in the
// input, from 1.
func ReadReports(r io.Reader, o Options, h Handler) error {
	p, err := New(o)
	if err != nil {
		return err
	}
	var failed error
	p.onEvent = func(e *report.Event, rec *Record) {
		if h.Event != nil && failed == nil {
			failed = h.Event(e, rec)
		}
	}
	hand := func() {
		for _, rec := range p.records {
			if h.Record != nil && failed == nil {
				failed = h.Record(rec)
			}
		}
		for _, closed := range p.asm.Closed() {
			if h.Report != nil && failed == nil {
				failed = h.Report(closed)
			}
		}
	}
	take := func(l *format.Line) {
		p.begin()
		p.takeLine(l)
		hand()
	}
	backwards := func(number int, line []byte) error {
		p.decoder.At(number)
		p.decoder.Decode(line, take)
		return failed
	}
	stopped, err := readInOrder(r, &o, backwards, func(r io.Reader) error {
		return eachBlock(r, p, blockReader{onLine: func(*Line, *Result) error { hand(); return failed }})
	})
	err = cmp.Or(stopped, err)
	if failed == nil {
		p.decoder.Flush(take)
		p.end(err)
		hand()
	}
	return cmp.Or(failed, err)
}
