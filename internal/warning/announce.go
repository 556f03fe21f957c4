// SPDX-License-Identifier: Apache-2.0

package warning

import (
	"errors"
	"io/fs"
	"time"

	"github.com/oomtrail/oomtrail/watch"
)

// maxTriggers is how many cgroups have their pressure announced: each costs the kernel a thread.
const maxTriggers = 64

// pressure is what the kernel announces: half of what is warned of, within the shortest time that a
// process without rights may ask for.
func (r *run) pressure() watch.Trigger {
	const window = 2 * time.Second
	share := min(max(r.watcher.options.Settings.Pressure/2, 0.01), 1)
	return watch.Trigger{Full: true, Stall: time.Duration(share * float64(window)), Window: window}
}

// armHost has the pressure of the machine announced.
func (r *run) armHost() {
	if r.notifier == nil {
		return
	}
	switch err := r.notifier.AddTrigger(r.system.PressureFile(), "", r.pressure()); {
	case err == nil:
		r.hostTrigger = true
	case errors.Is(err, watch.ErrNoPressure):
		r.notePressure(err)
	default:
		r.noteTrigger(r.system.PressureFile(), err)
	}
}

// arm has the pressure of a cgroup announced, which is near its limit or met it.
func (r *run) arm(n *node) {
	if n.trigger || n.mute || r.notifier == nil || r.hierarchy.Version == 1 || r.mute || r.triggers >= maxTriggers {
		return
	}
	file := r.hierarchy.PressureFile(n.path)
	switch err := r.notifier.AddTrigger(file, n.path, r.pressure()); {
	case err == nil:
		n.trigger = true
		r.triggers++
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, watch.ErrNoPressure): // of this one alone: cgroup.pressure
		n.mute = true
	default:
		r.mute = true
		r.noteTrigger(file, err)
	}
}

// disarm ends that.
func (r *run) disarm(n *node) {
	if !n.trigger {
		return
	}
	if r.notifier != nil {
		r.notifier.RemoveTriggers(n.path)
	}
	n.trigger = false
	r.triggers--
}

// watchEvents has it announced that a cgroup met its limit.
func (r *run) watchEvents(n *node) {
	if n.events || r.notifier == nil || r.hierarchy.Version == 1 || r.full {
		return
	}
	switch err := r.notifier.AddEvents(r.hierarchy, n.path); {
	case err == nil:
		n.events = true
	case errors.Is(err, fs.ErrNotExist): // the root has none
	default:
		r.noteTree(n.path, err)
	}
}

// unannounced goes on without a notifier.
func (r *run) unannounced() {
	r.notifier.Close()
	r.notifier = nil
	r.hostTrigger, r.triggers = false, 0
	for _, n := range r.known {
		n.tree, n.events, n.trigger = false, false, false
	}
}
