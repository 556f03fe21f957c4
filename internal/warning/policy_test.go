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

// look looks at a cgroup when its policy asks to, from and to some moments after start.
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
		{256, 10, 3500 * time.Millisecond, 7 * time.Second, false},
		{512, 1, 50 * time.Second, 130 * time.Second, false},
		{512, 10, 10 * time.Second, 13 * time.Second, false},
		{512, 100, 0, 2 * time.Second, false},
		{1024, 1, 100 * time.Second, 257 * time.Second, false},
		{1024, 10, 20 * time.Second, 26 * time.Second, false},
		{1024, 100, 0, 2 * time.Second, false},
		{8192, 1, 300 * time.Second, 820 * time.Second, false},
		{8192, 10, 80 * time.Second, 206 * time.Second, false},
		{8192, 100, 8 * time.Second, 21 * time.Second, false},
		{64, 1, 5500 * time.Millisecond, 17 * time.Second, true},
		{64, 10, 300 * time.Millisecond, 2 * time.Second, true},
		{256, 10, 5 * time.Second, 7 * time.Second, true},
		{512, 10, 10 * time.Second, 13 * time.Second, true},
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

// between is a course of time: value at from, and a straight line to what comes next.
type point struct {
	at    time.Duration
	value float64
}

// along is the value of a course at a moment.
func along(course []point, at time.Duration) float64 {
	for i := 1; i < len(course); i++ {
		if a, b := course[i-1], course[i]; at < b.at {
			return a.value + (b.value-a.value)*float64(at-a.at)/float64(b.at-a.at)
		}
	}
	return course[len(course)-1].value
}

// TestOrdinary: what is no shortage gives no warning, and what stays as it is gives one.
func TestOrdinary(t *testing.T) {
	const s, m, h = time.Second, time.Minute, time.Hour
	for _, c := range []struct {
		name string
		// held is the share of the limit that is held, cache the share that is page cache.
		held, cache []point
		until       time.Duration
		want        string
	}{
		{"a storm of page cache", []point{{0, 0.2}}, []point{{0, 0}, {5 * s, 0.8}, {h, 0.8}}, h, ""},
		{"a linker that takes 70 % for 5 s", []point{{0, 0.1}, {60 * s, 0.1}, {61 * s, 0.7}, {66 * s, 0.7}, {67 * s, 0.1}}, []point{{0, 0.3}}, 5 * m, ""},
		{"a linker that takes 85 % in 8 s", []point{{0, 0.1}, {60 * s, 0.1}, {68 * s, 0.85}, {73 * s, 0.85}, {74 * s, 0.1}}, []point{{0, 0.1}}, 5 * m, ""},
		{"a database that takes 60 % at once, and fills the cache", []point{{0, 0}, {20 * s, 0}, {21 * s, 0.6}}, []point{{0, 0}, {30 * s, 0}, {90 * s, 0.4}}, h, ""},
		{"a program that takes 80 % slowly, and stays", []point{{0, 0.1}, {20 * m, 0.8}}, []point{{0, 0.1}}, 5 * h, ""},
		{"a cache that sits at 92 % for days", []point{{0, 0.92}}, []point{{0, 0.05}}, 72 * h, "0s cgroup_near_limit; "},
		{"a cache that sits there, less and more", []point{{0, 0.92}, {h, 0.86}, {2 * h, 0.98}, {3 * h, 0.75}, {4 * h, 0.95}}, []point{{0, 0}}, 24 * h, "0s cgroup_near_limit; "},
		{"it falls, and comes again after ten minutes", []point{{0, 0.92}, {5 * m, 0.92}, {5*m + s, 0.5}, {20 * m, 0.5}, {20*m + 10*s, 0.93}}, []point{{0, 0}}, h, "0s cgroup_near_limit; 20m10s cgroup_near_limit; "},
		{"it falls, and comes again within ten minutes", []point{{0, 0.92}, {m, 0.92}, {61 * s, 0.5}, {2 * m, 0.5}, {130 * s, 0.93}}, []point{{0, 0}}, h, "0s cgroup_near_limit; 10m1s cgroup_near_limit; "},
		{"above its limit, which was lowered", []point{{0, 1.4}}, []point{{0, 0.1}}, h, "0s cgroup_near_limit; "},
		{"steady growth from 75 % on", []point{{0, 0.3}, {140 * s, 0.999}}, []point{{0, 0}}, 140 * s, "1m31s cgroup_near_limit; "},
		{"steady growth, but an hour long", []point{{0, 0.3}, {h, 0.89}}, []point{{0, 0}}, h, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			all, count := look(policy(t, 2), 0, c.until, func(at time.Duration) *watch.Cgroup { return holds(along(c.held, at), along(c.cache, at)) })
			if got := causes(all); got != c.want {
				t.Errorf("got %s want %s", got, c.want)
			}
			if most := int(c.until / s); c.until >= m && count > most+200 {
				t.Errorf("looked %d times in %v", count, c.until)
			}
		})
	}
}

// TestOscillation: use that swings around its threshold is warned of every ten minutes at most, and
// only if it falls clearly.
func TestOscillation(t *testing.T) {
	swing := func(low, high float64) func(at time.Duration) *watch.Cgroup {
		return func(at time.Duration) *watch.Cgroup {
			if int(at/(20*time.Second))%2 == 1 {
				return holds(high, 0)
			}
			return holds(low, 0)
		}
	}
	if all, _ := look(policy(t, 2), 0, 2*time.Hour, swing(0.72, 0.93)); len(all) != 1 {
		t.Errorf("of less and more: %s", causes(all))
	}
	all, _ := look(policy(t, 2), 0, 2*time.Hour, swing(0.68, 0.93))
	if len(all) < 11 || len(all) > 12 {
		t.Errorf("of clearly less and more: %s", causes(all))
	}
	for i := 1; i < len(all); i++ {
		if all[i].at-all[i-1].at < quiet {
			t.Errorf("%v after %v", all[i].at, all[i-1].at)
		}
	}
}

