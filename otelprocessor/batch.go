// SPDX-License-Identifier: Apache-2.0

package oomkillprocessor

import (
	"strings"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/oomtrail/oomtrail/internal/kernel"
	"github.com/oomtrail/oomtrail/internal/scan"
	"github.com/oomtrail/oomtrail/otelreceiver/oomlogs"
	"github.com/oomtrail/oomtrail/parser"
)

// trial is what one batch makes of one stream. It becomes the stream's state when the batch is
// accepted.
type trial struct {
	stream   *stream
	parser   *parser.Parser
	resource pcommon.Map  // of the newest line of the report
	when     logged       // of the newest line
	fed      time.Time    // now, when a report grew
	gone     bool         // evicted
	past     *parser.Past // what is remembered of it then
	held     int          // what reports and waiting lines held in it when it was counted last
	skipped  scan.Skipped[skipped]

	window     window   // what waits to be read
	coming     *stretch // what is coming in with this batch, nil for nothing
	outOfOrder int64    // runs that came after lines that stand behind them
}

// skipped is a log record that was not fed.
type skipped struct {
	record plog.LogRecord
	of     origin
}

// batch is one call's work: a trial for each stream that it touches, and what comes out.
type batch struct {
	p      *oomProcessor
	now    time.Time
	keyer  keyer
	source source
	trials map[streamKey]*trial
	passed recordHosts // records of components before this one in this batch

	made       plog.Logs // the records
	madeCount  int64
	sent       plog.Logs // a copy of what goes out, when that has records; they are at its end
	lost       int64     // records that were refused for good
	duplicates int64
	dropped    int64
	evicted    int64
	holding    bool // lines wait to be ordered
	mixed      bool // a report began inside another one
}

// begin locks the streams that a batch is for and those that have to make room for them.
func (p *oomProcessor) begin(targets map[streamKey]target) (*batch, error) {
	b := &batch{
		p: p, now: time.Now(), keyer: p.newKeyer(), source: newSource(p.cfg),
		trials: make(map[streamKey]*trial), made: plog.NewLogs(),
	}
	streams := p.table.take(targets)
	surplus := p.table.takeSurplus(streams)
	for _, s := range append(streams, surplus...) {
		b.try(s)
	}
	for _, t := range b.trials {
		if t.parser != nil {
			continue
		}
		var err error
		options := p.optionsFor(t.stream.sender.key.class())
		options.Reference = t.stream.writtenBy
		if t.parser, err = parser.New(options); err != nil {
			b.end(false)
			return nil, err
		}
		t.parser.Recall(p.table.pastOf(t.stream.key))
	}
	for _, s := range surplus {
		b.evict(b.trials[s.key])
	}
	return b, nil
}

// try makes a trial of a stream, whose mu the batch holds. The trial's parser is nil where the
// stream has none.
func (b *batch) try(s *stream) *trial {
	t := &trial{stream: s, resource: s.resource, when: s.when, window: s.window}
	if s.parser != nil {
		t.parser = s.parser.Clone()
		t.parser.Skip() // batches without a line of interest have passed unread
	}
	b.trials[s.key] = t
	return t
}

// trialOf returns the batch's trial of a stream, nil where it has none or has evicted it.
func (b *batch) trialOf(s *stream) *trial {
	if t := b.trials[s.key]; t != nil && t.stream == s && !t.gone && t.parser != nil {
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
		if !t.gone {
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
		b.add(r.Records, from, at)
	})
	return lines > 0 && inReport == lines
}

// step is how much a trial may grow before it is counted anew.
const step = 4 << 10

// weigh counts what a trial holds. Where the streams of the process hold too much, some make room.
func (b *batch) weigh(t *trial) {
	held := t.parser.ReportMemory() + int(t.window.bytes)
	if t.isOpen() == t.stream.place.Open() && max(held-t.held, t.held-held) < step {
		return
	}
	t.held = held
	b.p.table.note(t.stream, t.isOpen(), b.holds(t))
	b.p.relieve(b)
}

// isOpen reports whether a report is open, or lines wait.
func (t *trial) isOpen() bool { return t.parser.Open() || !t.window.isEmpty() }

// ownMemory returns what a trial holds that the accepted stream does not.
func (t *trial) ownMemory() int {
	return t.parser.Memory() - t.parser.Shared() + int(t.window.bytes-t.stream.window.bytes)
}

// holds returns what a stream and the trial of it hold.
func (b *batch) holds(t *trial) int64 {
	n := t.stream.size() + int64(max(t.ownMemory(), 0))
	if t.parser.Open() && t.resource != t.stream.resource {
		n += int64(sizeOfMap(t.resource)) // kept for as long as the report is open
	}
	return n
}

// shed makes a stream and the trial of it shed, and returns what they hold then.
func (b *batch) shed(t *trial) int64 {
	t.parser.Shed()
	if t.stream.parser != nil {
		t.stream.parser.Shed()
	}
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
		options := oomlogs.Options{ScopeVersion: b.p.scopeVersion, Observed: when.observed, Base: base, HostFrom: b.p.cfg.HostFrom, OnlyEventName: !b.p.cfg.EventNameAttribute}
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
	b.add(t.parser.FlushDue(time.Now()), t.resource, t.when)
}

// cutOff closes what is open in a stream before its time: the kill line may still come, to another
// parser.
func (b *batch) cutOff(t *trial) {
	b.add(t.parser.CutOff(), t.resource, t.when)
}

// evict closes what is open in a stream and drops the stream. Its kills are remembered, so that
// none of them makes a second record.
func (b *batch) evict(t *trial) {
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
	for {
		t := b.p.table.nextOf(b, int(b.evicted))
		if t == nil {
			return
		}
		b.evict(t)
	}
}

// keepResources copies the resources that a later flush needs, before the next component owns the
// batch.
func (b *batch) keepResources() {
	for _, t := range b.trials {
		if !t.gone && !t.fed.IsZero() && t.parser.Open() {
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
		t.stream.parser, t.stream.resource, t.stream.when, t.stream.window = t.parser, t.resource, t.when, t.window
		gone := t.gone || t.parser.Blank() && t.window.isEmpty() // lines that are no part of a report make no stream
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
