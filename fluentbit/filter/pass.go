// SPDX-License-Identifier: Apache-2.0

package filter

import (
	"fmt"

	"github.com/tinylib/msgp/msgp"

	"github.com/oomtrail/oomtrail/fluentbit/logevent"
	"github.com/oomtrail/oomtrail/internal/scan"
	"github.com/oomtrail/oomtrail/parser"
	"github.com/oomtrail/oomtrail/parser/record"
)

// pass is the way of one chunk through the filter.
type pass struct {
	*Filter
	rewriter
	tag   []byte
	open  bool // a stream under this tag holds an open report
	begun bool // events came under this tag before the current one
	event logevent.Event
	start int // where the event stands in the chunk
	// resource are the attributes that the open group of events names, nil for none.
	resource []byte
	// fields are those of the current event, skippedFields those of the one before while it is fed.
	fields, skippedFields fields
	skipped               scan.Skipped[logevent.Event]
	// skips is set once the current event, or a line of it, was not fed; refeeds while the one
	// before it is.
	skips, refeeds bool
	// fresh are the streams that the current event made.
	fresh []*parser.Stream
	// ours says that the chunk may hold records of ours, claims that it may hold events that claim
	// to be verified.
	ours, claims bool
	// untrue are the parts of the current event that claim it without a right to.
	untrue [][]byte
	// before and after are the new events that go in front of the current one and behind it.
	before, after []byte
}

// run takes the events of the chunk in turn.
func (p *pass) run() {
	p.group, p.resource = nil, nil
	p.late.take(p.tag, func(s *stream, r *record.Record) { p.put(r, s, &p.before) })
	p.insert(0, &p.before)
	for rest := p.in; len(rest) > 0; {
		p.start = len(p.in) - len(rest)
		var err error
		var keep bool
		p.untrue = nil
		if rest, err = p.event.Next(rest); err != nil {
			keep = p.fail(err)
		} else {
			keep = p.take()
			p.begun = true
		}
		end := len(p.in) - len(rest)
		p.insert(p.start, &p.before)
		if !keep {
			p.drop(p.start, end)
			p.count.dropped++
		} else {
			p.correct()
		}
		p.insert(end, &p.after)
	}
	p.closeIdle()
	p.insert(len(p.in), &p.after)
}

// settleOnly is run for a chunk without an event of interest, while facts wait that it may settle.
func (p *pass) settleOnly() {
	if p.settings.Mode == Only {
		p.drop(0, len(p.in))
	}
	p.closeIdle()
	p.insert(len(p.in), &p.after)
}

// fail counts what is no log event, and reports whether it passes. Fluent Bit reads no event behind
// a value that is none, so that in mode only, where nothing but records passes, such a value is
// dropped; bytes without an end pass, as nothing follows them.
func (p *pass) fail(err error) (keep bool) {
	p.count.errors++
	keep = p.event.Broken || p.settings.Mode != Only
	if p.count.errors == 1 {
		fate := "it is dropped"
		if keep {
			fate = "it passes as it is"
		}
		p.log(LevelError, fmt.Sprintf("chunk of tag %q holds what is no log event at byte %d of %d (%v): %s; said once, counted as errors",
			p.tag, p.start, len(p.in), err, fate))
	}
	return keep
}

// take looks at one event and reports whether it passes.
func (p *pass) take() (keep bool) {
	e := &p.event
	if e.Marker {
		p.skipped.Clear()
		if p.group, p.resource = nil, nil; e.GroupStart {
			p.resource = groupResource(e.Record)
			p.group = groupHost(p.resource)
		}
		return true
	}
	if p.ours && mayBeOurs(e.Record) && p.isOurs() {
		p.count.passedOurs++
		return true
	}
	if p.claims && mayClaim(e.Record) {
		p.untrue = e.TrustClaims()
	}
	only := p.settings.Mode == Only
	if !p.open && !p.settings.search().MayMatter(e.Record) {
		p.denied++
		p.skipped.Set(*e)
		return !only
	}
	p.skips = false
	defer func() {
		if p.skipped.Clear(); p.skips {
			p.skipped.Set(*e)
		}
	}()
	p.readFields(&p.fields)
	if p.fields.text == nil {
		return !only
	}
	used := p.feed(&p.fields)
	return p.settings.Mode == Append || p.settings.Mode == Replace && !used
}

// isOurs reports whether the current event is a record of ours. Of one that only looks like it, it
// says so once.
func (p *pass) isOurs() bool {
	verdict, claim := p.event.Judge(p.accept())
	switch {
	case verdict == logevent.Unmarked && !p.warnedUnmarked && p.accept() != logevent.AcceptNone:
		p.warnedUnmarked = true
		p.log(LevelWarn, fmt.Sprintf("an event of tag %q looks like a record of OOM kills but has no mark, and counts as any other event: if a node sent it, "+
			"something on the way drops metadata; set retain_metadata_in_forward_mode On in its forward output, or Accept_Records any here; said once", p.tag))
	case verdict == logevent.Unknown && !p.warnedUnknown:
		p.warnedUnknown = true
		p.log(LevelWarn, fmt.Sprintf("a marked record of tag %q, event %q, version %q, is not known here, and counts as any other event: update this plugin; said once",
			p.tag, claim.Event, claim.Version))
	}
	return verdict == logevent.Own
}

// unverified is what stands in the place of a claim to be verified.
var unverified = msgp.AppendString(nil, logevent.Unverified)

// correct takes from the current event what it claims without a right to: only a record of ours can
// be verified.
func (p *pass) correct() {
	for _, claim := range p.untrue {
		p.replace(claim, unverified)
	}
}

// put adds a record of a stream to the events that go in front of the current one or behind it.
func (p *pass) put(r *record.Record, s *stream, events *[]byte) {
	if p.seen.contains([]byte(s.tag), r, p.input == inputOwn) && !p.givesLinesBack(r) {
		p.count.duplicates++
		return
	}
	first := s.lastReport != r.Text("oom.report.id")
	if first {
		s.lastReport = r.Text("oom.report.id")
	}
	p.count.count(r, first)
	*events = AppendRecord(*events, p.timestamp(r, s), p.cut(r), p.settings.Format)
}

// givesLinesBack reports whether a record holds the lines that were dropped for it: in Replace that
// of a report that shows no kill does.
func (p *pass) givesLinesBack(r *record.Record) bool {
	if p.settings.Mode != Replace {
		return false
	}
	switch r.Text("event.name") {
	case "oom.no_victim", "oom.unresolved":
		return true
	}
	return false
}

// cut takes the original lines off a record when only this filter wanted them.
func (p *pass) cut(r *record.Record) *record.Record {
	if p.settings.IncludeOriginal || p.settings.Mode != Replace || p.givesLinesBack(r) {
		return r
	}
	return r.Without("log.record.original")
}

// timestamp returns the encoded time of a new event: the record's own, else that of the stream's
// newest line, else that of the current event.
func (p *pass) timestamp(r *record.Record, s *stream) []byte {
	t := r.Time
	if t.IsZero() {
		t = s.newest
	}
	if t.IsZero() {
		t = p.event.Time
	}
	if t.IsZero() {
		t = p.now()
	}
	return logevent.AppendTimestamp(nil, t)
}