// TestSaw: a heap that is collected now and then is warned of once, and a leak again after each
// kill.
func TestSaw(t *testing.T) {
	saw := func(top float64) func(at time.Duration) *watch.Cgroup {
		return func(at time.Duration) *watch.Cgroup {
			second := int(at.Seconds()) % 60
			return holds(0.45+(top+0.01*float64(int(at.Minutes())%3)-0.45)*float64(second)/60, 0)
		}
	}
	if all, _ := look(policy(t, 2), 0, 3*time.Hour, saw(0.84)); len(all) > 1 {
		t.Errorf("a collected heap: %s", causes(all))
	}
	if all, _ := look(policy(t, 2), 0, 3*time.Hour, saw(0.97)); len(all) < 16 {
		t.Errorf("a heap that comes near the limit: %s", causes(all))
	}
	// It leaks for 150 s every 15 minutes, is killed, and is quiet meanwhile.
	all, _ := look(policy(t, 2), 0, 90*time.Minute, func(at time.Duration) *watch.Cgroup {
		into := math.Mod(at.Seconds(), 900)
		c := holds(0.05, 0)
		if into < 150 {
			c = holds(0.05+0.945*into/150, 0)
		}
		c.Events.OOMKill = some(int64(at.Minutes()+12.5) / 15)
		return c
	})
	if len(all) != 6 {
		t.Errorf("a leak: %s", causes(all))
	}
	for _, g := range all {
		if g.Threshold != early {
			t.Errorf("warned at %v by %v", g.at, g.Threshold)
		}
	}
}

