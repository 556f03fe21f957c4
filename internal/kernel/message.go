// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"strings"

	"github.com/oomtrail/oomtrail/parser/report"
)

// behindMessages returns the starts of lines in which one of words follows a message.
func behindMessages(words ...string) (starts []string) {
	for _, m := range messages {
		for _, w := range words {
			starts = append(starts, m.words+w)
		}
	}
	return starts
}

// messages are the words before a kill or a selection, as printed.
var messages = [...]struct {
	words string
	m     report.Message
}{
	{"Memory cgroup out of memory: ", report.MessageMemcg},
	{"Out of memory: ", report.MessageOutOfMemory},
	{"Out of Memory: ", report.MessageOutOfMemory},
	{"Out of memory (oom_kill_allocating_task): ", report.MessageAllocating},
	{"No available memory (MPOL_BIND): ", report.MessageMempolicy},
	{"No available memory in cpuset: ", report.MessageCpuset},
}

// takeMessage cuts a known message off the front of s, or nothing.
func takeMessage(s string) (m report.Message, rest string) {
	for i := range messages {
		if rest, ok := strings.CutPrefix(s, messages[i].words); ok {
			return messages[i].m, rest
		}
	}
	return report.MessageNone, s
}
