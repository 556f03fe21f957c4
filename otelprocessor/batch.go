// SPDX-License-Identifier: Apache-2.0

package oomkillprocessor

import (
	"strings"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/oomtrail/oomtrail/internal/kernel"
	"github.com/oomtrail/oomtrail/otelreceiver/oomlogs"
	"github.com/oomtrail/oomtrail/parser"
)

// batch is one call's work: a trial for each stream that it touches, and what comes out.
type batch struct {
	p      *oomProcessor
	now    time.Time
	keyer  keyer
	source source
	trials map[streamKey]*trial
	passed recordHosts // records of components before this one in this batch

	made         plog.Logs // the records
	madeCount    int64
	sent         plog.Logs           // a copy of what goes out, when that has records; they are at its end
	lost         int64               // records that were refused for good
	accepted     []plog.ResourceLogs // the records that were not
	duplicates   int64
	dropped      int64
	evicted      int64 // streams
	evictedHosts int
	holding      bool // lines wait to be ordered
	mixed        bool // a report began inside another one
}

// begin locks the streams that a batch is for and those that have to make room for them.
func (p *oomProcessor) begin(targets map[streamKey]target) (*batch, error) {
	b := &batch{
		p: p, now: time.Now(), keyer: p.newKeyer(), source: newSource(p.cfg),
		trials: make(map[streamKey]*trial), made: plog.NewLogs(),
	}
	streams := p.table.take(targets)
	surplus, locked := p.table.takeSurplus(streams)
	all := append(streams, locked...)
	for _, hosts := range [...]bool{true, false} { // the parsers need the evidence
		for _, s := range all {
			if s.isHost != hosts {
				continue
			}
			if err := b.try(s); err != nil {
				for _, s := range all { // those without a trial, too
					b.trials[s.key] = &trial{stream: s}
				}
				b.end(false)
				return nil, err
			}
		}
	}
	for _, s := range surplus {
		b.evict(b.trials[s.key])
	}
	return b, nil
}

// try makes a trial of a stream, whose mu the batch holds, as it holds that of the host.
func (b *batch) try(s *stream) (err error) {
	t := &trial{stream: s, resource: s.resource, when: s.when, window: s.window, host: b.trials[s.host]}
	b.trials[s.key] = t
	switch {
	case s.evidence != nil:
		t.evidence = s.evidence.Clone()
	case s.isHost:
		if t.evidence, err = parser.NewEvidence(b.p.options); err == nil {
			t.evidence.OneHost(s.names...)
		}
	case s.parser != nil:
		if t.host != nil {
			t.parser = s.parser.CloneWith(t.host.evidence)
		} else {
			t.parser = s.parser.Clone()
		}
		t.parser.Skip() // batches without a line of interest have passed unread
	default:
		options := b.p.optionsFor(s.sender.key.class())
		options.Reference = s.writtenBy
		if t.host != nil {
			options.Evidence = t.host.evidence
		}
		if t.parser, err = parser.New(options); err == nil {
			t.parser.Recall(b.p.table.pastOf(s.key))
		}
	}
	return err
}

// streams returns the streams of which the batch has a trial.
func (b *batch) streams() map[*stream]bool {
	if b == nil {
		return nil
	}
	own := make(map[*stream]bool, len(b.trials))
	for _, t := range b.trials {
		own[t.stream] = true
	}
	return own
}

// trialOf returns the batch's trial of a stream, nil where it has none or has evicted it.
func (b *batch) trialOf(s *stream) *trial {
	if t := b.trials[s.key]; t != nil && t.stream == s && !t.gone && (t.parser != nil || t.evidence != nil) {
		return t
	}
	return nil
}

// run reads a batch, whose log records belong to the streams keys, and returns what goes to the
// next component.
func (b *batch) run(ld plog.Logs, keys []streamKey) plog.Logs {
	b.collectPassed(ld)
	var fates fates
	for i, rl := range ld.ResourceLogs().All() {
		of := originOf(rl.Resource().Attributes())
		for _, sl := range rl.ScopeLogs().All() {
			marked := oomlogs.IsMarked(sl)
			for _, lr := range sl.LogRecords().All() {
				inReport := false
				switch {
				case keys[0] == 0:
				case b.holding:
					b.hold(b.trials[keys[0]], i, of, lr)
				default:
					inReport = b.read(b.trials[keys[0]], of, lr)
				}
				fates.next(b.fateOf(lr, b.p.isRecord(marked, lr), inReport))
				keys = keys[1:]
			}
		}
	}
	b.readDue()
	b.makeRoom()
	b.keepResources()
	b.dropped = int64(fates.dropped)
	if !fates.change && b.madeCount == 0 {
		return ld
	}
	out := fates.applyTo(ld)
	b.made.ResourceLogs().MoveAndAppendTo(out.ResourceLogs())
	return out
}

// fateOf says what becomes of a log record.
func (b *batch) fateOf(lr plog.LogRecord, isRecord, inReport bool) fate {
	switch mode := b.p.cfg.Mode; {
	case isRecord:
		return passes
	case mode == modeOnly, mode == modeReplace && inReport:
		return dropped
	case oomlogs.ClaimsTrust(lr):
		return distrusted
	}
	return passes
}

