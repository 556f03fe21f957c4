// SPDX-License-Identifier: Apache-2.0

package livelog

import (
	"slices"
	"time"

	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/parser"
)

// Stream makes records of the lines of one live log. It closes a report that no further line comes
// of, and knows which records were delivered before a restart. It is for one goroutine.
type Stream struct {
	parser *parser.Parser
	// evidence is what the lines say of kills and waits for further lines.
	evidence *parser.Evidence
	timeout  time.Duration
	// next is the position after the last line, touched when the last line of a report came, idle
	// how many ticks in a row found nothing to read.
	next      int64
	touched   time.Time
	idle      int
	delivered Delivered
	// restored are the keys of the records that were delivered before the restart, and whose
	// reports are read again.
	restored map[string]bool
}

// NewStream returns an empty stream. restored are the keys that [Stream.Delivered] returned before
// a restart: their records are not made again.
func NewStream(o parser.Options, restored []string) (*Stream, error) {
	evidence, err := parser.NewEvidence(o)
	if err != nil {
		return nil, err
	}
	o.Evidence = evidence // of the stream, whose clock is this machine's
	p, err := parser.New(o)
	if err != nil {
		return nil, err
	}
	s := &Stream{parser: p, evidence: evidence, timeout: o.ReportTimeout}
	if s.timeout == 0 {
		s.timeout = parser.DefaultReportTimeout
	}
	for _, key := range restored {
		if s.restored == nil {
			s.restored = map[string]bool{}
		}
		s.restored[key] = true
	}
	return s, nil
}

// Feed takes a line whose Position is set, read at now; next is the position after it. It returns
// the records that the line completes.
func (s *Stream) Feed(l *format.Line, next int64, now time.Time) []*parser.Record {
	result := s.parser.FeedLine(l)
	s.next, s.idle = next, 0
	if result.InReport {
		s.touched = now
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
	if s.idle > 1 && s.parser.Open() && now.Sub(s.touched) >= s.timeout {
		records = s.fresh(s.parser.FlushReports())
	}
	records = append(records, s.fresh(s.evidence.Flush(now))...)
	if s.idle > 1 && !s.parser.Open() {
		s.restored = nil // what has not come again by now does not
	}
	return records
}

// End returns the records of what is open before its time: the reading ends. They hold what is
// known.
func (s *Stream) End() []*parser.Record {
	records := s.fresh(s.parser.CutOff())
	return append(records, s.fresh(s.evidence.CutOff())...)
}

// Pending returns the position of the first line that is still needed.
func (s *Stream) Pending() (position int64, ok bool) { return s.parser.Pending() }

// Delivered returns the keys of the records that reading on from the first pending line would make
// again.
func (s *Stream) Delivered() (keys []string) {
	safe := s.next
	if pending, ok := s.parser.Pending(); ok {
		safe = pending
	}
	s.delivered.ForgetBefore(safe)
	for key := range s.restored {
		keys = append(keys, key)
	}
	keys = s.delivered.AppendKeys(keys)
	slices.Sort(keys)
	return slices.Compact(keys)
}

// Anew says that positions begin again, at next.
func (s *Stream) Anew(next int64) { s.next, s.delivered = next, nil }

// fresh notes records, and returns those that were not delivered before a restart.
func (s *Stream) fresh(records []*parser.Record) (fresh []*parser.Record) {
	for _, r := range records {
		s.delivered.Add(r)
		if !s.restored[r.Text("oom.record.key")] {
			fresh = append(fresh, r)
		}
	}
	return fresh
}
