// SPDX-License-Identifier: Apache-2.0

package warning

import (
	"math"
	"time"

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
	// calmly is when to look again at what cannot be judged, or is of a cgroup below.
	calmly = 5 * time.Second
	// watchful is when to look again at the latest at what would meet its limit soon, and at a
	// cgroup that is new: what is started may grow at once. young is how long it is new.
	watchful = 2 * time.Second
	young    = 30 * time.Second
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

	// maxGroups is how many cgroups with a limit are remembered, at 300 bytes each, and maxNear how
	// many of them with a history, at 600 bytes. Of others no growth is known, and of those beyond
	// maxGroups nothing is said.
	maxGroups = 50_000
	maxNear   = 2_000
)

// Finding is a warning that is due, and what it is about.
type Finding struct {
	Cause Cause
	At    time.Time
	// Host is set where it is about the machine, Cgroup where it is about a cgroup.
	Host   *Host
	Cgroup *watch.Cgroup
	// Share crossed Threshold: of [HostLowMemory] what is available of RAM, of the two pressures
	// and of [CgroupThrottled] the time of ten seconds in which all tasks waited, of the others
	// Used of Limit.
	Share, Threshold float64
	// Used of Limit is used up, in bytes. Of the machine that is RAM, without the pools of huge
	// pages, and the swap that can be used, or CommitLimit. Of a cgroup it is what it holds and has
	// swapped out, of its limit and the swap that it may use. Without a limit it is what it holds,
	// of memory.high.
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

// when is how long to wait until the next look: until use may have grown by what is left to a
// threshold, if it begins to grow at a pace that is usual, or goes on at its own. What was warned
// of, or is held back, can wait.
func when(toThreshold, left int64, usual, own float64, warned bool) time.Duration {
	switch {
	case warned:
		return slowest
	case within(5*time.Second, left, own):
		return hasty
	case toThreshold <= 0 || within(time.Minute, left, own):
		return fastest
	}
	most := slowest
	if within(soon, left, own) {
		most = watchful
	}
	seconds := float64(toThreshold) / max(usual, own)
	return max(fastest, min(most, time.Duration(seconds*float64(time.Second))))
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

// fraction is the share of the last ten seconds that was lost; it is 0 where that is not known.
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
