// SPDX-License-Identifier: Apache-2.0

package status

import (
	"slices"

	"github.com/oomtrail/oomtrail/internal/kill"
)

// Of what is listed of kills.
const (
	lastKills     = 3
	countedListed = 5
)

// kills are those that the kernel counts, against those of its log.
func (c *Collector) kills(l *look) (k Kills) {
	counters := c.counters(l)
	switch {
	case !c.Filter.Asks():
		k.Counted = pointer(l.counted)
	default:
		sum, known := int64(0), false
		for i := range l.cgroups {
			if g := &l.cgroups[i]; g.Events.OOMKill.OK && c.asked(g.Path) {
				known = true
			}
		}
		for _, counter := range counters {
			sum += counter.Kills
		}
		if known {
			k.Counted = &sum
		}
	}
	k.Cgroups = counters[:min(countedListed, len(counters))]
	if c.ReadLog == nil || c.log.Err != nil {
		return k
	}
	var found []*kill.Kill
	for i := range c.log.Kills {
		if of := &c.log.Kills[i]; c.Filter.Matches(of.Record) {
			found = append(found, of)
		}
	}
	logged := int64(len(found))
	if k.Logged = &logged; k.Counted != nil && !c.Filter.Asks() {
		missing := max(0, *k.Counted-logged)
		k.Missing = &missing
	}
	slices.Reverse(found)
	for _, of := range found[:min(lastKills, len(found))] {
		last := Kill{Process: printable(of.Process()), Memory: of.Memory(), Where: printable(of.Where()), Cause: of.Cause(), ID: of.Record.Text("log.record.uid"), moment: of.Moment(c.Location)}
		if at := of.Time(); !at.IsZero() {
			last.Time = &at
		}
		k.Last = append(k.Last, last)
	}
	return k
}

// counters are the cgroups that counted kills of their own processes, those with the most first.
func (c *Collector) counters(l *look) []Counter {
	read := c.ReadLog != nil && c.log.Err == nil
	logged := map[string]int64{} // those of one that had the same path before are among them
	for i := range c.log.Kills {
		logged[c.log.Kills[i].Record.Text("oom.victim.cgroup")]++
	}
	counters := []Counter{}
	for _, of := range l.hierarchy.OwnKills(l.cgroups) {
		if !c.asked(of.Path) {
			continue
		}
		counter := Counter{Cgroup: printable(of.Path), Kills: of.Kills}
		if read {
			missing := max(0, of.Kills-logged[of.Path])
			counter.Missing = &missing
		}
		counters = append(counters, counter)
	}
	return counters
}
