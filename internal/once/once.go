// SPDX-License-Identifier: Apache-2.0

// Package once knows one kill in several inputs: kern.log and syslog given together, a log with the
// kernel's stamps and one without.
package once

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/oomtrail/oomtrail/parser/record"
)

// Kills remembers all events that it has seen, at some 300 bytes each. The zero value is empty.
type Kills struct {
	// by finds events: kills by their process, others by their id, and reports by theirs.
	by    map[string][]*sighting
	count int
}

// Seen says what is known of an event.
type Seen struct {
	// Number counts events from 1, each once.
	Number int
	// Again is set for one that was seen before, Better where this record of it says more than
	// those before.
	Again, Better bool
	// Kill is set where the record before was one of a report without a kill, and this one has the
	// kill.
	Kill bool
}

// sighting is an event as it was seen.
type sighting struct {
	number int
	kill   bool
	host   string
	time   time.Time
	uptime int64 // microseconds, -1 where the log has none
	// figures are those of the kill line, -1 for what it lacks.
	figures [len(figures)]int64
	// lost is set where the kill line itself is lost.
	lost bool
	rank int
}

// figures are what a kill line says of its process.
var figures = [...]string{
	"process.real_user.id", "oom.victim.memory.virtual", "oom.victim.memory.anon", "oom.victim.memory.file",
	"oom.victim.memory.shmem", "oom.victim.memory.page_tables", "oom.victim.oom_score_adj",
}

// near is how far apart the times of one kill may stand in two logs.
const near = 2 * time.Second

// See takes the record of an event.
func (k *Kills) See(r *record.Record) Seen {
	s := sightingOf(r)
	report := "report " + r.Text("oom.report.id")
	if !s.kill {
		id := "event " + r.Text("log.record.uid")
		known := k.find(id, s.onHost)
		if known == nil && withoutKill(r) {
			known = k.find(report, s.onHost)
		}
		if known != nil {
			return known.again(s)
		}
		k.add(s, id)
		if withoutKill(r) {
			k.add(s, report)
		}
		return k.number(s)
	}
	pid, _ := r.Get("process.pid")
	process := strconv.FormatInt(pid.Int64(), 10) + " " + r.Text("process.title")
	if known := k.find(process, s.is); known != nil {
		return known.again(s)
	}
	if known := k.find(report, s.onHost); known != nil && !known.kill {
		number := known.number
		*known = *s
		known.number = number
		k.add(known, process)
		return Seen{Number: number, Again: true, Better: true, Kill: true}
	}
	k.add(s, process)
	k.add(s, report)
	return k.number(s)
}

// find returns the event of that name that match is true of, or nil.
func (k *Kills) find(name string, match func(*sighting) bool) *sighting {
	for _, known := range k.by[name] {
		if match(known) {
			return known
		}
	}
	return nil
}

func (k *Kills) add(s *sighting, name string) {
	if k.by == nil {
		k.by = map[string][]*sighting{}
	}
	k.by[name] = append(k.by[name], s)
}

func (k *Kills) number(s *sighting) Seen {
	k.count++
	s.number = k.count
	return Seen{Number: s.number}
}

// withoutKill reports whether a record is one of a report in which no kill is.
func withoutKill(r *record.Record) bool {
	switch r.Text("event.name") {
	case record.EventNoVictim, record.EventUnresolved:
		return true
	}
	return false
}

func sightingOf(r *record.Record) *sighting {
	s := &sighting{kill: r.Text("event.name") == record.EventKill, host: r.Text("host.name"), time: r.Time, uptime: -1}
	if r.HasUptime {
		s.uptime = r.Uptime
	}
	for i, name := range figures {
		s.figures[i] = -1
		if v, ok := r.Get(name); ok {
			s.figures[i] = v.Int64()
		}
	}
	s.lost = slices.Contains(strings.Split(r.Text("oom.report.missing"), ","), "kill")
	s.rank = r.Len()
	if Complete(r) {
		s.rank += 1000
	}
	return s
}

// Complete reports whether the log had the whole report of a record.
func Complete(r *record.Record) bool {
	v, _ := r.Get("oom.report.complete")
	return v.Bool()
}

// again says that s is the event that was seen before.
func (known *sighting) again(s *sighting) Seen {
	seen := Seen{Number: known.number, Again: true, Better: s.rank > known.rank}
	known.rank = max(known.rank, s.rank)
	if len(s.host) > len(known.host) {
		known.host = s.host // which may have the domain, too
	}
	if known.time.IsZero() {
		known.time = s.time
	}
	if known.uptime < 0 {
		known.uptime = s.uptime
	}
	return seen
}

// onHost reports whether two events may be of one host.
func (s *sighting) onHost(known *sighting) bool {
	return known.host == "" || s.host == "" || record.SameHost(known.host, s.host)
}

// is reports whether two kills of a process are one: on one host, or one unknown, the same
// figures at the same time. The kernel's own stamps are exact; the stamps of two daemons may
// differ.
func (s *sighting) is(known *sighting) bool {
	if !s.onHost(known) {
		return false
	}
	lost := known.lost || s.lost
	if !lost {
		for i, figure := range known.figures {
			if other := s.figures[i]; figure != other && figure >= 0 && other >= 0 {
				return false
			}
		}
	}
	switch {
	case known.uptime >= 0 && s.uptime >= 0:
		apart := time.Duration(max(known.uptime-s.uptime, s.uptime-known.uptime)) * time.Microsecond
		return apart == 0 || lost && apart <= near
	case !known.time.IsZero() && !s.time.IsZero():
		return known.time.Sub(s.time).Abs() <= near
	}
	return !lost
}

// maxHeld bounds how many values a [Holder] holds.
const maxHeld = 1000

// Holder hands on one value for each event: the first that is complete, else the best of all. It is
// for one goroutine.
type Holder[T any] struct {
	// Hand takes what is handed on, and the number of its event: see [Seen].
	Hand func(number int, v T) error
	Kills
	held map[int]T
}

// Take takes the record of an event and what belongs to it. Where more is set, further inputs may
// say more of it, and what is incomplete is held back.
func (h *Holder[T]) Take(r *record.Record, v T, more bool) error {
	seen := h.See(r)
	n := seen.Number
	_, held := h.held[n]
	switch {
	case seen.Again && !held && !seen.Kill, held && !seen.Better:
		return nil
	case Complete(r) || !more && !held || len(h.held) >= maxHeld:
		delete(h.held, n)
		return h.Hand(n, v)
	}
	if h.held == nil {
		h.held = map[int]T{}
	}
	h.held[n] = v
	return nil
}

// Release ends an input that was read with err, and returns err or its own error. Where no more is
// to come it hands on all that is held, in the order in which it was seen first.
func (h *Holder[T]) Release(more bool, err error) error {
	if more {
		return err
	}
	numbers := make([]int, 0, len(h.held))
	for n := range h.held {
		numbers = append(numbers, n)
	}
	slices.Sort(numbers)
	for _, n := range numbers {
		v := h.held[n]
		delete(h.held, n)
		if failed := h.Hand(n, v); failed != nil {
			return cmp.Or(err, failed)
		}
	}
	return err
}
