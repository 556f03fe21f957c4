// SPDX-License-Identifier: Apache-2.0

// Package names finds known names: each has a number.
package names

import (
	"math/bits"

	"github.com/oomtrail/oomtrail/internal/swar"
)

// Table is a list of names, each in a slot of its own. A name's first and last eight bytes give its
// slot.
type Table struct {
	names []string
	slots [1 << slotBits]uint8 // which name, from 1 on; 0 for none
	// factor is one with which no two names share a slot.
	factor uint64
}

const slotBits = 11

// New returns the table of at most 255 names. An empty one is a number without a
// name.
func New(names ...string) *Table {
	t := &Table{names: names}
	const first, tries = 0x9e3779b97f4a7c15, 1 << 16
	for i := range uint64(tries) {
		t.factor = first + 2*i
		if t.fill() {
			return t
		}
	}
	panic("names that share a slot whatever the factor")
}

// fill gives each name its slot. It reports whether no two names share one.
func (t *Table) fill() bool {
	clear(t.slots[:])
	for i, name := range t.names {
		if name == "" {
			continue
		}
		slot := &t.slots[t.slot(name)]
		if *slot != 0 {
			return false
		}
		*slot = uint8(i + 1)
	}
	return true
}

// slot returns the slot of a name if it is one of the table's.
func (t *Table) slot(name string) uint64 {
	n := len(name)
	ends := uint64(n)
	if n >= 8 {
		ends += swar.Load(name) ^ bits.RotateLeft64(swar.Load(name[n-8:]), 29)
	} else {
		for i := range n {
			ends = ends<<8 | uint64(name[i])
		}
	}
	return ends * t.factor >> (64 - slotBits)
}

// Index returns which of the names text is, or -1.
func (t *Table) Index(text string) int {
	if text == "" {
		return -1
	}
	if i := int(t.slots[t.slot(text)]) - 1; i >= 0 && t.names[i] == text {
		return i
	}
	return -1
}

// Name returns the name of a number.
func (t *Table) Name(i int) string { return t.names[i] }
