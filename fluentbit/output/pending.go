// SPDX-License-Identifier: Apache-2.0

package output

import (
	"container/list"
	"hash/maphash"
)

// The bounds of what is remembered of chunks that Fluent Bit will send again.
const (
	maxPendingChunks = 1024
	maxPendingBytes  = 32 << 20
)

// pending remembers, for each chunk that could not be delivered, the events of it that are still to
// be sent, and the answer for one that was delivered when nobody waited for it any more.
//
// Fluent Bit sends such a chunk again, later than chunks that came after it: its lines must not be
// read a second time by a parser that has moved on, and what a server accepted of it must not be
// sent twice. A chunk that is forgotten, because Fluent Bit gave it up or there are too many, is
// read anew if it comes back; the ids of its records are the same then, but its reports may miss
// what stood in other chunks.
type pending struct {
	seed   maphash.Seed
	chunks map[uint64]*list.Element
	oldest *list.List // of *pendingChunk, the oldest first
	bytes  int
	left   int // chunks of which something is left
}

type pendingChunk struct {
	key    uint64
	events []event
	// result is Retry while events are left.
	result Result
	bytes  int
}

func newPending() *pending {
	return &pending{seed: maphash.MakeSeed(), chunks: make(map[uint64]*list.Element), oldest: list.New()}
}

// key tells a chunk by its tag and bytes.
func (p *pending) key(tag, chunk []byte) uint64 {
	var h maphash.Hash
	h.SetSeed(p.seed)
	h.Write(tag)
	h.WriteByte(0)
	h.Write(chunk)
	return h.Sum64()
}

// take returns what is known of a chunk and forgets it.
func (p *pending) take(key uint64) (c *pendingChunk, ok bool) {
	e, ok := p.chunks[key]
	if !ok {
		return nil, false
	}
	return p.remove(e), true
}

// put remembers what is known of a chunk. It returns how many chunks had to be forgotten for it.
func (p *pending) put(key uint64, chunk pendingChunk) (forgotten int) {
	c := &chunk
	c.key = key
	for i := range c.events {
		c.bytes += c.events[i].size()
	}
	if e, ok := p.chunks[key]; ok {
		p.remove(e)
	}
	p.chunks[key] = p.oldest.PushBack(c)
	p.bytes += c.bytes
	if c.result == Retry {
		p.left++
	}
	for p.oldest.Len() > 1 && (p.oldest.Len() > maxPendingChunks || p.bytes > maxPendingBytes) {
		p.remove(p.oldest.Front())
		forgotten++
	}
	return forgotten
}

func (p *pending) remove(e *list.Element) *pendingChunk {
	c := p.oldest.Remove(e).(*pendingChunk)
	delete(p.chunks, c.key)
	p.bytes -= c.bytes
	if c.result == Retry {
		p.left--
	}
	return c
}

// takeWaiting returns the chunks of which something is left, the oldest first, and forgets them.
func (p *pending) takeWaiting() (chunks []*pendingChunk) {
	for e := p.oldest.Front(); e != nil; {
		next := e.Next()
		if e.Value.(*pendingChunk).result == Retry {
			chunks = append(chunks, p.remove(e))
		}
		e = next
	}
	return chunks
}

// waiting is how many chunks are remembered of which something is left.
func (p *pending) waiting() int { return p.left }

// len is how many chunks are remembered.
func (p *pending) len() int { return p.oldest.Len() }
