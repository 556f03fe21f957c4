// SPDX-License-Identifier: Apache-2.0

package watch

import (
	"fmt"
	"path/filepath"
	"time"
)

// Trigger asks the kernel to announce that tasks waited for memory
// (Documentation/accounting/psi.rst, 5.2): for Stall or more within any Window.
type Trigger struct {
	// Full asks for the time in which all tasks waited, and not only one of them.
	Full bool
	// Stall is up to Window, which is 500 ms to 10 s. Without CAP_SYS_RESOURCE it has to be a
	// multiple of 2 s (6.5; before, only root may ask).
	Stall, Window time.Duration
}

// text is the trigger as the kernel takes it: "some 150000 1000000".
func (t Trigger) text() string {
	share := "some"
	if t.Full {
		share = "full"
	}
	return fmt.Sprintf("%s %d %d", share, t.Stall.Microseconds(), t.Window.Microseconds())
}

// Kind is what a [Notice] is about.
type Kind uint8

// The kinds of notices.
const (
	// NoticePressure says that a trigger was reached.
	NoticePressure Kind = iota
	// NoticeEvents says that a counter of memory.events has changed.
	NoticeEvents
	// NoticeCreated says that there is a new cgroup.
	NoticeCreated
	// NoticeLimits says that somebody has set a limit of a cgroup.
	NoticeLimits
	// NoticeRemoved says that a cgroup has gone, with all that was watched of it.
	NoticeRemoved
	// NoticeLost says that the kernel had more to say than its queue holds: look at everything
	// again. It has no path.
	NoticeLost
)

// Notice is something that the kernel announced.
type Notice struct {
	Kind Kind
	// Path is the cgroup that it is about, "" for the whole machine.
	Path string
}

// PressureFile is the file that a [Trigger] of the whole machine is written to.
func (s System) PressureFile() string { return filepath.Join(s.Proc, "pressure/memory") }

// PressureFile is the file that a [Trigger] of a cgroup is written to; version 1 has none.
func (h Hierarchy) PressureFile(path string) string {
	return filepath.Join(h.dir(path), "memory.pressure")
}

// EventsFile is the file of a cgroup that changes with its events; version 1 has none.
func (h Hierarchy) EventsFile(path string) string { return filepath.Join(h.dir(path), "memory.events") }
