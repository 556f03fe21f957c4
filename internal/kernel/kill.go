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

// Selection is the line that names the process first chosen, and its badness (to 5.0). It is not a kill.
type Selection struct {
	// Message is the words before it.
	Message Message
	// PID and Comm are the process chosen; a child of it may be killed in its place.
	PID  int64
	Comm string
	// Score is the badness: unbounded to 2.6.35, then thousandths of what may be used, 0 to about 2000.
	// HasScore is false where the line was cut before it, as by a mail's line wrap.
	Score    int64
	HasScore bool
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
	return v, v.takeCommAndScore(rest[len(" ("):])
}

// selectionTails are the ends of a selection line.
var selectionTails = [...]string{" or sacrifice child", " or a child", " and children."}

// takeCommAndScore reads "comm) score 7 or sacrifice child", trying each parenthesis that may close the comm from the right.
func (v *Selection) takeCommAndScore(s string) (ok bool) {
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

// Kill is a kill line: a process was sent SIGKILL by the killer.
// Source: mm/oom_kill.c:__oom_kill_process (4.19+), oom_kill_process (before).
type Kill struct {
	// Message is the words before "Killed process".
	Message Message
	// PID is the pid in the initial namespace; it may be a thread's.
	PID int64
	// Comm is the name, up to 15 bytes.
	Comm string
	// UID is the real uid as printed (5.4+, RHEL 5 to 8); negative on old RHEL from 2^31 on.
	UID Int
	// TotalVMKB, AnonRSSKB, FileRSSKB and ShmemRSSKB are in KiB (2.6.33+; shmem 4.5+ and RHEL 7).
	TotalVMKB, AnonRSSKB, FileRSSKB, ShmemRSSKB Int
	// PgtablesKB is the figure behind pgtables: (5.4+), KiB; 5.4.0 prints bytes there.
	PgtablesKB Int
	// OOMScoreAdj is the victim's oom_score_adj (5.4+).
	OOMScoreAdj Int
	// Complete is false where the line ends before a form of it is whole: a figure cut off, the comm not closed.
	// Then only fields that stand whole are present; a number at the very end of a cut line is not.
	Complete bool
	// HasComm is false where the closing parenthesis of the comm is not in the line.
	HasComm bool
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
	comm, open, ok := v.takeOldUID(rest)
	if !ok || !open {
		return v, ok
	}
	return v.takeComm(comm)
}

// takeOldUID cuts " (" off the front of s, or RHEL 5's and 6's ", UID 500, (" with its figure. open is false for a line cut
// before the parenthesis.
func (v *Kill) takeOldUID(s string) (comm string, open, ok bool) {
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
