// SPDX-License-Identifier: Apache-2.0

package warning

import (
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

// Host is how the machine stood at a moment.
type Host struct {
	Memory   watch.Memory
	Settings watch.Settings
	// Pressure is that of the machine; without PSI its parts are not OK.
	Pressure watch.Pressure
}

// Finding is a warning that is due, and what it is about.
type Finding struct {
	Cause Cause
	At    time.Time
	// Host is set where it is about the machine, Cgroup where it is about a cgroup.
	Host   *Host
	Cgroup *watch.Cgroup
	// Growth is in bytes a second, valid iff Grows. Steady is set where it can be relied on, and
	// TimeLeft is then what is left at that pace.
	Growth        float64
	Grows, Steady bool
	TimeLeft      time.Duration
}

// Policy decides when a warning is due: it keeps what it needs of the past, and does nothing but
// that. It is for one goroutine.
type Policy struct{}

// NewPolicy returns one that has seen nothing.
func NewPolicy(Settings) *Policy { return &Policy{} }

// Host looks at the machine, and returns when to look again.
func (p *Policy) Host(at time.Time, h *Host) (findings []Finding, next time.Duration) {
	return nil, time.Second
}

// Cgroup looks at a cgroup, and returns when to look again if nothing is announced before.
func (p *Policy) Cgroup(at time.Time, g *watch.Cgroup) (findings []Finding, next time.Duration) {
	return nil, time.Second
}

// Remove forgets a cgroup that has gone.
func (p *Policy) Remove(path string) {}
