// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"io"

	"github.com/oomtrail/oomtrail/cmd/oomtrail/internal/page"
	"github.com/oomtrail/oomtrail/internal/assembly"
	"github.com/oomtrail/oomtrail/internal/build"
	"github.com/oomtrail/oomtrail/internal/diagnosis"
	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/parser"
	"github.com/oomtrail/oomtrail/parser/record"
)

// eachKill calls fn with each event of an input, and closed with each report once it is whole. What
// they are given is valid until they return.
func eachKill(r io.Reader, opt parser.Options, fn func(page.Kill) error, closed func(*assembly.Report) error) error {
	asm := assembly.New(assembly.Options{Trust: opt.Trust, MaxBytes: opt.MaxReportBytes, Timeout: opt.ReportTimeout})
	decoder := format.NewDecoder(opt.Transport).Trust(opt.TrustedSource).Date(format.Dating{Location: opt.Location, Reference: opt.Reference, Boot: opt.Boot})
	builder := build.NewBuilder(build.Options{Stats: record.MemoryStatAll})
	var diagnoser diagnosis.Diagnoser
	var failed error
	take := func() {
		events := asm.Events()
		for i := range events {
			e := &events[i]
			k := page.Kill{Event: e, Record: builder.Build(e)}
			if e.Kind != assembly.EventReapFailed {
				var victim *assembly.Kill
				if e.Kill >= 0 {
					victim = &e.Report.Kills[e.Kill]
				}
				d := diagnoser.Diagnose(e.Report, victim)
				k.Diagnosis = &d
			}
			if err := fn(k); err != nil && failed == nil {
				failed = err
			}
		}
		for _, r := range asm.Closed() {
			if err := closed(r); err != nil && failed == nil {
				failed = err
			}
		}
	}
	line := func(l *format.Line) {
		asm.Line(l)
		take()
	}
	err := parser.EachLineInOrder(r, opt, func(_ int, raw []byte) error {
		decoder.Decode(raw, line)
		return failed
	})
	if failed == nil {
		decoder.Flush(line)
		asm.Flush()
		take()
	}
	return cmp.Or(failed, err)
}
