// SPDX-License-Identifier: Apache-2.0

package assembly

import (
	"time"

	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/parser/report"
)

// The kernel's rate limiter (oom_rs) lets so many reports through in so long a time, and holds the
// rest back. It never holds back a kill line.
const (
	burstReports = 10
	burstTime    = 5 * time.Second
)

// rateLimiter remembers when the newest reports began, in the log's own time.
type rateLimiter struct {
	heads [burstReports]time.Duration
	n     int
}

// add notes the head of a report.
func (b *rateLimiter) add(l *format.Line) {
	if at, ok := l.LogTime(); ok {
		b.heads[b.n%burstReports] = at
		b.n++
	}
}

// exhausted reports whether the rate limiter held reports back when the line was written: as many
// as it lets through had begun shortly before.
func (b *rateLimiter) exhausted(l *format.Line) bool {
	now, ok := l.LogTime()
	if !ok || b.n < burstReports {
		return false
	}
	for _, at := range b.heads {
		if at > now || now-at > burstTime {
			return false
		}
	}
	return true
}

// heldBack reports whether the log proves that the kernel printed no report above this kill line:
// the record before it was seen, and is the one before it by its number, or the rate limiter was
// exhausted.
func (a *Assembler) heldBack(l *format.Line) bool {
	return !a.next.cutOff && (a.loss.follows || a.limiter.exhausted(l))
}

// mayBeOfGroup reports whether a kill line that stands by itself may continue a group kill of which
// the log lost the beginning: the kill line before it stands by itself too, and nothing proves that
// its report was held back.
func (s *openReports) mayBeOfGroup(v *report.KillLine) bool {
	for _, d := range s.open {
		if d.killed() && d.r.Bare && !d.r.HeldBack && d.r.Kills[0].Message == v.Message {
			return true
		}
	}
	return false
}
