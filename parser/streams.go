package parser

import (
	"container/list"
	"slices"
	"strings"

	"github.com/oomtrail/oomtrail/parser/transport"
)

// DefaultMaxStreams is how many streams a [Streams] keeps when it is not told.
const DefaultMaxStreams = 4096

// Streams holds the parsers of many streams, one for each (host, boot, source) of a gateway. It keeps at
// most a given number: the least recently used one has to go. It is for one goroutine.
type Streams struct {
	options Options
	limit   int
	byKey   map[string]*list.Element
	recent  *list.List // of *Stream, the most recently used first
	open    map[*Stream]struct{}
}

// Stream is the parser of one stream. It is fed through its own methods, so that [Streams] knows which are open.
type Stream struct {
	// Key is what tells this stream from the others.
	Key string
	// Mark belongs to whoever feeds the stream; it goes when the stream goes.
	Mark   any
	parser *Parser
	owner  *Streams
}

// NewStreams returns an empty set of streams whose parsers have the options o. limit is the number of streams
// kept, at least 2; 0 means [DefaultMaxStreams].
func NewStreams(o Options, limit int) (*Streams, error) {
	if _, err := New(o); err != nil {
		return nil, err
	}
	if limit == 0 {
		limit = DefaultMaxStreams
	}
	return &Streams{
		options: o,
		limit:   max(limit, 2),
		byKey:   make(map[string]*list.Element),
		recent:  list.New(),
		open:    make(map[*Stream]struct{}),
	}, nil
}

// Get returns the stream of a key and makes it the most recently used. When it is new and there is no room,
// the least recently used stream goes; the records that its open report still gave are returned. Looking up
// a known stream allocates nothing.
func (s *Streams) Get(key []byte) (stream *Stream, evicted []*Record) {
	if e, ok := s.byKey[string(key)]; ok {
		s.recent.MoveToFront(e)
		return e.Value.(*Stream), nil
	}
	if s.recent.Len() >= s.limit {
		evicted = s.evict()
	}
	p, err := New(s.options)
	if err != nil {
		panic(err) // cannot be: NewStreams accepted the same options
	}
	stream = &Stream{Key: string(key), parser: p, owner: s}
	s.byKey[stream.Key] = s.recent.PushFront(stream)
	return stream, evicted
}

// Lookup returns the stream of a key, or nil; it makes none and uses none. It allocates nothing.
func (s *Streams) Lookup(key []byte) *Stream {
	if e, ok := s.byKey[string(key)]; ok {
		return e.Value.(*Stream)
	}
	return nil
}

// evict flushes and drops the least recently used stream.
func (s *Streams) evict() []*Record {
	last := s.recent.Back()
	stream := last.Value.(*Stream)
	records := stream.Flush()
	s.recent.Remove(last)
	delete(s.byKey, stream.Key)
	delete(s.open, stream)
	stream.owner = nil
	return records
}

// Len returns how many streams are held.
func (s *Streams) Len() int { return s.recent.Len() }

// AnyOpen reports whether any stream holds an open report.
func (s *Streams) AnyOpen() bool { return len(s.open) > 0 }

// EachOpen calls fn for each stream that holds an open report, in the order of their keys. fn may feed and
// flush the stream.
func (s *Streams) EachOpen(fn func(*Stream)) {
	if len(s.open) == 0 {
		return
	}
	streams := make([]*Stream, 0, len(s.open))
	for stream := range s.open {
		streams = append(streams, stream)
	}
	slices.SortFunc(streams, func(a, b *Stream) int { return strings.Compare(a.Key, b.Key) })
	for _, stream := range streams {
		fn(stream)
	}
}

// AnyOpenWhere reports whether fn is true of a stream that holds an open report. It allocates nothing.
func (s *Streams) AnyOpenWhere(fn func(*Stream) bool) bool {
	for stream := range s.open {
		if fn(stream) {
			return true
		}
	}
	return false
}

// FlushAll closes what is open in all streams and returns its records. The streams can be fed on afterwards.
func (s *Streams) FlushAll() []*Record {
	var records []*Record
	s.EachOpen(func(stream *Stream) { records = append(records, stream.Flush()...) })
	return records
}

// Feed is [Parser.Feed] on the stream's parser.
func (s *Stream) Feed(raw []byte) Result {
	r := s.parser.Feed(raw)
	s.note()
	return r
}

// FeedLine is [Parser.FeedLine] on the stream's parser.
func (s *Stream) FeedLine(l *transport.Line) Result {
	r := s.parser.FeedLine(l)
	s.note()
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

// Open is [Parser.Open] of the stream's parser.
func (s *Stream) Open() bool { return s.parser.Open() }

// Clone returns a copy of the stream's parser, to try a batch on.
func (s *Stream) Clone() *Parser { return s.parser.Clone() }

// Commit makes p, a clone that has been fed, the stream's parser.
func (s *Stream) Commit(p *Parser) {
	s.parser = p
	s.note()
}

// note keeps the owner's set of open streams right.
func (s *Stream) note() {
	if s.owner == nil {
		return
	}
	if s.parser.Open() {
		s.owner.open[s] = struct{}{}
	} else {
		delete(s.owner.open, s)
	}
}
