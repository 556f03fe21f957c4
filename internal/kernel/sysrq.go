// SPDX-License-Identifier: Apache-2.0

package kernel

import "strings"

var sysrqForm = form{
	starts: []string{"sysrq: ", "SysRq : "},
	read:   parses(ParseSysrq),
	pieces: []continuation{{head: "SysRq : ", joins: joinsSysrq}, {head: "sysrq: SysRq : ", joins: joinsSysrq}},
}

// joinsSysrq continues "SysRq : ".
func joinsSysrq(rest, piece string) bool {
	return rest == "" && trimEnd(piece) == "Manual OOM execution"
}

// Sysrq is what a sysrq-f line reports.
type Sysrq uint8

// What a sysrq-f line reports.
const (
	SysrqManual   Sysrq = iota // "Manual OOM execution"
	SysrqDisabled              // "OOM request ignored because killer is disabled" (4.1 to 4.11)
	SysrqNoTask                // "OOM request ignored. No task eligible" (4.12+)
)

// ParseSysrq reads the lines of docs/formats.md section 7.6.
func ParseSysrq(s string) (v Sysrq, ok bool) {
	rest, ok := cutSysrq(trimEnd(s))
	if !ok {
		return 0, false
	}
	switch rest {
	case "Manual OOM execution":
		return SysrqManual, true
	case "OOM request ignored because killer is disabled":
		return SysrqDisabled, true
	case "OOM request ignored. No task eligible":
		return SysrqNoTask, true
	}
	return 0, false
}

// cutSysrq cuts what any sysrq line starts with: "SysRq : " (to 3.19), "sysrq: SysRq : " or "sysrq:
// ".
func cutSysrq(s string) (rest string, ok bool) {
	rest, ok = strings.CutPrefix(s, "sysrq: ")
	tail, old := strings.CutPrefix(rest, "SysRq : ")
	return tail, ok || old
}
