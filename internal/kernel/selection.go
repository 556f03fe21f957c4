// SPDX-License-Identifier: Apache-2.0

package kernel

import "strings"

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
