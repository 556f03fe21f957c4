// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"unsafe"

	"github.com/oomtrail/oomtrail/parser/report"
)

// What is read of a line are parts of its text, which may go away: these functions make them parts
// of a copy of it.

// MoveInvocation makes the strings of v, read of the text from, the same parts of to, a copy of
// from.
func MoveInvocation(v *report.Invocation, to, from string) {
	moveTo(to, from, &v.Comm, &v.Nodemask, &v.GFP.Text, &v.GFP.Names)
}

// MoveKill makes the strings of v, read of the text from, the same parts of to, a copy of from.
func MoveKill(v *report.KillLine, to, from string) { moveTo(to, from, &v.Comm) }

// MoveOOMKill makes the strings of v, read of the text from, the same parts of to, a copy of from.
func MoveOOMKill(v *report.OOMKill, to, from string) {
	moveTo(to, from, &v.Nodemask, &v.Cpuset, &v.MemsAllowed, &v.OOMMemcg, &v.TaskMemcg, &v.Task)
}

// moveTo makes each part of from the same part of to. A string that is no part of from stays what
// it is.
func moveTo(to, from string, parts ...*string) {
	start := uintptr(unsafe.Pointer(unsafe.StringData(from)))
	for _, part := range parts {
		at := uintptr(unsafe.Pointer(unsafe.StringData(*part))) - start
		if *part != "" && at <= uintptr(len(from)-len(*part)) {
			*part = to[at : at+uintptr(len(*part))]
		}
	}
}
