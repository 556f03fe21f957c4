// SPDX-License-Identifier: Apache-2.0

package parser

import (
	"iter"
	"maps"
	"slices"
	"strings"
	"time"
	"unsafe"

	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/internal/roster"
)

// DefaultMaxStreams is how many streams a [Streams] keeps where no number is set.
const DefaultMaxStreams = 4096

// warm is how many idle streams keep the buffers for their next report: those whose reports ended
// last.
const warm = 8

// Streams holds the parsers of many streams, one for each log that comes in at a gateway. It bounds
// their number, and their memory by its [Share]: see [Streams.Get]. It is for one goroutine.
type Streams struct {
	options Options
	limit   int
	share   *Share // nil for none
	byKey   map[string]*Stream
	senders map[string]*roster.Sender
	roster  roster.Roster[*Stream]
	past    roster.Past[string, *Past]
	evicted []Evicted
	warm    [warm]*Stream
	cooling int
}

// Stream is the parser of one stream. Feed it by its own methods, so that [Streams] knows which
// streams have an open report.
type Stream struct {
	// Key identifies the stream among the others. Sender identifies where it comes from.
	Key, Sender string
	// Mark is the caller's own value; it goes with the stream.
	Mark   any
	beside int // see [Stream.Beside]
	// reports is how many bytes open reports held when they were counted last.
	reports int
	parser  *Parser
	owner   *Streams // nil once it was evicted
	place   *roster.Entry[*Stream]
}

// Evicted is a stream that was evicted, with the records of its open report.
type Evicted struct {
	// Stream is the stream, which is gone: see [Stream.Gone].
	Stream *Stream
	// Records are those of its open report.
	Records []*Record
}

// NewStreams returns an empty set of streams whose parsers have the options o. limit is how many
// streams it keeps, at least 2; 0 means [DefaultMaxStreams]. Their memory counts in share; nil
// bounds none.
func NewStreams(o Options, limit int, share *Share) (*Streams, error) {
	if _, err := New(o); err != nil {
		return nil, err
	}
	if limit == 0 {
		limit = DefaultMaxStreams
	}
	limit = max(limit, 2)
	return &Streams{
		options: o,
		limit:   limit,
		share:   share,
		byKey:   make(map[string]*Stream),
		senders: make(map[string]*roster.Sender),
	}, nil
}

// Get returns the stream of a key, and makes it the most recently used. A new one comes from
// sender. Where there is no room for it, Get evicts the least recently used stream without an open
// report; without one, of the sender with most open reports the least recently used: see
// [Streams.Evicted]. It allocates nothing for a known stream.
func (s *Streams) Get(key, sender []byte) *Stream {
	return s.GetSharing(key, sender, s.options.Evidence, s.options.EvidenceHost)
}

// GetSharing is [Streams.Get] for a stream that shares an evidence, in which all its lines are of a
// host: see [Options.Evidence]. A stream that there is keeps the evidence that it has.
func (s *Streams) GetSharing(key, sender []byte, e *Evidence, host string) *Stream {
	if stream, ok := s.byKey[string(key)]; ok {
		s.roster.Use(stream.place)
		return stream
	}
	for s.roster.Len() >= s.limit {
		s.evict(s.roster.Next(anyStream).Of)
	}
	o := s.options
	o.Evidence, o.EvidenceHost = e, host
	p, err := New(o)
	if err != nil {
		panic(err) // cannot be: NewStreams accepted the same options
	}
	from := s.senders[string(sender)]
	if from == nil {
		from = roster.NewSender(nil)
		s.senders[string(sender)] = from
	}
	stream := &Stream{Key: string(key), Sender: string(sender), parser: p, owner: s}
	stream.place = s.roster.Add(stream, from)
	s.byKey[stream.Key] = stream
	p.Recall(s.past.Get(stream.Key))
	stream.note()
	return stream
}

// Use makes a stream the most recently used one.
func (s *Streams) Use(stream *Stream) {
	if stream.owner == s {
		s.roster.Use(stream.place)
	}
}

func anyStream(*Stream) bool { return true }

// Lookup returns the stream of a key, or nil. It neither makes nor uses one, and allocates nothing.
func (s *Streams) Lookup(key []byte) *Stream { return s.byKey[string(key)] }

// Evicted returns the streams with an open report that were evicted since the last call, with its
// records. Call it after each Get and Feed: no other call returns these records. The kills of such
// a stream are remembered, so that their duplicates make no record.
func (s *Streams) Evicted() []Evicted {
	evicted := s.evicted
	if evicted != nil {
		s.evicted = nil
	}
	return evicted
}

// evict closes what is open in a stream, and drops the stream.
func (s *Streams) evict(stream *Stream) {
	if records := stream.parser.CutOff(); len(records) > 0 {
		s.evicted = append(s.evicted, Evicted{stream, slices.Clone(records)})
	}
	if past := stream.parser.Past(); past != nil {
		s.past.Put(stream.Key, past)
	}
	s.Drop(stream)
}

// Drop removes a stream with all that it holds.
func (s *Streams) Drop(stream *Stream) {
	if stream.owner != s {
		return
	}
	s.count(-stream.place.Bytes())
	from := stream.place.Sender()
	s.roster.Remove(stream.place)
	delete(s.byKey, stream.Key)
	if from.Streams() == 0 {
		delete(s.senders, stream.Sender)
	}
	stream.owner = nil
}

// Close drops all streams, with their open reports.
func (s *Streams) Close() {
	for _, stream := range s.byKey {
		s.Drop(stream)
	}
}

