package oomkillprocessor

import (
	"container/list"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/oomtrail/oomtrail/parser"
)

// stream is one host's kernel log.
type stream struct {
	key streamKey
	// hand is held by the call that works on the stream, until the next component has answered.
	hand sync.Mutex

	// Guarded by hand.
	parser   *parser.Parser // what was accepted; nil for a stream of which nothing was yet
	resource pcommon.Map    // the resource of the newest lines of the open report
	when     logged         // of these lines
	reading  time.Time      // when the line that is being read was written at the latest

	// Guarded by the table.
	sender *sender
	users  int       // calls that hold or wait for hand
	open   bool      // a report is open
	fed    time.Time // when a report last grew
	recent *list.Element
}

// writtenBy returns when the line that is being read was written at the latest: stamps without a year lie before that.
func (s *stream) writtenBy() time.Time { return s.reading }

// sender is where the lines of one or more streams come from. It is guarded by the table.
type sender struct {
	key     senderKey
	streams int
	active  int // streams that are open or in use
	newest  streamKey
}

// table holds the streams, at most limit besides those in use.
type table struct {
	limit  int
	active atomic.Int64 // streams that are open or in use

	mu      sync.RWMutex
	byKey   map[streamKey]*stream
	senders map[senderKey]*sender
	recent  list.List // of *stream, the most recently used first
}

func newTable(limit int) *table {
	return &table{limit: limit, byKey: make(map[streamKey]*stream), senders: make(map[senderKey]*sender)}
}

// isActive reports whether a stream has a report open, or may have once the call that works on it is done.
func (t *table) isActive(key streamKey) bool {
	t.mu.RLock()
	defer t.mu.RUnlock()
	s := t.byKey[key]
	return s != nil && (s.open || s.users > 0)
}

// isSenderActive reports whether a stream of a sender is active.
func (t *table) isSenderActive(key senderKey) bool {
	t.mu.RLock()
	defer t.mu.RUnlock()
	from := t.senders[key]
	return from != nil && from.active > 0
}

// newestOf returns the stream that a sender's lines last belonged to.
func (t *table) newestOf(key senderKey) streamKey {
	t.mu.RLock()
	defer t.mu.RUnlock()
	if from := t.senders[key]; from != nil {
		return from.newest
	}
	return streamKey(key)
}

// take locks the streams that a batch is for, making those that are new. They are locked in the order of their
// keys, so that two calls cannot wait for each other.
func (t *table) take(targets map[streamKey]senderKey) []*stream {
	keys := make([]streamKey, 0, len(targets))
	for key := range targets {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	streams := make([]*stream, 0, len(keys))
	t.mu.Lock()
	for _, key := range keys {
		s := t.byKey[key]
		if s == nil {
			s = t.add(key, targets[key])
		}
		t.recent.MoveToFront(s.recent)
		s.sender.newest = key
		t.use(s)
		streams = append(streams, s)
	}
	t.mu.Unlock()
	for _, s := range streams {
		s.hand.Lock()
	}
	return streams
}

// takeSurplus locks the least recently used streams that are one too many, those without an open report first.
// None of them is in use, so that this never waits.
func (t *table) takeSurplus() []*stream {
	t.mu.Lock()
	defer t.mu.Unlock()
	surplus := len(t.byKey) - t.limit
	var streams []*stream
	for _, open := range []bool{false, true} {
		for e := t.recent.Back(); e != nil && len(streams) < surplus; e = e.Prev() {
			if s := e.Value.(*stream); s.users == 0 && s.open == open {
				t.use(s)
				s.hand.Lock()
				streams = append(streams, s)
			}
		}
	}
	return streams
}

// overLimit returns how many streams there are too many.
func (t *table) overLimit() int { return max(t.len()-t.limit, 0) }

// due returns the open streams that nobody works on and that were fed nothing since then.
func (t *table) due(since time.Time) map[streamKey]senderKey {
	if t.active.Load() == 0 {
		return nil
	}
	t.mu.RLock()
	defer t.mu.RUnlock()
	due := make(map[streamKey]senderKey)
	for key, s := range t.byKey {
		if s.open && s.users == 0 && !s.fed.After(since) {
			due[key] = s.sender.key
		}
	}
	return due
}

// fedAfter reports whether a report in s grew after then.
func (t *table) fedAfter(s *stream, then time.Time) bool {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return s.fed.After(then)
}

// release gives a stream back as it was accepted. fed is when a report in it last grew, zero for no news; gone
// drops it, as does a first batch that was not accepted.
func (t *table) release(s *stream, fed time.Time, gone bool) {
	gone = gone || s.parser == nil
	open := !gone && s.parser.Open()
	if !open {
		s.resource, s.when = pcommon.Map{}, logged{}
	}
	if gone {
		s.parser = nil
	}
	s.hand.Unlock()

	t.mu.Lock()
	defer t.mu.Unlock()
	s.users--
	s.open = open
	if !fed.IsZero() {
		s.fed = fed
	}
	if s.users == 0 && !s.open {
		t.active.Add(-1)
		s.sender.active--
	}
	if gone && s.users == 0 {
		t.remove(s)
	}
}

// len returns how many streams are held.
func (t *table) len() int {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return len(t.byKey)
}

// add makes a stream. The caller holds mu, as do those of the next two.
func (t *table) add(key streamKey, from senderKey) *stream {
	if t.senders[from] == nil {
		t.senders[from] = &sender{key: from}
	}
	s := &stream{key: key, sender: t.senders[from]}
	s.sender.streams++
	s.recent = t.recent.PushFront(s)
	t.byKey[key] = s
	return s
}

// use counts a user in.
func (t *table) use(s *stream) {
	if s.users == 0 && !s.open {
		t.active.Add(1)
		s.sender.active++
	}
	s.users++
}

// remove drops a stream, and its sender when it was the last one.
func (t *table) remove(s *stream) {
	t.recent.Remove(s.recent)
	delete(t.byKey, s.key)
	if s.sender.streams--; s.sender.streams == 0 {
		delete(t.senders, s.sender.key)
	}
}
