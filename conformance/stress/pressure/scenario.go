// SPDX-License-Identifier: Apache-2.0

//go:build linux

package main

import (
	"fmt"
	"strconv"
	"time"
)

// place is where a scenario runs.
type place int

const (
	// limited is a cgroup with a limit.
	limited place = iota
	// whole is the whole machine, which has to be a guest.
	whole
)

func (p place) String() string { return [...]string{"cgroup", "machine"}[p] }

// truth is what a scenario is known to come to.
type truth int

const (
	// healthy: nobody is killed, and a warning would be a false one.
	healthy truth = iota
	// leaks: the kernel kills, and a warning must come before.
	leaks
	// sudden: the kernel kills, so soon that no warning can be asked for.
	sudden
	// stuck: nobody is killed, but what runs hardly goes on, and a warning must come.
	stuck
)

// scenario is one kind of pressure.
type scenario struct {
	name  string
	place place
	// limit and high are those of the cgroup, in MiB. Of the whole machine, limit is 0.
	limit, high int
	// swap has the machine swap, which only a guest can; swapless says that the cgroup may not.
	swap, swapless bool

	truth truth
	// lasts is the longest that it takes.
	lasts time.Duration
	// reads is how many MiB of the file are read or written: they have to be on the disk first.
	reads int
	// start has the jobs that make the pressure.
	start func(r *rig) []job
	// needs says what it needs that this machine lacks, "" for nothing.
	needs func(r *rig) string
}

// title names it among all.
func (s *scenario) title() string { return s.place.String() + ": " + s.name }

func one(does ...string) func(*rig) []job {
	return func(*rig) []job { return []job{{name: does[0], does: does}} }
}

// limitedLeak is a leak in a cgroup.
func limitedLeak(rate, limit int) scenario {
	return scenario{
		name: fmt.Sprintf("leak of %d MB/s", rate), limit: limit, truth: leaks, lasts: time.Duration(limit/rate+60) * time.Second,
		start: one("leak", strconv.Itoa(rate)),
	}
}

func wholeLeak(rate int, swap bool) scenario {
	name := fmt.Sprintf("leak of %d MB/s, no swap", rate)
	if swap {
		name = fmt.Sprintf("leak of %d MB/s, swap", rate)
	}
	return scenario{name: name, place: whole, swap: swap, truth: leaks, lasts: 25 * time.Minute, start: one("leak", strconv.Itoa(rate))}
}

// filed is a scenario whose job reads or writes the file.
func filed(s scenario, does func(file string) []string) scenario {
	s.start = func(r *rig) []job {
		d := does(r.disk)
		return []job{{name: d[0], does: d}}
	}
	s.needs = needsDisk
	return s
}

// scenarios is the table, in the order in which they run.
func (r *rig) scenarios() []scenario {
	ram := r.ram // MiB
	return []scenario{
		limitedLeak(1, 64),
		limitedLeak(10, 256),
		limitedLeak(100, r.room(1024)),
		{name: "leak of 10 MB/s, beside page cache", limit: 256, truth: leaks, lasts: 2 * time.Minute, reads: 512, needs: needsDisk, start: func(r *rig) []job {
			return []job{{name: "leaker", does: []string{"leak", "10"}}, {name: "reader", does: []string{"read", r.disk, "512", "120"}}}
		}},
		{name: "leak of 1 MB/s above memory.high", limit: 96, high: 32, truth: stuck, lasts: 90 * time.Second, needs: needsVersion2, start: one("leak", "1")},
		{name: "twice the limit at once", limit: 128, truth: sudden, lasts: time.Minute, start: one("take", "256", "30")},
		filed(scenario{name: "page cache, read", limit: 128, lasts: 45 * time.Second, reads: 512}, func(f string) []string { return []string{"read", f, "512", "30"} }),
		filed(scenario{name: "page cache, written", limit: 128, lasts: 3 * time.Minute, reads: 512}, func(f string) []string { return []string{"write", f, "512", "30"} }),
		{name: "70 % for 5 s, again and again", limit: 128, lasts: time.Minute, start: one("breathe", "90", "35")},
		{name: "80 % that stay", limit: 128, lasts: time.Minute, start: one("take", "102", "40")},
		filed(scenario{name: "database: 60 % at once, reads", limit: 256, lasts: time.Minute, reads: 512}, func(f string) []string { return []string{"database", f, "154", "512", "40"} }),
		{name: "build with go", limit: 448, lasts: 15 * time.Minute, needs: needsGo, start: func(r *rig) []job {
			return []job{{name: "build", does: []string{"run", r.goProgram, "build", "-p", "2", "-o", "/dev/null", "./cmd/oomtrail"}}}
		}},
		wholeLeak(10, false),
		{name: "leak of 10 MB/s, beside files in use", place: whole, truth: leaks, lasts: 5 * time.Minute, needs: needsDisk, start: func(r *rig) []job {
			return []job{{name: "leak", does: []string{"leak", "10"}}, {name: "reader", does: []string{"read", r.disk, "128", "300"}}}
		}},
		wholeLeak(100, false),
		wholeLeak(1, false),
		wholeLeak(10, true),
		{name: "leak of 10 MB/s, swap that it may not use", place: whole, swap: true, swapless: true, truth: leaks, lasts: 5 * time.Minute, start: one("leak", "10")},
		wholeLeak(100, true),
		wholeLeak(1, true),
		{name: "more than there is, at once", place: whole, truth: sudden, lasts: time.Minute, start: one("take", strconv.Itoa(2*ram), "30")},
		filed(scenario{name: "page cache, read", place: whole, lasts: 90 * time.Second, reads: r.diskSize}, func(f string) []string { return []string{"read", f, strconv.Itoa(r.diskSize), "60"} }),
		filed(scenario{name: "page cache, written", place: whole, lasts: 5 * time.Minute}, func(f string) []string { return []string{"write", f, strconv.Itoa(r.diskSize), "60"} }),
		filed(scenario{name: "database: 60 % at once, reads", place: whole, lasts: 90 * time.Second}, func(f string) []string {
			return []string{"database", f, strconv.Itoa(ram * 6 / 10), strconv.Itoa(r.diskSize), "60"}
		}),
	}
}

func needsDisk(r *rig) string {
	if r.disk == "" {
		return "a disk"
	}
	return ""
}

func needsVersion2(r *rig) string {
	if r.tree.Version != 2 {
		return "cgroups of version 2"
	}
	return ""
}

func needsGo(r *rig) string {
	if r.goProgram == "" {
		return "Go, and the source"
	}
	return ""
}

const aGuest = "a machine of its own: make pressure-guest"

// lacks says what a scenario needs that is not here.
func (s *scenario) lacks(r *rig) string {
	switch {
	case s.place == whole && !r.guest:
		return aGuest
	case s.place == limited && s.limit > r.ram:
		return "more memory"
	case s.needs != nil:
		return s.needs(r)
	}
	return ""
}
