// SPDX-License-Identifier: Apache-2.0

package verdict

import (
	"hash/maphash"
	"iter"
	"slices"
	"strings"
	"unsafe"

	"github.com/oomtrail/oomtrail/internal/witness"
)

// fewToAsk is up to how many all are asked: that is faster than to look them up.
const fewToAsk = 8

// index finds those of a list that may have something in common with a subject. It leaves out only
// what does not join it: see [subject.joins]. The list grows at its end and shrinks at its front;
// its members have numbers in that order. The zero value is ready.
type index struct {
	// heads are the newest links of the chains, by hash: their positions plus one, 0 for none.
	heads []int32
	links []link
	// origin is the number that the links count from, next the first one that has none.
	origin, next int
	// shared is set while a clone has the same chains: who adds to them copies them first.
	shared bool
}

// link is a member in a chain. What is older than the first member of the list is forgotten.
type link struct {
	mark   mark
	number int32 // from origin on
	older  int32 // as in heads
}

// mark is a hash of what a subject has, or is asked for.
type mark uint64

// The kinds of marks, for their hashes.
const (
	markContainer mark = iota + 1
	markIs             // a unit, or the last part of a cgroup's path
	markIn             // a part of a path
	markDeep           // a path of many parts
	markPID
	markPod
	markPodName
	markJob
	markParent // a slice, or the manager of a user
	markUnit   // any unit
	markPlace  // the very same unit
	markSignal // a signal to a process of which nothing else is known
	markKiller // a kill by that writer
)

// of returns the mark of a text.
func (m mark) of(text string) mark { return mark(maphash.String(seed, text)) + m*spread }

// ofNumber returns the mark of a number.
func (m mark) ofNumber(n int64) mark { return mark(maphash.Comparable(seed, n)) + m*spread }

// spread sets the kinds of marks apart.
const spread mark = 0x9e3779b97f4a7c15

// maxParts bounds the marks of a path.
const maxParts = 16

// marks appends what a member of a list has.
func (s *subject) marks(to []mark) []mark {
	to = s.ownMarks(to)
	if s.path != "" {
		to = append(to, markIs.of(lastPart(s.path)))
		if strings.Count(s.path, "/") > maxParts {
			to = append(to, markDeep)
		} else {
			for part := range strings.SplitSeq(s.path, "/") {
				to = append(to, markIn.of(part))
			}
		}
	}
	for _, unit := range [...]string{s.unit, s.userUnit} {
		if unit != "" {
			to = append(to, markIs.of(lastPart(unit)))
		}
	}
	if s.unit != "" || s.userUnit != "" {
		to = append(to, markUnit)
	}
	if s.mayHold() {
		to = append(to, markParent)
	}
	return to
}

// wanted appends the marks of which whoever joins a subject has one. all is set where any may.
func (s *subject) wanted(to []mark) (marks []mark, all bool) {
	to = s.ownMarks(to)
	if s.path != "" {
		if strings.Count(s.path, "/") > maxParts {
			return to, true
		}
		to = append(to, markIn.of(lastPart(s.path)), markDeep)
		for part := range strings.SplitSeq(s.path, "/") {
			to = append(to, markIs.of(part))
		}
	}
	for _, unit := range [...]string{s.unit, s.userUnit} {
		if unit != "" {
			to = append(to, markIs.of(lastPart(unit)), markIn.of(lastPart(unit)), markDeep)
		}
	}
	if s.unit != "" || s.userUnit != "" {
		to = append(to, markParent)
	}
	if s.mayHold() {
		to = append(to, markUnit)
	}
	return to, false
}

// ownMarks appends the marks that two who join have both.
func (s *subject) ownMarks(to []mark) []mark {
	for _, id := range [...]string{s.container, s.prefix} {
		if id != "" {
			to = append(to, markContainer.of(id[:min(len(id), leastPrefix)]))
		}
	}
	if s.hasPID {
		to = append(to, markPID.ofNumber(s.pid))
		if s.tgid != 0 {
			to = append(to, markPID.ofNumber(s.tgid))
		}
	}
	if s.pod != "" {
		to = append(to, markPod.of(s.pod))
	}
	if s.podName != "" {
		to = append(to, markPodName.of(s.podName))
	}
	if s.job != "" {
		to = append(to, markJob.of(s.job))
	}
	return to
}

// lastPart returns the last part of a path or a name.
func lastPart(path string) string {
	path = strings.TrimSuffix(path, "/")
	return path[strings.LastIndexByte(path, '/')+1:]
}

// place returns the mark of those that are of the very same unit.
func place(unit, userUnit string) mark { return markPlace.of(unit + "\x00" + userUnit) }

// put adds the next member of a list, whose first one is first.
func (ix *index) put(marks []mark, first int) {
	switch {
	case len(ix.links)+len(marks) > len(ix.heads):
		ix.grow(len(marks), first)
	case ix.shared:
		ix.heads = slices.Clone(ix.heads)
		ix.links = append(make([]link, 0, cap(ix.links)), ix.links...)
	}
	ix.shared = false
	for _, m := range marks {
		ix.chain(link{mark: m, number: int32(ix.next - ix.origin)})
	}
	ix.next++
}

// chain adds a link.
func (ix *index) chain(l link) {
	head := ix.head(l.mark)
	l.older = *head
	ix.links = append(ix.links, l)
	*head = int32(len(ix.links))
}

func (ix *index) head(m mark) *int32 { return &ix.heads[uint64(m)%uint64(len(ix.heads))] }

