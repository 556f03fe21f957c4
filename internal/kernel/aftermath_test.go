// SPDX-License-Identifier: Apache-2.0

package kernel

import "testing"

func TestParseSkip(t *testing.T) {
	for _, comm := range hostileComms {
		for _, m := range messages {
			line := m.words + "OOM victim 12 (" + comm + ") is already exiting. Skip killing the task"
			if got, ok := ParseSkip(line); !ok || got != (Process{PID: 12, Comm: comm}) {
				t.Errorf("%q: got %+v %v", line, got, ok)
			}
			if kind := Classify(line); kind != SkipLine {
				t.Errorf("%q is %v", line, kind)
			}
		}
	}
	for _, line := range []string{"", "OOM victim 12 (x) is already exiting. Skip killing the task", "Out of memory: OOM victim 12 (x) is already exiting.",
		"Out of memory: OOM victim x (x) is already exiting. Skip killing the task"} {
		if v, ok := ParseSkip(line); ok {
			t.Errorf("%q: got %+v", line, v)
		}
	}
}

func TestParseSharing(t *testing.T) {
	for _, comm := range hostileComms {
		for _, line := range []string{
			"Kill process 9 (" + comm + ") sharing same memory",
			"oom killer 7 (victim) has mm pinned by 9 (" + comm + ")",
			"oom killer 7 (" + comm + ") has mm pinned by 9 (" + comm + ")",
		} {
			if got, ok := ParseSharing(line); !ok || got != (Process{PID: 9, Comm: comm}) {
				t.Errorf("%q: got %+v %v", line, got, ok)
			}
			if kind := Classify(line); kind != SharingLine {
				t.Errorf("%q is %v", line, kind)
			}
		}
	}
	for _, line := range []string{"", "Kill process 9 (x)", "oom killer 7 (x) has mm pinned by 9", "oom killer 7 has mm pinned by 9 (x)"} {
		if v, ok := ParseSharing(line); ok {
			t.Errorf("%q: got %+v", line, v)
		}
	}
}

func TestParseReaper(t *testing.T) {
	for _, comm := range hostileComms {
		for line, want := range map[string]Reaper{
			"oom_reaper: reaped process 19289 (" + comm + "), now anon-rss:1kB, file-rss:2kB, shmem-rss:4kB": {
				Process: Process{PID: 19289, Comm: comm}, AnonRSSKB: Some(1), FileRSSKB: Some(2), ShmemRSSKB: Some(4)},
			"oom_reaper: reaped process 19289 (" + comm + "), now anon-rss:1kB, file-rss:2": {Process: Process{PID: 19289, Comm: comm}, AnonRSSKB: Some(1)},
			"oom_reaper: unable to reap pid:7 (" + comm + ")":                               {Process: Process{PID: 7, Comm: comm}, Failed: true},
			"oom_reaper: giving up pid:7 (" + comm + ")":                                    {Process: Process{PID: 7, Comm: comm}, Failed: true},
		} {
			if got, ok := ParseReaper(line); !ok || got != want {
				t.Errorf("%q: got %+v %v", line, got, ok)
			}
			if kind := Classify(line); kind != ReaperLine {
				t.Errorf("%q is %v", line, kind)
			}
		}
	}
	for _, line := range []string{"", "oom_reaper: ", "oom_reaper: reaped process 9", "oom_reaper: reaped process 9 (x)", "oom_reaper: unable to reap pid:7",
		"Unable to start OOM reaper 12. Continuing regardless", "x: oom_reaper: giving up pid:7 (x)"} {
		if v, ok := ParseReaper(line); ok {
			t.Errorf("%q: got %+v", line, v)
		}
	}
}

func TestParsePanic(t *testing.T) {
	for _, reason := range []string{
		"Out of memory and no killable processes...", "System is deadlocked on memory", "Out of memory: compulsory panic_on_oom is enabled",
		"Out of memory: system-wide panic_on_oom is enabled", "out of memory. panic_on_oom is selected", "out of memory. Compulsory panic_on_oom is selected.",
		"out of memory from page fault. panic_on_oom is selected.", "out of memory(memcg). panic_on_oom is selected.",
	} {
		line := "Kernel panic - not syncing: " + reason
		if got, ok := ParsePanic(line); !ok || got != reason {
			t.Errorf("%q: got %q %v", line, got, ok)
		}
		for _, end := range []string{"---[ end " + line, "---[ end " + line + " ]---"} { // 3.16, 4.18
			if _, ok := ParsePanic(end); ok || !IsPanicEnd(end) {
				t.Errorf("%q is a panic, not its end", end)
			}
		}
		for _, line := range []string{line, line + "\r", "---[ end " + line + " ]---"} {
			if kind := Classify(line); kind != PanicLine {
				t.Errorf("%q is %v", line, kind)
			}
		}
	}
	for _, line := range []string{"", "Kernel panic - not syncing: Fatal exception", "Kernel panic - not syncing: ", "Out of memory: compulsory panic_on_oom is enabled",
		"---[ end Kernel panic - not syncing: Fatal exception ]---"} {
		if v, ok := ParsePanic(line); ok {
			t.Errorf("%q: got %q", line, v)
		}
		if kind := Classify(line); kind != Other {
			t.Errorf("%q is %v", line, kind)
		}
	}
	if !IsNoVictim("Out of memory and no killable processes...") || IsNoVictim("Out of memory and no killable processes") {
		t.Error("no victim")
	}
}

