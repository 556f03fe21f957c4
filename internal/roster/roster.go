// SPDX-License-Identifier: Apache-2.0

// Package roster keeps the order in which streams make room for others, so that no sender takes the
// room of another: who holds most gives first.
package roster

import "container/list"

// Sender is who streams come from. Senders that share a connection have it as their parent, and
// count together.
type Sender struct {
	parent  *Sender
	streams int
	open    int
	bytes   int64
}

// NewSender returns a sender without streams; parent may be nil.
func NewSender(parent *Sender) *Sender { return &Sender{parent: parent} }

// Streams returns how many streams come from the sender.
func (s *Sender) Streams() int { return s.streams }

// Open returns how many of them hold an open report.
func (s *Sender) Open() int { return s.open }

// Bytes returns how much they hold.
func (s *Sender) Bytes() int64 { return s.bytes }

// top is the sender that s counts together with.
func (s *Sender) top() *Sender {
	if s.parent != nil {
		return s.parent
	}
	return s
}

// add counts streams and bytes of the sender, and of its parent.
func (s *Sender) add(streams, open int, bytes int64) {
	for ; s != nil; s = s.parent {
		s.streams += streams
		s.open += open
		s.bytes += bytes
	}
}

// Entry is the place of one stream.
type Entry[T any] struct {
	// Of is the stream.
	Of T

	sender *Sender
	place  *list.Element // among the idle ones, or among the open ones
	open   bool
	used   uint64 // the roster's clock when it was last used
	bytes  int64
	floor  int64 // what it held when it had last given up what it could
}

// Sender returns who the stream comes from.
func (e *Entry[T]) Sender() *Sender { return e.sender }

// Bytes returns what the stream holds.
func (e *Entry[T]) Bytes() int64 { return e.bytes }

// Open reports whether the stream holds an open report.
func (e *Entry[T]) Open() bool { return e.open }

// Roster holds the places of streams. The zero value is empty. It is for one goroutine.
type Roster[T any] struct {
	idle, open list.List // of *Entry[T], the most recently used first
	clock      uint64
	bytes      int64
}

// Len returns how many streams there are.
func (r *Roster[T]) Len() int { return r.idle.Len() + r.open.Len() }

// Bytes returns how many bytes they hold.
func (r *Roster[T]) Bytes() int64 { return r.bytes }

// AnyOpen reports whether a stream holds an open report.
func (r *Roster[T]) AnyOpen() bool { return r.open.Len() > 0 }

// Add gives a stream a place. It is idle and holds nothing.
func (r *Roster[T]) Add(of T, from *Sender) *Entry[T] {
	e := &Entry[T]{Of: of, sender: from}
	e.place = r.idle.PushFront(e)
	from.add(1, 0, 0)
	r.Use(e)
	return e
}

// Remove takes a stream's place away.
func (r *Roster[T]) Remove(e *Entry[T]) {
	r.Set(e, false, 0)
	r.idle.Remove(e.place)
	e.sender.add(-1, 0, 0)
}

// Use makes a stream the most recently used one.
func (r *Roster[T]) Use(e *Entry[T]) {
	r.clock++
	e.used = r.clock
	r.listOf(e).MoveToFront(e.place)
}

// Set notes whether a stream holds an open report, and how much it holds in all.
func (r *Roster[T]) Set(e *Entry[T], open bool, bytes int64) {
	if open != e.open {
		r.listOf(e).Remove(e.place)
		e.open = open
		e.place = r.listOf(e).PushFront(e)
		change := -1
		if open {
			change = 1
		}
		e.sender.add(0, change, 0)
	}
	e.sender.add(0, 0, bytes-e.bytes)
	r.bytes += bytes - e.bytes
	e.bytes = bytes
	e.floor = min(e.floor, bytes)
}

// Shed notes that a stream has given up what it could: what it holds now it needs.
func (r *Roster[T]) Shed(e *Entry[T], bytes int64) {
	r.Set(e, e.open, bytes)
	e.floor = bytes
}

// EachOpen calls fn with each stream that holds an open report, the most recently used first, until
// it returns false.
func (r *Roster[T]) EachOpen(fn func(*Entry[T]) bool) { each(&r.open, fn) }

// Next returns the stream that has to go first, of those that may: the least recently used idle
// one; with none, of the sender with the most open reports the least recently used. It returns nil
// when none may.
func (r *Roster[T]) Next(may func(T) bool) *Entry[T] {
	for place := r.idle.Back(); place != nil; place = place.Prev() {
		if e := place.Value.(*Entry[T]); may(e.Of) {
			return e
		}
	}
	var next *Entry[T]
	each(&r.open, func(e *Entry[T]) bool {
		if may(e.Of) && (next == nil || moreOpen(e, next)) {
			next = e
		}
		return true
	})
	return next
}

// moreOpen reports whether e has to go before f.
func moreOpen[T any](e, f *Entry[T]) bool {
	s, t := e.sender.top(), f.sender.top()
	if s == t {
		s, t = e.sender, f.sender
	}
	if s.open != t.open {
		return s.open > t.open
	}
	return e.used < f.used
}

const (
	// need is what a stream with an open report holds in any case.
	need = 24 << 10
	// least is how much must be won for a report to shed.
	least = 4 << 10
)

// Relief returns the stream that has to give memory back first, of those that may, and whether it
// is to shed or to go. It is one of the sender that holds the most. Of that, the report with the
// most to shed sheds; with none, the least recently used idle stream goes; with none, the least
// recently used open one. may says which streams may give at all, goes which of them may go. It
// returns nil when none may.
func (r *Roster[T]) Relief(may, goes func(T) bool) (next *Entry[T], shed bool) {
	look := func(e *Entry[T]) bool {
		if may(e.Of) && (e.sheds() > 0 || goes(e.Of)) && (next == nil || heavier(e, next)) {
			next = e
		}
		return true
	}
	each(&r.idle, look)
	each(&r.open, look)
	return next, next != nil && next.sheds() > 0
}

// sheds returns how much a report may win by shedding, 0 when it is not worth it.
func (e *Entry[T]) sheds() int64 {
	if n := e.bytes - max(e.floor, need); e.open && n >= least {
		return n
	}
	return 0
}

// heavier reports whether e has to give before f.
func heavier[T any](e, f *Entry[T]) bool {
	s, t := e.sender.top(), f.sender.top()
	if s == t {
		s, t = e.sender, f.sender
	}
	if s.bytes != t.bytes {
		return s.bytes > t.bytes
	}
	if a, b := e.sheds(), f.sheds(); a != b {
		return a > b
	}
	if e.open != f.open {
		return f.open
	}
	return e.used < f.used
}

func (r *Roster[T]) listOf(e *Entry[T]) *list.List {
	if e.open {
		return &r.open
	}
	return &r.idle
}

// each calls fn with the entries of a list until it returns false. fn may remove the entry.
func each[T any](l *list.List, fn func(*Entry[T]) bool) {
	for place := l.Front(); place != nil; {
		e := place.Value.(*Entry[T])
		if place = place.Next(); !fn(e) {
			return
		}
	}
}
