// SPDX-License-Identifier: Apache-2.0

// Package kills reads the kills of inputs.
package kills

import (
	"cmp"

	"github.com/oomtrail/oomtrail/cmd/oomtrail/internal/filter"
	"github.com/oomtrail/oomtrail/cmd/oomtrail/internal/input"
	"github.com/oomtrail/oomtrail/internal/kill"
	"github.com/oomtrail/oomtrail/internal/once"
	"github.com/oomtrail/oomtrail/internal/reports"
	"github.com/oomtrail/oomtrail/parser"
	"github.com/oomtrail/oomtrail/parser/record"
	"github.com/oomtrail/oomtrail/parser/report"
)

// Reader reads the kills of all inputs.
type Reader struct {
	Inputs  *input.Set
	Options parser.Options
	// Filter leaves out what is not wanted; nil wants all. It asks the most complete record of a
	// kill.
	Filter *filter.Filter
	// Seen is how many events there were, each once, before any was left out.
	Seen int
}

// Records calls fn with each kill, as soon as its input has it. One that stands in several inputs
// comes once, as the most complete of them has it. What other programs say comes after the last of
// several files: any of them may have the kill that it is about. This is the fast way to read:
// kills have no Event.
func (r *Reader) Records(fn func(*kill.Kill) error) error {
	kills := once.Holder[kill.Kill]{Hand: func(number int, k kill.Kill) error {
		k.Number = number
		r.Seen = max(r.Seen, number)
		if !r.Filter.Wants(k.Record) {
			return nil
		}
		return fn(&k)
	}}
	shared, err := r.evidence()
	if err != nil {
		return err
	}
	err = r.Inputs.Each(func(in *input.Input) error {
		err := parser.ReadAll(in, shared.apply(in, r.Options), func(rec *record.Record) error {
			in.Found()
			k := kill.Kill{Source: rec.Input, Record: rec}
			if !in.Several {
				return kills.Hand(r.Seen+1, k)
			}
			return kills.Take(rec, k, in.More)
		})
		return kills.Release(in.More, err)
	})
	for _, rec := range shared.rest(r.Inputs) {
		err = cmp.Or(err, kills.Take(rec, kill.Kill{Source: rec.Input, Record: rec}, false))
	}
	return kills.Release(false, err)
}

// Pages calls fn with each kill as [Reader.Records] does, and what made returns of it. made is
// called for kills that the filter wants, once the kernel's report is whole, and never after it.
func Pages[T any](r *Reader, made func(*kill.Kill) T, fn func(*kill.Kill, T) error) error {
	type page struct {
		kill.Kill
		of T
	}
	kills := once.Holder[page]{Hand: func(number int, p page) error {
		p.Number = number
		r.Seen = max(r.Seen, number)
		if !r.Filter.Wants(p.Record) {
			return nil
		}
		return fn(&p.Kill, p.of)
	}}
	type waiting struct {
		*kill.Kill
		page *page
	}
	var queue []waiting // a kill waits for its report, and for those before it
	var several, more bool
	// settle makes the pages of a report, of all reports for nil, and hands on what waits no more.
	settle := func(of *report.Report) error {
		for i := range queue {
			if q := &queue[i]; q.page == nil && (of == nil || q.Event == nil || q.Event.Report == of) {
				q.page = &page{Kill: kill.Kill{Source: q.Source, Record: q.Record}}
				if r.Filter.Matches(q.Record) { // else it is never handed on
					q.page.of = made(q.Kill)
				}
			}
		}
		for len(queue) > 0 && queue[0].page != nil {
			p := *queue[0].page
			queue[0] = waiting{}
			queue = queue[1:]
			var err error
			if several {
				err = kills.Take(p.Record, p, more)
			} else {
				err = kills.Hand(r.Seen+1, p)
			}
			if err != nil {
				return err
			}
		}
		return nil
	}
	err := r.Reports(Handler{
		Began: func(in *input.Input) { several, more = in.Several, in.More },
		Kill: func(k *kill.Kill) error {
			queue = append(queue, waiting{Kill: k.Keep()})
			if k.Event == nil { // no report of it is to come
				return settle(noReport)
			}
			return nil
		},
		Closed: settle,
		Ended:  func(in *input.Input, err error) error { return kills.Release(in.More, cmp.Or(err, settle(nil))) },
	})
	more = false
	return kills.Release(false, cmp.Or(err, settle(nil)))
}

// noReport is the report of what has none.
var noReport = &report.Report{}

// evidence is what several files share, so that what one of them says of a kill in another is no
// event of its own. Hosts are distinguished by their names; lines without one meet only those of
// their own file, since a directory may hold the logs of many hosts. The zero value is that of a
// single input.
type evidence struct{ *parser.Evidence }

func (r *Reader) evidence() (evidence, error) {
	if r.Inputs.Files() < 2 {
		return evidence{}, nil
	}
	opt := r.Options
	opt.Names = r.Inputs.Lookup
	shared, err := parser.NewEvidence(opt)
	if err != nil {
		return evidence{}, err
	}
	shared.Hold()
	return evidence{shared}, nil
}

// apply returns the options for an input. A stream shares nothing: it may never end, and nothing
// that it says may wait for that.
func (e evidence) apply(in *input.Input, o parser.Options) parser.Options {
	if in.File {
		o.Evidence = e.Evidence
	}
	return in.Apply(o)
}

// rest returns the records of what waited for further files, after the last.
func (e evidence) rest(set *input.Set) []*record.Record {
	switch {
	case e.Evidence == nil:
		return nil
	case set.Cut() != "":
		return e.CutOff()
	}
	return e.FlushAll()
}

// Handler takes what [Reader.Reports] finds. What its functions get is valid until they return, but
// for records and reports.
type Handler struct {
	// Kill takes each event of each input, also one that another input had before: see
	// [once.Kills]. Number and filter are the caller's.
	Kill func(*kill.Kill) error
	// Closed is called with each report once it is whole, after its events.
	Closed func(*report.Report) error
	// Began is called with each input before it is read.
	Began func(*input.Input)
	// Ended is called at the end of each input, with the error that ended it, and returns that or
	// its own.
	Ended func(*input.Input, error) error
}

// Reports reads all events with the typed reports of the kernel's, in the order of
// [Reader.Records].
func (r *Reader) Reports(h Handler) error {
	shared, err := r.evidence()
	if err != nil {
		return err
	}
	reader := reports.Reader{Closed: h.Closed}
	err = r.Inputs.Each(func(in *input.Input) error {
		opt := shared.apply(in, r.Options)
		if h.Began != nil {
			h.Began(in)
		}
		reader.Kill = func(k *kill.Kill) error {
			in.Found()
			return h.Kill(k)
		}
		opt.IncludeOriginal = opt.KeepLines // for an event that has no report
		err := reader.Read(in, opt)
		if h.Ended != nil {
			err = h.Ended(in, err)
		}
		return err
	})
	reader.Kill = h.Kill
	for _, rec := range shared.rest(r.Inputs) {
		err = cmp.Or(err, reader.Take(rec))
	}
	return err
}
