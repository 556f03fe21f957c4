// SPDX-License-Identifier: Apache-2.0

package warning

import (
	"math"
	"strings"
	"time"

	"github.com/oomtrail/oomtrail/parser/report"
	"github.com/oomtrail/oomtrail/watch"
)

// Cause is why a warning is given: the value of oom.warning.cause.
type Cause string

// The causes.
const (
	HostPressure    Cause = "host_pressure"
	CgroupPressure  Cause = "cgroup_pressure"
	CgroupNearLimit Cause = "cgroup_near_limit"
	CgroupThrottled Cause = "cgroup_throttled"
	HostLowMemory   Cause = "host_low_memory"
	CommitLimit     Cause = "commit_limit"
)

const (
	// quiet is how long nothing is said again of the same cause and cgroup.
	quiet = 10 * time.Minute
	// fastest to slowest is when to look again. Only where the limit is seconds away at the pace of
	// the last looks it is hasty.
	hasty   = 250 * time.Millisecond
	fastest = time.Second
	slowest = 10 * time.Second
	// calmly is when to look again at what was warned of, or cannot be judged.
	calmly = 5 * time.Second
	// young is how long a cgroup is new: what is started may grow at once, and is looked at again
	// after earlyOn at the latest.
	young   = 30 * time.Second
	earlyOn = 2 * time.Second
	// cgroupPace and hostPace, in bytes a second, are how fast use may begin to grow between two
	// looks without the next one coming too late.
	cgroupPace = 10 << 20
	hostPace   = 200 << 20

	// early is the share of the limit from which on steady growth is enough for a warning, if the
	// limit is soon away. A build may well pass it; one that grows for ten seconds and meets its
	// limit within minutes rarely stops.
	early = 0.75
	soon  = 5 * time.Minute
	// clearly is how far below a threshold a share has to fall.
	clearly = 0.05
	// notLow is the same of [Settings.Available], which it is multiplied by.
	notLow = 1.5
	// demand is the share of the limit that must be held where pressure, or slowing down, is a
	// shortage of this cgroup: less is page cache that comes and goes. short is the same of the
	// machine, as the share that is available: tasks that wait at the limit of their cgroup count
	// into the pressure of the machine as well.
	demand = 0.75
	short  = 0.25
	// same is the share of its use from which on a cgroup below is all the shortage of a cgroup.
	same = 0.9
	// leastLimit is the smallest limit that something can run in. Lower ones, such as 0, empty a
	// cgroup on purpose.
	leastLimit = 1 << 20

	// maxGroups is how many cgroups with a limit are remembered, at 200 bytes each, and maxNear how
	// many of them with a history, at 600 bytes. Of others no growth is known, and of those beyond
	// maxGroups nothing is said.
	maxGroups = 50_000
	maxNear   = 2_000
)

// Host is how the machine stood at a moment.
type Host struct {
	Memory   watch.Memory
	Settings watch.Settings
	// Pressure is that of the machine; without PSI its parts are not OK.
	Pressure watch.Pressure
	// Unswappable is what is used by cgroups that may not swap, in bytes, where that is known.
	Unswappable watch.Int
}

// swappable is how much could be swapped out at most, beside what is: anonymous and shared memory,
// without what is locked and what cgroups hold that may not swap.
func (h *Host) swappable() int64 {
	m := &h.Memory
	if !known(m.Anon, m.Shmem) {
		return math.MaxInt64
	}
	return max(0, add(m.Anon.V, m.Shmem.V)-add(max(0, m.Unevictable.V), max(0, h.Unswappable.V)))
}

// Finding is a warning that is due, and what it is about.
type Finding struct {
	Cause Cause
	At    time.Time
	// Host is set where it is about the machine, Cgroup where it is about a cgroup.
	Host   *Host
	Cgroup *watch.Cgroup
	// Share crossed Threshold: of [HostLowMemory] what is available of RAM, of the two pressures and
	// of [CgroupThrottled] the time of ten seconds in which all tasks waited, of the others Used of
	// Limit.
	Share, Threshold float64
	// Used of Limit is used up, in bytes. Of the machine that is RAM, without the pools of huge
	// pages, and the swap that can be used, or CommitLimit. Of a cgroup it is what it holds and has swapped out, of its
	// limit and the swap that it may use. Without a limit it is what it holds, of memory.high.
	Used, Limit int64
	// Growth is how fast Used grows, in bytes a second, valid iff Grows.
	Growth float64
	Grows  bool
	// TimeLeft is what is possibly left until Limit, valid iff Steady: the growth of the last ten
	// seconds or more can be relied on.
	TimeLeft time.Duration
	Steady   bool
}