// hold makes one log record wait with its stream, nil for one without a report.
func (b *batch) hold(t *trial, from int, of origin, lr plog.LogRecord) {
	if t == nil || t.gone {
		return
	}
	r := b.source.read(lr, of)
	t.hold(b.now, from, of.resource, lr, positionOf(&r))
}

// readDue reads what has waited long enough in the streams of the batch.
func (b *batch) readDue() {
	for _, t := range b.trials {
		if !t.gone && t.parser != nil {
			b.readHeld(t, b.now.Add(-b.p.cfg.ReorderWait))
			b.weigh(t)
		}
	}
}

// read feeds one log record to its stream, nil for one without a report, and tells whether all of
// its lines are a report's whose head was seen.
func (b *batch) read(t *trial, of origin, lr plog.LogRecord) bool {
	if t == nil || t.gone {
		return false
	}
	b.readHeld(t, b.always()) // what came over the network, where lines come in both ways
	inReport := b.feed(t, of, lr)
	b.weigh(t)
	return inReport
}

// feed is read without weighing.
func (b *batch) feed(t *trial, of origin, lr plog.LogRecord) bool {
	r := b.source.read(lr, of)
	if !t.parser.Needs(r.text) {
		t.skipped.Set(skipped{lr, of})
		return false
	}
	if before, ok := t.skipped.Get(); ok {
		b.feedSkipped(t, before)
		r = b.source.read(lr, of)
	}
	when := b.loggedAt(lr)
	t.stream.reading = when.observed
	lines, inReport, wasOpen := 0, 0, t.parser.Open()
	before := t.host.waiting()
	feed(t.parser, &b.source, &r, lr.Timestamp(), func(r parser.Result) {
		lines++
		b.mixed = b.mixed || r.Mixed
		from, at := of.resource, when
		if wasOpen && (!r.InReport || r.Kind == kernel.InvocationLine) {
			from, at = t.resource, t.when // what is closed by a line that is none of its own is of its own newest line
		}
		wasOpen = t.parser.Open()
		if r.InReport || t.parser.Waits() {
			t.fed, t.when, t.resource = b.now, when, of.resource
		}
		if r.InReport && r.HeadSeen {
			inReport++
		}
		b.add(r.Records, before.commonWith(from), at)
	})
	t.host.note(before, of.resource, when)
	return lines > 0 && inReport == lines
}

// step is how much a trial may grow before it is counted anew.
const step = 4 << 10

// weigh counts what a trial and that of its host hold. Where the streams of the process hold too
// much, some make room.
func (b *batch) weigh(t *trial) {
	changed := b.recount(t)
	if t.host != nil && !t.host.gone {
		changed = b.recount(t.host) || changed
	}
	if changed {
		b.p.relieve(b)
	}
}

// recount counts what a trial holds, and reports whether that has changed much.
func (b *batch) recount(t *trial) bool {
	held := int(t.window.bytes)
	if t.evidence != nil {
		held += t.evidence.Memory()
	} else {
		held += t.parser.ReportMemory()
	}
	open := t.isOpen()
	if t.counted && open == t.open && max(held-t.held, t.held-held) < step {
		return false
	}
	t.held, t.open, t.counted = held, open, true
	b.p.table.note(t.stream, open, b.holds(t))
	return true
}

// holds returns what a stream and the trial of it hold.
func (b *batch) holds(t *trial) int64 {
	n := t.stream.size() + int64(max(t.ownMemory(), 0))
	if t.reports() && t.resource != t.stream.resource {
		n += int64(sizeOfMap(t.resource)) // kept for as long as the report is open
	}
	return n
}

// shed makes a stream and the trial of it shed, and returns what they hold then.
func (b *batch) shed(t *trial) int64 {
	if t.evidence != nil {
		t.evidence.Shed()
	} else {
		t.parser.Shed()
	}
	t.stream.shed()
	return b.holds(t)
}

// feedSkipped feeds the log record before the next one: see [parser.Parser.Skip].
func (b *batch) feedSkipped(t *trial, before skipped) {
	lr := before.record
	r := b.source.read(lr, before.of)
	t.parser.Skip()
	t.stream.reading = b.loggedAt(lr).observed
	feed(t.parser, &b.source, &r, lr.Timestamp(), func(parser.Result) {})
	t.skipped.Clear()
}

// add puts records into what goes out. base is the resource of the lines they were made of, when
// the time of a record that has none of its own.
func (b *batch) add(records []*parser.Record, base pcommon.Map, when logged) {
	for _, r := range records {
		options := oomlogs.Options{ScopeVersion: b.p.scopeVersion, Observed: when.observed, Base: base, HostFrom: b.p.cfg.HostFrom, OnlyEventName: !b.p.cfg.EventNameAttribute, Omit: b.p.omit}
		x, host := recordKey{resource: b.keyer.resource(base), uid: r.Text("log.record.uid")}, oomlogs.HostFor(r, options)
		if b.passed.contains(x, host) || b.p.seen.contains(x, host) {
			b.duplicates++
			continue
		}
		if r.Time.IsZero() {
			r.Time = when.at
		}
		b.p.cfg.strip(r)
		oomlogs.Append(b.made, r, options)
		b.madeCount++
	}
}

