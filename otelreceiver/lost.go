// SPDX-License-Identifier: Apache-2.0

package oomkillreceiver

import (
	"slices"
	"sync"
	"time"
)

// How long a kill's line may be on its way. The kernel counts a kill just before it prints the
// line, and /dev/kmsg has the line then. The journal has it once journald has run, which systemd
// starts anew when it has not for three minutes (WatchdogSec of systemd-journald.service).
const (
	kmsgLag     = 10 * time.Second
	journaldLag = 5 * time.Minute
)

const (
	// looksInLag is how often the kernel's count is looked at in that time, at most.
	looksInLag = 20
	// minLooks is how many looks have to agree.
	minLooks = 10
)

// lostKills compares the kernel's own count of kills with the kill lines that were read of its log,
// and counts those of which the log has no line.
//
// The kernel counts a kill and prints its line in one place (__oom_kill_process), also where a
// victim has two lines. So what it has counted beyond the lines that were read is the same number
// at all times, but for lines on their way and lines that are lost. That number holds the kills
// before the first line that was read. The least of it that was ever seen is the base, since a line
// on its way only makes it larger.
//
// It is looked at when all of the log has been read. What the least of a series of looks is beyond
// the base, over a time in which every line arrives, is lost. Kills of that time do not disturb:
// one look without a line on its way is enough to see that nothing is lost. Nor does a sum over
// processors of which one is just taken away, and which counts its kills twice for a moment.
type lostKills struct {
	lag time.Duration
	now func() time.Time
	// count returns what the kernel has counted.
	count func() (int64, bool)

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

	// based is set where base is known.
	based bool
	base  int64
	lost  int64
	// least is what the looks since began saw at least.
	least           int64
	looks           int
	began, lookedAt time.Time
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

// hear notes a line of the kernel of a boot.
func (k *lostKills) hear(boot []byte) {
	if k == nil {
		return
	}
	k.mu.Lock()
	k.heard = k.heard || string(boot) == k.boot
	k.mu.Unlock()
}

// killLine notes a kill line of the kernel of a boot.
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

// look looks at the kernel's count, unless it just has. It is called when all there is was read.
func (k *lostKills) look() {
	if k == nil {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	now := k.now()
	if !k.heard || now.Sub(k.lookedAt) < k.lag/looksInLag {
		return
	}
	k.lookedAt = now
	kernel, ok := k.count() // after all that was read, so that nothing read is not yet counted
	if !ok {
		return
	}
	beyond := kernel - k.read
	if !k.based || beyond < k.base {
		k.based, k.base = true, beyond
	}
	if k.looks == 0 || beyond < k.least {
		k.least = beyond
	}
	if k.looks++; k.looks == 1 {
		k.began = now
	}
	if k.looks >= minLooks && now.Sub(k.began) >= k.lag {
		k.lost = max(k.lost, k.least-k.base)
		k.looks = 0
	}
}

// total returns how many kills were lost. ok is false before anything can be said.
func (k *lostKills) total() (lost int64, ok bool) {
	if k == nil {
		return 0, false
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.lost, k.based
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
