// SPDX-License-Identifier: Apache-2.0

package warning

import (
	"strings"
	"time"

	"github.com/oomtrail/oomtrail/parser/report"
	"github.com/oomtrail/oomtrail/watch"
)

// group is what is kept of a cgroup.
type group struct {
	// used of limit is as in [Finding], at the last look, and seen is when that was; born is when
	// the first one was. pace is what used grew by between the last two, in bytes a second.
	used, limit int64
	seen, born  time.Duration
	pace        float64
	// exact is set where used leaves out page cache.
	exact bool
	// high counts how often it was slowed down, and slowed is when that last rose.
	high   report.Int
	slowed time.Duration
	falls  falls

	nearLimit, throttled, pressure alarm
	history                        *history
}

// Wants reports whether the page cache of a cgroup has to be read, given its usage and limits:
// without it nothing can be decided. It holds for few cgroups: where half of the limit is used, or
// a quarter and it may be met within a minute.
func (p *Policy) Wants(c *watch.Cgroup) bool {
	limit := c.Max.V
	if throttles(c) {
		limit = c.High.V
	}
	switch {
	case !known(c.Current) || limit < leastLimit || c.Current.V < limit/4:
		return false
	case c.Current.V >= limit/2:
		return true
	}
	g := p.groups[c.Path]
	return g != nil && within(time.Minute, limit-c.Current.V, g.pace)
}

// Cgroup looks at a cgroup, and returns when to look again if nothing is announced before. It keeps
// nothing of c but its path, and what the findings point to.
func (p *Policy) Cgroup(at time.Time, c *watch.Cgroup) (findings []Finding, next time.Duration) {
	now := p.clock(at)
	g := p.group(c, now)
	if g == nil {
		return nil, slowest
	}
	v := view{c: c, g: g, now: now, first: g.limit == 0, wanted: p.Wants(c)}
	v.held = c.Held()
	if !v.held.OK && !v.wanted {
		v.held = c.Current // all of it is too little
	}
	if !known(v.held) {
		if now-g.seen > calmly {
			return nil, calmly
		}
		return nil, fastest // it was known a moment ago
	}
	v.f = Finding{At: at, Cgroup: c}
	v.f.Used, v.f.Limit = p.limit(c, v.held)
	if v.limited = v.f.Limit > 0; !v.limited {
		v.f.Used, v.f.Limit = v.held.V, c.High.V
	}
	p.remember(&v)
	if g.history != nil {
		v.f.grow(g.history)
	}
	v.full = fraction(c.Pressure.Full)

	findings, wait := p.nearLimit(findings, &v)
	if !v.limited { // nobody is killed at memory.high
		v.f.Steady, v.f.TimeLeft = false, 0
	}
	findings, slow := p.throttled(findings, &v)
	if !slow {
		findings = p.waits(findings, &v)
	}
	if wait > 0 {
		return findings, wait
	}
	return findings, p.again(&v)
}

// view is a look at a cgroup.
type view struct {
	c   *watch.Cgroup
	g   *group
	now time.Duration
	// first is set for the first look. It never warns: cgroups above are looked at before those
	// below them, and all the shortage may be of one of these.
	first bool
	// wanted is set where its page cache is known to matter.
	wanted bool
	// limited is set where it has a limit, and not only memory.high.
	limited bool
	held    report.Int
	full    float64
	f       Finding
}

// from is the share of the limit from which on a cgroup may be near it.
func (p *Policy) from() float64 { return min(early, p.settings.NearLimit) }

// nearLimit decides about a cgroup that comes to its limit, where the kernel kills. wait is not 0
// where that is to be seen first of a cgroup below it.
func (p *Policy) nearLimit(findings []Finding, v *view) (all []Finding, wait time.Duration) {
	a, f, s := &v.g.nearLimit, &v.f, &p.settings
	f.Cause, f.Share, f.Threshold = CgroupNearLimit, share(f.Used, f.Limit), s.NearLimit
	near := v.limited && f.Share >= s.NearLimit
	if !near && v.limited && f.Share >= p.from() && f.Steady && f.TimeLeft <= soon && v.g.falls.exceeded(f.Used, f.Limit) {
		near, f.Threshold = true, p.from()
	}
	a.calm(f.Share < p.from()-clearly || !v.limited)
	if near && a.ready(v.now) {
		wait = p.below(v, f.Share)
	}
	return p.decide(findings, a, v.now, near && wait == 0, f), wait
}

// throttled decides about a cgroup at its memory.high, where it is slowed down: its tasks wait, and
// may never get beyond.
func (p *Policy) throttled(findings []Finding, v *view) (all []Finding, slow bool) {
	a, f, s := &v.g.throttled, &v.f, &p.settings
	slow = throttles(v.c) && share(v.held.V, v.c.High.V) >= s.NearLimit
	f.Cause, f.Share, f.Threshold = CgroupThrottled, v.full, s.Pressure
	a.relax(v.now, v.c.Pressure.Full.OK, v.full < s.Pressure/2 || !throttles(v.c))
	rose := v.g.slowed > 0 && v.now-v.g.slowed <= slowest
	due := slow && rose && v.full >= s.Pressure && a.ready(v.now) && p.below(v, 1) == 0
	return p.decide(findings, a, v.now, due, f), slow
}

// waits decides about a cgroup whose tasks wait for memory that is given back at its limit, and not
// because the machine has little left.
func (p *Policy) waits(findings []Finding, v *view) []Finding {
	a, f, s := &v.g.pressure, &v.f, &p.settings
	f.Cause, f.Share, f.Threshold = CgroupPressure, v.full, s.Pressure
	a.relax(v.now, v.c.Pressure.Full.OK, v.full < s.Pressure/2)
	full := share(add(v.held.V, max(0, v.c.Swap.V)), v.c.Max.V) >= demand
	due := v.limited && full && !p.host.short && v.full >= s.Pressure && a.ready(v.now) && p.below(v, 1) == 0
	return p.decide(findings, a, v.now, due, f)
}

