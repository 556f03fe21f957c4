// SPDX-License-Identifier: Apache-2.0

package fbhost

import (
	"encoding/binary"
	"strings"
	"time"
)

// Append is one append of an input.
type Append struct {
	// Return is what the host answered.
	Return int
	// Events are the events.
	Events []byte
}

// Refused is what StartInput returns where the host refuses before the plugin does.
const Refused = -2

// Pauses is the answer to an append that the host takes, and pauses the input in it, as Fluent Bit
// does at a limit.
const Pauses = 1

// StartInput makes the input id, in a thread of its own or not, and returns what init returned.
func (h *Host) StartInput(id int, threaded bool, settings ...Setting) int {
	h.command('i', id)
	isThreaded := 0
	if threaded {
		isThreaded = 1
	}
	h.number(isThreaded)
	h.settings(settings)
	return h.answer()
}

// Event waits for input id's event, at most so long, and lets it collect. Each append is answered
// with answer. came is false when no event came.
func (h *Host) Event(id, answer int, wait time.Duration) (appends []Append, came bool) {
	return h.turn(id, answer, int(wait.Milliseconds()))
}

// Timer lets input id collect as its timer does.
func (h *Host) Timer(id, answer int) []Append {
	appends, _ := h.turn(id, answer, -1)
	return appends
}

func (h *Host) turn(id, answer, wait int) (appends []Append, ran bool) {
	h.command('t', id)
	h.number(answer)
	h.number(wait)
	ran = h.answer() != 0
	for rest := []byte(h.text()); len(rest) >= 8; {
		n := binary.NativeEndian.Uint32(rest[4:])
		appends = append(appends, Append{int(int32(binary.NativeEndian.Uint32(rest))), rest[8 : 8+n]})
		rest = rest[8+n:]
	}
	return appends, ran
}

// Pause stops input id; an append before Resume ends the host with an error.
func (h *Host) Pause(id int) {
	h.command('p', id)
	h.answer()
}

// Resume lets input id go on.
func (h *Host) Resume(id int) {
	h.command('r', id)
	h.answer()
}

// InputMetrics returns a line for each metric of input id: name{label=value,...} number.
func (h *Host) InputMetrics(id int) string {
	h.command('m', id)
	return h.text()
}

// ExitInput ends input id and returns what exit returned.
func (h *Host) ExitInput(id int) int {
	h.command('x', id)
	return h.answer()
}

// InputKeys returns the settings that the input names to the host.
func (h *Host) InputKeys() []string {
	h.in.WriteByte('K')
	return strings.Fields(h.text())
}