// Policy decides when a warning is due: it keeps what it needs of the past, and does nothing but
// that. It is for one goroutine. The machine is to be looked at before its cgroups.
type Policy struct {
	settings Settings
	version  int

	// start is when the first look was taken, and now the last one, since then.
	start time.Time
	now   time.Duration

	host   machine
	groups map[string]*group
	// near are those of groups that have a history.
	near map[string]*group
	// gone are cgroups that were removed less than ten minutes after a warning: one that is made
	// anew under its path is the same to a person.
	gone map[string]*group
	// given is when the last warnings were given, PerMinute of them.
	given []time.Duration
	next  int

	suppressed int64
}

// machine is what is kept of the machine.
type machine struct {
	swapFree                      int64
	swappiness                    report.Int
	short                         bool
	used, promised                history
	pressure, lowMemory, promises alarm
}

// group is what is kept of a cgroup.
type group struct {
	// used of limit is as in [Finding], at the last look, and seen is when that was; born is when the
	// first one was. pace is what used grew by between the last two, in bytes a second.
	used, limit int64
	seen, born  time.Duration
	pace        float64
	// exact is set where used leaves out page cache.
	exact bool
	// high counts how often it was slowed down, and slowed is when that last rose.
	high   report.Int
	slowed time.Duration

	nearLimit, throttled, pressure alarm
	history                        *history
}

// alarm is what is kept of a cause.
type alarm struct {
	// warned is when it was last warned of, iff ever.
	warned time.Duration
	ever   bool
	// active is set from a warning until the cause is clearly over, held where a warning is held
	// back.
	active, held bool
}

// NewPolicy returns one that has seen nothing. version is that of the cgroups, 1 or 2.
func NewPolicy(s Settings, version int) *Policy {
	return &Policy{
		settings: s, version: version,
		groups: map[string]*group{}, near: map[string]*group{}, gone: map[string]*group{},
		given: make([]time.Duration, 0, max(1, min(s.PerMinute, mostPerMinute))),
	}
}

// Suppressed is how many warnings the cap per minute has held back. They are given later, if they
// are due still.
func (p *Policy) Suppressed() int64 { return p.suppressed }

// Host looks at the machine, and returns when to look again. It keeps nothing of h but
// what the findings point to.
func (p *Policy) Host(at time.Time, h *Host) (findings []Finding, next time.Duration) {
	now := p.clock(at)
	m, s := &h.Memory, &p.settings
	p.host.swapFree, p.host.swappiness = max(0, m.SwapFree.V), h.Settings.Swappiness
	next = slowest

	ram := m.Total.V - max(0, m.HugePages.V)
	if known(m.Total, m.Available, m.SwapTotal, m.SwapFree) && ram > 0 {
		available := share(m.Available.V, ram)
		// Free swap is of use as far as there is something to put into it.
		swappable := h.swappable()
		swap := min(share(m.SwapFree.V, m.SwapTotal.V), share(swappable, ram))
		low := available < s.Available && swap < s.Available
		p.host.short = low || p.host.pressure.active

		f := Finding{At: at, Host: h, Limit: add(ram, max(0, m.SwapTotal.V-max(0, m.SwapFree.V-swappable)))}
		left := add(m.Available.V, min(m.SwapFree.V, swappable))
		f.Used = max(0, f.Limit-left)
		p.host.used.add(now, f.Used)
		f.grow(&p.host.used)

		f.Cause, f.Share, f.Threshold = HostLowMemory, available, s.Available
		p.host.lowMemory.calm(available >= notLow*s.Available || swap >= notLow*s.Available)
		findings = p.decide(findings, &p.host.lowMemory, now, low, &f)

		full := fraction(h.Pressure.Full)
		f.Cause, f.Share, f.Threshold = HostPressure, full, s.Pressure
		waits := full >= s.Pressure && available < short
		p.host.pressure.calm(full < s.Pressure/2)
		findings = p.decide(findings, &p.host.pressure, now, waits, &f)

		threshold := int64(s.Available * float64(ram))
		next = when(m.Available.V-threshold, left, hostPace, p.host.used.pace(), p.host.lowMemory.active)
		if full >= s.Pressure/2 {
			next = min(next, fastest)
		}
	}

	if h.Settings.OvercommitMemory.V == 2 && known(m.CommitLimit, m.CommittedAS) && m.CommitLimit.V > 0 {
		f := Finding{Cause: CommitLimit, At: at, Host: h, Used: m.CommittedAS.V, Limit: m.CommitLimit.V, Threshold: s.NearLimit}
		f.Share = share(f.Used, f.Limit)
		p.host.promised.add(now, f.Used)
		f.grow(&p.host.promised)
		p.host.promises.calm(f.Share < s.NearLimit-2*clearly)
		findings = p.decide(findings, &p.host.promises, now, f.Share >= s.NearLimit, &f)
		next = min(next, when(int64(s.NearLimit*float64(f.Limit))-f.Used, f.Limit-f.Used, hostPace, p.host.promised.pace(), p.host.promises.active))
	} else {
		p.host.promises.active = false
	}
	return findings, next
}

