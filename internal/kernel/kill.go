// SPDX-License-Identifier: Apache-2.0

package kernel

import "strings"

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

// ParseSelection reads the lines of section 7.1.
func ParseSelection(s string) (v Selection, ok bool) {
	m, rest := takeMessage(trimEnd(s))
	if m == MessageNone {
		return v, false
	}
	rest, ok = strings.CutPrefix(rest, "Kill process ")
	if !ok {
		if rest, ok = strings.CutPrefix(rest, "kill process "); !ok {
			return v, false
		}
	}
	pid, rest, ok := takeUint(rest)
	if !ok || !strings.HasPrefix(rest, " (") {
		return v, false
	}
	v = Selection{Message: m, PID: pid}
	return v, takeCommAndScore(&v, rest[len(" ("):])
}

// selectionTails are the ends of a selection line.
var selectionTails = [...]string{" or sacrifice child", " or a child", " and children."}

// takeCommAndScore reads "comm) score 7 or sacrifice child", trying each parenthesis that may close the comm from the right.
func takeCommAndScore(v *Selection, s string) (ok bool) {
	for i := range commEnds(s) {
		const words = " score "
		rest, whole := strings.CutPrefix(s[i+1:], words)
		if !whole {
			if !strings.HasPrefix(words, s[i+1:]) {
				continue
			}
			v.Comm = s[:i]
			return true
		}
		score, rest, whole := wholeInt(rest)
		if whole {
			if !endsSelection(rest) {
				continue
			}
			v.Score, v.HasScore = score, true
		}
		v.Comm = s[:i]
		return true
	}
	return false
}

// endsSelection reports whether s, perhaps cut or with a quotation's left-overs behind it, is one of the ends of a selection line.
func endsSelection(s string) bool {
	for _, tail := range selectionTails {
		rest, ok := strings.CutPrefix(s, tail)
		if ok && !isSentence(rest) || strings.HasPrefix(tail, s) {
			return true
		}
	}
	return false
}

// ParseKill reads every form of the kill line (section 7.2). ok needs "Killed process N" at the start or behind a known
// message; it is false for RHEL 6's "Would have killed process" and for text that merely contains the words.
//
// A comm may hold a parenthesis and look like the figures: each ")" within a comm's reach is tried from the right,
// and the one is taken behind which most of the form stands.
func ParseKill(s string) (v Kill, ok bool) {
	m, rest := takeMessage(s)
	rest, ok = strings.CutPrefix(rest, "Killed process ")
	if !ok {
		return v, false
	}
	pid, rest, ok := wholeInt(rest)
	if !ok || pid < 0 {
		return v, false
	}
	v = Kill{Message: m, PID: pid}
	comm, open, ok := takeOldUID(&v, rest)
	if !ok || !open {
		return v, ok
	}
	return takeComm(v, comm)
}

// takeOldUID cuts " (" off the front of s, or RHEL 5's and 6's ", UID 500, (" with its figure. open is false for a line cut
// before the parenthesis.
func takeOldUID(v *Kill, s string) (comm string, open, ok bool) {
	const paren, label, end = " (", ", UID ", ", ("
	if comm, ok = strings.CutPrefix(s, paren); ok {
		return comm, true, true
	}
	rest, ok := strings.CutPrefix(s, label)
	if !ok {
		return "", false, s == " " || strings.HasPrefix(label, s)
	}
	uid, rest, ok := takeInt(rest)
	if !ok {
		return "", false, rest == "" || rest == "-"
	}
	if rest == "" {
		return "", false, true
	}
	v.UID = Some(uid)
	if comm, ok = strings.CutPrefix(rest, end); ok {
		return comm, true, true
	}
	return "", false, strings.HasPrefix(end, rest)
}

// ParseGroupKill reads "Tasks in P are going to be killed due to memory.oom.group set" (4.19+). A path that may be cut is "".
func ParseGroupKill(s string) (path string, ok bool) {
	path, ok = strings.CutPrefix(trimEnd(s), "Tasks in ")
	if !ok {
		return "", false
	}
	path, ok = strings.CutSuffix(path, groupKillWords)
	if !ok || !isCgroupPath(path) {
		return "", false
	}
	if len(path) > longestPath {
		path = ""
	}
	return path, true
}

// BeginsGroupKill reports whether s is such a line broken off at a blank, as far as its path or further.
func BeginsGroupKill(s string) bool {
	path, ok := strings.CutPrefix(s, "Tasks in /")
	if i := strings.IndexByte(path, ' '); ok && i >= 0 {
		return strings.HasPrefix(groupKillWords, trimEnd(path[i:]))
	}
	return ok
}
