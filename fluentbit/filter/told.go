// SPDX-License-Identifier: Apache-2.0

package filter

import (
	"github.com/oomtrail/oomtrail/fluentbit/logevent"
	"github.com/oomtrail/oomtrail/parser/record"
)

const (
	// maxTold is how many records of doors before this one are remembered, the newest.
	maxTold = 4096
	// maxToldName bounds the tag, id and host by which one of them is remembered.
	maxToldName = 512
)

// told remembers the records that doors before this one made, so that a kill which one of them has told is not told
// again from its lines, which pass beside the record.
type told struct {
	has  map[string]struct{}
	ring []string
	next int
}

// sighting names a record: where it came, its id, and its host. Machines of one image can die of one line at one
// microsecond. host is "" where none is named.
func sighting(tag []byte, uid, host string) string {
	return string(tag) + "\x00" + uid + "\x00" + host
}

// someHost stands in for the host in a second sighting of each record: for a record of ours that names none.
const someHost = "\x00"

// note remembers a record of ours by what it says.
func (t *told) note(tag []byte, c logevent.Claim) {
	if len(tag)+len(c.UID)+len(c.Host) > maxToldName {
		return
	}
	t.add(sighting(tag, c.UID, c.Host))
	t.add(sighting(tag, c.UID, someHost))
}

func (t *told) add(name string) {
	if _, known := t.has[name]; known {
		return
	}
	if t.has == nil {
		t.has = make(map[string]struct{})
	}
	if len(t.ring) < 2*maxTold {
		t.ring = append(t.ring, name)
	} else {
		delete(t.has, t.ring[t.next])
		t.ring[t.next] = name
		t.next = (t.next + 1) % len(t.ring)
	}
	t.has[name] = struct{}{}
}

// contains reports whether a door before this one has told what a record tells. Where one of the two names no
// host, since only the other's settings do, the id decides.
func (t *told) contains(tag []byte, r *record.Record) bool {
	if len(t.has) == 0 {
		return false
	}
	uid, host := r.Text("log.record.uid"), r.Text("host.name")
	hosts := [...]string{host, ""}
	if host == "" {
		hosts[0] = someHost
	}
	for _, h := range hosts {
		if _, ok := t.has[sighting(tag, uid, h)]; ok {
			return true
		}
	}
	return false
}

// noteAhead remembers the records of ours that a chunk holds, before any line of it is read: a record stands behind the
// line that completed it.
func (f *Filter) noteAhead(tag, chunk []byte) {
	var e logevent.Event
	for rest := chunk; len(rest) > 0; {
		var err error
		if rest, err = e.Next(rest); err != nil || e.Marker || !mayBeOurs(e.Record) {
			continue
		}
		if verdict, claim := e.Judge(f.settings.Accept); verdict == logevent.Own {
			f.told.note(tag, claim)
		}
	}
}
