// SPDX-License-Identifier: Apache-2.0

package assembly

import "github.com/oomtrail/oomtrail/internal/kernel"

// Past is what is remembered of a stream that is gone: its newest kills and the lines that told them, by which one is known that comes
// again, and whether a report was cut off.
type Past struct {
	recent []recentKill
	told   []toldLine
	cut    bool
}

// pastLines is how many lines of those that told something are remembered of a stream that is gone: three a kill.
const pastLines = 3 * recentKills

// Past returns what is worth to be remembered of the stream, nil for nothing.
func (a *Assembler) Past() *Past {
	var recent []recentKill
	for i := range a.recent {
		if k := a.recent[(a.nextRecent+i)%recentKills]; k.set {
			recent = append(recent, k)
		}
	}
	lines := a.told.last(pastLines)
	if len(recent) == 0 && len(lines) == 0 && !a.cut {
		return nil
	}
	return &Past{recent, lines, a.cut}
}

// Recall makes the stream remember what is remembered of an earlier one that it goes on with; nil for nothing.
func (a *Assembler) Recall(past *Past) {
	if past == nil {
		return
	}
	a.cut = past.cut
	for _, line := range past.told {
		a.told.add(line)
	}
	for _, recent := range past.recent {
		a.recent[a.nextRecent] = recent
		a.nextRecent = (a.nextRecent + 1) % recentKills
	}
}

// Blank reports whether the stream holds and remembers nothing that a new one would not know.
func (a *Assembler) Blank() bool {
	return len(a.open) == 0 && !a.manual && !a.failure && !a.suppressed.OK && !a.cut && !a.recent[0].set && len(a.told.lines) == 0
}

// CutOff closes all that is open before its time: lines that end it may be still to come, to somebody who knows nothing of it. So
// nobody is said to be killed whose kill line was not read, and nobody spared.
func (a *Assembler) CutOff() {
	a.begun()
	a.endRecord()
	for len(a.open) > 0 {
		d := a.open[0]
		a.release(d)
		d.cutOff, a.cut = true, a.cut || !d.killed()
		a.close(d)
	}
	a.tellOnce()
	a.manual, a.failure, a.suppressed = false, false, kernel.Int{}
}