// flush closes what is open in a stream and has waited long enough.
func (b *batch) flush(t *trial) {
	if t.evidence != nil {
		b.add(t.evidence.Flush(time.Now()), t.resource, t.when)
		return
	}
	before := t.host.waiting()
	b.add(t.parser.FlushDue(time.Now()), before.commonWith(t.resource), t.when)
	t.host.note(before, t.resource, t.when)
}

// cutOff closes what is open in a stream before its time: the kill line may still come, to another
// parser.
func (b *batch) cutOff(t *trial) {
	if t.evidence != nil {
		b.add(t.evidence.CutOff(), t.resource, t.when)
		return
	}
	before := t.host.waiting()
	b.add(t.parser.CutOff(), before.commonWith(t.resource), t.when)
	t.host.note(before, t.resource, t.when)
}

// evict closes what is open in a stream and drops the stream. Its kills are remembered, so that
// none of them makes a second record.
func (b *batch) evict(t *trial) {
	if t.evidence != nil {
		b.cutOff(t)
		t.gone, t.evidence = true, nil
		b.evictedHosts++
		b.p.table.note(t.stream, false, 0)
		return
	}
	b.readHeld(t, b.always())
	b.cutOff(t)
	t.gone, t.past, t.parser = true, t.parser.Past(), nil
	b.evicted++
	b.p.table.note(t.stream, false, 0) // what the next component's answer may give back is small: it has shed
}

// makeRoom evicts streams of this very batch when it alone has more of them than may be held.
func (b *batch) makeRoom() {
	for _, t := range b.trials {
		if !t.gone {
			b.p.table.note(t.stream, t.isOpen(), b.holds(t))
		}
	}
	b.p.relieve(b)
	for _, hosts := range [...]bool{false, true} {
		for t := b.p.table.nextOf(b, hosts); t != nil; t = b.p.table.nextOf(b, hosts) {
			b.evict(t)
		}
	}
}

// keepResources copies the resources that a later flush needs, before the next component owns the
// batch.
func (b *batch) keepResources() {
	for _, t := range b.trials {
		if !t.gone && t.reports() && (!t.fed.IsZero() || t.resource != t.stream.resource) {
			kept := pcommon.NewMap()
			t.resource.CopyTo(kept)
			t.resource = kept
		}
	}
}

// collectPassed notes the records that a component before this one made.
func (b *batch) collectPassed(ld plog.Logs) {
	for _, rl := range ld.ResourceLogs().All() {
		for _, sl := range rl.ScopeLogs().All() {
			marked := oomlogs.IsMarked(sl)
			for _, lr := range sl.LogRecords().All() {
				if !b.p.isRecord(marked, lr) {
					continue
				}
				uid, _ := lr.Attributes().Get("log.record.uid")
				if b.passed == nil {
					b.passed = make(recordHosts)
				}
				res := rl.Resource().Attributes()
				b.passed.add(recordKey{resource: b.keyer.resource(res), uid: strings.Clone(uid.Str())}, oomlogs.HostOfRecord(res, lr.Attributes()))
			}
		}
	}
}

// retryPatience is how much longer a report waits for lines that were refused: their sender waits
// before it sends them again, 30 s by the collector's defaults.
const retryPatience = time.Minute

// end gives the streams back: as this batch left them when it was accepted, else as they were.
func (b *batch) end(accepted bool) {
	for _, t := range b.trials {
		if !accepted {
			if !t.fed.IsZero() {
				t.fed = t.fed.Add(retryPatience)
			}
			b.p.table.release(t.stream, t.fed, false, nil)
			continue
		}
		t.stream.parser, t.stream.evidence, t.stream.resource, t.stream.when, t.stream.window = t.parser, t.evidence, t.resource, t.when, t.window
		gone := t.gone || t.isBlank() // lines that are no part of a report make no stream
		if t.parser != nil {
			t.parser.Detach() // it is cloned with the evidence as it is then
		}
		b.p.table.release(t.stream, t.fed, gone, t.past)
	}
	if accepted {
		b.p.seen.add(b.passed)
	}
}

// logged is when a log record was logged, else observed, and when it was observed, else logged, but
// not after now.
type logged struct{ at, observed time.Time }

// loggedAt returns what a log record says of its times.
func (b *batch) loggedAt(lr plog.LogRecord) logged {
	l := logged{observed: b.now}
	if t := lr.ObservedTimestamp(); t != 0 {
		l.at, l.observed = t.AsTime(), t.AsTime()
	}
	if t := lr.Timestamp(); t != 0 {
		l.at = t.AsTime()
		if lr.ObservedTimestamp() == 0 {
			l.observed = l.at
		}
	}
	if l.observed.After(b.now) {
		l.observed = b.now
	}
	return l
}
