// SPDX-License-Identifier: Apache-2.0

package filter

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"fmt"
	"time"
	"unsafe"

	"github.com/oomtrail/oomtrail/fluentbit/logevent"
	"github.com/oomtrail/oomtrail/internal/event"
	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/parser"
	"github.com/oomtrail/oomtrail/parser/report"
)

// stream is what the filter keeps of one stream besides the parser.
type stream struct {
	// tag is the tag of its events: its records go out under the same one.
	tag string
	// raw decodes lines as they stood in a file, fields events whose fields an input or a parser
	// made; nil until they are needed.
	raw, fields *format.Decoder
	// newest is the time of the newest line that belonged to a report.
	newest time.Time
	// fed is when such a line came, by the clock of this machine.
	fed time.Time
	// denied is the filter's count when the stream was fed last.
	denied uint64
	// lastReport is the id of the newest report that gave a record.
	lastReport string
	// last is where such a line stood; resumes is set where a hot reload came after it.
	last    place
	resumes bool
	// host is the host in the evidence of the instance, "" where the stream has its own evidence.
	host string
	// spread is set once its lines named a host that had an open report, newestHost is the host
	// that they named last.
	spread     bool
	newestHost string
}

// openUnder reports whether a stream under this tag holds an open report, or did and its records
// wait for this tag.
func (f *Filter) openUnder(tag []byte) bool {
	return f.streams.AnyOpenFrom(tag) || f.late.has(tag)
}

// maxKey bounds a key, and so what thousands of streams with hostile names of hosts can take.
const maxKey = 512

// streamKey builds the key of the stream that an event belongs to: the tag, and what tells its
// host.
//
// What can be verified has streams of its own, so that no other program's lines get into its
// reports.
func (p *pass) streamKey(f *fields, host []byte) []byte {
	k := append(p.key[:0], p.tag...)
	if f.verifiable {
		k = append(k, 0, 1)
	}
	if p.settings.StreamKeys != nil {
		k = appendNamed(k, p.event.Record, p.settings.StreamKeys)
	} else {
		for _, part := range [...][]byte{p.group, f.Text(event.MachineID), f.Text(event.BootID), host} {
			k = append(append(k, 0), part...)
		}
	}
	p.key = bound(k)
	return p.key
}

// bound returns a key as it is, or its hash when it is too long.
func bound(key []byte) []byte {
	if len(key) <= maxKey {
		return key
	}
	sum := sha256.Sum256(key)
	return sum[:]
}

// stream returns the stream with this key, and what the filter keeps of it; it makes one that is
// new. Its lines are of a host, "" for one that nothing names.
func (p *pass) stream(key []byte, host string) (*parser.Stream, *stream) {
	evidence := p.evidence
	if host == "" && p.settings.HostName == "" {
		evidence = nil
	}
	s := p.streams.GetSharing(key, p.tag, evidence, host)
	if s.Mark == nil {
		s.Mark = &stream{tag: string(p.tag), denied: p.denied, host: host}
		if p.begun {
			s.Skip()
		}
		p.fresh = append(p.fresh, s)
	}
	p.putEvicted()
	return s, s.Mark.(*stream)
}

// openStream returns the stream with this key if it holds an open report, else nil; it makes none.
func (p *pass) openStream(key []byte) *parser.Stream {
	if s := p.streams.Lookup(key); s != nil && s.Open() {
		return s
	}
	return nil
}

// putEvicted puts in the records of streams that had to make room. Those of another tag wait for a
// chunk of theirs.
func (p *pass) putEvicted() {
	for _, e := range p.streams.Evicted() {
		p.count.evicted++
		state := e.Stream.Mark.(*stream)
		for _, r := range e.Records {
			if state.tag == string(p.tag) || !p.late.add(state, r) {
				p.put(r, state, &p.before)
			}
		}
	}
}

// leave ends the work on a stream for the current event. One that holds nothing is forgotten: a
// line that is no part of a report makes no stream.
func (p *pass) leave(s *parser.Stream, state *stream) {
	blank := !s.Open() && s.Blank() && !state.spread && !p.waitsOf(state.host)
	held := int(unsafe.Sizeof(*state)) + len(state.tag) + len(state.newestHost)
	if d := state.raw; d != nil {
		held += d.Memory()
		blank = blank && !d.Holds()
	}
	if d := state.fields; d != nil {
		held += d.Memory()
		blank = blank && !d.Holds()
	}
	if blank {
		p.streams.Drop(s)
		return
	}
	s.Beside(held)
	p.putEvicted()
}