// again is when to look again.
func (p *Policy) again(v *view) time.Duration {
	g, s := v.g, &p.settings
	left, level := v.f.Limit-v.f.Used, p.from()
	if share(v.f.Used, v.f.Limit) >= level && !within(2*soon, left, g.pace) {
		level = s.NearLimit // it stays about where it is
	}
	next := when(int64(level*float64(v.f.Limit))-v.f.Used, left, cgroupPace, g.pace, g.nearLimit.active || g.nearLimit.held)
	switch {
	case v.now-g.born < young:
		next = min(next, watchful)
	case g.pace == 0 && !v.wanted:
		next = slowest // it is idle
	}
	if v.full >= s.Pressure/2 && !g.pressure.active && !g.throttled.active {
		next = min(next, fastest)
	}
	return next
}

// Remove forgets a cgroup that has gone.
func (p *Policy) Remove(path string) {
	g := p.groups[path]
	if g == nil {
		return
	}
	delete(p.groups, path)
	delete(p.near, path)
	if len(p.gone) >= 10*cap(p.given) { // as many as there can be warnings in that time
		p.forget(p.now)
	}
	*g = group{nearLimit: g.nearLimit.past(p.now), throttled: g.throttled.past(p.now), pressure: g.pressure.past(p.now)}
	if g.nearLimit.ever || g.throttled.ever || g.pressure.ever {
		p.gone[path] = g
	}
}

// retain forgets the cgroups that are not there any more.
func (p *Policy) retain(there func(path string) bool) {
	for path := range p.groups {
		if !there(path) {
			p.Remove(path)
		}
	}
}

// forget forgets removed cgroups that may be warned of again.
func (p *Policy) forget(now time.Duration) {
	for path, g := range p.gone {
		if !g.nearLimit.given(now) && !g.throttled.given(now) && !g.pressure.given(now) {
			delete(p.gone, path)
		}
	}
}

// group returns what is kept of a cgroup, nil where there is no limit to watch.
func (p *Policy) group(c *watch.Cgroup, now time.Duration) *group {
	g := p.groups[c.Path]
	limited := c.Max.OK && c.Max.V >= leastLimit || throttles(c)
	switch {
	case !limited:
		p.Remove(c.Path)
		return nil
	case g == nil && len(p.groups) >= maxGroups:
		return nil
	case g == nil:
		if g = p.gone[c.Path]; g == nil {
			g = &group{}
		}
		g.born = now
		delete(p.gone, c.Path)
		p.groups[c.Path] = g
	}
	if c.Events.High.OK && g.high.OK && c.Events.High.V > g.high.V {
		g.slowed = now
	}
	g.high = c.Events.High
	return g
}

// remember keeps a look.
func (p *Policy) remember(v *view) {
	g, exact := v.g, v.c.File.OK
	if passed := v.now - g.seen; !v.first && passed >= hasty/2 && exact == g.exact {
		g.pace = float64(v.f.Used-g.used) / passed.Seconds()
	}
	g.used, g.limit, g.seen, g.exact = v.f.Used, v.f.Limit, v.now, exact
	g.falls.add(v.now, g.used, g.limit, v.c.Events.OOMKill)
	switch {
	case !v.wanted:
		g.history = nil
		delete(p.near, v.c.Path)
		return
	case g.history == nil && len(p.near) < maxNear:
		g.history = &history{}
		p.near[v.c.Path] = g
	}
	if g.history != nil {
		g.history.add(v.now, v.f.Used)
	}
}

// limit is what of a cgroup is used, given what it holds, and what it may use before the kernel
// kills; with swap both count it. It is 0 without a limit, or with one that nothing can run in.
func (p *Policy) limit(c *watch.Cgroup, held report.Int) (used, limit int64) {
	if !c.Max.OK || c.Max.V < leastLimit || !known(held) {
		return 0, 0
	}
	swapped := max(0, c.Swap.V)
	free := p.host.swapFree
	swappiness := p.host.swappiness
	if p.version == 1 {
		swappiness = c.Swappiness
	}
	switch {
	case swappiness.OK && swappiness.V == 0:
		free = 0
	case c.SwapMax.OK && p.version == 1: // of memory and swap together
		free = min(free, max(0, c.SwapMax.V-c.Max.V-swapped))
	case c.SwapMax.OK:
		free = min(free, max(0, c.SwapMax.V-swapped))
	}
	return add(held.V, swapped), add(add(c.Max.V, swapped), free)
}

// throttles reports whether a cgroup has a memory.high that it meets before its limit.
func throttles(c *watch.Cgroup) bool {
	return c.High.OK && c.High.V >= leastLimit && (!c.Max.OK || c.High.V < c.Max.V)
}

// below looks for a cgroup below one that has all its shortage: it was warned of, or is about to
// be, unless the one above is full. It returns how long to wait and see, 0 where there is none.
func (p *Policy) below(v *view, full float64) time.Duration {
	if v.first {
		return hasty
	}
	prefix, near := strings.TrimSuffix(v.c.Path, "/")+"/", p.settings.NearLimit
	for path, g := range p.near {
		if !strings.HasPrefix(path, prefix) || float64(g.used) < same*float64(v.f.Used) {
			continue
		}
		if g.nearLimit.given(v.now) || g.throttled.given(v.now) || g.pressure.given(v.now) {
			return calmly
		}
		if v.now-g.seen <= slowest && full < near+clearly && share(g.used, g.limit) >= near-clearly {
			return fastest
		}
	}
	return 0
}
