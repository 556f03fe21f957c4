// SPDX-License-Identifier: Apache-2.0

package assembly

import (
	"strings"

	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/internal/kernel"
	"github.com/oomtrail/oomtrail/parser/report"
)

// classifier reads of what kind lines are.
type classifier struct {
	reading   kernel.Reading // of the newest line
	unescaped []byte         // the newest line whose escapes were undone
}

// classify reads of what kind a line is by its own words, and returns the text of which that was
// read. inName is set for a line that goes on with the name of a task.
func (c *classifier) classify(l *format.Line, text string, inName bool) (string, kernel.Kind) {
	kind := c.reading.Classify(text)
	if l.Format == report.None && (text[0] == ' ' || text[0] == '\t') && (kind == kernel.Other || kind == kernel.InvocationLine) {
		text, kind = c.unindent(text, kind)
	}
	if mayTear(l) {
		text, kind = c.unescape(text, kind)
		if kind == kernel.Other && tornAtPID(text, &c.reading.Kill) {
			kind = kernel.KillLine
		}
	}
	if l.Continues && !inName && !kind.FollowsNewline() {
		kind = kernel.Other
	}
	return text, kind
}

// unindent reads a pasted line without its indent, where it makes sense only so.
func (c *classifier) unindent(text string, kind kernel.Kind) (string, kernel.Kind) {
	if trimmed := strings.TrimLeft(text, " \t"); trimmed != "" {
		if kind = c.reading.Classify(trimmed); kind != kernel.Other {
			return trimmed, kind
		}
	}
	return text, kind
}

// unescape reads the line anew without the #ooo that rsyslog makes of control bytes, where only so
// it makes sense: a name with them is longer than any that a task can have. A shorter one may be
// what the task is called, and stays.
func (c *classifier) unescape(text string, kind kernel.Kind) (string, kernel.Kind) {
	if strings.IndexByte(text, '#') < 0 || !c.mayBeEscaped(kind, text) {
		return text, kind
	}
	c.unescaped = format.AppendOctal(c.unescaped[:0], []byte(text))
	if len(c.unescaped) == len(text) {
		return text, kind
	}
	plain := view(c.unescaped)
	now := c.reading.Classify(plain)
	if now == kind && !c.mayBeEscaped(now, plain) || kind == kernel.Other && (now != kernel.Other || beginsStats(plain)) {
		return plain, now
	}
	return text, c.reading.Classify(text)
}

// mayBeEscaped reports whether a line that was read as one of kind k says less than such lines do.
func (c *classifier) mayBeEscaped(k kernel.Kind, text string) bool {
	switch k {
	case kernel.Other:
		return true
	case kernel.OOMKillLine:
		return !c.reading.OOMKill.Complete
	case kernel.CPULine:
		v, _ := kernel.ParseCPU(text)
		return v.Release == ""
	case kernel.MemInfoCounters:
		return strings.Contains(text, "#012")
	}
	return false
}

// beginsStats reports whether text is several lines, of which the first is a value of memory.stat.
func beginsStats(text string) bool {
	line, _, several := strings.Cut(text, "\n")
	_, ok := kernel.ParseStat(line)
	return several && ok
}
