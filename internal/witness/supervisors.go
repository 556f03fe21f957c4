// SPDX-License-Identifier: Apache-2.0

package witness

import (
	"strconv"
	"strings"
	"time"
)

// killGrace is how long after its own decision a supervisor's worker may die of it.
const killGrace = time.Minute

// workerDeath is the fact that a supervisor makes of a dead worker. Its pid is of the supervisor's
// pid namespace, which the line does not show.
func workerDeath(writer string, pid int64) Fact {
	return Fact{Kind: Death, Writer: writer, Signal: sigkill, Keys: Keys{VPID: pid, HasVPID: true}}
}

// cutPID reads a decimal pid at the start of s.
func cutPID(s string) (pid int64, rest string, ok bool) {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	pid, err := strconv.ParseInt(s[:n], 10, 32)
	return pid, s[n:], err == nil && pid > 0
}

// cutBracket cuts "[inside] " from the start of s.
func cutBracket(s string) (inside, rest string, ok bool) {
	if !strings.HasPrefix(s, "[") {
		return "", s, false
	}
	inside, rest, ok = strings.Cut(s[1:], "] ")
	return inside, rest, ok
}

// endOfLine cuts what a format leaves at the end of a line.
func endOfLine(s string) string { return strings.TrimRight(s, " \r\n") }
