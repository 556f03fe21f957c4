package filter

import (
	"fmt"

	"github.com/oomtrail/oomtrail/fluentbit/form"
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
	event event
	start int // where the event stands in the chunk
	// modern is the form of the newest event.
	modern bool
	// before and after are the new events that go in front of the current one and behind it.
	before, after []byte
}

// run takes the events of the chunk in turn.
func (p *pass) run() {
	p.group = nil
	for rest := p.in; len(rest) > 0; {
		p.start = len(p.in) - len(rest)
		var err error
		if rest, err = p.event.next(rest); err != nil {
			p.fail(err)
			break
		}
		p.modern = p.event.modern
		keep := p.take()
		p.begun = true
		p.insert(p.start, &p.before)
		if !keep {
			p.drop(p.start, len(p.in)-len(rest))
			p.count.dropped++
		}
		p.insert(len(p.in)-len(rest), &p.after)
	}
	p.closeIdle()
	p.insert(len(p.in), &p.after)
}

// fail counts what is no log event. What follows in the chunk passes as it is.
func (p *pass) fail(err error) {
	p.count.errors++
	if p.count.errors == 1 {
		p.log(LevelError, fmt.Sprintf("chunk of tag %q is no run of log events at byte %d of %d (%v): the rest passes as it is; told once, counted as errors",
			p.tag, p.start, len(p.in), err))
	}
}

// take looks at one event and reports whether it passes.
func (p *pass) take() (keep bool) {
	e := &p.event
	if e.marker {
		if p.group = nil; e.groupStart {
			p.group = groupHost(e.record)
		}
		return true
	}
	only := p.settings.Mode == Only
	if !p.open && !parser.MayMatter(e.record) && !(only && mayBeOurs(e.record)) {
		p.denied++
		return !only
	}
	var fields fields
	if err := fields.read(e.record, p.settings.Key); err != nil {
		p.fail(err)
		return true
	}
	if fields.ours {
		p.count.passedOurs++
		return true
	}
	carrier, text := fields.carrier(p.settings.Key)
	if carrier == carrierNone {
		return !only
	}
	used := p.feed(&fields, carrier, text)
	return p.settings.Mode == Append || p.settings.Mode == Replace && !used
}

// put adds a record of a stream to the events that go in front of the current one or behind it.
func (p *pass) put(r *record.Record, s *stream, events *[]byte) {
	if p.told.contains(p.tag, r) && !p.givesLinesBack(r) {
		p.count.duplicates++
		return
	}
	first := s == nil || s.lastReport != r.Text("oom.report.id")
	if first && s != nil {
		s.lastReport = r.Text("oom.report.id")
	}
	p.count.count(r, first)
	*events = appendEvent(*events, p.stamp(r, s), p.modern, form.Map(p.cut(r), p.settings.Format))
}

// givesLinesBack reports whether a record holds the lines that were dropped for it: in Replace that of a report
// that killed nobody does.
func (p *pass) givesLinesBack(r *record.Record) bool {
	return p.settings.Mode == Replace && r.Text("event.name") == "oom.no_victim"
}

// cut takes the original lines off a record when only this filter wanted them.
func (p *pass) cut(r *record.Record) *record.Record {
	if p.settings.IncludeOriginal || p.settings.Mode != Replace || p.givesLinesBack(r) {
		return r
	}
	return r.Without("log.record.original")
}

// stamp returns the encoded time of a new event: the record's own, else that of the stream's newest line,
// else that of the current event.
func (p *pass) stamp(r *record.Record, s *stream) []byte {
	t := r.Time
	if t.IsZero() && s != nil {
		t = s.newest
	}
	if t.IsZero() {
		t = p.event.time
	}
	if t.IsZero() {
		t = p.now()
	}
	return appendStamp(nil, t)
}
