// SPDX-License-Identifier: Apache-2.0

package oomkillreceiver

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// kernelLog is a kernel, its log and who reads it. All of it moves by the test's own clock.
type kernelLog struct {
	*lostKills
	at       time.Time
	counted  int64 // by the kernel
	unread   []int64
	printed  int64
	absent   bool // a kernel before 4.13
	position int64
	running  string // the boot
}

const runningBoot = "b1"

func newKernelLog(lag time.Duration) *kernelLog {
	k := &kernelLog{running: runningBoot, at: time.Date(2026, 11, 29, 8, 0, 0, 0, time.UTC)}
	k.start(lag, nil)
	return k
}

// start starts the receiver, with what it stored before.
func (k *kernelLog) start(lag time.Duration, stored *lostPart) {
	k.lostKills = &lostKills{
		lag: lag, now: func() time.Time { return k.at },
		count: func() (int64, bool) { return k.counted, !k.absent },
	}
	k.restore(stored)
	k.of(k.running, true)
}

// kill kills n processes; their lines are in the log.
func (k *kernelLog) kill(n int64) {
	k.counted += n
	for range n {
		k.unread = append(k.unread, k.printed)
		k.printed++
	}
}

// lose kills n processes of which the log has no line.
func (k *kernelLog) lose(n int64) { k.counted += n }

// readAll reads the log to its end.
func (k *kernelLog) readAll() {
	for _, position := range k.unread {
		k.killLine([]byte(k.running), position)
		k.position = position + 1
	}
	k.unread = nil
	k.look()
}

// pass lets a time pass, in which the log is read each second, and returns what is lost after it,
// -1 for nothing said.
func (k *kernelLog) pass(d time.Duration) int64 {
	for end := k.at.Add(d); k.at.Before(end); {
		k.at = k.at.Add(time.Second)
		k.readAll()
	}
	return k.see()
}

func (k *kernelLog) see() int64 {
	lost, ok := k.total()
	if !ok {
		return -1
	}
	return lost
}

func TestLostKills(t *testing.T) {
	for name, tc := range map[string]struct {
		run  func(k *kernelLog) int64
		want int64
	}{
		"no kill": {func(k *kernelLog) int64 { return k.pass(time.Hour) }, 0},
		"every kill has its line": {func(k *kernelLog) int64 {
			for range 100 {
				k.kill(3)
				k.pass(time.Minute)
			}
			return k.pass(time.Hour)
		}, 0},
		"a line is lost": {func(k *kernelLog) int64 {
			k.pass(time.Minute)
			k.kill(1)
			k.lose(1)
			return k.pass(2*kmsgLag + 2*time.Second)
		}, 1},
		"lines are lost at different times": {func(k *kernelLog) int64 {
			k.pass(time.Minute)
			for range 5 {
				k.lose(2)
				k.kill(1)
				k.pass(10 * time.Minute)
			}
			return k.see()
		}, 10},
		"lost among kills without a pause": {func(k *kernelLog) int64 {
			k.pass(time.Minute)
			for i := range 100 { // each look finds a line on its way, but for a few
				k.kill(1)
				if i == 50 {
					k.lose(1)
				}
				k.at = k.at.Add(time.Second)
				k.readAll()
				k.kill(int64(i % 4))
				k.at = k.at.Add(time.Second)
				k.look()
			}
			return k.see()
		}, 1},
		"a storm of kills of which a line is always on its way": {func(k *kernelLog) int64 {
			k.pass(time.Minute)
			for range 9 {
				k.kill(3)
				k.at = k.at.Add(time.Second)
				k.look()
			}
			return k.pass(time.Hour)
		}, 0},
		"kills before the receiver, whose lines the log still has": {func(k *kernelLog) int64 {
			k.kill(7)
			k.pass(time.Minute)
			k.kill(1)
			return k.pass(time.Hour)
		}, 0},
		"kills before the receiver, whose lines the log no longer has": {func(k *kernelLog) int64 {
			k.counted = 3000
			k.kill(2)
			k.pass(time.Minute)
			k.kill(1)
			k.pass(time.Hour)
			k.lose(1)
			return k.pass(time.Hour)
		}, 1},
		"a line on its way when the receiver starts": {func(k *kernelLog) int64 {
			k.lose(1) // counted, but not yet printed
			k.pass(time.Minute)
			k.unread = append(k.unread, 0)
			k.pass(time.Hour)
			k.lose(1)
			return k.pass(time.Hour)
		}, 1},
		"a kill that waits for its line": {func(k *kernelLog) int64 {
			k.pass(time.Hour)
			k.kill(1)
			for range 9 {
				k.at = k.at.Add(time.Second)
				k.look()
			}
			return k.pass(time.Hour)
		}, 0},
		"a reader that does not get on": {func(k *kernelLog) int64 {
			k.pass(time.Hour)
			k.kill(50)
			k.at = k.at.Add(time.Hour) // the next component refuses, the queue is full: no look
			return k.pass(time.Hour)
		}, 0},
		"processors that are taken away": {func(k *kernelLog) int64 { // vm_events_fold_cpu: for a moment, counted twice
			k.counted = 1000
			k.pass(time.Hour)
			k.counted = 1500
			k.pass(time.Second)
			k.counted = 1000
			return k.pass(time.Hour)
		}, 0},
		"a line that comes later than all that is waited": {func(k *kernelLog) int64 { // the next one that is lost makes it right
			k.pass(time.Hour)
			k.lose(1)
			k.pass(time.Hour)
			k.unread = append(k.unread, 0)
			k.pass(time.Hour)
			k.lose(1)
			return k.pass(time.Hour)
		}, 1},
		"the log of another boot": {func(k *kernelLog) int64 {
			k.pass(time.Hour)
			for range 9 {
				k.killLine([]byte("b0"), 0)
			}
			k.kill(1)
			return k.pass(time.Hour)
		}, 0},
		"nobody's log": {func(k *kernelLog) int64 {
			k.of(runningBoot, false)
			k.lose(1)
			return k.pass(time.Hour)
		}, -1},
		"a line says whose log it is": {func(k *kernelLog) int64 {
			k.of(runningBoot, false)
			k.hear([]byte("b0"))
			if got := k.pass(time.Hour); got != -1 {
				return got
			}
			k.hear([]byte(runningBoot))
			k.pass(time.Hour)
			k.lose(1)
			return k.pass(time.Hour)
		}, 1},
		"a kernel that does not count": {func(k *kernelLog) int64 {
			k.absent = true
			k.kill(1)
			return k.pass(time.Hour)
		}, -1},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, tc.want, tc.run(newKernelLog(kmsgLag)))
		})
	}
}

