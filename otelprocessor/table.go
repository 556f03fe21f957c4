package otelprocessor

import (
	"cmp"
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
	when     time.Time      // when they were logged

	// Guarded by the table.
	users  int  // calls that hold or wait for hand
	open   bool // a report is open
	fed    time.Time
	recent *list.Element
}

// table holds the streams, at most limit besides those in use.
type table struct {
	limit  int
	active atomic.Int64 // streams that are open or in use

	mu     sync.RWMutex
	byKey  map[streamKey]*stream
	recent list.List // the most recently used first
}

func newTable(limit int) *table {
	return &table{limit: limit, byKey: make(map[streamKey]*stream)}
}

// isActive reports whether a stream has a report open, or may have once the call that works on it is done.
func (t *table) isActive(key streamKey) bool {
	t.mu.RLock()
	defer t.mu.RUnlock()
	s := t.byKey[key]
	return s != nil && (s.open || s.users > 0)
}

// take locks the streams of keys, making those that are new. Keys are locked in their order, so that two calls
// cannot wait for each other.
func (t *table) take(keys []streamKey) []*stream {
	slices.SortFunc(keys, func(a, b streamKey) int { return cmp.Compare(a, b) })
	streams := make([]*stream, 0, len(keys))
	t.mu.Lock()
	for _, key := range slices.Compact(keys) {
		s := t.byKey[key]
		if s == nil {
			s = &stream{key: key}
			s.recent = t.recent.PushFront(s)
			t.byKey[key] = s
		}
		t.recent.MoveToFront(s.recent)
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
func (t *table) overLimit() int {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return max(len(t.byKey)-t.limit, 0)
}

// due returns the open streams that nobody works on and that were fed nothing since then.
func (t *table) due(since time.Time) []streamKey {
	if t.active.Load() == 0 {
		return nil
	}
	t.mu.RLock()
	defer t.mu.RUnlock()
	var keys []streamKey
	for key, s := range t.byKey {
		if s.open && s.users == 0 && !s.fed.After(since) {
			keys = append(keys, key)
		}
	}
	return keys
}

// fedAfter reports whether a report in s grew after then.
func (t *table) fedAfter(s *stream, then time.Time) bool {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return s.fed.After(then)
}

// use counts a user in. The caller holds mu.
func (t *table) use(s *stream) {
	if s.users == 0 && !s.open {
		t.active.Add(1)
	}
	s.users++
}

// release gives a stream back as it was accepted. fed is when a report in it last grew, zero for no news; gone
// drops it, as does a first batch that was not accepted.
func (t *table) release(s *stream, fed time.Time, gone bool) {
	gone = gone || s.parser == nil
	open := !gone && s.parser.Open()
	if !open {
		s.resource, s.when = pcommon.Map{}, time.Time{}
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
	}
	if gone && s.users == 0 {
		t.recent.Remove(s.recent)
		delete(t.byKey, s.key)
	}
}

// len returns how many streams are held.
func (t *table) len() int {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return len(t.byKey)
}
