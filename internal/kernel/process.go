// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"strings"

	"github.com/oomtrail/oomtrail/parser/report"
)

// cutOpenName returns what follows the words, a pid and a parenthesis.
func cutOpenName(s, words string) (name string, ok bool) {
	_, rest, ok := strings.Cut(s, words)
	if !ok {
		return "", false
	}
	_, rest, _ = takeUint(rest)
	return strings.CutPrefix(rest, " (")
}

// takeProcess reads "1 (x)" and the words that must follow to the end.
func takeProcess(s, words string) (v report.Process, ok bool) {
	if s, ok = strings.CutSuffix(s, words); !ok {
		return v, false
	}
	if s, ok = strings.CutSuffix(s, ")"); !ok {
		return v, false
	}
	pid, rest, ok := takeUint(s)
	if !ok {
		return v, false
	}
	comm, ok := strings.CutPrefix(rest, " (")
	if !ok || !commFits(comm) {
		return v, false
	}
	return report.Process{PID: pid, Comm: comm}, true
}

// takeOpenProcess reads "1 (x" of a line that breaks off in the name.
func takeOpenProcess(s string) (pid int64, ok bool) {
	pid, rest, ok := takeUint(s)
	if !ok {
		return 0, false
	}
	comm, ok := strings.CutPrefix(rest, " (")
	return pid, ok && commFits(comm)
}
