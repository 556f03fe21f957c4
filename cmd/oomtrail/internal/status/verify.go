// SPDX-License-Identifier: Apache-2.0

package status

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/oomtrail/oomtrail/internal/kill"
	"github.com/oomtrail/oomtrail/watch"
)

// Outcome is what a check comes to.
type Outcome string

// The outcomes, the worst last.
const (
	Holds Outcome = "holds"
	// NotJudged is a check of a limit where there is none; the others are the verdict.
	NotJudged Outcome = "not_judged"
	Unknown   Outcome = "unknown" // it is not known, or not yet
	Fails     Outcome = "fails"
)

// Verdict says whether a fix holds: whether what was asked for still runs out of memory.
type Verdict struct {
	Outcome Outcome   `json:"outcome"`
	Since   time.Time `json:"since,omitzero"`
	Checks  []Check   `json:"checks"`
}

// Check is one of those that a verdict is made of.
type Check struct {
	// Name is peak, kills, max or restarts.
	Name    string  `json:"check"`
	Outcome Outcome `json:"outcome"`
	// Text has the figures.
	Text string `json:"text"`
}

// settled is how long something has to run before its restarts have stopped.
const settled = time.Minute

// Verify looks at the machine as [Collector.Collect] does, and says whether what was asked for has
// had enough memory since a time; zero is since it was last started. What counts up is compared
// with the first look.
func (c *Collector) Verify(at, since time.Time) Status {
	s, l := c.collect(at)
	of := slices.DeleteFunc(slices.Clone(l.cgroups), func(g watch.Cgroup) bool { return !c.asked(g.Path) })
	slices.SortFunc(of, func(a, b watch.Cgroup) int { return strings.Compare(a.Path, b.Path) })
	started := c.started(l, at)
	if since.IsZero() {
		for _, r := range started {
			if r.at.After(since) {
				since = r.at
			}
		}
	}
	v := Verdict{Outcome: Holds, Since: since, Checks: []Check{c.peaks(of), c.killed(&s, l, of, since, started), c.hits(of), c.restarts(started, at, since)}}
	for _, check := range v.Checks {
		if check.Outcome == Fails || check.Outcome == Unknown && v.Outcome == Holds {
			v.Outcome = check.Outcome
		}
	}
	s.Verdict = &v
	return s
}

// noLimit is why neither a peak nor how often a limit was reached is judged.
const noLimit = "it has no limit of its own"

// peaks checks that no peak reached its limit.
func (c *Collector) peaks(of []watch.Cgroup) Check {
	check := Check{"peak", NotJudged, noLimit}
	var nearest float64
	for i := range of {
		g := &of[i]
		where := c.placeOf(g.Path).where
		switch {
		case !g.Max.OK || g.Max.V == 0:
			continue
		case !g.Peak.OK && g.Events.Max.OK && g.Events.Max.V == 0:
			if check.Outcome == NotJudged {
				check = Check{"peak", Holds, "its limit was never reached (max 0); the kernel keeps no peak of " + where + " (memory.peak, from 5.19)"}
			}
			continue
		case !g.Peak.OK && g.Events.OOM.OK && g.Events.OOM.V == 0:
			check, nearest = Check{"peak", Holds, fmt.Sprintf("%s reached its limit (max %d), but dropping caches has always been enough (oom 0); the kernel keeps no peak (memory.peak, from 5.19)", where, g.Events.Max.V)}, 1
			continue
		case !g.Peak.OK:
			return Check{"peak", Unknown, "the kernel keeps no peak of " + where + " (memory.peak, from 5.19)"}
		case g.Peak.V >= g.Max.V:
			text := fmt.Sprintf("the peak of %s reached its limit: %s of %s", where, kill.Size(g.Peak.V), kill.Size(g.Max.V))
			// The kernel counts where reclaim at the limit failed. Page cache fills any limit.
			if g.Events.OOM.OK && g.Events.OOM.V == 0 {
				if text += ", but dropping caches has always been enough (oom 0)"; check.Outcome != Holds || nearest < 1 {
					check, nearest = Check{"peak", Holds, text}, 1
				}
				continue
			}
			return Check{"peak", Fails, text}
		}
		if share := float64(g.Peak.V) / float64(g.Max.V); check.Outcome == NotJudged || share > nearest {
			check, nearest = Check{"peak", Holds, fmt.Sprintf("the peak of %s is %s of %s (%.0f %%)", where, kill.Size(g.Peak.V), kill.Size(g.Max.V), 100*share)}, share
		}
	}
	return check
}