// Wants reports whether the page cache of a cgroup has to be read, given its usage and limits:
// without it nothing can be decided. It holds for few cgroups: where half of the limit is used, or a
// quarter and it may be met within a minute.
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
	// The first look never warns: those above are looked at before those below them, and all the
	// shortage may be of one of these.
	first := g.limit == 0
	wanted := p.Wants(c)
	size := c.Held()
	if !size.OK && !wanted {
		size = c.Current // all of it is too little
	}
	if !known(size) {
		if now-g.seen > calmly {
			return nil, calmly
		}
		return nil, fastest // it was known a moment ago
	}
	s := &p.settings
	f := Finding{At: at, Cgroup: c}
	f.Used, f.Limit = p.limit(c, size)
	limited := f.Limit > 0
	if !limited { // by memory.high alone
		f.Used, f.Limit = size.V, c.High.V
	}
	p.remember(g, c, now, wanted, f.Used, f.Limit)
	if g.history != nil {
		f.grow(g.history)
	}
	full := fraction(c.Pressure.Full)

	// At its limit the kernel kills.
	f.Cause, f.Share, f.Threshold = CgroupNearLimit, share(f.Used, f.Limit), s.NearLimit
	from := min(early, s.NearLimit)
	near := limited && f.Share >= s.NearLimit
	if !near && limited && f.Share >= from && f.Steady && f.TimeLeft <= soon {
		near, f.Threshold = true, from
	}
	g.nearLimit.calm(f.Share < from-clearly || !limited)
	elsewhere := false
	if near && g.nearLimit.ready(now) {
		elsewhere = first || p.below(c.Path, now, f.Used, f.Share)
	}
	findings = p.decide(findings, &g.nearLimit, now, near && !elsewhere, &f)

	// At memory.high it slows down: its tasks wait, and may never get beyond.
	atHigh := throttles(c) && share(size.V, c.High.V) >= s.NearLimit
	if !limited { // nobody is killed there
		f.Steady, f.TimeLeft = false, 0
	}
	f.Cause, f.Share, f.Threshold = CgroupThrottled, full, s.Pressure
	slow := atHigh && g.slowed > 0 && now-g.slowed <= slowest && full >= s.Pressure
	g.throttled.calm(full < s.Pressure/2 || !throttles(c))
	if slow && g.throttled.ready(now) {
		slow = !first && !p.below(c.Path, now, f.Used, 1)
	}
	findings = p.decide(findings, &g.throttled, now, slow, &f)

	// Else its tasks wait for the memory that is given back at its limit, unless the machine has
	// little left.
	f.Cause = CgroupPressure
	waits := limited && !atHigh && !p.host.short && full >= s.Pressure && share(add(size.V, max(0, c.Swap.V)), c.Max.V) >= demand
	g.pressure.calm(full < s.Pressure/2)
	if waits && g.pressure.ready(now) {
		waits = !first && !p.below(c.Path, now, f.Used, 1)
	}
	findings = p.decide(findings, &g.pressure, now, waits, &f)

	left := f.Limit - f.Used
	level := from
	if share(f.Used, f.Limit) >= from && !within(2*soon, left, g.pace) {
		level = s.NearLimit // it stays about where it is
	}
	next = when(int64(level*float64(f.Limit))-f.Used, left, cgroupPace, g.pace, g.nearLimit.active)
	switch {
	case elsewhere && first:
		next = hasty
	case elsewhere:
		next = fastest
	case now-g.born < young:
		next = min(next, earlyOn)
	case g.pace == 0 && !wanted:
		next = slowest // it is idle
	}
	if full >= s.Pressure/2 && !g.pressure.active && !g.throttled.active {
		next = min(next, fastest)
	}
	return findings, next
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

// clock is how long after the first look a moment was. It never goes back, whatever the machine's
// clock does.
func (p *Policy) clock(at time.Time) time.Duration {
	if p.start.IsZero() {
		p.start = at
	}
	now := at.Sub(p.start)
	if now < p.now {
		if p.now-now > time.Second { // no look that was taken a little earlier
			p.start = at.Add(-p.now)
		}
		return p.now
	}
	p.now = now
	return now
}

