// SPDX-License-Identifier: Apache-2.0

package verdict

import (
	"time"

	"github.com/oomtrail/oomtrail/internal/witness"
)

// window is how long before and after a kill a line about it may be written.
type window struct{ before, after time.Duration }

func (w window) has(d time.Duration, ok bool) bool { return ok && d >= -w.before && d <= w.after }

// slack is what two clocks, and timestamps of whole seconds, may be apart.
const slack = 2 * time.Second

// The windows, by what joins.
var (
	// A runtime may speak of a container before the kernel's line is read, and the death of a pod
	// takes a while to be seen.
	ofContainer = window{slack, time.Minute}
	// The kubelet's events are aggregated, and repeated when it starts anew.
	ofProcess = window{5 * time.Second, 10 * time.Minute}
	// systemd looks at once. How a unit ended it says when it has stopped.
	ofUnit    = window{slack, 10 * time.Second}
	ofUnitEnd = window{slack, 90 * time.Second}
	// A slice repeats it when systemd comes to it: 7 seconds later on a busy machine.
	ofParent = window{slack, 10 * time.Second}
	ofPod    = window{slack, time.Minute}
	ofStep   = window{slack, 10 * time.Minute}
	// Two killers may go after one process, and one of them again.
	ofVictim = window{time.Minute, time.Minute}
	ofCgroup = window{5 * time.Second, 5 * time.Second}
	// What was sent is received at once. Docker sends by way of other programs, and says that a
	// container died once it has cleared it away; the id is that of one container.
	ofSignal          = window{0, slack}
	ofContainerSignal = window{0, 20 * time.Second}
)

// concerns returns what joins a fact to a kill, where the time fits.
func (x *item) concerns(s *subject, at *moment) key {
	k := x.subject.joins(s)
	if k == noKey {
		return noKey
	}
	d, ok := x.at.since(at)
	if k == byContainer && !ok {
		return k // an id is given once
	}
	w := ofUnit
	switch k {
	case byContainer, byCgroup:
		w = ofContainer
	case byPID:
		if w = ofProcess; x.comm == "" || s.comm == "" {
			w = ofUnit
		}
	case byUnit:
		if x.fact.Kind == witness.Observation && x.fact.Killer == "" {
			w = ofUnitEnd
		}
	case byParent:
		w = ofParent
	case byPod:
		w = ofPod
	case byStep:
		w = ofStep
	}
	if !w.has(d, ok) {
		return noKey
	}
	return k
}

// sameDeath reports whether two observations, or two lines about a death, are about one.
func (x *item) sameDeath(o *item) bool {
	k := x.subject.joins(&o.subject)
	if k == noKey {
		return false
	}
	d, ok := x.at.since(&o.at)
	if x.role == o.role && x.fact.Kind == o.fact.Kind && !(ok && d.Abs() <= slack) {
		return false // the same line again is another death
	}
	if differ(x.fact.Killer, o.fact.Killer) {
		return false
	}
	w := ofUnitEnd
	switch k {
	case byParent:
		w = ofParent
	case byPID, byStep:
		w = ofProcess
	}
	return window{w.after, w.after}.has(d, ok)
}

// sameKill reports whether two kills are of one death.
func (s *subject) sameKill(at *moment, o *subject, oAt *moment) bool {
	w := window{}
	switch k := s.joins(o); {
	case s.hasPID && o.hasPID:
		if k != noKey && s.samePID(o) {
			w = ofVictim
		}
	case s.hasPID || o.hasPID: // one of a process, one of all of a cgroup: both are
	case k == byCgroup && s.path == o.path, k == byContainer:
		w = ofCgroup
	case k == byStep:
		w = ofVictim
	}
	return w != window{} && w.has(at.since(oAt))
}
