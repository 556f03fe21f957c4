// SPDX-License-Identifier: Apache-2.0

package kmsg

import (
	"slices"
	"time"
)

// clockWindow is how many live lines the lag is taken from.
const clockWindow = 16

// clock dates lines that carry the kernel's stamp only.
//
// The stamp counts from boot, stands still while the machine sleeps, and is not steered by NTP as
// the monotonic clock is: the two drift apart by seconds a day. A line's age is what the monotonic
// clock shows beyond its stamp, less that drift. A line that was waited for shows the drift, plus
// however late the reader woke up, so the smallest of the last few counts.
type clock struct {
	now  func() (wall time.Time, uptime time.Duration)
	lags [clockWindow]time.Duration
	seen int
}

// date returns when a line with that stamp was written, never later than now. live tells that it
// was waited for.
func (c *clock) date(stamp time.Duration, live bool) time.Time {
	wall, uptime := c.now()
	lag := uptime - stamp
	if live {
		c.note(lag)
	}
	return wall.Add(-max(lag-c.drift(), 0))
}

// note notes the lag of a line that was waited for.
func (c *clock) note(lag time.Duration) {
	c.lags[c.seen%clockWindow] = lag
	c.seen++
}

// drift is how far the stamps are behind the monotonic clock, as far as lines have shown it.
func (c *clock) drift() time.Duration {
	if c.seen == 0 {
		return 0
	}
	return slices.Min(c.lags[:min(c.seen, clockWindow)])
}
