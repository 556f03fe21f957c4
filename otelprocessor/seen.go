// SPDX-License-Identifier: Apache-2.0

package oomkillprocessor

import (
	"slices"
	"strings"
	"sync"

	"github.com/oomtrail/oomtrail/otelreceiver/oomlogs"
)

const (
	// seenLimit is how many records of components before this one are remembered, by id and
	// resource.
	seenLimit = 4096
	// seenHosts is of how many hosts each: those of one image can die alike.
	seenHosts = 64
)

// recordKey names a record of ours that came in from a component before this one.
type recordKey struct {
	resource senderKey
	uid      string
}

// recordHosts are records that came in, with the hosts of each.
type recordHosts map[recordKey][]oomlogs.Host

// add notes a record, and reports whether its key is new.
func (s recordHosts) add(x recordKey, of oomlogs.Host) bool {
	hosts, known := s[x]
	if slices.Contains(hosts, of) {
		return false
	}
	of = oomlogs.Host{ID: strings.Clone(of.ID), Name: strings.Clone(of.Name), Log: strings.Clone(of.Log)}
	s[x] = append(hosts[max(0, len(hosts)+1-seenHosts):], of)
	return !known
}

// contains reports whether a record was noted that can be of that host.
func (s recordHosts) contains(x recordKey, of oomlogs.Host) bool {
	return slices.ContainsFunc(s[x], of.MayBe)
}

// seenRecords remembers the newest records of components before this one: the lines of such a kill
// make no second record.
type seenRecords struct {
	mu   sync.Mutex
	has  recordHosts
	ring []recordKey
	next int
}

func newSeen() *seenRecords { return &seenRecords{has: make(recordHosts)} }

// add remembers records.
func (s *seenRecords) add(passed recordHosts) {
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

// remember puts a new key in the place of the oldest.
func (s *seenRecords) remember(x recordKey) {
	if len(s.ring) < seenLimit {
		s.ring = append(s.ring, x)
		return
	}
	delete(s.has, s.ring[s.next])
	s.ring[s.next] = x
	s.next = (s.next + 1) % seenLimit
}

// contains reports whether a record is remembered that can be of that host.
func (s *seenRecords) contains(x recordKey, of oomlogs.Host) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.has.contains(x, of)
}
