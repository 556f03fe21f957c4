// SPDX-License-Identifier: Apache-2.0

package warning

import "time"

// alarm is what is kept of a cause.
type alarm struct {
	// warned is when it was last warned of, iff ever.
	warned time.Duration
	ever   bool
	// active is set from a warning until the cause is clearly over, held where a warning is held
	// back.
	active, held bool
	// seen is when it was last known how the cause stands, for those that are not always read.
	seen time.Duration
}

// decide adds a finding where its cause has come, unless it was warned of already. Those about the
// machine are never held back: any user who may make cgroups could use up the cap.
func (p *Policy) decide(findings []Finding, a *alarm, now time.Duration, come bool, f *Finding) []Finding {
	if !come || !a.ready(now) {
		return findings
	}
	if f.Host == nil && len(p.given) == cap(p.given) && now-p.given[p.next] < time.Minute {
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
	a.warned, a.ever, a.active, a.held = now, true, true, false
	return append(findings, *f)
}

// calm ends the cause, if it is over.
func (a *alarm) calm(over bool) {
	if over {
		a.active, a.held = false, false
	}
}

// relax is calm for a pressure, which is read only while it may be of interest: where it is not
// known for a minute, it is over.
func (a *alarm) relax(now time.Duration, known, over bool) {
	if known {
		a.seen = now
		a.calm(over)
		return
	}
	a.calm(now-a.seen > time.Minute)
}

// ready reports whether the cause may be warned of.
func (a *alarm) ready(now time.Duration) bool {
	return !a.active && (!a.ever || now-a.warned >= quiet)
}

// given reports whether the cause was warned of, or will be when there is room.
func (a *alarm) given(now time.Duration) bool { return a.held || !a.ready(now) }

// past is what is kept of the cause when the cgroup has gone.
func (a *alarm) past(now time.Duration) alarm {
	if !a.ever || now-a.warned >= quiet {
		return alarm{}
	}
	return alarm{warned: a.warned, ever: true}
}
