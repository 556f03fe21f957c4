// SPDX-License-Identifier: Apache-2.0

package filter

import (
	"fmt"
	"reflect"
	"sync"
	"time"

	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/parser"
)

// checkedWithin is how long before its end the settings that follow an instance were checked, if a
// hot reload ends it.
const checkedWithin = time.Minute

// Reloads hands what an instance holds open over to the one that a hot reload makes in its place,
// in the same process. A filter does not hear that a reload ends it; but before one Fluent Bit has
// the new settings checked. The zero value is ready.
type Reloads struct {
	mu      sync.Mutex
	checked map[string]time.Time // by the names of instances, since they began
	ended   map[string]*Filter
}

// Checked notes that the settings of an instance were checked.
func (r *Reloads) Checked(name string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.checked == nil {
		r.checked, r.ended = make(map[string]time.Time), make(map[string]*Filter)
	}
	r.checked[name] = time.Now()
}

// Begin returns the instance to begin with in the place of f, which is new: f, or the one of its
// name that ended.
func (r *Reloads) Begin(name string, f *Filter) *Filter {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.checked, name)
	old := r.ended[name]
	delete(r.ended, name)
	if old == nil {
		return f
	}
	return f.After(old)
}

// End ends an instance.
func (r *Reloads) End(name string, f *Filter) {
	r.mu.Lock()
	defer r.mu.Unlock()
	at, checked := r.checked[name]
	if checked && time.Since(at) < checkedWithin && f.Suspend() {
		r.ended[name] = f
		return
	}
	f.Exit()
}

// Suspend ends an instance that holds something open, and keeps that for [Filter.After]. It returns
// false, and does nothing, when there is nothing to keep.
func (f *Filter) Suspend() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	open := 0
	f.streams.EachOpen(anyStream, func(s *parser.Stream) {
		state := s.Mark.(*stream)
		state.resumes = true
		open++
	})
	if open == 0 && len(f.late.all) == 0 && !f.evidence.Waits() {
		return false
	}
	f.countPassed()
	f.log(LevelInfo, fmt.Sprintf("%d reports are open, and %d records wait: they go on after the reload where the settings are the same", open, len(f.late.all)))
	f.log(LevelInfo, f.count.String())
	f.gate = nil
	return true
}

// After returns what follows old, which was suspended: where f, which is new, has the same
// settings, old with f's log. What is open in it goes on with the next line, or is forgotten when
// the input begins again before it.
func (f *Filter) After(old *Filter) *Filter {
	if !reflect.DeepEqual(f.settings, old.settings) {
		old.Exit()
		return f
	}
	f.share.Leave()
	old.mu.Lock()
	defer old.mu.Unlock()
	old.log, old.count = f.log, counters{}
	now := old.now()
	old.streams.EachOpen(anyStream, func(s *parser.Stream) { s.Mark.(*stream).fed = now })
	return old
}

// place is where a line stands in its log.
type place struct {
	sequence    uint64
	hasSequence bool
	time        time.Duration
	hasTime     bool
}

func placeOf(l *format.Line) place {
	at, ok := l.LogTime()
	return place{l.Sequence, l.HasSequence, at, ok}
}

// before reports whether a line surely stands before another one of its log.
func (p place) before(other place) bool {
	if p.hasSequence && other.hasSequence {
		return p.sequence <= other.sequence
	}
	return p.hasTime && other.hasTime && p.time < other.time
}
