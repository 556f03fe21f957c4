package filter

import (
	"bytes"
	"crypto/sha256"
	"time"

	"github.com/oomtrail/oomtrail/parser"
	"github.com/oomtrail/oomtrail/parser/transport"
)

// stream is what the filter keeps of one stream besides the parser.
type stream struct {
	// tag is the tag of its events: its records go out under the same one.
	tag string
	// raw takes the carrier off a line as it stood in a file, syslog what is left of it in the text
	// of a parsed one; nil until they are needed.
	raw, syslog *transport.Decoder
	// newest is the time of the newest line that belonged to a report.
	newest time.Time
	// fed is when such a line came, by the clock of this machine.
	fed time.Time
	// denied is the filter's count when the stream was fed last.
	denied uint64
	// lastReport is the id of the newest report that gave a record.
	lastReport string
}

// openUnder reports whether a stream under this tag holds an open report.
func (f *Filter) openUnder(tag []byte) bool {
	return f.streams.AnyOpen() && f.streams.AnyOpenWhere(func(s *parser.Stream) bool { return s.Mark.(*stream).tag == string(tag) })
}

// maxKey bounds a key, and so what thousands of streams with hostile names of hosts can take.
const maxKey = 512

// streamKey builds the key of the stream that an event belongs to: the tag, and what tells its host.
//
// What can be verified has streams of its own, so that nobody else's lines get into its reports.
func (p *pass) streamKey(f *fields, host []byte, verifiable bool) []byte {
	k := append(p.key[:0], p.tag...)
	if verifiable {
		k = append(k, 0, 1)
	}
	if p.settings.StreamKeys != nil {
		k = appendNamed(k, p.event.Record, p.settings.StreamKeys)
	} else {
		for _, part := range [...][]byte{p.group, f.text(fieldMachineID), f.text(fieldBootID), host} {
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

// stream returns the stream with this key, and what the filter keeps of it. A stream that had to make
// room gives its records here, the last place there is for them.
func (p *pass) stream(key []byte) (*parser.Stream, *stream) {
	s, evicted := p.streams.Get(key)
	for _, r := range evicted {
		p.put(r, nil, &p.before)
	}
	if s.Mark == nil {
		s.Mark = &stream{tag: string(p.tag), denied: p.denied}
		if p.begun {
			s.Skip()
		}
	}
	return s, s.Mark.(*stream)
}

// feed gives the text of the current event to its stream, and reports whether all of it belongs to a
// report whose head was seen.
func (p *pass) feed(f *fields, c carrier, text []byte) (used bool) {
	host := f.host()
	proof := p.proof(f, c)
	key := p.streamKey(f, host, proof.verifiable)
	if known := p.streams.Lookup(key); (known == nil || !known.Open()) && c != carrierRaw && !parser.MayMatter(text) {
		p.denied++
		return false
	}
	s, state := p.stream(key)
	if host == nil {
		host = p.group
	}
	if p.hasSkipped && (c == carrierSyslog || c == carrierRaw) {
		p.feedSkipped(c, s, state, bytes.Clone(key))
		p.streamKey(f, f.host(), proof.verifiable) // which feedRaw goes on with
	}
	return p.feedText(f, c, s, state, text, host, proof)
}

// feedSkipped gives the event before to a stream, if it is one of its own: the next line may be a piece of the same record, which
// anybody can have the kernel write.
func (p *pass) feedSkipped(c carrier, s *parser.Stream, state *stream, key []byte) {
	current := p.event
	p.event = p.skipped
	defer func() { p.event = current }()
	var f fields
	f.read(p.event.Record, p.settings.Key)
	host := f.host()
	before, text := f.carrier(p.settings.Key)
	proof := p.proof(&f, before)
	if before != c || !bytes.Equal(p.streamKey(&f, host, proof.verifiable), key) {
		return
	}
	if host == nil {
		host = p.group
	}
	p.feedText(&f, c, s, state, text, host, proof)
}

// feedText gives the text of an event to the stream that it belongs to.
func (p *pass) feedText(f *fields, c carrier, s *parser.Stream, state *stream, text, host []byte, proof proof) (used bool) {
	p.logged = p.event.Time
	var line transport.Line
	switch c {
	case carrierKmsg:
		f.kmsgLine(&line, bytes.Clone(text), p.event.Time)
	case carrierJournal:
		f.journalLine(&line, text, p.event.Time)
	case carrierSyslog:
		line.Text = text
		p.decode(&state.syslog, transport.Dmesg, text, func(l *transport.Line) { line = *l })
		f.syslogLine(&line, p.event.Time)
		if t, assumed := state.syslog.DateStamp(line.Stamp); !t.IsZero() { // the input may have read it in another zone, or year
			line.Wall, line.Assumed = t, assumed
		}
	case carrierRaw:
		return p.feedRaw(s, state, text, host, proof)
	}
	line.Host = host
	proof.judge(&line)
	return p.feedLine(s, state, &line)
}

// feedRaw gives a text to its stream that is a line of a file, or several. Where the lines name their host (a
// file that a log server writes for many), each host has a stream of its own.
func (p *pass) feedRaw(s *parser.Stream, state *stream, text, host []byte, proof proof) (used bool) {
	used = true
	for len(text) > 0 {
		var raw []byte
		raw, text, _ = bytes.Cut(text, []byte("\n"))
		none := true
		p.decode(&state.raw, transport.Auto, raw, func(l *transport.Line) {
			none = false
			proof.judge(l)
			target, targetState := s, state
			if l.Host == nil {
				l.Host = host
			} else if p.settings.StreamKeys == nil && host == nil {
				target, targetState = p.stream(bound(append(append(p.key, 0), l.Host...)))
			}
			used = p.feedLine(target, targetState, l) && used
		})
		used = used && !none
	}
	return used
}

// decode takes the carrier off one line of text, by a decoder that is made when it is needed first.
func (p *pass) decode(d **transport.Decoder, format transport.Format, raw []byte, emit func(*transport.Line)) {
	if *d == nil {
		*d = transport.NewDecoder(format).Trust(p.settings.TrustedSource).Date(p.settings.dating(p.writtenBy))
	}
	(*d).Decode(raw, emit)
}

// feedLine gives one line to a stream and puts the records that it completes behind the current event. It reports
// whether the line belongs to a report whose head was seen.
func (p *pass) feedLine(s *parser.Stream, state *stream, l *transport.Line) (used bool) {
	if s.Open() && p.event.Time.Sub(state.newest) > reportTimeout {
		p.flush(s, state, &p.before)
	}
	if state.denied != p.denied {
		state.denied = p.denied
		s.Skip()
	}
	p.count.lines++
	result := s.FeedLine(l)
	if result.InReport {
		state.newest, state.fed = p.event.Time, p.now()
	}
	for _, r := range result.Records {
		p.put(r, state, &p.after)
	}
	p.noteOpen(s)
	return result.InReport && result.HeadSeen
}

// flush closes what a stream holds open.
func (p *pass) flush(s *parser.Stream, state *stream, events *[]byte) {
	for _, r := range s.Flush() {
		p.put(r, state, events)
	}
	p.noteOpen(s)
}

// noteOpen keeps p.open right after a stream under this tag was fed or flushed.
func (p *pass) noteOpen(s *parser.Stream) {
	p.open = s.Open() || p.open && p.openUnder(p.tag)
}

// closeIdle closes the reports under this tag that no line was added to for a while. There is no timer in a
// filter: it is done when the next chunk of the tag comes, and under its tag, so that the records go where they belong.
func (p *pass) closeIdle() {
	if !p.open {
		return
	}
	now := p.now()
	p.streams.EachOpen(func(s *parser.Stream) {
		if state := s.Mark.(*stream); state.tag == string(p.tag) && now.Sub(state.fed) > reportTimeout {
			p.flush(s, state, &p.after)
		}
	})
}
