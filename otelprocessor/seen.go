package oomkillprocessor

import "sync"

// seenLimit is how many records of components before this one are remembered.
const seenLimit = 4096

// sighting is a record of ours that came in from a component before this one.
type sighting struct {
	resource senderKey
	uid      string
}

// seen remembers the newest sightings, so that a kill which a component before this one has told is not told again.
type seen struct {
	mu   sync.Mutex
	has  map[sighting]struct{}
	ring []sighting
	next int
}

func newSeen() *seen { return &seen{has: make(map[sighting]struct{})} }

// add remembers sightings.
func (s *seen) add(sightings map[sighting]struct{}) {
	if len(sightings) == 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for x := range sightings {
		if _, ok := s.has[x]; ok {
			continue
		}
		if len(s.ring) < seenLimit {
			s.ring = append(s.ring, x)
		} else {
			delete(s.has, s.ring[s.next])
			s.ring[s.next] = x
			s.next = (s.next + 1) % seenLimit
		}
		s.has[x] = struct{}{}
	}
}

// contains reports whether x is remembered.
func (s *seen) contains(x sighting) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, ok := s.has[x]
	return ok
}
