// SPDX-License-Identifier: Apache-2.0

package parser

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
)

const (
	// DefaultMaxMemory bounds the memory of all streams of a process, in bytes, where no bound is
	// set.
	DefaultMaxMemory = 256 << 20
	// LeastMaxMemory is the least such bound.
	LeastMaxMemory = 1 << 20
)

// Budget bounds the memory of all streams of a process. Several sets of streams in one process,
// such as the instances of a filter, join one Budget. It counts bytes of the heap; the garbage
// collector may need as much again. It may be used by several goroutines.
//
// Where the bound is exceeded, the member that holds most frees memory first: see [Share.Relieve].
type Budget struct {
	used  atomic.Int64
	limit atomic.Int64 // the least of all shares

	mu     sync.Mutex
	shares []*Share
}

// Share is one member's part in a [Budget].
type Share struct {
	budget  *Budget
	limit   int64
	held    atomic.Int64
	relieve func() bool
}

// Join returns a new member. limit is the bound that it sets for all members together, in bytes;
// the least limit of all counts, and 0 means [DefaultMaxMemory]. relieve makes this member free
// memory for another one. It is called from another goroutine, must not wait, and returns false
// where it can free nothing now.
func (b *Budget) Join(limit int64, relieve func() bool) *Share {
	if limit == 0 {
		limit = DefaultMaxMemory
	}
	s := &Share{budget: b, limit: limit, relieve: relieve}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.shares = append(b.shares, s)
	b.setLimit()
	return s
}

// setLimit sets the least limit of all members. The caller holds mu.
func (b *Budget) setLimit() {
	limit := int64(DefaultMaxMemory)
	for i, s := range b.shares {
		if i == 0 || s.limit < limit {
			limit = s.limit
		}
	}
	b.limit.Store(limit)
}

// Used returns how many bytes all members hold.
func (b *Budget) Used() int64 { return b.used.Load() }

// Leave ends a membership. The bytes of the member count no more.
func (s *Share) Leave() {
	s.Add(-s.held.Load())
	s.budget.mu.Lock()
	defer s.budget.mu.Unlock()
	s.budget.shares = slices.DeleteFunc(s.budget.shares, func(other *Share) bool { return other == s })
	s.budget.setLimit()
}

// Add adds to the bytes that the member holds; bytes may be negative.
func (s *Share) Add(bytes int64) {
	if bytes != 0 {
		s.held.Add(bytes)
		s.budget.used.Add(bytes)
	}
}

// Held returns how many bytes the member holds.
func (s *Share) Held() int64 { return s.held.Load() }

// Over reports whether the members hold too much, or would with so many bytes more.
func (s *Share) Over(more int64) bool { return s.budget.used.Load()+more > s.budget.limit.Load() }

// Relieve frees memory until the members hold a sixteenth less than the limit, so that not every
// line has to. Each time the member that holds most frees some: this one by own, another one by the
// function that it joined with. A member that returns false is left out.
func (s *Share) Relieve(own func() bool) {
	b := s.budget
	b.mu.Lock()
	defer b.mu.Unlock()
	limit := b.limit.Load()
	limit -= limit / 16
	shares := slices.Clone(b.shares)
	for b.used.Load() > limit && len(shares) > 0 {
		most := slices.MaxFunc(shares, func(x, y *Share) int { return cmp.Compare(x.held.Load(), y.held.Load()) })
		relieve := most.relieve
		if most == s {
			relieve = own
		}
		if !relieve() {
			shares = slices.DeleteFunc(shares, func(other *Share) bool { return other == most })
		}
	}
}

// units are the suffixes of a size. Those of 1,000 are as in Fluent Bit and the collector.
var units = map[string]float64{
	"": 1, "b": 1,
	"k": 1e3, "kb": 1e3, "m": 1e6, "mb": 1e6, "g": 1e9, "gb": 1e9, "t": 1e12, "tb": 1e12,
	"kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30, "tib": 1 << 40,
}

// ParseMaxMemory reads the setting `max_memory`: a number of bytes, or one with a unit: 64M,
// 256MiB, 1.5GB.
func ParseMaxMemory(s string) (bytes int64, err error) {
	text := strings.TrimSpace(s)
	digits := len(strings.TrimRight(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ "))
	unit, known := units[strings.ToLower(strings.TrimSpace(text[digits:]))]
	n, err := strconv.ParseFloat(text[:digits], 64)
	if err != nil || !known {
		return 0, fmt.Errorf("%q is no size: use a number of bytes, or one with a unit, as in 256MiB", s)
	}
	if n *= unit; !(n >= LeastMaxMemory && n <= 1<<50) {
		return 0, fmt.Errorf("%q is out of range: use 1MiB or more, as in 256MiB", s)
	}
	return int64(n), nil
}