// killed checks that the kernel has killed none of it since.
func (c *Collector) killed(s *Status, l *look, of []watch.Cgroup, since time.Time, started []run) Check {
	var after *kill.Kill
	n, untimed := 0, 0
	for i := range c.log.Kills {
		k := &c.log.Kills[i]
		switch {
		case !c.Filter.Matches(k.Record):
		case k.Time().IsZero():
			untimed++
		case k.Time().After(since):
			n, after = n+1, k
		}
	}
	if n > 0 {
		return Check{"kills", Fails, fmt.Sprintf("%s since %s, the last one of %s at %s", count(int64(n), "kill"), c.moment(since), printable(after.Process()), c.moment(after.Time()))}
	}
	first := c.samples[0]
	total, known := int64(0), false
	above := map[string]bool{}
	for i := range of {
		above[of[i].Path] = true
	}
	for i := range of {
		g := &of[i]
		if !g.Events.OOMKill.OK {
			continue
		}
		known = true
		if before, ok := first.cgroups[g.Path]; ok && g.Events.OOMKill.V > before.Events.OOMKill.V {
			return Check{"kills", Fails, fmt.Sprintf("%s counted a kill just now (oom_kill %d)", c.placeOf(g.Path).where, g.Events.OOMKill.V)}
		}
		if !hasAbove(above, g.Path) || l.hierarchy.Version == 1 { // version 2 counts into those above
			total += g.Events.OOMKill.V
		}
	}
	// A kill's report names the cgroup of memory, which such processes share with others.
	uncounted := slices.ContainsFunc(l.processes, func(p watch.Process) bool { return c.asksFor(&p) && !c.asked(l.countedIn(p.Cgroup)) })
	whole := s.Kills.Logged != nil && c.log.Err == nil && c.counted.OK && int64(len(c.log.Kills)) >= c.counted.V
	switch {
	case uncounted:
		return c.killedAtAll(whole && untimedOf(c.log.Kills) == 0, since)
	case known && total == 0 && !slices.ContainsFunc(started, func(r run) bool { return r.at.After(since) }):
		return Check{"kills", Holds, "no kill since it is there (oom_kill 0)"}
	case whole && untimed == 0:
		return Check{"kills", Holds, "no kill since " + c.moment(since) + ", by the kernel's log, which is whole"}
	case known && total == 0:
		return Check{"kills", Unknown, "none is counted, but what was there before it was started anew is not known, and the kernel's log lacks kills"}
	case !known:
		return Check{"kills", Unknown, "nothing that was asked for counts its kills, and the kernel's log lacks some or cannot be read"}
	}
	return Check{"kills", Unknown, fmt.Sprintf("%s counted, which nothing dates: the kernel's log lacks kills or cannot be read", count(total, "kill"))}
}

// countedIn is the cgroup that the memory of a process is counted in: its own, or the nearest above
// that has the controller memory.
func (l *look) countedIn(cgroup string) string {
	for ; len(cgroup) > 1; cgroup = cgroup[:strings.LastIndexByte(cgroup, '/')] {
		if _, err := l.hierarchy.ReadLimits(cgroup); !errors.Is(err, fs.ErrNotExist) {
			return cgroup
		}
	}
	return "/"
}

// killedAtAll is [Collector.killed] where a kill does not say whether it was of what was asked for:
// it holds if there was none at all.
func (c *Collector) killedAtAll(whole bool, since time.Time) Check {
	const shared = "its memory is not counted apart (MemoryAccounting=no), so a kill of it cannot be distinguished from others"
	n := 0
	for i := range c.log.Kills {
		if c.log.Kills[i].Time().After(since) {
			n++
		}
	}
	switch {
	case n > 0:
		return Check{"kills", Unknown, fmt.Sprintf("%s; %s on this machine since %s", shared, count(int64(n), "kill"), c.moment(since))}
	case whole:
		return Check{"kills", Holds, "no kill on this machine since " + c.moment(since) + ", by the kernel's log, which is whole"}
	}
	return Check{"kills", Unknown, shared + ", and the kernel's log lacks kills or cannot be read"}
}

// untimedOf counts the kills without a time.
func untimedOf(kills []kill.Kill) (n int) {
	for i := range kills {
		if kills[i].Time().IsZero() {
			n++
		}
	}
	return n
}

// hasAbove reports whether one of some cgroups is above another.
func hasAbove(cgroups map[string]bool, path string) bool {
	for i := strings.LastIndexByte(path, '/'); i > 0; i = strings.LastIndexByte(path, '/') {
		if path = path[:i]; cgroups[path] {
			return true
		}
	}
	return false
}

