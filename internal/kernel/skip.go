// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"strings"

	"github.com/oomtrail/oomtrail/parser/report"
)

var skipForm = form{
	starts:   behindMessages("OOM victim "),
	read:     parses(ParseSkip),
	openName: func(s string) (name string, ok bool) { return cutOpenName(s, "OOM victim ") },
}

// ParseSkip reads "…: OOM victim 1 (x) is already exiting. Skip killing the task" (5.9+).
func ParseSkip(s string) (v report.Process, ok bool) {
	m, rest := takeMessage(trimEnd(s))
	if rest, ok = strings.CutPrefix(rest, "OOM victim "); !ok || m == report.MessageNone {
		return v, false
	}
	return takeProcess(rest, " is already exiting. Skip killing the task")
}
