// SPDX-License-Identifier: Apache-2.0

package filter

import (
	"github.com/oomtrail/oomtrail/fluentbit/logevent"
	"github.com/oomtrail/oomtrail/parser/record"
)

const (
	// maxSeen is how many records are remembered, the newest.
	maxSeen = 4096
	// maxSeenKey bounds the tag, the id and the host of one of them, in bytes.
	maxSeenKey = 512
)

// seenRecords remembers the records that frontends before this one made: the lines of such a kill
// make no second record. The zero value remembers none.
type seenRecords struct {
	has  map[string]struct{}
	ring []string
	next int
}

// recordKey names a record: its tag, its id and its host. Machines of one image can die of one line
// at one microsecond. host is "" where none is named.
func recordKey(tag []byte, uid, host string) string {
	return string(tag) + "\x00" + uid + "\x00" + host
}

// someHost replaces the host in a second key of each record, by which a record of ours without a
// host is found.
const someHost = "\x00"

// note remembers a record of ours by its claim.
func (s *seenRecords) note(tag []byte, c logevent.Claim) {
	if len(tag)+len(c.UID)+len(c.Host) > maxSeenKey {
		return
	}
	s.add(recordKey(tag, c.UID, c.Host))
	s.add(recordKey(tag, c.UID, someHost))
}

func (s *seenRecords) add(key string) {
	if _, known := s.has[key]; known {
		return
	}
	if s.has == nil {
		s.has = make(map[string]struct{})
	}
	if len(s.ring) < 2*maxSeen {
		s.ring = append(s.ring, key)
	} else {
		delete(s.has, s.ring[s.next])
		s.ring[s.next] = key
		s.next = (s.next + 1) % len(s.ring)
	}
	s.has[key] = struct{}{}
}

// contains reports whether a frontend before this one made the record. Where only one of the two
// has a host, by its settings, the id decides; so it does for the lines of one machine, which
// ofOneMachine says.
func (s *seenRecords) contains(tag []byte, r *record.Record, ofOneMachine bool) bool {
	if len(s.has) == 0 {
		return false
	}
	uid, host := r.Text("log.record.uid"), r.Text("host.name")
	if ofOneMachine {
		host = ""
	}
	hosts := [...]string{host, ""}
	if host == "" {
		hosts[0] = someHost
	}
	for _, h := range hosts {
		if _, ok := s.has[recordKey(tag, uid, h)]; ok {
			return true
		}
	}
	return false
}

// accept says which events of the current chunk are records of ours. Nobody else writes what our
// input brings: its records always are.
func (f *Filter) accept() logevent.Accept {
	if f.input == inputOwn && f.settings.Accept == logevent.AcceptNone {
		return logevent.AcceptMarked
	}
	return f.settings.Accept
}

// noteAhead remembers the records of ours in a chunk before any line of it is read: a record
// follows the line that completed it.
func (f *Filter) noteAhead(tag, chunk []byte) {
	var e logevent.Event
	for rest := chunk; len(rest) > 0; {
		var err error
		if rest, err = e.Next(rest); err != nil || e.Marker || !mayBeOurs(e.Record) {
			continue
		}
		if verdict, claim := e.Judge(f.accept()); verdict == logevent.Own {
			f.seen.note(tag, claim)
			f.addKill(&e)
		}
	}
}