// TestLostKillsNeverFalls: whatever happens, the count does not fall.
func TestLostKillsNeverFalls(t *testing.T) {
	k, last := newKernelLog(kmsgLag), int64(0)
	for i := range 300 {
		k.lose(int64(i % 3))
		k.kill(int64(i % 5))
		if i%7 == 0 {
			k.unread = append(k.unread, 0, 0)
		}
		now := k.pass(time.Minute)
		assert.GreaterOrEqual(t, now, last)
		last = now
	}
}

// TestLostKillsOfTheJournal: journald may be slow, and nothing is said before it has had the time.
func TestLostKillsOfTheJournal(t *testing.T) {
	k := newKernelLog(journaldLag)
	k.pass(time.Hour)
	k.kill(4)
	held := k.unread
	k.unread = nil
	assert.EqualValues(t, 0, k.pass(4*time.Minute))
	k.unread = held
	assert.EqualValues(t, 0, k.pass(time.Hour))
	k.lose(1)
	assert.EqualValues(t, 0, k.pass(4*time.Minute))
	assert.EqualValues(t, 1, k.pass(7*time.Minute))
}

// TestLostKillsLooksSeldom: however often it is told that all was read, the kernel is asked twenty
// times in the time that a line may take.
func TestLostKillsLooksSeldom(t *testing.T) {
	k, asked := newKernelLog(journaldLag), 0
	k.count = func() (int64, bool) { asked++; return 0, true }
	for range 1000 {
		k.at = k.at.Add(journaldLag / 1000)
		k.look()
	}
	assert.Equal(t, 20, asked)
}

// TestLostKillsOverRestart: what the log loses while the receiver does not run is lost; what was
// lost before, or is read again, is not counted anew.
func TestLostKillsOverRestart(t *testing.T) {
	for name, tc := range map[string]struct {
		// reread is how many of the four kill lines that were read come again.
		reread  int
		between func(k *kernelLog)
		want    int64
	}{
		"nothing":                         {},
		"kills that the log has":          {between: func(k *kernelLog) { k.kill(3) }},
		"kills that the log has lost":     {between: func(k *kernelLog) { k.kill(3); k.lose(2) }, want: 2},
		"a report that is read again":     {reread: 1},
		"all is read again, some is lost": {reread: 4, between: func(k *kernelLog) { k.lose(5) }, want: 5},
		"a reboot": {between: func(k *kernelLog) {
			k.counted = 0
			k.running = "b2"
		}},
	} {
		t.Run(name, func(t *testing.T) {
			k := newKernelLog(kmsgLag)
			k.counted = 50
			k.kill(4)
			k.pass(time.Hour)
			k.lose(1)
			assert.EqualValues(t, 1, k.pass(time.Hour))

			stored := k.saved(k.position - int64(tc.reread))
			for i := k.position - int64(tc.reread); i < k.position; i++ {
				k.unread = append(k.unread, i)
			}
			if tc.between != nil {
				tc.between(k)
			}
			k.start(kmsgLag, stored)
			assert.Equal(t, tc.want, k.pass(time.Hour))
		})
	}
}

// TestLostKillsStoresNothingUnasked: a checkpoint holds no more than it did where nobody compares.
func TestLostKillsStoresNothingUnasked(t *testing.T) {
	var nobody *lostKills
	assert.Nil(t, nobody.saved(0))
	assert.Nil(t, newKernelLog(kmsgLag).saved(0), "nothing is known yet")
}
