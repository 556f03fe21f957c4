// SPDX-License-Identifier: Apache-2.0

package warning

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/parser/report"
	"github.com/oomtrail/oomtrail/watch"
)

const (
	mib = 1 << 20
	gib = 1 << 30
)

var start = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

func some(v int64) report.Int { return report.Some(v) }

func stall(share float64) watch.Stall { return watch.Stall{Avg10: share * 100, OK: true} }

// given is a warning, and when it came.
type given struct {
	at time.Duration
	Finding
}

// idle is a machine with room for everything, and no swap.
func idle() *Host {
	return &Host{Memory: watch.Memory{Total: some(64 * gib), Available: some(60 * gib), SwapTotal: some(0), SwapFree: some(0)}}
}

// policy returns one that has seen a machine that is idle.
func policy(t testing.TB, version int) *Policy {
	p := NewPolicy(DefaultSettings(), version)
	if found, _ := p.Host(start, idle()); found != nil {
		t.Fatalf("an idle machine is warned of: %+v", found)
	}
	return p
}

// looks looks at a cgroup when its policy asks to, from and to some moments after start.
func look(p *Policy, from, to time.Duration, state func(at time.Duration) *watch.Cgroup) (all []given, count int) {
	for at := from; at <= to; count++ {
		found, next := p.Cgroup(start.Add(at), state(at))
		for _, f := range found {
			all = append(all, given{at, f})
		}
		at += next
	}
	return all, count
}

// holds is a cgroup of 512 MiB that holds a share of them, and page cache.
func holds(share, cache float64) *watch.Cgroup {
	const limit = 512 * mib
	return &watch.Cgroup{
		Path: "/app", Max: some(limit), Current: some(int64((share + cache) * limit)), File: some(int64(cache * limit)),
		Swap: some(0), SwapMax: some(0), Pressure: watch.Pressure{Some: stall(0), Full: stall(0)},
	}
}

func causes(all []given) (text string) {
	for _, g := range all {
		text += fmt.Sprintf("%v %s; ", g.at.Round(time.Second), g.Cause)
	}
	return text
}

// TestLeaks: a leak is warned of before it meets its limit, looked at as often as the policy asks
// and announced by nobody, wherever between two looks it begins.
func TestLeaks(t *testing.T) {
	for _, c := range []struct {
		limit, pace int64 // in MiB
		// least is the warning before the limit in the worst case; 0 where there may be none.
		least time.Duration
		// soonest is what is left at the first warning at the most: none that is long before.
		soonest time.Duration
		// new is a cgroup that was made just before, where another one has been idle for a minute.
		new bool
	}{
		{64, 1, 5500 * time.Millisecond, 17 * time.Second, false},
		{64, 10, 0, 2 * time.Second, false},
		{64, 100, 0, time.Second, false},
		{256, 1, 25 * time.Second, 65 * time.Second, false},
		{256, 10, 2 * time.Second, 7 * time.Second, false},
		{512, 1, 50 * time.Second, 130 * time.Second, false},
		{512, 10, 4500 * time.Millisecond, 13 * time.Second, false},
		{512, 100, 0, 2 * time.Second, false},
		{1024, 1, 100 * time.Second, 257 * time.Second, false},
		{1024, 10, 10 * time.Second, 26 * time.Second, false},
		{1024, 100, 0, 2 * time.Second, false},
		{8192, 1, 300 * time.Second, 820 * time.Second, false},
		{8192, 10, 80 * time.Second, 206 * time.Second, false},
		{8192, 100, 8 * time.Second, 21 * time.Second, false},
		{64, 1, 5500 * time.Millisecond, 17 * time.Second, true},
		{64, 10, 300 * time.Millisecond, 2 * time.Second, true},
		{512, 10, 4500 * time.Millisecond, 13 * time.Second, true},
		{512, 100, 250 * time.Millisecond, 2 * time.Second, true},
		{1024, 100, 750 * time.Millisecond, 2 * time.Second, true},
		{8192, 100, 8 * time.Second, 21 * time.Second, true},
	} {
		t.Run(fmt.Sprintf("%d MiB, %d MiB a second", c.limit, c.pace), func(t *testing.T) {
			worst, best := time.Duration(math.MaxInt64), time.Duration(0)
			for phase := time.Duration(0); phase < 10*time.Second; phase += 330 * time.Millisecond {
				begin := time.Minute + phase
				if c.new {
					begin = phase / 10
				}
				met := begin + time.Duration(float64(c.limit-2)/float64(c.pace)*float64(time.Second))
				all, _ := look(policy(t, 2), 0, met, func(at time.Duration) *watch.Cgroup {
					held := int64(2 * mib)
					if at > begin {
						held += int64((at - begin).Seconds() * float64(c.pace*mib))
					}
					return &watch.Cgroup{Path: "/app", Max: some(c.limit * mib), Current: some(held + 100*4096), File: some(100 * 4096), SwapMax: some(0)}
				})
				lead := time.Duration(0)
				if len(all) > 1 {
					t.Fatal(causes(all))
				}
				if len(all) == 1 {
					f := all[0]
					lead = met - f.at
					if off := math.Abs(f.Growth/mib - float64(c.pace)); f.Grows && off > 0.2*float64(c.pace) {
						t.Errorf("grows by %v", f.Growth/mib)
					}
					if off := (f.TimeLeft - lead).Abs(); f.Steady && off > lead/5+100*time.Millisecond {
						t.Errorf("%v left of %v", f.TimeLeft, lead)
					}
				}
				worst, best = min(worst, lead), max(best, lead)
			}
			t.Logf("warned %v to %v before", worst, best)
			if worst < c.least || best > c.soonest {
				t.Errorf("warned %v to %v before it meets its limit, want %v to %v", worst, best, c.least, c.soonest)
			}
		})
	}
}
