// SPDX-License-Identifier: Apache-2.0

// Package filter is the Fluent Bit filter oom_kill without Fluent Bit: chunks
// of log events in, the same chunks out with a record for each OOM kill. It
// knows how Fluent Bit's inputs carry kernel text; what the text says is the parser's.
package filter

import (
	"bytes"
	"fmt"
	"runtime/debug"
	"strconv"
	"sync"
	"time"

	"github.com/oomtrail/oomtrail/fluentbit/logevent"
	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/parser"
)

// reportTimeout is the silence after which an open report is closed.
const reportTimeout = 10 * time.Second

// Filter is one instance of the filter. It shares nothing with other instances but the budget that
// it was put under, and may be called from several threads at once.
type Filter struct {
	settings Settings
	options  parser.Options
	log      Logger
	now      func() time.Time
	// logged is the time of the event whose text is being read.
	logged time.Time

	mu      sync.Mutex
	streams *parser.Streams
	share   *parser.Share
	late    late
	// evidence is what all tags say of the kills of each host; hosts are those that it has.
	evidence *parser.Evidence
	hosts    hosts
	// held is what the evidence held when it was counted last.
	held  int64
	count counters
	kmsg  *format.Decoder // of all records of /dev/kmsg; nil until it is needed
	key   []byte          // scratch: the key of a stream, and that of one of its hosts
	child []byte
	group []byte // the host that the open group of events names, nil when it names none
	// denied counts what was scanned and not given to the parser: events, and whole chunks.
	denied   uint64
	panicked bool
	// warnedUnmarked and warnedUnknown are set once it was said that records came in which do not
	// count.
	warnedUnmarked, warnedUnknown bool
	// warnedTrust is set once it was said that Trust kernel makes no record of what an input
	// brings.
	warnedTrust bool
	// warnedMixed is set once it was said that reports stand inside others.
	warnedMixed bool
	input       string // the input of the current chunk
	seen        seenRecords
	// tags are the tags that chunks came under, at most maxTags of them.
	tags map[string]struct{}
	gate Gate // nil for none
}

// New returns an instance with the given settings.
func New(s Settings, log Logger) (*Filter, error) {
	options, unnamed := s.Options()
	if unnamed != nil {
		log(LevelWarn, unnamed.Error())
	}
	f := &Filter{settings: s, options: options, log: log, now: time.Now, tags: make(map[string]struct{}), hosts: thisMachine()}
	return f, f.begin(new(parser.Budget))
}

// Within puts the instance under a budget that it shares with others, before the first chunk comes.
func (f *Filter) Within(b *parser.Budget) {
	f.share.Leave()
	f.held = 0
	_ = f.begin(b) // the options are those that New accepted
}

// begin makes an empty set of streams under a budget.
func (f *Filter) begin(b *parser.Budget) (err error) {
	f.share = b.Join(f.settings.MaxMemory, f.relieve)
	return f.newStreams()
}

// weigh counts what the evidence holds among what the streams do.
func (f *Filter) weigh() {
	held := int64(f.evidence.Memory())
	f.share.Add(held - f.held)
	f.held = held
}

// newStreams makes an empty set of streams, and what they share.
func (f *Filter) newStreams() (err error) {
	f.share.Add(-f.held)
	f.held = 0
	if f.evidence, err = parser.NewEvidence(f.options); err == nil {
		f.streams, err = parser.NewStreams(f.options, 0, f.share)
	}
	return err
}

// relieve gives some memory back that another instance needs.
func (f *Filter) relieve() bool {
	if !f.mu.TryLock() {
		return false
	}
	defer f.mu.Unlock()
	return f.streams.Relieve()
}

// Run is [Filter.RunFrom] for a chunk of an input that the host does not name.
func (f *Filter) Run(tag, chunk []byte) (out []byte, modified bool) { return f.RunFrom("", tag, chunk) }

