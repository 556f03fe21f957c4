// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"encoding/binary"
	"iter"
	"strings"
	"sync"
	"unsafe"

	"github.com/oomtrail/oomtrail/internal/search"
	"github.com/oomtrail/oomtrail/internal/swar"
	"github.com/oomtrail/oomtrail/parser/report"
)

// form is how lines of one kind are recognised by their own words. Each is in the file of its
// line, and in the table of kinds.
type form struct {
	// starts are the words with which lines of the kind start. Where no line starts with fixed
	// words, words are search terms of eight bytes, of which each line holds one.
	starts, words []string
	// named is set where a task's name starts the line. It may look like any other line's start:
	// these kinds are asked first, about each line.
	named bool
	// read reports whether a line is of the kind, and may leave in the Reading what it read. Where
	// several kinds share the form, it sets Reading.Kind. Where it is nil, the starts are enough.
	read func(r *Reading, line string) bool
	// openName returns the name of a task in which the line breaks off, as far as it goes.
	openName func(line string) (name string, ok bool)
	// pieces are the places where the line can continue in a record of its own.
	pieces []continuation
}

// is returns a form's read function for a line that leaves nothing in the Reading.
func is(is func(line string) bool) func(*Reading, string) bool {
	return func(_ *Reading, line string) bool { return is(line) }
}

// parses returns a form's read function for a line that is of the kind when parse can read it.
func parses[T any](parse func(line string) (T, bool)) func(*Reading, string) bool {
	return func(_ *Reading, line string) bool {
		_, ok := parse(line)
		return ok
	}
}

// candidate is a kind that a line may be of.
type candidate struct {
	// key is the last eight bytes of one of the kind's starts, which follow rest others. Where the
	// start has fewer, rest is -1, and a line's first eight bytes are key under mask.
	key, mask uint64
	rest      int
	read      func(*Reading, string) bool
	kind      Kind
}

// setStart sets the start.
func (c *candidate) setStart(start string) {
	if c.read == nil {
		c.read = is(func(line string) bool { return strings.HasPrefix(line, start) })
	}
	if c.rest = len(start) - 8; c.rest >= 0 {
		c.key = swar.Load(start[c.rest:])
		return
	}
	c.rest, c.key, c.mask = -1, firstBytes(start), 1<<(8*len(start))-1
}

// firstBytes returns the first eight bytes of s, with zero bytes for those that it lacks.
func firstBytes(s string) uint64 {
	if len(s) >= 8 {
		return swar.Load(s)
	}
	var b [8]byte
	copy(b[:], s)
	return binary.LittleEndian.Uint64(b[:])
}

// classifier holds the forms of all kinds, in the order of the kinds.
var classifier struct {
	named   []candidate
	byStart [256][]candidate // by the first byte of start
	byWords []candidate
	words   *search.Keys
}

// forms returns the form of each kind that has one. A form that several kinds share comes once,
// with the first of them.
func forms() iter.Seq2[Kind, *form] {
	return func(yield func(Kind, *form) bool) {
		seen := map[*form]bool{nil: true}
		for k := range numKinds {
			if f := kinds[k].form; !seen[f] {
				seen[f] = true
				if !yield(k, f) {
					return
				}
			}
		}
	}
}

func init() {
	c := &classifier
	var words []string
	for k, f := range forms() {
		one := candidate{read: f.read, kind: k}
		if f.named {
			c.named = append(c.named, one)
		}
		if f.words != nil {
			c.byWords = append(c.byWords, one)
			words = append(words, f.words...)
		}
		for _, start := range f.starts {
			at := one
			at.setStart(start)
			c.byStart[start[0]] = append(c.byStart[start[0]], at)
		}
	}
	c.words = search.NewKeys(words...)
}

// Reading is what [Reading.Classify] has read of a line on the way to its kind, of the kinds where
// that is the whole line. Each value is valid iff Kind is its own.
type Reading struct {
	Kind       Kind
	Invocation report.Invocation // InvocationLine
	Kill       report.KillLine   // KillLine
	OOMKill    report.OOMKill    // OOMKillLine
	Table      TaskTable         // TaskHead
	Counter    report.Counter    // MemcgCounter
	Hugepages  report.Hugepages  // HugepagesLine
	Total      Total             // Pagecache, Swap, Pages

	// head is the line that Table was read of, headLen its length, 0 when it is not known.
	head    [longestHead]byte
	headLen int
	// full is set where a value may hold text of a line.
	full bool
}

// idle holds readings that are not in use.
var idle = sync.Pool{New: func() any { return new(Reading) }}

// Classify returns the kind of a line: see [Reading.Classify].
func Classify(line string) Kind {
	r := idle.Get().(*Reading)
	k := r.Classify(line)
	r.Forget()
	idle.Put(r)
	return k
}

// Classify returns the kind of a line from its own words alone. Kinds that only their neighbours
// make plain (a memory.stat value, a slab row, a stack frame, a bare path) come out as [Other]:
// package assembly knows what may follow what.
func (r *Reading) Classify(line string) Kind {
	if line == "" || !r.classify(line) {
		r.Kind = Other
	}
	return r.Kind
}

// classify sets the kind of a line, and is false for one that has none.
func (r *Reading) classify(line string) bool {
	c := &classifier
	for i := range c.named {
		if r.is(&c.named[i], line) {
			return true
		}
	}
	starts := c.byStart[line[0]]
	first := firstBytes(line)
	for i := range starts {
		s := &starts[i]
		if s.rest < 0 {
			if (first^s.key)&s.mask != 0 {
				continue
			}
		} else if len(line) < s.rest+8 || swar.Load(line[s.rest:]) != s.key {
			continue
		}
		if r.is(s, line) {
			return true
		}
	}
	return hasWords(line) && r.classifyByWords(line)
}

// is reports whether a line is of the candidate's kind, or of one that shares its form.
func (r *Reading) is(c *candidate, line string) bool {
	r.Kind = c.kind
	return c.read(r, line)
}

// hasWords reports whether line holds a search term of a kind that is recognised by words.
func hasWords(line string) bool {
	return classifier.words.Index(unsafe.Slice(unsafe.StringData(line), len(line))) >= 0
}

// classifyByWords asks all kinds that are recognised by words alone.
func (r *Reading) classifyByWords(line string) bool {
	for i := range classifier.byWords {
		if r.is(&classifier.byWords[i], line) {
			return true
		}
	}
	return false
}

// Forget lets go of the text of the lines that were read.
func (r *Reading) Forget() {
	if r.full {
		r.Invocation, r.Kill, r.OOMKill, r.full = report.Invocation{}, report.KillLine{}, report.OOMKill{}, false
	}
}
