// SPDX-License-Identifier: Apache-2.0

package warning

import (
	"time"

	"github.com/oomtrail/oomtrail/parser/report"
)

// fellFor is how long it is remembered what a cgroup has used before it fell by itself.
const fellFor = time.Hour

// falls is from how high the use of a cgroup has fallen: a heap that is collected now and then
// grows as steadily as one that leaks, but comes no further than before.
type falls struct {
	// top is the most that was used since it last fell clearly, fell from what it fell by itself
	// within the last hour, and fallen when.
	top, fell int64
	fallen    time.Duration
	// kills counts the kills of the kernel, by which it does not fall by itself, and killed is when
	// that last rose.
	kills  report.Int
	killed time.Duration
}

// add adds a look.
func (f *falls) add(now time.Duration, used, limit int64, kills report.Int) {
	if now-f.fallen > fellFor {
		f.fell = 0
	}
	switch {
	case used >= f.top:
		f.top = used
	case float64(f.top-used) > clearly*float64(limit):
		if f.killed == 0 || now-f.killed > window {
			f.fell, f.fallen = max(f.fell, f.top), now
		}
		f.top = used
	}
	if kills.OK {
		if f.kills.OK && kills.V > f.kills.V {
			f.fell, f.killed = 0, now
		}
		f.kills = kills
	}
}

// exceeded reports whether what is used is clearly above what it has fallen from.
func (f *falls) exceeded(used, limit int64) bool {
	return f.fell == 0 || used > add(f.fell, int64(clearly*float64(limit)))
}
