// SPDX-License-Identifier: Apache-2.0

package assembly

import (
	"strings"

	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/internal/kernel"
)

// classify reads of what kind a line is by its own words, and returns the text of which that was read.
func (a *Assembler) classify(l *format.Line, text string) (string, kernel.Kind) {
	kind := a.reading.Classify(text)
	if l.Format == format.None && (text[0] == ' ' || text[0] == '\t') && (kind == kernel.Other || kind == kernel.InvocationLine) {
		text, kind = a.unindent(text, kind)
	}
	if mayTear(l) {
		text, kind = a.unescape(text, kind)
		if kind == kernel.Other && tornAtPID(text, &a.reading.Kill) {
			kind = kernel.KillLine
		}
	}
	if l.Continues && !a.piece.named && !kind.FollowsNewline() {
		kind = kernel.Other
	}
	return text, kind
}

// unindent reads a line that somebody pasted indented without its indent, if only so it says something.
func (a *Assembler) unindent(text string, kind kernel.Kind) (string, kernel.Kind) {
	if trimmed := strings.TrimLeft(text, " \t"); trimmed != "" {
		if kind = a.reading.Classify(trimmed); kind != kernel.Other {
			return trimmed, kind
		}
	}
	return text, kind
}

// unescape reads the line anew without the #ooo that rsyslog makes of control bytes, where only so it makes sense: a name with
// them is longer than any that a task can have. A shorter one may be what the task is called, and stays.
func (a *Assembler) unescape(text string, kind kernel.Kind) (string, kernel.Kind) {
	if strings.IndexByte(text, '#') < 0 || !a.mayBeEscaped(kind, text) {
		return text, kind
	}
	a.unescaped = format.AppendOctal(a.unescaped[:0], []byte(text))
	if len(a.unescaped) == len(text) {
		return text, kind
	}
	plain := view(a.unescaped)
	now := a.reading.Classify(plain)
	if now == kind && !a.mayBeEscaped(now, plain) || kind == kernel.Other && (now != kernel.Other || beginsStats(plain)) {
		return plain, now
	}
	return text, a.reading.Classify(text)
}

// mayBeEscaped reports whether a line that was read as one of kind k says less than such lines do.
func (a *Assembler) mayBeEscaped(k kernel.Kind, text string) bool {
	switch k {
	case kernel.Other:
		return true
	case kernel.OOMKillLine:
		return !a.reading.OOMKill.Complete
	case kernel.CPULine:
		v, _ := kernel.ParseCPU(text)
		return v.Release == ""
	case kernel.MemInfoCounters:
		return strings.Contains(text, "#012")
	}
	return false
}

// beginsStats reports whether text is several lines, of which the first is a figure of memory.stat.
func beginsStats(text string) bool {
	line, _, several := strings.Cut(text, "\n")
	_, ok := kernel.ParseStat(line)
	return several && ok
}