// Relieve frees some memory, and reports whether it could: see [Budget.Join].
func (s *Streams) Relieve() bool { return s.relieve(nil) }

// relieve makes one stream shed or go, other than fed.
func (s *Streams) relieve(fed *Stream) bool {
	e, shed := s.roster.Relief(anyStream, func(stream *Stream) bool { return stream != fed })
	switch {
	case e == nil:
		return false
	case shed:
		e.Of.parser.Shed()
		s.count(-e.Bytes())
		s.roster.Shed(e, e.Of.size())
		s.count(e.Bytes())
	default:
		s.evict(e.Of)
	}
	return true
}

// count adds to the memory of the streams; bytes may be negative.
func (s *Streams) count(bytes int64) {
	if s.share != nil {
		s.share.Add(bytes)
	}
}

// All returns an iterator over the streams and their keys, in no order.
func (s *Streams) All() iter.Seq2[string, *Stream] { return maps.All(s.byKey) }

// Len returns how many streams there are.
func (s *Streams) Len() int { return s.roster.Len() }

// AnyOpen reports whether any stream has an open report.
func (s *Streams) AnyOpen() bool { return s.roster.AnyOpen() }

// AnyOpenFrom reports whether a stream of a sender has an open report. It allocates nothing.
func (s *Streams) AnyOpenFrom(sender []byte) bool {
	from := s.senders[string(sender)]
	return from != nil && from.Open() > 0
}

// EachOpen calls fn for each stream that has an open report and that want accepts, in the order of
// their keys. fn may feed and flush the stream.
func (s *Streams) EachOpen(want func(*Stream) bool, fn func(*Stream)) {
	var streams []*Stream
	s.roster.EachOpen(func(e *roster.Entry[*Stream]) bool {
		if want(e.Of) {
			streams = append(streams, e.Of)
		}
		return true
	})
	slices.SortFunc(streams, func(a, b *Stream) int { return strings.Compare(a.Key, b.Key) })
	for _, stream := range streams {
		fn(stream)
	}
}

// FlushAll closes what is open in all streams and returns its records. The streams may be fed again
// afterwards.
func (s *Streams) FlushAll() []*Record {
	var records []*Record
	s.EachOpen(anyStream, func(stream *Stream) { records = append(records, stream.Flush()...) })
	return records
}

// Feed is [Parser.Feed] on the stream's parser.
func (s *Stream) Feed(raw []byte) Result {
	r := s.parser.Feed(raw)
	s.note()
	return r
}

// FeedLine is [Parser.FeedLine] on the stream's parser.
func (s *Stream) FeedLine(l *format.Line) Result {
	r := s.parser.FeedLine(l)
	if open := s.parser.ReportMemory(); open != s.reports || len(r.Records) > 0 {
		s.reports = open
		s.note()
	}
	return r
}

// Skip is [Parser.Skip] of the stream's parser.
func (s *Stream) Skip() { s.parser.Skip() }

// Flush is [Parser.Flush] on the stream's parser.
func (s *Stream) Flush() []*Record {
	r := s.parser.Flush()
	s.note()
	return r
}

// FlushDue is [Parser.FlushDue] on the stream's parser.
func (s *Stream) FlushDue(now time.Time) []*Record {
	r := s.parser.FlushDue(now)
	s.note()
	return r
}

// Waits is [Parser.Waits] of the stream's parser.
func (s *Stream) Waits() bool { return s.parser.Waits() }

// CutOff is [Parser.CutOff] on the stream's parser.
func (s *Stream) CutOff() []*Record {
	r := s.parser.CutOff()
	s.note()
	return r
}

// Open is [Parser.Open] of the stream's parser.
func (s *Stream) Open() bool { return s.parser.Open() }

// Blank is [Parser.Blank] of the stream's parser.
func (s *Stream) Blank() bool { return s.parser.Blank() }

// size returns how many bytes the stream holds.
func (s *Stream) size() int64 {
	const more = 1 << 10 // entries of maps and of lists, and what the allocator rounds up
	return int64(s.parser.Memory() + s.beside + len(s.Key) + int(unsafe.Sizeof(*s)+unsafe.Sizeof(*s.place)) + more)
}

// Gone reports whether the stream was evicted or dropped: what is fed to it is never flushed.
func (s *Stream) Gone() bool { return s.owner == nil }

// Beside sets how many bytes the caller holds for the stream beside its parser.
func (s *Stream) Beside(bytes int) {
	if s.beside != bytes {
		s.beside = bytes
		s.note()
	}
}

// note updates the accounts of the stream right after it was fed.
func (s *Stream) note() {
	o := s.owner
	if o == nil {
		return
	}
	open, before := s.parser.Open(), s.place.Bytes()
	if !open && s.place.Open() {
		o.cool(s)
	}
	o.roster.Set(s.place, open, s.size())
	if o.share == nil {
		return
	}
	if o.share.Add(s.place.Bytes() - before); o.share.Over(0) {
		o.share.Relieve(func() bool { return o.relieve(s) })
	}
}

// cool makes the warm stream whose report ended longest ago free the buffers for its next one.
func (s *Streams) cool(ended *Stream) {
	if slices.Contains(s.warm[:], ended) {
		return
	}
	cold := s.warm[s.cooling]
	s.warm[s.cooling] = ended
	s.cooling = (s.cooling + 1) % warm
	if cold == nil || cold.owner != s || cold.Open() {
		return
	}
	cold.parser.Trim()
	s.count(-cold.place.Bytes())
	s.roster.Set(cold.place, false, cold.size())
	s.count(cold.place.Bytes())
}