// feed gives the text of the current event to its stream, and reports whether all of it belongs to
// a report whose head was seen.
func (p *pass) feed(f *fields) (used bool) {
	host := f.Host()
	f.verifiable = p.canVerify(f)
	key := p.streamKey(f, host)
	s := p.streams.Lookup(key)
	if !p.goesOn(s, key, f, host) && !p.settings.search().MayMatter(f.text) {
		p.denied++
		p.skips = true
		return false
	}
	var state *stream
	if s != nil {
		p.streams.Use(s)
		state = s.Mark.(*stream)
	} else {
		s, state = p.stream(key, p.hostOf(f, cmp.Or(string(host), string(p.group))))
	}
	if host == nil {
		host = p.group
	}
	if before, ok := p.skipped.Get(); ok && (f.form == event.Syslog || f.form == event.Raw) {
		p.feedSkipped(before, f.form, s, state, bytes.Clone(key))
		p.streamKey(f, f.Host()) // which feedRaw goes on with
	}
	used = p.feedText(f, s, state, host)
	p.leave(s, state)
	for i, s := range p.fresh {
		p.leave(s, s.Mark.(*stream))
		p.fresh[i] = nil
	}
	p.fresh = p.fresh[:0]
	return used
}

// feedSkipped gives the event before to a stream, if it is one of its own: see
// [parser.Parser.Skip].
func (p *pass) feedSkipped(skipped logevent.Event, form event.Form, s *parser.Stream, state *stream, key []byte) {
	current := p.event
	p.event = skipped
	defer func() { p.event = current }()
	f := &p.skippedFields
	p.readFields(f)
	host := f.Host()
	f.verifiable = p.canVerify(f)
	if f.form != form || f.text == nil || !bytes.Equal(p.streamKey(f, host), key) {
		return
	}
	if host == nil {
		host = p.group
	}
	p.refeeds = true
	p.feedText(f, s, state, host)
	p.refeeds = false
}

// feedText gives the text of an event to the stream that it belongs to.
func (p *pass) feedText(f *fields, s *parser.Stream, state *stream, host []byte) (used bool) {
	p.logged = p.event.Time
	if f.form == event.Raw {
		return p.feedRaw(f, s, state, host)
	}
	text, d := f.text, &state.fields
	if f.form == event.Kmsg { // its lines leave nothing for the next one to know, and its escapes are undone in place
		text, d = bytes.Clone(text), &p.kmsg
	}
	p.decoder(d).DecodeEvent(&f.Event, f.form, text, p.event.Time, func(l *format.Line) {
		l.Host = host
		l.JudgeEvent(&f.Event, f.verifiable)
		used = p.feedLine(s, state, l)
	})
	return used
}

// goesOn reports whether a text, whatever it says, may go on with a report that is open: that of s,
// its stream, nil for none, or, where the lines of a file name their hosts, that of its host.
func (p *pass) goesOn(s *parser.Stream, key []byte, f *fields, host []byte) bool {
	switch {
	case s != nil && s.Open():
		return true
	case f.form != event.Raw || host != nil || p.settings.StreamKeys != nil || !p.open:
		return false
	case s != nil:
		return s.Mark.(*stream).spread
	}
	found := false // without a stream there is no decoder that knows the file
	for line := range bytes.Lines(f.text) {
		var d *format.Decoder
		p.decoder(&d).Decode(bytes.TrimSuffix(line, []byte("\n")), func(l *format.Line) {
			found = found || l.Host != nil && p.openStream(p.hostKey(key, l.Host)) != nil
		})
	}
	return found
}

// hostKey returns the key of the stream of a host that lines of a stream name.
func (p *pass) hostKey(key, host []byte) []byte {
	p.child = append(append(append(p.child[:0], key...), 0), host...)
	return bound(p.child)
}

// feedRaw gives a text to its stream that is a line of a file, or several. Where the lines name
// their host (a file that a log server writes for many), each host has a stream of its own.
func (p *pass) feedRaw(f *fields, s *parser.Stream, state *stream, host []byte) (used bool) {
	used = true
	for text := f.text; len(text) > 0; {
		var raw []byte
		raw, text, _ = bytes.Cut(text, []byte("\n"))
		if s.Gone() { // it made room for another one
			s, state = p.stream(p.key, p.hostOf(f, string(host)))
		}
		none := true
		p.decoder(&state.raw).Decode(raw, func(l *format.Line) {
			none = false
			l.OfEvent(&f.Event, p.event.Time)
			l.JudgeEvent(&f.Event, f.verifiable)
			used = p.feedRawLine(s, state, l, f, host) && used
		})
		used = used && !none
	}
	return used
}

