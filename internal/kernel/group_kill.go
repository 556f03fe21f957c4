// SPDX-License-Identifier: Apache-2.0

package kernel

import "strings"

var groupKillForm = form{
	starts: []string{groupKillStart},
	read:   parses(ParseGroupKill),
	pieces: []continuation{{head: groupKillStart, joins: joinsGroupKill}},
}

const groupKillStart = "Tasks in "

const groupKillWords = " are going to be killed due to memory.oom.group set"

// joinsGroupKill continues "Tasks in ".
func joinsGroupKill(rest, piece string) bool {
	if rest == "" {
		return startsPath(piece)
	}
	return trimEnd(piece) == groupKillWords
}

// ParseGroupKill reads "Tasks in P are going to be killed due to memory.oom.group set" (4.19+). A
// path that may be cut is "".
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

// BeginsGroupKill reports whether s is such a line broken off at a space, as far as its path or
// further.
func BeginsGroupKill(s string) bool {
	path, ok := strings.CutPrefix(s, "Tasks in /")
	if i := strings.IndexByte(path, ' '); ok && i >= 0 {
		return strings.HasPrefix(groupKillWords, trimEnd(path[i:]))
	}
	return ok
}