// forget forgets removed cgroups that may be warned of again.
func (p *Policy) forget(now time.Duration) {
	for path, g := range p.gone {
		if g.nearLimit.ready(now) && g.throttled.ready(now) && g.pressure.ready(now) {
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
func (p *Policy) remember(g *group, c *watch.Cgroup, now time.Duration, near bool, used, limit int64) {
	path, exact := c.Path, c.File.OK
	if passed := now - g.seen; g.limit == 0 || passed > window {
		g.pace = 0
	} else if passed >= hasty/2 && exact == g.exact {
		g.pace = float64(used-g.used) / passed.Seconds()
	}
	g.used, g.limit, g.seen, g.exact = used, limit, now, exact
	switch {
	case !near:
		g.history = nil
		delete(p.near, path)
		return
	case g.history == nil && len(p.near) < maxNear:
		g.history = &history{}
		p.near[path] = g
	}
	if g.history != nil {
		g.history.add(now, used)
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

// below reports whether a cgroup below one has all its shortage: it was warned of, or is about to
// be.
func (p *Policy) below(path string, now time.Duration, used int64, full float64) bool {
	prefix := strings.TrimSuffix(path, "/") + "/"
	for other, g := range p.near {
		if !strings.HasPrefix(other, prefix) || float64(g.used) < same*float64(used) {
			continue
		}
		if !g.nearLimit.ready(now) || !g.throttled.ready(now) || !g.pressure.ready(now) {
			return true
		}
		if near := p.settings.NearLimit; now-g.seen <= slowest && full < near+clearly && share(g.used, g.limit) >= near-clearly {
			return true
		}
	}
	return false
}

// decide adds a finding where its cause has come, unless it was warned of already.
func (p *Policy) decide(findings []Finding, a *alarm, now time.Duration, come bool, f *Finding) []Finding {
	if !come || !a.ready(now) {
		return findings
	}
	if len(p.given) == cap(p.given) && now-p.given[p.next] < time.Minute {
		if !a.held {
			a.held = true
			p.suppressed++
		}
		return findings
	}
	if len(p.given) < cap(p.given) {
		p.given = append(p.given, now)
	} else {
		p.given[p.next] = now
		p.next = (p.next + 1) % len(p.given)
	}
	*a = alarm{warned: now, ever: true, active: true}
	return append(findings, *f)
}

// calm ends the cause, if it is over.
func (a *alarm) calm(over bool) {
	if over {
		a.active, a.held = false, false
	}
}

// ready reports whether the cause may be warned of.
func (a *alarm) ready(now time.Duration) bool {
	return !a.active && (!a.ever || now-a.warned >= quiet)
}

// past is what is kept of the cause when the cgroup has gone.
func (a *alarm) past(now time.Duration) alarm {
	if !a.ever || now-a.warned >= quiet {
		return alarm{}
	}
	return alarm{warned: a.warned, ever: true}
}

// grow says how fast the use grows, and what is left.
func (f *Finding) grow(h *history) {
	f.Growth, f.Grows = h.growth()
	rate, ok := h.steady()
	if !ok {
		return
	}
	if left := float64(max(0, f.Limit-f.Used)) / rate; left <= horizon.Seconds() {
		f.Growth, f.Grows, f.Steady = rate, true, true
		f.TimeLeft = time.Duration(left * float64(time.Second))
	}
}

// pace is how fast the use grew between the last two looks, in bytes a second.
func (h *history) pace() float64 {
	if h.count(window) < 2 {
		return 0
	}
	now, used := h.back(0)
	before, was := h.back(1)
	if now <= before {
		return 0
	}
	return float64(used-was) / (now - before).Seconds()
}

// when is how long to wait until the next look: until use may have grown by what is left to a
// threshold, if it begins to grow at a pace that is usual, or goes on at its own.
func when(toThreshold, left int64, usual, own float64, warned bool) time.Duration {
	switch {
	case warned:
		return calmly
	case within(5*time.Second, left, own):
		return hasty
	case toThreshold <= 0 || within(time.Minute, left, own):
		return fastest
	}
	seconds := float64(toThreshold) / max(usual, own)
	return max(fastest, min(slowest, time.Duration(seconds*float64(time.Second))))
}

// known reports whether there are sizes, all of them.
func known(sizes ...watch.Int) bool {
	for _, size := range sizes {
		if !size.OK || size.V < 0 {
			return false
		}
	}
	return true
}

// within reports whether what is left is used up within a time, at a pace in bytes a second.
func within(d time.Duration, left int64, pace float64) bool {
	return pace > 0 && float64(left) <= pace*d.Seconds()
}

// share is part of whole, 0 where there is no whole.
func share(part, whole int64) float64 {
	if whole <= 0 {
		return 0
	}
	return float64(part) / float64(whole)
}

// fraction is the share of the last ten seconds that was lost, 0 where it is not known.
func fraction(s watch.Stall) float64 {
	if !s.OK || !(s.Avg10 > 0) {
		return 0
	}
	return min(1, s.Avg10/100)
}

// add adds sizes, neither of which is below 0.
func add(a, b int64) int64 {
	if a > math.MaxInt64-b {
		return math.MaxInt64
	}
	return a + b
}
