// SPDX-License-Identifier: Apache-2.0

package oomkillreceiver

import (
	"slices"
	"sync"
	"time"
)

// How long the log may be behind the kernel's counter. The kernel counts a kill just before it
// prints the line, and /dev/kmsg has the line then. The journal has it once journald has run, which
// systemd starts anew when it has not for three minutes (WatchdogSec of systemd-journald.service).
const (
	kmsgLag     = 10 * time.Second
	journaldLag = 5 * time.Minute
)

// liveWithin is how old a line is at most that shows that all before it has been read.
const liveWithin = time.Second

// quietTicks is how many ticks in a row find nothing to read where all has been read.
const quietTicks = 3

// lostKills compares the kernel's own count of kills with the kill lines that were read of its log,
// and counts those of which the log has no line.
//
// The kernel counts a kill and prints its line in one place (__oom_kill_process), also for the
// second line of a victim. So what it has counted beyond the lines that were read is the same number
// at all times, but for lines on their way and lines that are lost. That number holds the kills of
// before the first line that was read. The least that was ever seen of it is the base: a line on its
// way makes it larger only. A while after a look, all that the kernel had counted by then has been
// read if the log has it. What is then still beyond the base is lost. Kills of that while make it
// seem less: they are found lost when there is a pause.
type lostKills struct {
	lag time.Duration
	now func() time.Time

	mu sync.Mutex
	// boot is that of the running kernel, stored what the receiver stored when it last ran.
	boot   string
	stored *lostPart
	// heard is set where a line of the running kernel was read: the log is its log.
	heard bool
	// read is how many kill lines of it were read, recent the positions of those that reading on
	// from the checkpoint would read again.
	read   int64
	recent []int64
	// caughtUp is set once all that there was had been read; quiet is how many ticks in a row found
	// nothing to read.
	caughtUp bool
	quiet    int

	// based is set where base is known.
	based bool
	base  int64
	// kernel is what the kernel had counted when it was looked at. behind is set until the log has
	// caught up with that; covered is then what had been read.
	kernel   int64
	lookedAt time.Time
	behind   bool
	covered  int64
	// beyond is what was beyond the base at the look before, once the log had caught up.
	beyond int64
	lost   int64
}

// of says which boot the running kernel's is, and whether it is known that its log is read. The nil
// lostKills takes what is said to it and keeps nothing, here and below.
func (k *lostKills) of(boot string, heard bool) {
	if k == nil {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.boot, k.heard = boot, heard
	if s := k.stored; s != nil && s.BootID == boot {
		k.heard, k.based, k.read, k.base = true, true, s.Read, s.Base
	}
}

// line notes a line of the log of a boot, written at wall.
func (k *lostKills) line(boot []byte, ofKernel bool, wall time.Time) {
	if k == nil {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.quiet = 0
	if string(boot) != k.boot {
		return
	}
	k.heard = k.heard || ofKernel
	if k.caughtUp && !k.behind {
		return
	}
	now := k.now()
	if age := now.Sub(wall); age < liveWithin && age > -liveWithin {
		k.catchUp(now)
	}
}

// catchUp notes that all that there is has been read.
func (k *lostKills) catchUp(now time.Time) {
	k.caughtUp = true
	if k.behind && now.Sub(k.lookedAt) >= k.lag {
		k.behind, k.covered = false, k.read
	}
}

// killLine notes a kill line of the kernel.
func (k *lostKills) killLine(boot []byte, position int64) {
	if k == nil {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if string(boot) == k.boot {
		k.read++
		k.recent = append(k.recent, position)
	}
}

// tick notes whether there was nothing to read.
func (k *lostKills) tick(idle bool) {
	if k == nil {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if !idle {
		return
	}
	if k.quiet++; k.quiet >= quietTicks {
		k.catchUp(k.now())
	}
}

// look takes what the kernel has counted, which count returns, and returns how many kills the log
// has lost. more is how many of them are new. ok is false before anything can be said.
func (k *lostKills) look(count func() (int64, bool)) (lost, more int64, ok bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	kernel, counts := count() // after all that was read, so that nothing read is not yet counted
	if !counts || !k.heard || !k.caughtUp {
		return k.lost, 0, k.based
	}
	if beyond := kernel - k.read; !k.based || beyond < k.base {
		k.based, k.base = true, beyond
	}
	switch {
	case k.behind:
		return k.lost, 0, true
	case k.lookedAt.IsZero():
	default:
		// The lesser of two counts, and of two looks: a sum over processors that are just taken away
		// may be too large.
		beyond := min(kernel, k.kernel) - k.covered - k.base
		if more = min(beyond, k.beyond) - k.lost; more > 0 {
			k.lost += more
		} else {
			more = 0
		}
		k.beyond = beyond
	}
	k.kernel, k.lookedAt, k.behind = kernel, k.now(), true
	return k.lost, more, true
}

// lostPart is what a checkpoint holds of lostKills: kills that the log loses while the receiver
// does not run are lost all the same.
type lostPart struct {
	BootID string `json:"boot_id"`
	// Read is the number of kill lines before the checkpoint, Base what the kernel counted beyond
	// them.
	Read int64 `json:"read"`
	Base int64 `json:"base"`
}

// saved returns what to store with a checkpoint at a position, nil for nothing.
func (k *lostKills) saved(position int64) *lostPart {
	if k == nil {
		return nil
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.recent = slices.DeleteFunc(k.recent, func(p int64) bool { return p < position })
	if !k.based {
		return nil
	}
	return &lostPart{BootID: k.boot, Read: k.read - int64(len(k.recent)), Base: k.base + k.lost}
}

// restore takes up what was stored. It is called before of.
func (k *lostKills) restore(stored *lostPart) {
	if k != nil {
		k.stored = stored
	}
}
