// SPDX-License-Identifier: Apache-2.0

package diagnosis

import (
	"hash/maphash"
	"time"

	"github.com/oomtrail/oomtrail/internal/facts"
)

// historySize is how many cgroups a history remembers, and historyWindow how far kills count
// together.
const (
	historySize   = 32
	historyWindow = time.Hour
)

// history counts the kills of each cgroup within a stream, over an hour of the log's own time. It
// is bounded, and a copy of it is independent.
type history struct {
	entries [historySize]entry
	clock   uint32
}

// entry is one cgroup.
type entry struct {
	key   uint64
	kills int32
	used  uint32 // the clock when it was last used; 0 is free
	at    time.Duration
}

var seed = maphash.MakeSeed()

// note counts a kill and returns how many the cgroup has had whose limit was hit, or else the
// victim's, this one included. Victims of one group kill, and kills of no known cgroup, count once.
func (h *history) note(f *facts.Facts) (kills int) {
	k, path, ok := f.Kill, f.LimitPath, f.HasLimit
	if !ok {
		path, ok = f.VictimPath, f.HasVictim
	}
	if k == nil || !ok || path == "/" {
		return 1
	}
	key := maphash.String(seed, path)
	h.clock++
	oldest := 0
	for i := range h.entries {
		e := &h.entries[i]
		if e.used != 0 && e.key == key {
			if k.At.HasLogTime && k.At.LogTime-e.at > historyWindow {
				e.kills = 0
			}
			if !k.Group || e.kills == 0 {
				e.kills++
			}
			e.at, e.used = k.At.LogTime, h.clock
			return int(e.kills)
		}
		if e.used < h.entries[oldest].used {
			oldest = i
		}
	}
	h.entries[oldest] = entry{key: key, kills: 1, used: h.clock, at: k.At.LogTime}
	return 1
}
