// SPDX-License-Identifier: Apache-2.0

package assembly

import (
	"strings"

	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/internal/kernel"
	"github.com/oomtrail/oomtrail/parser/report"
)

// takeLines takes a record that the kernel printed with newlines in it (global counters;
// memory.stat from 5.3 to 6.4) line by line. The kernel cuts such a record at its buffer's end,
// maybe inside a number.
func (a *Assembler) takeLines(l *format.Line, text string) Outcome {
	first := other
	cut := len(text) >= recordMax || l.Truncated
	for n := 0; text != ""; n++ {
		line, rest, more := strings.Cut(text, "\n")
		text = rest
		if more && rest == "" && cut { // cut right after a line: the kernel ends no such record with a newline
			if d := a.reports.newest(); d != nil {
				d.r.Damaged |= 1 << d.in
			}
		}
		if !more && cut {
			if d := a.reports.newest(); d != nil {
				d.r.Damaged |= 1 << d.in
			}
			break
		}
		out := a.takeOne(l, line)
		if n == 0 {
			first = out
		}
	}
	return first
}

// takeOne takes one line of a record of several.
func (a *Assembler) takeOne(l *format.Line, line string) Outcome {
	if d := a.reports.sole(l); d != nil && !a.inAllocFailure && d.in == report.SectionMemcgStats && d.takeUnread(line) != kernel.Other {
		return d.countLine(l, kernel.MemcgStat, line)
	}
	if kind := a.classifier.reading.Classify(line); kind != kernel.Other {
		if !kind.FollowsNewline() {
			return other
		}
		return a.takeNamed(l, line, kind)
	}
	if len(a.reports.open) == 0 {
		return other
	}
	return a.takeUnnamed(l, line)
}