// RunFrom filters one chunk that an input brought, by the host's name of the input's plugin, as in
// "systemd". modified is false when it is to pass as it is; else out is what takes its place, the
// caller's to keep. chunk is not kept and not changed.
//
// A panic would take Fluent Bit down with every pipeline in it. So the filter logs it, gives up the
// open reports, and the chunk passes.
func (f *Filter) RunFrom(input string, tag, chunk []byte) (out []byte, modified bool) {
	matters, ours, claims := f.settings.search().MayMatter(chunk), mayBeOurs(chunk), f.settings.Mode != Only && mayClaim(chunk)
	f.mu.Lock()
	defer f.mu.Unlock()
	defer f.setGate(tag)
	defer func() {
		if p := recover(); p != nil {
			out, modified = nil, false
			f.recovered(p)
		}
	}()
	f.countPassed()
	f.count.chunks++
	f.count.bytes += uint64(len(chunk))
	f.input = input
	f.warnUnverifiable(matters)
	open, waits := f.openUnder(tag), f.waitsUnder(tag)
	known := f.knownTag(tag)
	if !matters && !open && !claims && !(ours && (f.settings.Mode == Only || input == inputOwn)) {
		f.count.untouched++
		f.denied++
		if !waits {
			return nil, f.settings.Mode == Only
		}
		p := pass{Filter: f, tag: tag, rewriter: rewriter{in: chunk}}
		p.settleOnly()
		f.weigh()
		return p.result()
	}
	if ours {
		f.noteAhead(tag, chunk)
	}
	before := f.count
	p := pass{Filter: f, tag: tag, open: open, begun: known, ours: ours, claims: claims, rewriter: rewriter{in: chunk}}
	p.run()
	f.weigh()
	if f.count.kills != before.kills || f.count.others != before.others {
		f.log(LevelDebug, f.count.String())
	}
	return p.result()
}

// writtenBy returns when the text that is being read was written at the latest: stamps without a
// year lie before that. An event can be of the future, where the input guessed the year.
func (f *Filter) writtenBy() time.Time {
	now := f.now()
	if f.logged.IsZero() || f.logged.After(now) {
		return now
	}
	return format.WrittenBy(f.logged, now)
}

// recovered tells a panic, once in full, and begins anew.
func (f *Filter) recovered(p any) {
	f.count.errors++
	if !f.panicked {
		f.log(LevelError, fmt.Sprintf("this is a defect of the plugin, please report it; the chunk passes as it is: %v\n%s", p, debug.Stack()))
	}
	f.panicked = true
	f.streams.Close()
	_ = f.newStreams() // the options are those that New accepted
}

// maxTags bounds how many tags are remembered.
const maxTags = 4096

// knownTag reports whether a chunk came under this tag before, and remembers it.
func (f *Filter) knownTag(tag []byte) bool {
	_, known := f.tags[string(tag)]
	if !known && len(f.tags) < maxTags {
		f.tags[string(tag)] = struct{}{}
	}
	return known
}

// mayBeOurs reports whether a chunk may hold a record of ours.
func mayBeOurs(chunk []byte) bool { return bytes.Contains(chunk, []byte(logevent.Word)) }

// mayClaim reports whether a chunk may hold an event that claims to be verified.
func mayClaim(chunk []byte) bool { return bytes.Contains(chunk, []byte(logevent.Verified)) }

// CutOff closes all that is open, before its time, and returns the events of the records, which
// claim nothing that is not known yet: see [parser.Parser.CutOff].
func (f *Filter) CutOff() (events []byte) {
	f.mu.Lock()
	defer f.mu.Unlock()
	p := pass{Filter: f}
	f.streams.EachOpen(anyStream, func(s *parser.Stream) {
		for _, r := range s.CutOff() {
			p.put(r, s.Mark.(*stream), &events)
		}
	})
	for _, l := range f.late.all {
		p.put(l.record, l.state, &events)
	}
	f.late = late{}
	for _, r := range f.evidence.CutOff() {
		p.put(r, new(stream), &events)
	}
	return events
}

func anyStream(*parser.Stream) bool { return true }

// Exit ends the instance: it tells what it counted, and what no record could be made of any more,
// since at this time Fluent Bit takes none.
func (f *Filter) Exit() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.countPassed()
	f.streams.EachOpen(anyStream, func(s *parser.Stream) {
		for _, r := range s.CutOff() {
			f.log(LevelWarn, "a report was still open at exit, no record of it was sent: "+r.Body+" (id "+r.Text("log.record.uid")+")")
		}
	})
	for _, l := range f.late.all {
		f.log(LevelWarn, "a record of tag "+strconv.Quote(l.tag)+", of a report that had to make room, was not sent, since no chunk of its tag came: "+
			l.record.Body+" (id "+l.record.Text("log.record.uid")+")")
	}
	for _, r := range f.evidence.CutOff() {
		f.log(LevelWarn, "what was said of a kill still waited at exit, no record of it was sent: "+r.Body+" (id "+r.Text("log.record.uid")+")")
	}
	f.share.Leave()
	f.log(LevelInfo, f.count.String())
}
