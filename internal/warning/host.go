// SPDX-License-Identifier: Apache-2.0

package warning

import (
	"math"
	"time"

	"github.com/oomtrail/oomtrail/parser/report"
	"github.com/oomtrail/oomtrail/watch"
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

// machine is what is kept of the machine.
type machine struct {
	swapFree                      int64
	swappiness                    report.Int
	short                         bool
	used, promised                history
	pressure, lowMemory, promises alarm
}

// Host looks at the machine, and returns when to look again. It keeps nothing of h but what the
// findings point to.
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
		f := Finding{At: at, Host: h, Limit: add(ram, max(0, m.SwapTotal.V-max(0, m.SwapFree.V-swappable)))}
		left := add(m.Available.V, min(m.SwapFree.V, swappable))
		f.Used = max(0, f.Limit-left)
		p.host.used.add(now, f.Used)
		f.grow(&p.host.used)

		f.Cause, f.Share, f.Threshold = HostLowMemory, available, s.Available
		used := share(f.Used, f.Limit)
		fills := used >= early && f.Steady && f.TimeLeft <= soon // swap fills up
		low := available < s.Available && (swap < s.Available || fills)
		room := swap >= notLow*s.Available && used < early-clearly
		p.host.lowMemory.calm(available >= notLow*s.Available || room)
		findings = p.decide(findings, &p.host.lowMemory, now, low, &f)

		full := fraction(h.Pressure.Full)
		f.Cause, f.Share, f.Threshold = HostPressure, full, s.Pressure
		waits := full >= s.Pressure && available < short
		p.host.pressure.relax(now, h.Pressure.Full.OK, full < s.Pressure/2)
		findings = p.decide(findings, &p.host.pressure, now, waits, &f)
		p.host.short = low || waits || p.host.pressure.active

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