// feedRawLine gives one line of a text to the stream of its host. One that is not known yet is made
// where the text may matter.
func (p *pass) feedRawLine(s *parser.Stream, state *stream, l *format.Line, f *fields, host []byte) (used bool) {
	if l.Host == nil || p.settings.StreamKeys != nil || host != nil {
		if l.Host == nil && l.Format == report.None && state.newestHost != "" { // a further line of the one before
			if of := p.openStream(p.hostKey(p.key, []byte(state.newestHost))); of != nil {
				return p.feedLine(of, of.Mark.(*stream), l)
			}
		}
		if l.Host == nil {
			l.Host = host
		}
		return p.feedLine(s, state, l)
	}
	key := p.hostKey(p.key, l.Host)
	if state.newestHost != string(l.Host) {
		state.newestHost = string(l.Host)
	}
	if p.streams.Lookup(key) == nil && !p.refeeds && !p.settings.search().MayMatter(f.text) {
		p.denied++
		p.skips = true
		return false
	}
	of, ofState := p.stream(key, p.hostOf(f, string(l.Host)))
	used = p.feedLine(of, ofState, l)
	state.spread = state.spread || of.Open() || p.waitsOf(ofState.host)
	return used
}

// decoder returns the decoder at d, which it makes when it is needed first.
func (p *pass) decoder(d **format.Decoder) *format.Decoder {
	if *d == nil {
		*d = format.NewDecoder(report.Auto).Trust(p.settings.TrustedSource).Date(p.settings.dating(p.writtenBy))
	}
	return *d
}

// feedLine gives one line to a stream and puts the records that it completes behind the current
// event. It reports whether the line belongs to a report whose head was seen.
func (p *pass) feedLine(s *parser.Stream, state *stream, l *format.Line) (used bool) {
	if state.resumes {
		state.resumes = false
		if s.Open() && placeOf(l).before(state.last) { // the input reads all of it again
			p.streams.Drop(s)
			s, state = p.stream([]byte(s.Key), state.host)
		}
	}
	if s.Open() && p.event.Time.Sub(state.newest) > reportTimeout {
		p.flush(s, state, &p.before)
	}
	if state.denied != p.denied {
		state.denied = p.denied
		s.Skip()
	}
	p.count.lines++
	result := s.FeedLine(l)
	p.noteHost(state.host)
	p.putEvicted()
	if result.Mixed {
		p.warnMixed()
	}
	if result.InReport || s.Waits() {
		state.newest, state.fed, state.last = p.event.Time, p.now(), placeOf(l)
	}
	for _, r := range result.Records {
		p.put(r, state, &p.after)
	}
	p.noteOpen(s)
	return result.InReport && result.HeadSeen
}

// warnMixed says once that reports stand inside others.
func (p *pass) warnMixed() {
	if p.warnedMixed {
		return
	}
	p.warnedMixed = true
	p.log(LevelWarn, fmt.Sprintf("under tag %q a report begins inside another one, so that neither is complete: where lines of several hosts come under one tag and no field that is "+
		"known here separates them, set Stream_Keys to the field that does; said once", p.tag))
}

// flush closes what a stream holds open and has waited long enough.
func (p *pass) flush(s *parser.Stream, state *stream, events *[]byte) {
	for _, r := range s.FlushDue(p.now()) {
		p.put(r, state, events)
	}
	p.noteOpen(s)
}

// noteOpen keeps p.open right after a stream under this tag was fed or flushed.
func (p *pass) noteOpen(s *parser.Stream) {
	p.open = s.Open() || p.open && p.openUnder(p.tag)
}

// closeIdle closes the reports under this tag that no line was added to for a while. There is no
// timer in a filter: it is done when the next chunk of the tag comes, and under its tag, so that
// the records go where they belong.
func (p *pass) closeIdle() {
	if p.waitsUnder(p.tag) {
		for _, r := range p.evidence.FlushOf(p.now(), p.isOf(p.tag)) {
			p.put(r, &stream{tag: string(p.tag)}, &p.after)
		}
	}
	if !p.open {
		return
	}
	now := p.now()
	due := func(s *parser.Stream) bool {
		return s.Sender == string(p.tag) && now.Sub(s.Mark.(*stream).fed) > reportTimeout
	}
	p.streams.EachOpen(due, func(s *parser.Stream) { p.flush(s, s.Mark.(*stream), &p.after) })
}