func TestParseSysrq(t *testing.T) {
	for line, want := range map[string]Sysrq{
		"SysRq : Manual OOM execution":                          SysrqManual, // to 3.19
		"sysrq: SysRq : Manual OOM execution":                   SysrqManual, // 4.1 to 5.0
		"sysrq: Manual OOM execution":                           SysrqManual, // 5.2+
		"sysrq: OOM request ignored because killer is disabled": SysrqDisabled,
		"sysrq: OOM request ignored. No task eligible":          SysrqNoTask,
	} {
		if got, ok := ParseSysrq(line); !ok || got != want {
			t.Errorf("%q: got %v %v", line, got, ok)
		}
		if kind := Classify(line); kind != SysrqLine {
			t.Errorf("%q is %v", line, kind)
		}
	}
	for _, line := range []string{"", "Manual OOM execution", "sysrq: Show Memory", "sysrq: Trigger a crash", "sysrq: HELP : loglevel(0-9)"} {
		if got, ok := ParseSysrq(line); ok {
			t.Errorf("%q: got %v", line, got)
		}
	}
}

func TestParseSuppressed(t *testing.T) {
	for _, c := range []struct {
		line string
		want Suppressed
		oom  bool
		kind Kind
	}{
		{"oom_kill_process: 17 callbacks suppressed", Suppressed{"oom_kill_process", 17}, true, SuppressedLine},
		{"__ratelimit: 3 callbacks suppressed", Suppressed{"__ratelimit", 3}, false, SuppressedLine},
		{"printk: 5 messages suppressed.", Suppressed{"printk", 5}, false, SuppressedLine},
		{"warn_alloc: 1 callbacks suppressed", Suppressed{"warn_alloc", 1}, false, SuppressedLine},
		{"net_ratelimit: 34 callbacks suppressed", Suppressed{"net_ratelimit", 34}, false, Other},
	} {
		got, ok := ParseSuppressed(c.line)
		if !ok || got != c.want || got.OfOOM() != c.oom {
			t.Errorf("%q: got %+v %v", c.line, got, ok)
		}
		if kind := Classify(c.line); kind != c.kind {
			t.Errorf("%q is %v", c.line, kind)
		}
	}
	for _, line := range []string{"", ": 1 callbacks suppressed", "x: callbacks suppressed", "net: 5 messages suppressed.", "oom kill: 1 callbacks suppressed",
		"systemd-journald: 5 output lines suppressed due to ratelimiting"} {
		if got, ok := ParseSuppressed(line); ok {
			t.Errorf("%q: got %+v", line, got)
		}
	}
}

func TestParseAllocFailure(t *testing.T) {
	for _, c := range []struct {
		line string
		want AllocFailure
	}{
		{"swapper: page allocation failure. order:1, mode:0x20", AllocFailure{"swapper", Some(1)}},                  // to 2.6.39
		{"kworker/0:1: page allocation failure: order:2, mode:0x104020", AllocFailure{"kworker/0:1", Some(2)}},      // 3.2
		{"x: y: page allocation failure: order:0, mode:0x2204010(GFP_NOWAIT)", AllocFailure{"x: y", Some(0)}},       // 4.6
		{"hog: page allocation failure: order:0", AllocFailure{"hog", Int{}}},                                       // 4.9's first piece
		{"hog: page allocation stalls for 10008ms, order:0, mode:0x14280ca(…)", AllocFailure{"hog", Some(0)}},       // 4.10
		{"insmod: vmalloc error: size 4096, page order 9, failed to allocate pages", AllocFailure{"insmod", Int{}}}, // 5.14
		{"hog-nodump: page allocation failure: order:0, mode:0x140dca(GFP_HIGHUSER_MOVABLE|__GFP_COMP|__GFP_ZERO), nodemask=(null),cpuset=/,mems_allowed=0", AllocFailure{"hog-nodump", Some(0)}},
		{"SLUB: Unable to allocate memory on node -1, gfp=0x20(GFP_ATOMIC)", AllocFailure{}},
		{"sysrq: Show Memory", AllocFailure{}},
		{"SysRq : Show Memory", AllocFailure{}},
	} {
		if got, ok := ParseAllocFailure(c.line); !ok || got != c.want {
			t.Errorf("%q: got %+v %v", c.line, got, ok)
		}
		if kind := Classify(c.line); kind != AllocFailureLine {
			t.Errorf("%q is %v", c.line, kind)
		}
	}
	for _, line := range []string{"", "page allocation failure: order:0", "a sentence about the kernel: page allocation failure: order:0", "sysrq: Show Blocked State", "a: b: c: d"} {
		if got, ok := ParseAllocFailure(line); ok {
			t.Errorf("%q: got %+v", line, got)
		}
	}
}
