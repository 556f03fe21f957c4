// SPDX-License-Identifier: Apache-2.0

package report

import "github.com/oomtrail/oomtrail/internal/enum"

// Event is what one record is made of: a killed process, or the end of a report that killed none.
type Event struct {
	// Kind is what happened.
	Kind EventKind
	// Report is the report of the event, never nil. Of a bare kill line it holds little else.
	Report *Report
	// Kill is the index in Report.Kills of an EventKill, else -1.
	Kill int
	// At and Text are the line that made the event.
	At   Stamp
	Text string
	// Reaper is what the reaper reported, valid iff Kind is EventReapFailed.
	Reaper Reaper
}

// Victim returns the killed process, nil where the event has none.
func (e *Event) Victim() *Kill {
	if e.Kill < 0 {
		return nil
	}
	return &e.Report.Kills[e.Kill]
}

// EventKind is what happened.
type EventKind uint8

// The kinds of events.
const (
	EventKill       EventKind = iota // a process was killed
	EventNoVictim                    // memory ran out, and it is proven that no process was killed
	EventPanic                       // the kernel panicked because memory ran out
	EventReapFailed                  // the reaper gave a victim up
	EventUnresolved                  // memory ran out, and the log does not show how that ended
)

var eventNames = enum.New[EventKind]("event", "oom.kill", "oom.no_victim", "oom.panic", "oom.reap_failed", "oom.unresolved")

// String returns the name of the event, as event.name has it.
func (k EventKind) String() string { return eventNames.String(k) }
