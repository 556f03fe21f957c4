// SPDX-License-Identifier: Apache-2.0

package oomkillprocessor

import (
	"slices"
	"strings"
	"sync"

	"github.com/oomtrail/oomtrail/otelreceiver/oomlogs"
)

const (
	// seenLimit is how many records of components before this one are remembered, by id and resource.
	seenLimit = 4096
	// seenHosts is of how many hosts each: those of one image can die alike.
	seenHosts = 64
)

// sighting is a record of ours that came in from a component before this one.
type sighting struct {
	resource senderKey
	uid      string
}

// sightings are records that came in, with the hosts of each.
type sightings map[sighting][]oomlogs.Host

// add notes a record, and reports whether its sighting is new.
func (s sightings) add(x sighting, of oomlogs.Host) bool {
	hosts, known := s[x]
	if slices.Contains(hosts, of) {
		return false
	}
	of = oomlogs.Host{ID: strings.Clone(of.ID), Name: strings.Clone(of.Name), Log: strings.Clone(of.Log)}
	s[x] = append(hosts[max(0, len(hosts)+1-seenHosts):], of)
	return !known
}

// contains reports whether a record was noted that can be of that host.
func (s sightings) contains(x sighting, of oomlogs.Host) bool {
	return slices.ContainsFunc(s[x], of.MayBe)
}

// seen remembers the newest sightings, so that a kill which a component before this one has told is not told again.
type seen struct {
	mu   sync.Mutex
	has  sightings
	ring []sighting
	next int
}

func newSeen() *seen { return &seen{has: make(sightings)} }

// add remembers sightings.
func (s *seen) add(passed sightings) {
	if len(passed) == 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for x, hosts := range passed {
		for _, of := range hosts {
			if s.has.add(x, of) {
				s.remember(x)
			}
		}
	}
}

// remember puts a new sighting in the place of the oldest.
func (s *seen) remember(x sighting) {
	if len(s.ring) < seenLimit {
		s.ring = append(s.ring, x)
		return
	}
	delete(s.has, s.ring[s.next])
	s.ring[s.next] = x
	s.next = (s.next + 1) % seenLimit
}

// contains reports whether a record is remembered that can be of that host.
func (s *seen) contains(x sighting, of oomlogs.Host) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.has.contains(x, of)
}