// grow makes room for more links, and lets go of those of members before first. What was found
// before stays as it is.
func (ix *index) grow(more, first int) {
	old, forgotten := ix.links, int32(max(first-ix.origin, 0))
	if len(ix.heads) == 0 {
		forgotten, ix.origin = 0, first
	}
	live := more
	for i := range old {
		if old[i].number >= forgotten {
			live++
		}
	}
	size := 64
	for size < 2*live {
		size *= 2
	}
	ix.heads, ix.links = make([]int32, size), make([]link, 0, size)
	for _, l := range old {
		if l.number >= forgotten {
			l.number -= forgotten
			ix.chain(l)
		}
	}
	ix.origin += int(forgotten)
}

// clone returns an independent copy.
func (ix *index) clone() index {
	ix.shared = true
	return *ix
}

// memory returns how many bytes the index holds.
func (ix *index) memory() int {
	return len(ix.heads)*int(unsafe.Sizeof(int32(0))) + cap(ix.links)*int(unsafe.Sizeof(link{}))
}

// find returns the numbers of the members from first on that have one of the marks, the newest
// first.
func (ix *index) find(marks []mark, first int) iter.Seq[int] {
	return func(yield func(int) bool) {
		if len(ix.heads) == 0 {
			return
		}
		links, origin, least := ix.links, ix.origin, int32(max(first-ix.origin, 0))
		var room [32]link
		chains := room[:0] // the newest link of each chain that was not passed
		from := func(at int32, m mark) (l link, ok bool) {
			for ; at != 0; at = l.older {
				if l = links[at-1]; l.number < least {
					return l, false
				}
				if l.mark == m {
					return l, true
				}
			}
			return l, false
		}
		for _, m := range marks {
			if l, ok := from(*ix.head(m), m); ok {
				chains = append(chains, l)
			}
		}
		if len(chains) == 1 { // as a rule: all that wait may be of one unit
			l, last := chains[0], int32(-1)
			for ok := true; ok; l, ok = from(l.older, l.mark) {
				if l.number != last && !yield(origin+int(l.number)) {
					return
				}
				last = l.number
			}
			return
		}
		for len(chains) > 0 {
			newest := int32(-1)
			for i := range chains {
				newest = max(newest, chains[i].number)
			}
			if !yield(origin + int(newest)) {
				return
			}
			n := 0
			for _, l := range chains {
				ok := true
				for ok && l.number == newest {
					l, ok = from(l.older, l.mark)
				}
				if ok {
					chains[n] = l
					n++
				}
			}
			chains = chains[:n]
		}
	}
}

// joined returns the facts that may join a subject, and few others, the newest first.
func (h *Host) joined(s *subject) iter.Seq[*item] {
	if len(h.facts) <= h.fewToAsk {
		return h.newestFirst
	}
	var room [32]mark
	marks, all := s.wanted(room[:0])
	if all {
		return h.newestFirst
	}
	return h.marked(marks...)
}

// newestFirst goes through all facts.
func (h *Host) newestFirst(yield func(*item) bool) {
	for _, x := range slices.Backward(h.facts) {
		if !yield(x) {
			return
		}
	}
}

// marked returns the facts that have one of the marks, the newest first; of few facts all.
func (h *Host) marked(marks ...mark) iter.Seq[*item] {
	if len(h.facts) <= h.fewToAsk {
		return h.newestFirst
	}
	ix, first := &h.factIndex, h.firstFact
	ix.next = max(ix.next, first)
	var room [32]mark
	for ix.next < first+len(h.facts) {
		ix.put(h.facts[ix.next-first].marks(room[:0]), first)
	}
	facts := h.facts
	return func(yield func(*item) bool) {
		for n := range ix.find(marks, first) {
			if n < first+len(facts) && !yield(facts[n-first]) {
				return
			}
		}
	}
}

// oldestFirst returns those of the facts that are wanted.
func oldestFirst(facts iter.Seq[*item], want func(*item) bool) (all []*item) {
	for x := range facts {
		if want(x) {
			all = append(all, x)
		}
	}
	slices.Reverse(all)
	return all
}

// isOpen reports whether an observation waits, and belongs to no other item.
func (x *item) isOpen() bool {
	return x.waits && x.of == nil && x.fact.Kind == witness.Observation
}

// anyOf reports whether one of the facts is such a one.
func anyOf(facts iter.Seq[*item], is func(*item) bool) bool {
	for x := range facts {
		if is(x) {
			return true
		}
	}
	return false
}

// sameUnit returns the facts that are of the very same unit as x, the newest first.
func (h *Host) sameUnit(x *item) iter.Seq[*item] { return h.marked(place(x.unit, x.userUnit)) }

// deedsOf returns the kills of the kernel that may join a subject, and few others, oldest first.
func (h *Host) deedsOf(s *subject) (found []*deed) {
	deeds := h.deeds()
	var room [32]mark
	marks, all := s.wanted(room[:0])
	if all || len(deeds) <= h.fewToAsk {
		for i := range deeds {
			found = append(found, &deeds[i])
		}
		return found
	}
	ix, first := &h.deedIndex, h.gone+h.first
	ix.next = max(ix.next, first)
	var roomOfOne [32]mark
	for ix.next < first+len(deeds) {
		ix.put(deeds[ix.next-first].subject().marks(roomOfOne[:0]), first)
	}
	for n := range ix.find(marks, first) {
		found = append(found, &deeds[n-first])
	}
	slices.Reverse(found)
	return found
}

// marks appends the marks of a fact.
func (x *item) marks(to []mark) []mark {
	to = append(x.subject.marks(to), place(x.unit, x.userUnit))
	if x.isKill() {
		to = append(to, markKiller.of(x.fact.Writer))
	}
	if x.fact.Kind == witness.Sent && x.hasPID && !x.isPlaced() {
		to = append(to, markSignal)
	}
	return to
}
