// SPDX-License-Identifier: Apache-2.0

package watch

import (
	"bytes"
	"path/filepath"
	"strconv"
	"time"
)

// Settings are those of /proc/sys/vm that decide how memory runs out.
type Settings struct {
	// OvercommitMemory is 0 (by a heuristic), 1 (always) or 2 (never beyond CommitLimit).
	OvercommitMemory Int
	// OvercommitRatio is the percent of RAM that CommitLimit counts beside swap;
	// OvercommitKBytes replaces it where it is not 0, in bytes here (3.14).
	OvercommitRatio, OvercommitKBytes Int
	// PanicOnOOM is 0, 1 (the machine panics instead of a kill, but for cpusets and cgroups) or 2
	// (always).
	PanicOnOOM Int
	// KillAllocatingTask is not 0 where the kernel kills what asked for memory, and not the
	// largest.
	KillAllocatingTask Int
	// Swappiness is 0 to 200 (5.8; to 100 before).
	Swappiness Int
}

// Settings reads /proc/sys/vm.
func (s System) Settings() Settings {
	vm := func(name string) Int { return readNumber(filepath.Join(s.Proc, "sys/vm", name)) }
	return Settings{
		OvercommitMemory: vm("overcommit_memory"), OvercommitRatio: vm("overcommit_ratio"), OvercommitKBytes: kib(vm("overcommit_kbytes")),
		PanicOnOOM: vm("panic_on_oom"), KillAllocatingTask: vm("oom_kill_allocating_task"), Swappiness: vm("swappiness"),
	}
}

// Boot is when the machine was started, by its own clock (btime of /proc/stat).
func (s System) Boot() (boot time.Time, ok bool) {
	b, err := readUpTo(filepath.Join(s.Proc, "stat"), maxStat)
	if err != nil {
		return time.Time{}, false
	}
	return parseBoot(b)
}

// parseBoot reads the line "btime 1700000000" among others.
func parseBoot(b []byte) (boot time.Time, ok bool) {
	for name, value := range pairs(b, ' ') {
		if name == "btime" {
			seconds := parseInt(value)
			return time.Unix(seconds.V, 0), seconds.OK
		}
	}
	return time.Time{}, false
}

// Uptime is how long the machine has run, with the time that it slept (/proc/uptime).
func (s System) Uptime() (uptime time.Duration, ok bool) {
	b, err := read(filepath.Join(s.Proc, "uptime"))
	if err != nil {
		return 0, false
	}
	return parseUptime(b)
}

// parseUptime reads "12345.67 23456.78".
func parseUptime(b []byte) (uptime time.Duration, ok bool) {
	first, _, _ := bytes.Cut(b, []byte{' '})
	seconds, err := strconv.ParseFloat(string(first), 64)
	const most = 1 << 33 // 272 years
	if err != nil || !(seconds >= 0 && seconds < most) {
		return 0, false
	}
	return time.Duration(seconds * float64(time.Second)), true
}
