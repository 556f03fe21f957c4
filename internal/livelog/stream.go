// SPDX-License-Identifier: Apache-2.0

package livelog

import (
	"time"

	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/parser"
)

// Stream makes records of the lines of one live log. It closes a report that no further line comes
// of, and knows which records were delivered before a restart. It is for one goroutine.
type Stream struct {
	log     Reading
	timeout time.Duration
	// idle is how many ticks in a row found nothing to read.
	idle     int
	restored Restored
}

// NewStream returns an empty stream. restored are the keys that [Stream.Delivered] returned before
// a restart: their records are not made again.
func NewStream(o parser.Options, restored []string) (*Stream, error) {
	log, err := NewReading(o)
	if err != nil {
		return nil, err
	}
	s := &Stream{log: log, timeout: o.ReportTimeout, restored: NewRestored(restored)}
	if s.timeout == 0 {
		s.timeout = parser.DefaultReportTimeout
	}
	return s, nil
}

// Feed takes a line whose Position is set, read at now; next is the position after it. It returns
// the records that the line completes.
func (s *Stream) Feed(l *format.Line, next int64, now time.Time) []*parser.Record {
	result := s.log.Parser.FeedLine(l)
	s.log.Next, s.idle = next, 0
	if result.InReport {
		s.log.Touched = now
	}
	return s.fresh(result.Records)
}

// Tick closes a report that was open for too long, and returns the records of it and of what has
// waited for other lines long enough. idle says that all there is was read: a reader that was kept
// from running, as happens when memory runs out, may have the rest of a report still before it, and
// one look that found nothing may have been before that rest was there.
func (s *Stream) Tick(now time.Time, idle bool) (records []*parser.Record) {
	if idle {
		s.idle++
	}
	if s.idle > 1 && s.log.Parser.Open() && now.Sub(s.log.Touched) >= s.timeout {
		records = s.fresh(s.log.Parser.FlushReports())
	}
	records = append(records, s.fresh(s.log.Evidence.Flush(now))...)
	if s.idle > 1 && s.log.Settled() {
		s.restored = nil // what has not come again by now does not
	}
	return records
}

// End returns the records of what is open before its time: the reading ends. They hold what is
// known.
func (s *Stream) End() []*parser.Record {
	records := s.fresh(s.log.Parser.CutOff())
	return append(records, s.fresh(s.log.Evidence.CutOff())...)
}

// Pending returns the position of the first line that is still needed.
func (s *Stream) Pending() (position int64, ok bool) { return s.log.Parser.Pending() }

// Delivered returns the keys of the records that reading on from the first pending line would make
// again.
func (s *Stream) Delivered() (keys []string) {
	return s.restored.With(s.log.AppendDelivered(nil))
}

// OpenReports returns how many reports more lines are awaited of.
func (s *Stream) OpenReports() int { return s.log.Parser.OpenReports() }

// Memory returns how many bytes the reports, and what waits for further lines, take.
func (s *Stream) Memory() int { return s.log.Parser.ReportMemory() + s.log.Evidence.Memory() }

// Shed makes open reports give up their tables, and reports whether that has freed memory.
func (s *Stream) Shed() bool {
	before := s.Memory()
	s.log.Parser.Shed()
	s.log.Evidence.Shed()
	return s.Memory() < before
}

// Anew says that positions begin again, at next.
func (s *Stream) Anew(next int64) { s.log.Next, s.log.Delivered = next, nil }

// fresh notes records, and returns those that were not delivered before a restart.
func (s *Stream) fresh(records []*parser.Record) (fresh []*parser.Record) {
	for _, r := range records {
		s.log.Delivered.Add(r)
		if !s.restored.Has(r) {
			fresh = append(fresh, r)
		}
	}
	return fresh
}
