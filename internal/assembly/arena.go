// SPDX-License-Identifier: Apache-2.0

package assembly

import "unsafe"

// arenaChunk is the size of one block of text; a longer line gets a block of its own. The first
// blocks of a report are smaller: of many streams' reports most hold little.
const (
	firstChunk = 1 << 10
	arenaChunk = 16 << 10
)

// arena holds the text of one report in a few blocks, so that keeping a line costs a copy
// and, mostly, no allocation.
type arena struct {
	chunk  []byte
	spare  []byte // an emptied block, ready for the next report
	size   int
	held   int  // the memory of all blocks, of those too that only the kept strings still point to
	shared bool // a clone reads what the report has kept: none of its memory may serve the next report
	room   int  // how large the next block is made, 0 for firstChunk
}

// keep copies s, which may be a view of bytes that go away, and returns a string that lives as long
// as it is held.
func (a *arena) keep(s string) string {
	if s == "" {
		return ""
	}
	a.reserve(len(s))
	start := len(a.chunk)
	a.chunk = append(a.chunk, s...)
	a.size += len(s)
	return view(a.chunk[start:])
}

// join keeps the concatenation of three strings. Where head is the newest text it is made longer in
// its place.
func (a *arena) join(head, glue, tail string) string {
	if at := len(a.chunk) - len(head); head != "" && at >= 0 && unsafe.StringData(head) == &a.chunk[at] && cap(a.chunk)-len(a.chunk) >= len(glue)+len(tail) {
		a.chunk = append(append(a.chunk, glue...), tail...)
		a.size += len(glue) + len(tail)
		return view(a.chunk[at:])
	}
	a.reserve(len(head) + len(glue) + len(tail))
	start := len(a.chunk)
	a.chunk = append(append(append(a.chunk, head...), glue...), tail...)
	a.size += len(a.chunk) - start
	return view(a.chunk[start:])
}

// undo forgets the newest text, of which nothing was used: size is what the arena held before it.
func (a *arena) undo(size int) {
	a.chunk = a.chunk[:len(a.chunk)-(a.size-size)]
	a.size = size
}

// reserve makes room for n bytes that must stand together.
func (a *arena) reserve(n int) {
	if cap(a.chunk)-len(a.chunk) >= n {
		return
	}
	if a.spare != nil && cap(a.spare) >= n {
		a.chunk, a.spare = a.spare[:0], nil
		return
	}
	room := a.room
	if room == 0 {
		room = firstChunk
	}
	a.chunk = make([]byte, 0, max(n, room))
	a.held += cap(a.chunk)
	a.room = min(2*room, arenaChunk)
}

// reset forgets all text, which nothing else may read; the newest block is used again.
func (a *arena) reset() {
	if cap(a.chunk) == arenaChunk {
		a.spare = a.chunk[:0]
	}
	a.chunk, a.size, a.held = nil, 0, cap(a.spare)
}

// forkChunk is the first block of a fork, which often holds one line only.
const forkChunk = 256

// fork returns an arena whose owner may read all that stands in a, and writes elsewhere.
func (a *arena) fork() arena {
	a.shared = true
	return arena{size: a.size, held: a.held, shared: true, room: forkChunk}
}

// view makes a string of bytes that do not change while the string is in use.
func view(b []byte) string { return *(*string)(unsafe.Pointer(&b)) }
