// SPDX-License-Identifier: Apache-2.0

package assembly

// Past is what is remembered of a stream that is gone: its newest kills and the lines that reported
// them, by which a kill is known that comes again, and whether a report was cut off.
type Past struct {
	recent []recentKill
	told   []reportedLine
	cut    bool
}

// pastLines is how many of the reported lines are remembered of a stream that is gone: three a
// kill.
const pastLines = 3 * maxRecentKills

// Past returns what is worth to be remembered of the stream, nil for nothing.
func (a *Assembler) Past() *Past {
	recent := a.kills.all()
	lines := a.reported.last(pastLines)
	if len(recent) == 0 && len(lines) == 0 && !a.next.cutOff {
		return nil
	}
	return &Past{recent, lines, a.next.cutOff}
}

// Recall makes the stream remember what is remembered of an earlier one that it goes on with; nil
// for nothing.
func (a *Assembler) Recall(past *Past) {
	if past == nil {
		return
	}
	a.next.cutOff = past.cut
	for _, line := range past.told {
		a.reported.add(line)
	}
	for _, recent := range past.recent {
		a.kills.put(recent)
	}
}

// Blank reports whether the stream holds and remembers nothing that a new one would not know.
func (a *Assembler) Blank() bool {
	return len(a.reports.open) == 0 && !a.next.manual && !a.inAllocFailure && !a.next.suppressed.OK && !a.next.cutOff && a.kills.isBlank() && len(a.reported.lines) == 0
}
