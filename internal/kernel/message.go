// SPDX-License-Identifier: Apache-2.0

package kernel

import "strings"

// Message is the words before "Kill process" or "Killed process".
type Message uint8

// The messages of section 7.
const (
	MessageNone        Message = iota // no words: 2.6.20 to 5.0, and group kills of 4.19 to 5.0
	MessageOutOfMemory                // "Out of memory", "Out of Memory"
	MessageMemcg                      // "Memory cgroup out of memory"
	MessageAllocating                 // "Out of memory (oom_kill_allocating_task)"
	MessageMempolicy                  // "No available memory (MPOL_BIND)" (2.6.18 to 2.6.35)
	MessageCpuset                     // "No available memory in cpuset" (2.6.18 to 2.6.20)
)

// String returns the words that the kernel prints.
func (m Message) String() string {
	return [...]string{"", "Out of memory", "Memory cgroup out of memory", "Out of memory (oom_kill_allocating_task)",
		"No available memory (MPOL_BIND)", "No available memory in cpuset"}[m]
}

// messages are the words before a kill or a selection, as printed.
var messages = [...]struct {
	words string
	m     Message
}{
	{"Memory cgroup out of memory: ", MessageMemcg},
	{"Out of memory: ", MessageOutOfMemory},
	{"Out of Memory: ", MessageOutOfMemory},
	{"Out of memory (oom_kill_allocating_task): ", MessageAllocating},
	{"No available memory (MPOL_BIND): ", MessageMempolicy},
	{"No available memory in cpuset: ", MessageCpuset},
}

// takeMessage cuts a known message off the front of s, or nothing.
func takeMessage(s string) (m Message, rest string) {
	for i := range messages {
		if rest, ok := strings.CutPrefix(s, messages[i].words); ok {
			return messages[i].m, rest
		}
	}
	return MessageNone, s
}
