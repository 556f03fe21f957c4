// SPDX-License-Identifier: Apache-2.0

package verdict

import (
	"strconv"
	"time"

	"github.com/oomtrail/oomtrail/internal/witness"
	"github.com/oomtrail/oomtrail/parser/report"
)

// moment is when something happened, as far as the log shows.
type moment struct {
	wall time.Time // zero where it is not known
	// log is the time within the stream, valid iff hasLog: of the kernel's timestamps once a line
	// has shown how these and the wall timestamps go together.
	log    time.Duration
	hasLog bool
	// unknown is set where the log does not show when it happened, whatever the times of its lines.
	unknown bool
	// printed is the time within the stream by the wall timestamps, 0 where there is none.
	printed time.Duration
	stream  int
}

// momentOf returns the moment of a line; inner is the time that the text itself has.
func momentOf(at *report.Stamp, inner time.Time, stream int) moment {
	m := moment{wall: at.Wall, log: at.LogTime, hasLog: at.HasLogTime, printed: at.Printed, stream: stream}
	if !inner.IsZero() {
		m.wall = inner
	}
	return m
}

// happened returns the moment of what a line says, which came at that moment: of what somebody
// repeats the latest one that its age allows.
func happened(f *witness.Fact, came moment) moment {
	switch {
	case !f.Timeless:
		return came
	case !f.HasAge, came.wall.IsZero():
		return moment{stream: came.stream, unknown: true}
	}
	return moment{stream: came.stream, wall: came.wall.Add(-f.Age)}
}

// since returns how much later m is than o. ok is false where that is not known. Lines of one
// stream without any time stand next to each other.
func (m *moment) since(o *moment) (d time.Duration, ok bool) {
	switch {
	case m.unknown || o.unknown:
		return 0, m.unknown && o.unknown && m.stream == o.stream
	case !m.wall.IsZero() && !o.wall.IsZero():
		return m.wall.Sub(o.wall), true
	case m.stream != o.stream:
		return 0, false
	case m.printed != 0 && o.printed != 0:
		return m.printed - o.printed, true
	case m.hasLog && o.hasLog:
		return m.log - o.log, true
	}
	return 0, m.wall.IsZero() && o.wall.IsZero() && !m.hasLog && !o.hasLog
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
