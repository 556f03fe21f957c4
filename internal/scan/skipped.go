// SPDX-License-Identifier: Apache-2.0

package scan

// Skipped remembers the newest event that a host has left out, if the event before the next one was
// left out. It serves hosts that have events instead of blocks: see parser.Parser.Skip. The zero
// value remembers none.
type Skipped[E any] struct {
	event E
	known bool
}

// Set remembers an event that was left out.
func (s *Skipped[E]) Set(event E) { s.event, s.known = event, true }

// Get returns the event, and whether there is one.
func (s *Skipped[E]) Get() (event E, known bool) { return s.event, s.known }

// Clear forgets the event: the one before the next was read, or belongs to another run of events.
func (s *Skipped[E]) Clear() { *s = Skipped[E]{} }
