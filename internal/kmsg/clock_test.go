// SPDX-License-Identifier: Apache-2.0

package kmsg

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// TestClock: a line is dated by its stamp, whatever the reader's delay, the drift of the clocks and
// a sleep of the machine.
func TestClock(t *testing.T) {
	wall := time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC)
	var uptime time.Duration
	c := clock{now: func() (time.Time, time.Duration) { return wall.Add(uptime), uptime }}

	uptime = 100 * time.Second
	assert.Equal(t, wall.Add(40*time.Second), c.date(40*time.Second, false), "backlog: by the monotonic clock")
	assert.Equal(t, wall.Add(100*time.Second), c.date(130*time.Second, false), "never later than now")

	// The kernel's stamps run 3 s behind the monotonic clock; the reader wakes up after 1 ms, once
	// after 5 s.
	uptime = 200 * time.Second
	assert.Equal(t, wall.Add(200*time.Second), c.date(uptime-3*time.Second-time.Millisecond, true))
	uptime = 300 * time.Second
	late := c.date(uptime-3*time.Second-5*time.Second, true)
	assert.WithinDuration(t, wall.Add(295*time.Second), late, 10*time.Millisecond, "a reader that wakes up late does not date the line late")

	// An hour's sleep: wall time goes on, stamps and monotonic clock stand still.
	wall = wall.Add(time.Hour)
	uptime = 301 * time.Second
	assert.WithinDuration(t, wall.Add(uptime), c.date(uptime-3*time.Second, true), 10*time.Millisecond)
}