// TestCgroupCauses: each look, given what came before it, is of its cause.
func TestCgroupCauses(t *testing.T) {
	high := func(c *watch.Cgroup, limit int64, events int64) *watch.Cgroup {
		c.High, c.Events.High = some(limit), some(events)
		return c
	}
	full := func(c *watch.Cgroup, share float64) *watch.Cgroup {
		c.Pressure.Full = stall(share)
		return c
	}
	limit := func(c *watch.Cgroup, limit report.Int) *watch.Cgroup {
		c.Max = limit
		return c
	}
	swap := func(c *watch.Cgroup, used, most report.Int) *watch.Cgroup {
		c.Swap, c.SwapMax = used, most
		return c
	}
	swapping := func(free int64) *Host {
		h := idle()
		h.Memory.SwapTotal, h.Memory.SwapFree = some(2*gib), some(free)
		return h
	}
	low := idle()
	low.Memory.Available = some(gib)
	never := idle()
	never.Memory.SwapTotal, never.Memory.SwapFree, never.Settings.Swappiness = some(gib), some(gib), some(0)
	for _, c := range []struct {
		name    string
		version int
		host    *Host
		looks   []*watch.Cgroup
		want    Cause
	}{
		{name: "pressure while little is held", looks: []*watch.Cgroup{full(holds(0.3, 0.7), 0.9)}},
		{name: "pressure while a part is held", looks: []*watch.Cgroup{full(holds(0.7, 0.3), 0.9)}},
		{name: "pressure while most is held", looks: []*watch.Cgroup{full(holds(0.8, 0.2), 0.4)}, want: CgroupPressure},
		{name: "less pressure", looks: []*watch.Cgroup{full(holds(0.8, 0.2), 0.39)}},
		{name: "pressure, and much in swap", host: swapping(gib), looks: []*watch.Cgroup{swap(full(holds(0.6, 0.4), 0.5), some(200*mib), report.Int{})}, want: CgroupPressure},
		{name: "pressure of a machine that has little left", host: low, looks: []*watch.Cgroup{full(holds(0.8, 0.2), 0.9)}},
		{name: "pressure of what has no limit", looks: []*watch.Cgroup{limit(full(holds(0.8, 0.2), 0.9), report.Int{})}},

		{name: "slowed down at memory.high", looks: []*watch.Cgroup{high(full(holds(0.5, 0), 0.5), 260*mib, 7), high(full(holds(0.5, 0), 0.5), 260*mib, 9)}, want: CgroupThrottled},
		{name: "memory.high without a limit", looks: []*watch.Cgroup{limit(high(full(holds(0.5, 0), 0.5), 260*mib, 7), report.Int{}), limit(high(full(holds(0.5, 0), 0.5), 260*mib, 9), report.Int{})}, want: CgroupThrottled},
		{name: "events that are over", looks: []*watch.Cgroup{high(full(holds(0.44, 0), 0.5), 260*mib, 9), high(full(holds(0.5, 0), 0), 260*mib, 9)}},
		{name: "events of a cgroup that was made anew", looks: []*watch.Cgroup{high(full(holds(0.3, 0), 0.5), 260*mib, 9), high(full(holds(0.3, 0), 0.5), 260*mib, 1)}},
		{name: "memory.high full of page cache", looks: []*watch.Cgroup{high(full(holds(0.1, 0.4), 0.5), 260*mib, 7), high(full(holds(0.1, 0.4), 0.5), 260*mib, 9)}},
		{name: "pressure near memory.high that nothing met", looks: []*watch.Cgroup{high(full(holds(0.5, 0), 0.5), 260*mib, 7)}},
		{name: "events, and nothing waits", looks: []*watch.Cgroup{high(holds(0.5, 0), 260*mib, 7), high(holds(0.5, 0), 260*mib, 9)}},
		{name: "memory.high above the limit", looks: []*watch.Cgroup{high(holds(0.5, 0), gib, 7), high(holds(0.5, 0), gib, 9)}},

		{name: "near its limit", looks: []*watch.Cgroup{holds(0.901, 0)}, want: CgroupNearLimit},
		{name: "near its limit, version 1", version: 1, looks: []*watch.Cgroup{holds(0.901, 0)}, want: CgroupNearLimit},
		{name: "room in swap", host: swapping(gib), looks: []*watch.Cgroup{swap(holds(0.99, 0), some(0), report.Int{})}},
		{name: "swap of the machine used up", host: swapping(10 * mib), looks: []*watch.Cgroup{swap(holds(0.99, 0), some(100*mib), report.Int{})}, want: CgroupNearLimit},
		{name: "swap of its own used up", host: swapping(2 * gib), looks: []*watch.Cgroup{swap(holds(0.99, 0), some(100*mib), some(100*mib))}, want: CgroupNearLimit},
		{name: "no swap by swappiness", host: never, looks: []*watch.Cgroup{swap(holds(0.95, 0), some(0), report.Int{})}, want: CgroupNearLimit},
		{name: "version 1, the limit of both reached", version: 1, host: swapping(gib), looks: []*watch.Cgroup{swap(holds(0.95, 0), some(0), some(512*mib))}, want: CgroupNearLimit},
		{name: "version 1, the limit of both is far", version: 1, host: swapping(gib), looks: []*watch.Cgroup{swap(holds(0.95, 0), some(0), some(gib))}},
		{name: "version 1, swap is not counted", version: 1, host: swapping(gib), looks: []*watch.Cgroup{swap(holds(0.95, 0), report.Int{}, report.Int{})}},

		{name: "no limit", looks: []*watch.Cgroup{limit(holds(0.95, 0), report.Int{})}},
		{name: "a limit of 0", looks: []*watch.Cgroup{limit(holds(0.95, 0), some(0))}},
		{name: "a limit of a page", looks: []*watch.Cgroup{limit(holds(0.95, 0), some(4096))}},
		{name: "a limit below 0", looks: []*watch.Cgroup{limit(holds(0.95, 0), some(-1))}},
		{name: "the largest limit", host: swapping(gib), looks: []*watch.Cgroup{limit(holds(0.95, 0), some(math.MaxInt64))}},
		{name: "nothing known of the use", looks: []*watch.Cgroup{{Path: "/app", Max: some(gib)}}},
		{name: "page cache is not known", looks: []*watch.Cgroup{{Path: "/app", Max: some(gib), Current: some(gib)}}},
		{name: "nothing known", looks: []*watch.Cgroup{{}}},
		{name: "the limit is lowered", looks: []*watch.Cgroup{limit(holds(0.5, 0), some(8*gib)), limit(holds(0.5, 0), some(200*mib))}, want: CgroupNearLimit},
		{name: "the limit is raised", looks: []*watch.Cgroup{limit(holds(0.5, 0), some(8*gib))}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := NewPolicy(DefaultSettings(), max(1, c.version))
			if c.version == 0 {
				p = NewPolicy(DefaultSettings(), 2)
			}
			if c.host == nil {
				c.host = idle()
			}
			p.Host(start, c.host)
			var got Cause
			looks := append([]*watch.Cgroup{c.looks[0]}, c.looks...) // the first look never warns
			for i, g := range looks {
				found, next := p.Cgroup(start.Add(time.Duration(i)*2*time.Second), g)
				if len(found) > 1 || len(found) == 1 && (i < len(looks)-1 || found[0].Cgroup != g) {
					t.Fatalf("look %d: %+v", i, found)
				}
				for _, f := range found {
					got = f.Cause
					proper(t, &f)
				}
				if next < hasty || next > slowest {
					t.Errorf("the next look is in %v", next)
				}
			}
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// proper checks what holds for every finding.
func proper(t *testing.T, f *Finding) {
	t.Helper()
	for _, v := range []float64{f.Share, f.Threshold, f.Growth} {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			t.Fatalf("no number: %+v", f)
		}
	}
	if f.Steady && (!f.Grows || f.TimeLeft < 0 || f.TimeLeft > horizon) || !f.Steady && f.TimeLeft != 0 || f.Grows != (f.Growth > 0) {
		t.Fatalf("growth: %+v", f)
	}
	if (f.Host == nil) == (f.Cgroup == nil) || f.Cause == "" || f.Limit <= 0 || f.Used < 0 {
		t.Fatalf("about what? %+v", f)
	}
	if f.Cause == HostLowMemory && f.Share >= f.Threshold || f.Cause != HostLowMemory && f.Share < f.Threshold {
		t.Fatalf("nothing crossed: %+v", f)
	}
}

// TestHostCauses: the causes of the machine, each by one look.
func TestHostCauses(t *testing.T) {
	memory := func(available, swapTotal, swapFree int64) *Host {
		return &Host{Memory: watch.Memory{Total: some(1000 * mib), Available: some(available * mib), SwapTotal: some(swapTotal * mib), SwapFree: some(swapFree * mib)}}
	}
	with := func(h *Host, change func(*Host)) *Host {
		change(h)
		return h
	}
	commit := func(mode, promised, limit int64) func(*Host) {
		return func(h *Host) {
			h.Settings.OvercommitMemory, h.Memory.CommittedAS, h.Memory.CommitLimit = some(mode), some(promised*mib), some(limit*mib)
		}
	}
	for _, c := range []struct {
		name string
		host *Host
		want Cause
	}{
		{"little left, and no swap", memory(99, 0, 0), HostLowMemory},
		{"a tenth left", memory(100, 0, 0), ""},
		{"little left, and swap used up", memory(99, 500, 49), HostLowMemory},
		{"little left, and room in swap", memory(10, 500, 50), ""},
		{"room in swap, and what could fill it", with(memory(10, 500, 500), func(h *Host) { h.Memory.Anon, h.Memory.Shmem = some(700*mib), some(100*mib) }), ""},
		{"room in swap, and the kernel itself takes most", with(memory(10, 500, 500), func(h *Host) { h.Memory.Anon, h.Memory.Shmem = some(50*mib), some(49*mib) }), HostLowMemory},
		{"room in swap, and most is locked", with(memory(10, 500, 500), func(h *Host) {
			h.Memory.Anon, h.Memory.Shmem, h.Memory.Unevictable = some(700*mib), some(100*mib), some(701*mib)
		}), HostLowMemory},
		{"room in swap, and most may not swap", with(memory(99, 500, 500), func(h *Host) {
			h.Memory.Anon, h.Memory.Shmem, h.Unswappable = some(700*mib), some(100*mib), some(701*mib)
		}), HostLowMemory},
		{"room in swap, and half of it may not swap", with(memory(10, 500, 500), func(h *Host) {
			h.Memory.Anon, h.Memory.Shmem, h.Unswappable = some(700*mib), some(100*mib), some(400*mib)
		}), ""},
		{"swap used up, and much left", memory(500, 500, 0), ""},
		{"swap is not known", with(memory(10, 0, 0), func(h *Host) { h.Memory.SwapTotal = report.Int{} }), ""},
		{"nothing known", &Host{}, ""},
		{"before 3.14", with(memory(10, 0, 0), func(h *Host) { h.Memory.Available = report.Int{} }), ""},
		{"huge pages took most", with(memory(60, 0, 0), func(h *Host) { h.Memory.HugePages = some(800 * mib) }), ""},
		{"huge pages took all", with(memory(0, 0, 0), func(h *Host) { h.Memory.HugePages = some(1000 * mib) }), ""},
		{"huge pages, and little of the rest", with(memory(19, 0, 0), func(h *Host) { h.Memory.HugePages = some(800 * mib) }), HostLowMemory},
		{"more available than there is", memory(2000, 0, 0), ""},

		{"pressure while much is left", with(memory(800, 0, 0), func(h *Host) { h.Pressure.Full = stall(0.9) }), ""},
		{"pressure", with(memory(200, 0, 0), func(h *Host) { h.Pressure.Full = stall(0.4) }), HostPressure},
		{"some wait", with(memory(200, 0, 0), func(h *Host) { h.Pressure.Some = stall(0.9) }), ""},
		{"no number", with(memory(200, 0, 0), func(h *Host) { h.Pressure.Full = stall(math.NaN()) }), ""},
		{"above all", with(memory(200, 0, 0), func(h *Host) { h.Pressure.Full = stall(math.Inf(1)) }), HostPressure},

		{"promised", with(memory(900, 0, 0), commit(2, 900, 1000)), CommitLimit},
		{"promised a little less", with(memory(900, 0, 0), commit(2, 899, 1000)), ""},
		{"promised, not strictly", with(memory(900, 0, 0), commit(0, 2000, 1000)), ""},
		{"promised of nothing", with(memory(900, 0, 0), commit(2, 900, 0)), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := NewPolicy(DefaultSettings(), 2)
			found, next := p.Host(start, c.host)
			var got Cause
			for _, f := range found {
				got = f.Cause
				proper(t, &f)
			}
			if got != c.want || len(found) > 1 {
				t.Errorf("got %+v, want %q", found, c.want)
			}
			if next < hasty || next > slowest {
				t.Errorf("the next look is in %v", next)
			}
			for i := range 1000 { // it stays like that for hours
				if found, _ := p.Host(start.Add(time.Duration(i+1)*10*time.Second), c.host); found != nil {
					t.Fatalf("warned again: %+v", found)
				}
			}
		})
	}
}

// TestHostAgain: what the machine was warned of comes again when it was clearly over.
func TestHostAgain(t *testing.T) {
	count := func(state func(i int) *Host) (n int) {
		p := NewPolicy(DefaultSettings(), 2)
		for i := range 360 { // an hour
			found, _ := p.Host(start.Add(time.Duration(i)*10*time.Second), state(i))
			n += len(found)
		}
		return n
	}
	swing := func(low, high int64) func(int) *Host {
		return func(i int) *Host {
			h := idle()
			h.Memory.Total, h.Memory.Available = some(1000*mib), some(low*mib)
			if i/6%2 == 1 {
				h.Memory.Available = some(high * mib)
			}
			return h
		}
	}
	if n := count(swing(90, 140)); n != 1 {
		t.Errorf("a little more: warned %d times", n)
	}
	if n := count(swing(90, 160)); n != 6 && n != 5 {
		t.Errorf("clearly more: warned %d times", n)
	}
	commit := func(mode func(i int) int64) func(int) *Host {
		return func(i int) *Host {
			h := idle()
			h.Settings.OvercommitMemory, h.Memory.CommittedAS, h.Memory.CommitLimit = some(mode(i)), some(950*mib), some(1000*mib)
			return h
		}
	}
	if n := count(commit(func(int) int64 { return 2 })); n != 1 {
		t.Errorf("strict: warned %d times", n)
	}
	if n := count(commit(func(i int) int64 { return 2 * int64(1-i/90%2) })); n != 2 {
		t.Errorf("strict, not strict, strict: warned %d times", n)
	}
}

// TestNext: when to look again follows from what is left.
func TestNext(t *testing.T) {
	small := idle()
	small.Memory.Total, small.Memory.Available = some(512*mib), some(400*mib)
	if _, next := NewPolicy(DefaultSettings(), 2).Host(start, small); next < time.Second || next > 2*time.Second {
		t.Errorf("a small machine: %v", next)
	}
	if _, next := NewPolicy(DefaultSettings(), 2).Host(start, idle()); next != slowest {
		t.Errorf("a large machine: %v", next)
	}
	one := func(limit int64, kib ...int64) (next time.Duration) {
		p := policy(t, 2)
		for i, used := range kib {
			c := &watch.Cgroup{Path: "/app", Max: some(limit * mib), Current: some(used << 10)}
			_, next = p.Cgroup(start.Add(time.Duration(i)*40*time.Second), c)
		}
		return next
	}
	for _, c := range []struct {
		name        string
		got         time.Duration
		least, most time.Duration
	}{
		{"a new one", one(64, 100), watchful, watchful},
		{"an idle one", one(64, 100, 100), slowest, slowest},
		{"a small one that does something", one(64, 100, 110), 4 * time.Second, 5 * time.Second},
		{"a large one that does something", one(512, 100, 110), slowest, slowest},
	} {
		if c.got < c.least || c.got > c.most {
			t.Errorf("%s: %v", c.name, c.got)
		}
	}
	// Page cache that is not counted any more, or again, is no growth.
	p := policy(t, 2)
	var got []time.Duration
	for i, c := range []*watch.Cgroup{holds(0.1, 0.8), holds(0.1, 0.8), holds(0.12, 0), holds(0.12, 0.8), holds(0.12, 0.8)} {
		if i == 2 {
			c.File = report.Int{}
		}
		_, next := p.Cgroup(start.Add(time.Minute+time.Duration(i)*time.Second), c)
		got = append(got, next)
	}
	if fmt.Sprint(got) != "[2s 2s 2s 2s 2s]" {
		t.Errorf("page cache comes and goes: %v", got)
	}
	// Page cache that could not be read is read again soon, where it was known a moment ago.
	unknown := holds(0.6, 0)
	unknown.Path, unknown.File = "/unknown", report.Int{}
	if _, next := p.Cgroup(start.Add(2*time.Minute), unknown); next != calmly {
		t.Errorf("never known: %v", next)
	}
	unknown.File = some(0)
	p.Cgroup(start.Add(3*time.Minute), unknown)
	unknown.File = report.Int{}
	if _, next := p.Cgroup(start.Add(3*time.Minute+time.Second), unknown); next != fastest {
		t.Errorf("known a moment ago: %v", next)
	}
}

// TestMachineFirst: while the machine's tasks wait, those of a cgroup are not warned of, whether
// the machine is warned of again or not.
func TestMachineFirst(t *testing.T) {
	p := policy(t, 2)
	machine := 0
	for i := range 120 {
		h, c := idle(), holds(0.8, 0)
		h.Memory.Available, h.Pressure.Full = some(8*gib), stall(0)
		if i/30%2 == 1 {
			h.Pressure.Full = stall(0.6)
			c.Pressure = h.Pressure
		}
		found, _ := p.Host(start.Add(time.Duration(i)*time.Second), h)
		machine += len(found)
		if found, _ := p.Cgroup(start.Add(time.Duration(i)*time.Second), c); found != nil {
			t.Fatalf("warned of %+v", found)
		}
	}
	if machine != 1 {
		t.Errorf("the machine is warned of %d times", machine)
	}
}

// TestFar: growth that reaches the limit in more than an hour says nothing of what is left.
func TestFar(t *testing.T) {
	all, _ := look(policy(t, 2), 0, time.Hour, func(at time.Duration) *watch.Cgroup {
		c := holds(0.89, 0)
		c.Current.V += int64(at.Seconds() * 10 * 1024)
		return c
	})
	if len(all) != 1 || all[0].Steady || !all[0].Grows {
		t.Errorf("%+v", all)
	}
}

// TestHostLeaks: a machine whose memory leaks away is warned of, with what is left.
func TestHostLeaks(t *testing.T) {
	for _, c := range []struct {
		ram, swap, pace int64 // in MiB
		least           time.Duration
	}{
		{512, 0, 1, 49 * time.Second},
		{512, 0, 10, 4 * time.Second},
		{2048, 0, 100, time.Second},
		{2048, 1024, 10, 75 * time.Second}, // a quarter of both
		{2048, 256, 100, 2 * time.Second},
		{16384, 0, 100, 15 * time.Second},
	} {
		p := NewPolicy(DefaultSettings(), 2)
		met := time.Duration(float64(c.ram+c.swap) / float64(c.pace) * float64(time.Second))
		var warned time.Duration
		for at := time.Duration(0); at < met; {
			used := int64(at.Seconds() * float64(c.pace*mib))
			h := &Host{Memory: watch.Memory{Total: some(c.ram * mib), SwapTotal: some(c.swap * mib)}}
			h.Memory.Available = some(max(0, c.ram*mib-used))
			h.Memory.SwapFree = some(min(c.swap*mib, (c.ram+c.swap)*mib-used))
			found, next := p.Host(start.Add(at), h)
			for _, f := range found {
				proper(t, &f)
				if warned = met - at; !f.Steady || (f.TimeLeft-warned).Abs() > warned/10 || f.Cause != HostLowMemory {
					t.Errorf("%+v: %+v", c, f)
				}
			}
			at += next
		}
		if warned < c.least {
			t.Errorf("%+v: warned %v before", c, warned)
		}
	}
}

// TestSame: a cgroup whose shortage is that of one below gives no warning of its own, whichever is
// looked at first, and another cgroup does.
func TestSame(t *testing.T) {
	for _, order := range [][]string{{"/pod", "/pod/app", "/pod/side", "/podium"}, {"/pod/app", "/pod/side", "/pod", "/podium"}} {
		p := policy(t, 2)
		var got string
		at := start
		for range 400 {
			for _, path := range order {
				c := holds(0.5, 0)
				c.Path = path
				switch path {
				case "/pod":
					c.Max, c.Current, c.File = some(602*mib), some(562*mib), some(mib) // its share is 0.93
				case "/pod/app":
					c.Current, c.File = some(540*mib), some(0)
					c.Max = some(600 * mib)
				case "/pod/side":
					c.Current, c.File = some(20*mib), some(0)
				case "/podium":
					c = holds(0.95, 0)
					c.Path = path
				}
				found, _ := p.Cgroup(at, c)
				for _, f := range found {
					got += f.Cgroup.Path + " "
				}
			}
			at = at.Add(time.Second)
		}
		if got != "/pod/app /podium " {
			t.Errorf("%v: warned of %s", order, got)
		}
	}

	// What is below and holds little says nothing of what is above.
	p, got := policy(t, 2), ""
	for i := range 10 {
		above, below := holds(0.95, 0), holds(0.95, 0)
		above.Path, below.Path = "/pod", "/pod/app"
		below.Max, below.Current = some(100*mib), some(95*mib)
		for _, c := range []*watch.Cgroup{above, below} {
			found, _ := p.Cgroup(start.Add(time.Duration(i)*time.Second), c)
			for _, f := range found {
				got += f.Cgroup.Path + " "
			}
		}
	}
	if got != "/pod /pod/app " {
		t.Errorf("warned of %s", got)
	}

	// Nor does one below that holds a part of it, that has more room, or that was not looked at of
	// late.
	for _, c := range []struct {
		name        string
		above       float64
		held, limit int64 // of what is below, in MiB
		late        time.Duration
	}{
		{"a part", 0.92, 350, 390, 0},
		{"more room", 0.97, 480, 545, 0},
		{"not looked at", 0.92, 450, 505, 20 * time.Second},
	} {
		p = policy(t, 2)
		above, below := holds(c.above, 0), holds(0, 0)
		above.Path, below.Path = "/pod", "/pod/app"
		below.Max, below.Current = some(c.limit*mib), some(c.held*mib)
		p.Cgroup(start, above)
		p.Cgroup(start, below)
		if found, _ := p.Cgroup(start.Add(time.Second+c.late), above); len(found) != 1 {
			t.Errorf("%s: not warned of", c.name)
		}
	}
}

// TestAnew: a cgroup that is removed and made anew under its path is not warned of again within ten
// minutes, and nothing else is left of it.
func TestAnew(t *testing.T) {
	p := policy(t, 2)
	var got []time.Duration
	for at := time.Duration(0); at < time.Hour; at += time.Second {
		if int(at/time.Second)%30 == 29 { // it crashes
			p.Remove("/app")
			p.Remove("/app")
			continue
		}
		if found, _ := p.Cgroup(start.Add(at), holds(0.95, 0)); found != nil {
			got = append(got, at)
		}
	}
	if len(got) != 6 {
		t.Errorf("warned at %v", got)
	}
	for i := range 5000 {
		c := holds(0.95, 0)
		c.Path = fmt.Sprint("/", i)
		p.Cgroup(start.Add(2*time.Hour), c)
		p.Cgroup(start.Add(2*time.Hour+time.Second), c)
		p.Remove(c.Path)
	}
	p.Remove("/app")
	if len(p.groups)+len(p.near) != 0 || len(p.gone) > 10*DefaultSettings().PerMinute {
		t.Errorf("%d cgroups, %d near, %d gone", len(p.groups), len(p.near), len(p.gone))
	}
}

// TestCap: beyond the cap nothing is given, each warning held back is counted once, and given when
// there is room.
func TestCap(t *testing.T) {
	p := policy(t, 2)
	perMinute := map[int]int{}
	total := 0
	for at := time.Duration(0); at < 5*time.Minute; at += time.Second {
		for i := range 25 {
			c := holds(0.95, 0)
			c.Path = fmt.Sprint("/", i)
			found, _ := p.Cgroup(start.Add(at), c)
			perMinute[int((at-time.Second)/time.Minute)] += len(found)
			total += len(found)
		}
	}
	if p.Suppressed() == 15 { // one that came again while there was no room is held back again
		for i := range 20 {
			c := holds(0.95, 0)
			c.Path = fmt.Sprint("/later", i)
			for at := range 3 {
				p.Cgroup(start.Add(time.Hour+time.Duration(at)*time.Second), c)
			}
			if i == 19 {
				for at, held := range []float64{0.95, 0.1, 0.95} {
					c = holds(held, 0)
					c.Path = fmt.Sprint("/later", i)
					p.Cgroup(start.Add(time.Hour+time.Duration(10+at)*time.Second), c)
				}
			}
		}
		if p.Suppressed() != 15+11 {
			t.Errorf("held back %d", p.Suppressed())
		}
	}
	if perMinute[0] != 10 || perMinute[1] != 10 || perMinute[2] != 5 || total != 25 || p.Suppressed() != 15+11 {
		t.Errorf("%v, held back %d", perMinute, p.Suppressed())
	}
}

// TestCapOfMachine: cgroups that use up the cap hold back nothing about the machine, and what is
// given of that counts.
func TestCapOfMachine(t *testing.T) {
	p := policy(t, 2)
	given, host := 0, 0
	for at := time.Duration(0); at < 3*time.Minute; at += time.Second {
		h := idle()
		if at == 30*time.Second {
			h.Memory.Available = some(h.Memory.Total.V / 50)
			h.Memory.SwapTotal, h.Memory.SwapFree = some(0), some(0)
		}
		found, _ := p.Host(start.Add(at), h)
		host += len(found)
		given += len(found)
		for i := range 50 {
			c := holds(0.95, 0)
			c.Path = fmt.Sprint("/", i)
			found, _ := p.Cgroup(start.Add(at), c)
			given += len(found)
		}
	}
	if host != 1 || given != 3*10+1 {
		t.Errorf("%d of %d are about the machine", host, given)
	}
}

// TestUnread: a pressure that is not read at each look is no new one, and is over where it has not
// been read for long.
func TestUnread(t *testing.T) {
	p := policy(t, 2)
	var got []time.Duration
	for i := range 4000 {
		at := time.Duration(i) * time.Second
		h := idle()
		h.Memory.Available = some(8 * gib)
		if i%2 == 0 && (i < 1500 || i > 2000) {
			h.Pressure.Full = stall(0.7)
		}
		c := holds(0.8, 0)
		c.Pressure = h.Pressure
		found, _ := p.Host(start.Add(at), h)
		for range found {
			got = append(got, at)
		}
		found, _ = p.Cgroup(start.Add(at), c)
		for range found {
			got = append(got, at)
		}
	}
	// The cgroup is not warned of while the machine is.
	if fmt.Sprint(got) != "[0s 33m22s]" {
		t.Errorf("warned at %v", got)
	}
}

// TestManyNear: cgroups that were warned of, whose warning is held back, or whose shortage is that
// of one below, are not looked at each second.
func TestManyNear(t *testing.T) {
	p := policy(t, 2)
	var due [200]time.Duration
	count, warned := 0, 0
	for at := time.Duration(0); at < 30*time.Minute; at += 250 * time.Millisecond {
		for i := range due {
			if at < due[i] {
				continue
			}
			c := holds(0.95, 0)
			c.Path = fmt.Sprintf("/%d", i/2)
			if i%2 == 1 {
				c.Path += "/app"
			}
			found, next := p.Cgroup(start.Add(at), c)
			due[i] = at + next
			count++
			warned += len(found)
		}
	}
	if warned != 100 || count > 200*30*60/5+1000 {
		t.Errorf("%d looks, %d warnings", count, warned)
	}
}

// TestClock: a clock that steps brings no warning twice, and no growth that was none.
func TestClock(t *testing.T) {
	for _, step := range []time.Duration{-24 * time.Hour, -3 * time.Second, -10 * time.Millisecond, 24 * time.Hour} {
		p := policy(t, 2)
		at, count := start, 0
		for i := range 500 {
			if i == 100 {
				at = at.Add(step)
			}
			found, _ := p.Cgroup(at, holds(0.95+float64(i)/1e5, 0))
			for _, f := range found {
				proper(t, &f)
				count++
			}
			at = at.Add(time.Second)
		}
		g := p.groups["/app"]
		if rate, ok := g.history.growth(); count != 1 || !ok || rate < 4000 || rate > 7000 { // 5369 bytes a look
			t.Errorf("%v: %d warnings, grows by %v", step, count, rate)
		}
		// Ten minutes later all is as before.
		p.Cgroup(at.Add(11*time.Minute), holds(0.1, 0))
		if found, _ := p.Cgroup(at.Add(11*time.Minute+time.Second), holds(0.95, 0)); len(found) != 1 {
			t.Errorf("%v: not warned of again", step)
		}
	}
}

// TestBounds: however many cgroups there are, what is kept is bounded.
func TestBounds(t *testing.T) {
	p := policy(t, 2)
	for i := range maxGroups + 5000 {
		c := holds(0.6, 0)
		c.Path = fmt.Sprint("/", i)
		if _, next := p.Cgroup(start, c); next <= 0 {
			t.Fatal(next)
		}
	}
	if len(p.groups) != maxGroups || len(p.near) != maxNear {
		t.Errorf("%d cgroups, %d near", len(p.groups), len(p.near))
	}
	for i := range maxGroups {
		c := holds(0.4, 0)
		c.Path = fmt.Sprint("/", i)
		p.Cgroup(start.Add(time.Minute), c)
	}
	if len(p.near) != 0 {
		t.Errorf("%d near that fell", len(p.near))
	}

	// Cgroups come, are warned of and go, for hours.
	p = policy(t, 2)
	for i := range 4000 {
		c := holds(0.95, 0)
		c.Path = fmt.Sprint("/", i)
		at := start.Add(time.Duration(i) * 6 * time.Second)
		p.Cgroup(at, c)
		p.Cgroup(at.Add(time.Second), c)
		p.Remove(c.Path)
	}
	if most := 10 * DefaultSettings().PerMinute; len(p.gone) > most || len(p.groups) != 0 {
		t.Errorf("%d gone ones are kept, and %d groups", len(p.gone), len(p.groups))
	}
}

// FuzzPolicy: whatever a machine and its cgroups look like, and whenever: at most one warning of a
// cgroup and cause in ten minutes, no more than the cap in a minute, no number that is none, and
// looks that are neither too close nor too far.
func FuzzPolicy(f *testing.F) {
	f.Add([]byte("a leak, byte by byte: 0123456789abcdefghijklmnopqrstuvwxyz"), uint8(2))
	f.Add([]byte{0, 4, 255, 255, 255, 255, 255, 255, 1, 4, 255, 255, 255, 255, 255, 255, 2, 200, 1, 2, 3, 4, 5, 6}, uint8(1))
	paths := []string{"/", "/a", "/a/b", "/a/b/c", "/ab", "", "/d", "/e"}
	f.Fuzz(func(t *testing.T, program []byte, version uint8) {
		s := DefaultSettings()
		s.PerMinute = 3
		p := NewPolicy(s, 1+int(version%2))
		type about struct {
			path  string
			cause Cause
		}
		last, times := map[about]time.Time{}, []time.Time(nil)
		at := start
		size := func(b byte) report.Int { // any size, and some that are none
			switch {
			case b < 200:
				return some(int64(b) * 5 * mib)
			case b < 230:
				return some(int64(math.Pow(2, float64(b-200)*63/30)))
			case b == 230:
				return some(math.MaxInt64)
			case b == 231:
				return some(-1)
			}
			return report.Int{}
		}
		for ; len(program) >= 8; program = program[8:] {
			b := program[:8]
			at = at.Add(time.Duration(b[1]) * time.Duration(b[1]) * 20 * time.Millisecond)
			var found []Finding
			next := fastest
			switch path := paths[b[0]%8]; b[0] / 8 % 8 {
			case 0:
				p.Remove(path)
			case 1, 2:
				h := &Host{Memory: watch.Memory{Total: size(b[2]), Available: size(b[3]), SwapTotal: size(b[4]), SwapFree: size(b[5]), CommittedAS: size(b[6]), CommitLimit: size(b[7])}}
				h.Settings.OvercommitMemory = some(int64(b[2] % 4))
				h.Memory.Anon, h.Memory.Unevictable, h.Memory.Shmem, h.Unswappable = size(b[7]), size(b[5]), size(b[2]), size(b[4])
				h.Pressure.Full = watch.Stall{Avg10: float64(b[7]), OK: b[6]%2 == 1}
				found, next = p.Host(at, h)
			default:
				c := &watch.Cgroup{Path: path, Current: size(b[2]), File: size(b[3]), Max: size(b[4]), High: size(b[5]), Swap: size(b[6]), SwapMax: size(b[7])}
				c.Events.High = size(b[6] ^ b[5])
				c.Pressure.Full = watch.Stall{Avg10: float64(b[7]), OK: b[6]%2 == 1}
				p.Wants(c)
				found, next = p.Cgroup(at, c)
			}
			if next < hasty || next > slowest {
				t.Fatalf("the next look is in %v", next)
			}
			for _, f := range found {
				proper(t, &f)
				a := about{"the machine", f.Cause}
				if f.Cgroup != nil {
					a.path = f.Cgroup.Path
				}
				if before, ok := last[a]; ok && at.Sub(before) < 10*time.Minute {
					t.Fatalf("%+v again after %v", a, at.Sub(before))
				}
				last[a] = at
				times = append(times, at)
				if n := len(times); f.Cgroup != nil && n > s.PerMinute && at.Sub(times[n-1-s.PerMinute]) < time.Minute {
					t.Fatalf("more than %d in a minute", s.PerMinute)
				}
			}
			if len(p.groups)+len(p.gone) > 2*len(paths) || len(p.near) > len(p.groups) {
				t.Fatalf("kept: %d, %d, %d", len(p.groups), len(p.near), len(p.gone))
			}
		}
	})
}

// BenchmarkPolicy is a look at a cgroup that is far from its limit, at one that sits near it, and
// at a machine that is idle.
func BenchmarkPolicy(b *testing.B) {
	for _, c := range []struct {
		name string
		look func(p *Policy, at time.Time)
	}{
		{"idle", func() func(p *Policy, at time.Time) {
			c := holds(0.1, 0)
			return func(p *Policy, at time.Time) { p.Cgroup(at, c) }
		}()},
		{"near", func() func(p *Policy, at time.Time) {
			c := holds(0.95, 0)
			return func(p *Policy, at time.Time) { p.Cgroup(at, c) }
		}()},
		{"host", func() func(p *Policy, at time.Time) {
			h := idle()
			return func(p *Policy, at time.Time) { p.Host(at, h) }
		}()},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			p, at := policy(b, 2), start
			for b.Loop() {
				at = at.Add(time.Second)
				c.look(p, at)
			}
		})
	}
}

// TestNoAllocation: a look that finds nothing allocates nothing.
func TestNoAllocation(t *testing.T) {
	p, at := policy(t, 2), start
	far, near, h := holds(0.1, 0.2), holds(0.95, 0), idle()
	near.Path = "/near"
	if got := testing.AllocsPerRun(100, func() {
		at = at.Add(time.Second)
		p.Host(at, h)
		p.Cgroup(at, far)
		p.Cgroup(at, near)
	}); got > 0 {
		t.Errorf("%v allocations", got)
	}
}
