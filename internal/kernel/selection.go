// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"strings"

	"github.com/oomtrail/oomtrail/parser/report"
)

var selectionForm = form{
	starts:   behindMessages("Kill process ", "kill process "),
	read:     parses(ParseSelection),
	openName: func(s string) (name string, ok bool) { return cutOpenName(s, "ill process ") },
}

// ParseSelection reads the lines of docs/formats.md section 7.1.
func ParseSelection(s string) (v report.Selection, ok bool) {
	m, rest := takeMessage(trimEnd(s))
	if m == report.MessageNone {
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
	v = report.Selection{Message: m, PID: pid}
	return v, takeCommAndScore(&v, rest[len(" ("):])
}

// selectionTails are the ends of a selection line.
var selectionTails = [...]string{" or sacrifice child", " or a child", " and children."}

// takeCommAndScore reads "comm) score 7 or sacrifice child", trying each parenthesis that may close
// the comm from the right.
func takeCommAndScore(v *report.Selection, s string) (ok bool) {
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

// endsSelection reports whether s, perhaps cut or followed by a quotation's left-overs, is one of
// the ends of a selection line.
func endsSelection(s string) bool {
	for _, tail := range selectionTails {
		rest, ok := strings.CutPrefix(s, tail)
		if ok && !isSentence(rest) || strings.HasPrefix(tail, s) {
			return true
		}
	}
	return false
}