// hits checks that it did not run against its limit between the first look and the last.
func (c *Collector) hits(of []watch.Cgroup) Check {
	first, last := c.samples[0], c.samples[len(c.samples)-1]
	if !slices.ContainsFunc(of, func(g watch.Cgroup) bool { return g.Max.OK }) {
		return Check{"max", NotJudged, noLimit}
	}
	if len(c.samples) < 2 {
		return Check{"max", Unknown, "one look does not show whether it grows: give a --sample"}
	}
	seconds := last.at.Sub(first.at).Seconds()
	seen, total := false, int64(0)
	for i := range of {
		g := &of[i]
		before, ok := first.cgroups[g.Path]
		if !ok || !g.Events.Max.OK || !g.Max.OK {
			continue
		}
		seen, total = true, total+g.Events.Max.V
		if more := g.Events.Max.V - before.Events.Max.V; more > 0 {
			return Check{"max", Fails, fmt.Sprintf("%s reached its limit %d times more within %.0f s (max %d)", c.placeOf(g.Path).where, more, seconds, g.Events.Max.V)}
		}
	}
	if !seen {
		return Check{"max", Unknown, "nothing that was asked for counts how often it reaches its limit"}
	}
	return Check{"max", Holds, fmt.Sprintf("its limit was not reached within %.0f s (max stays %d)", seconds, total)}
}

// run is a container or a service that runs.
type run struct {
	where string
	at    time.Time
	// bySystemd is set where systemd says when, else it is when the oldest process was started.
	bySystemd bool
	restarts  *int64 // by the kubelet
}

// how says by what it is known when something was started.
func (r *run) how() string {
	text := "by its oldest process"
	if r.bySystemd {
		text = "by systemd"
	}
	if r.restarts != nil {
		text += "; the kubelet has restarted it " + count(*r.restarts, "time")
	}
	return text
}

// started is when each container and service of what was asked for was started.
func (c *Collector) started(l *look, at time.Time) (runs []run) {
	uptime, ok := c.System.Uptime()
	if !ok {
		return nil
	}
	boot := at.Add(-uptime)
	oldest, units := map[string]run{}, map[string]string{}
	for i := range l.processes {
		p := &l.processes[i]
		if !c.asksFor(p) {
			continue
		}
		place := c.placeOfProcess(p)
		key := cmp.Or(place.id.ContainerID, place.id.Unit, p.Cgroup)
		r := run{where: place.where, at: boot.Add(p.Started).Truncate(time.Second), restarts: place.restarts}
		if before, ok := oldest[key]; !ok || r.at.Before(before.at) {
			oldest[key] = r
		}
		if place.id.ContainerID == "" && place.id.User == "" {
			units[key] = place.id.Unit
		}
	}
	for key, r := range oldest {
		// With KillMode=process a service that was started anew has older processes.
		if at := c.startedBySystemd(units[key]); !at.IsZero() {
			if r.bySystemd = true; at.After(r.at) {
				r.at = at.Truncate(time.Second)
			}
		}
		runs = append(runs, r)
	}
	slices.SortFunc(runs, func(a, b run) int { return cmp.Or(b.at.Compare(a.at), strings.Compare(a.where, b.where)) })
	return runs
}

// restarts checks that all of it has run since then, and long enough.
func (c *Collector) restarts(started []run, at, since time.Time) Check {
	if len(started) == 0 {
		if m := c.Missing(); m != nil && m.Unsure != "" {
			return Check{"restarts", Unknown, "nothing of what was asked for is seen to run, but " + m.Unsure}
		}
		return Check{"restarts", Fails, "nothing of what was asked for runs"}
	}
	newest := started[0]
	ran := at.Sub(newest.at).Round(time.Second)
	switch {
	case newest.at.After(since):
		return Check{"restarts", Fails, fmt.Sprintf("%s was started anew at %s, after %s (%s)", newest.where, c.moment(newest.at), c.moment(since), newest.how())}
	case ran < settled:
		return Check{"restarts", Unknown, fmt.Sprintf("%s has run for %s only (%s): wait until it is a minute", newest.where, ran, newest.how())}
	}
	return Check{"restarts", Holds, fmt.Sprintf("%s has run since %s, for %s (%s)", newest.where, c.moment(newest.at), ran, newest.how())}
}

// moment writes a time in the zone of the reader.
func (c *Collector) moment(t time.Time) string {
	return t.In(c.Location).Format("2006-01-02 15:04:05")
}
