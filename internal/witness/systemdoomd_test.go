// SPDX-License-Identifier: Apache-2.0

package witness

import (
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/parser/report"
)

// killedForPressure is a kill of 248 to 259.
const killedForPressure = "Killed /system.slice/ingest.service due to memory pressure for /system.slice being 74.18% > 60.00% for > 30s with reclaim activity"

func cgroupFact(kind Kind, outcome, reason, cgroup string) Fact {
	f := Fact{Kind: kind, Outcome: outcome, Reason: reason, Signal: "SIGKILL", VictimKind: VictimCgroup, Keys: Keys{Cgroup: cgroup}}
	if kind == Decision && outcome == OutcomeDecided {
		f.Hold = oomdMarkedHold
	}
	return f
}

func (f Fact) pressed(cgroup string, current, limit float64, d time.Duration) Fact {
	f.Pressure = Pressure{Cgroup: cgroup, Current: current, Limit: limit, Duration: d, OK: true}
	return f
}

func (f Fact) swapped(memoryUsed, memoryTotal, swapUsed, swapTotal int64) Fact {
	if memoryTotal > 0 {
		f.MemoryUsed, f.MemoryTotal = report.Some(memoryUsed), report.Some(memoryTotal)
	}
	f.SwapUsed, f.SwapTotal = report.Some(swapUsed), report.Some(swapTotal)
	return f
}

func (f Fact) watched(cgroup string) Fact {
	f.Pressure.Cgroup = cgroup
	return f
}

func (f Fact) failed() Fact {
	f.Signal = ""
	return f
}

var systemdOomdSamples = []sample{
	{
		"247, pressure", "Memory pressure for /system.slice is greater than 60 for more than 20 seconds and there was reclaim activity",
		[]Fact{cgroupFact(Decision, OutcomeDecided, "memory_pressure", "").watched("/system.slice")},
	},
	{
		"247, swap", "Swap used (7730941132) / total (8589934592) is more than 90%",
		[]Fact{cgroupFact(Decision, OutcomeDecided, "memory_and_swap", "").swapped(0, 0, 7730941132, 8589934592).watched("")},
	},
	{
		"247, in vain", "Memory pressure for /system.slice is greater than 60 for more than 20 seconds and there was reclaim activity\n" +
			"Failed to kill any cgroup(s) under /system.slice based on pressure",
		[]Fact{
			cgroupFact(Decision, OutcomeDecided, "memory_pressure", "").watched("/system.slice"),
			cgroupFact(Outcome, OutcomeFailed, "memory_pressure", "").watched("/system.slice").failed(),
		},
	},
	{
		"a failure of which nothing was said before", "Marked /a.service for killing due to memory used (10) / total (20) and swap used (9) / total (10) being more than 80.00%\n" +
			"Failed to select any cgroups based on swap",
		[]Fact{
			cgroupFact(Decision, OutcomeDecided, "memory_and_swap", "/a.service").swapped(10, 20, 9, 10),
			cgroupFact(Decision, OutcomeFailed, "memory_and_swap", "").failed(),
		},
	},
	{
		"248 to 259, pressure", killedForPressure,
		[]Fact{cgroupFact(Kill, OutcomeDone, "memory_pressure", "/system.slice/ingest.service").pressed("/system.slice", 0.7418, 0.6, 30*time.Second)},
	},
	{
		"248 to 259, a path with an escape, minutes",
		`Killed /user.slice/user-1000.slice/user@1000.service/app.slice/app-a\x2db.scope due to memory pressure for /user.slice/user-1000.slice/user@1000.service being 100.00% > 50.00% for > 1min 30s with reclaim activity`,
		[]Fact{cgroupFact(Kill, OutcomeDone, "memory_pressure", `/user.slice/user-1000.slice/user@1000.service/app.slice/app-a\x2db.scope`).
			pressed("/user.slice/user-1000.slice/user@1000.service", 1, 0.5, 90*time.Second)},
	},
	{
		"248, swap", "Killed /a.slice/b.service due to swap used (7730941132) / total (8589934592) being more than 90.00%",
		[]Fact{cgroupFact(Kill, OutcomeDone, "memory_and_swap", "/a.slice/b.service").swapped(0, 0, 7730941132, 8589934592)},
	},
	{
		"249 to 259, swap", "Killed /user.slice/user-1000.slice/user@1000.service/app.slice/app-ide-4411.scope due to memory used (31402188800) / total (33554432000) and swap used (7730941132) / total (8589934592) being more than 90.00%",
		[]Fact{cgroupFact(Kill, OutcomeDone, "memory_and_swap", "/user.slice/user-1000.slice/user@1000.service/app.slice/app-ide-4411.scope").swapped(31402188800, 33554432000, 7730941132, 8589934592)},
	},
	{
		"a cgroup that is named like the sentence", "Killed /u/x due to memory pressure for /y due to memory pressure for /system.slice being 74.00% > 60.00% for > 30s with reclaim activity",
		[]Fact{cgroupFact(Kill, OutcomeDone, "memory_pressure", "").pressed("/system.slice", 0.74, 0.6, 30*time.Second)},
	},
	{
		"260 and later, pressure", "Marked /system.slice/docker-5f0c2a.scope for killing due to memory pressure for /system.slice being 87.50% > 50.00% for > 20s with reclaim activity",
		[]Fact{cgroupFact(Decision, OutcomeDecided, "memory_pressure", "/system.slice/docker-5f0c2a.scope").pressed("/system.slice", 0.875, 0.5, 20*time.Second)},
	},
	{
		"260 and later, swap", "Marked /a.slice/b.service for killing due to memory used (10) / total (20) and swap used (9) / total (10) being more than 80.00%",
		[]Fact{cgroupFact(Decision, OutcomeDecided, "memory_and_swap", "/a.slice/b.service").swapped(10, 20, 9, 10)},
	},
	{
		"260 and later, in vain", "Failed to select any cgroups under /system.slice based on pressure, ignoring: No such file or directory",
		[]Fact{cgroupFact(Decision, OutcomeFailed, "memory_pressure", "").watched("/system.slice").failed()},
	},
	{
		"248 to 251, in vain", "Failed to kill any cgroup(s) based on swap: Connection timed out",
		[]Fact{cgroupFact(Decision, OutcomeFailed, "memory_and_swap", "").failed()},
	},
	{
		"252 to 259, in vain", "Failed to kill any cgroups under /a based on pressure for x based on pressure: Connection timed out",
		[]Fact{cgroupFact(Decision, OutcomeFailed, "memory_pressure", "").watched("/a based on pressure for x").failed()},
	},
	{
		"261, a rule", "Rule 'big' conditions met for cgroup /app.slice for 10s, taking action kill-by-pgscan",
		[]Fact{cgroupFact(Decision, OutcomeDecided, "rule", "").watched("/app.slice")},
	},
	{
		"261, a rule that kills the cgroup itself", "Rule 'big' conditions met for cgroup /app.slice/x.service (lasting 10s), taking action kill-all",
		[]Fact{func() Fact {
			f := cgroupFact(Decision, OutcomeDecided, "rule", "/app.slice/x.service")
			f.Pressure.Cgroup = "/app.slice/x.service"
			return f
		}()},
	},
	{
		"a dry run", "oomd dry-run: Would have tried to kill /system.slice/ingest.service with recurse=true",
		[]Fact{{Kind: Decision, Outcome: OutcomeDryRun, VictimKind: VictimCgroup, Keys: Keys{Cgroup: "/system.slice/ingest.service"}}},
	},
	{
		"a dry run of 248 to 250, which say that they killed", "oomd dry-run: Would have tried to kill /system.slice/ingest.service with recurse=true\n" + killedForPressure,
		[]Fact{{Kind: Decision, Outcome: OutcomeDryRun, VictimKind: VictimCgroup, Keys: Keys{Cgroup: "/system.slice/ingest.service"}}},
	},
	{
		"a dry run of 260 and later", "oomd dry-run: Would have tried to kill /a.scope and all its descendants",
		[]Fact{{Kind: Decision, Outcome: OutcomeDryRun, VictimKind: VictimCgroup, Keys: Keys{Cgroup: "/a.scope"}}},
	},
	{
		"candidates, and then a kill", "Considered 9 cgroups for killing, top candidates were:\n\tPath: /system.slice/ingest.service\n" +
			"\t\tMemory Pressure Limit: 0.00%\n\t\tPressure: Avg10: 74.18, Avg60: 20.11, Avg300: 5.00, Total: 17s\n\t\tCurrent Memory Usage: 55.5M\n" +
			"\t\tPgscan: 100\n\t\tLast Pgscan: 50\n" + killedForPressure,
		[]Fact{cgroupFact(Kill, OutcomeDone, "memory_pressure", "/system.slice/ingest.service").pressed("/system.slice", 0.7418, 0.6, 30*time.Second)},
	},
}

func TestSystemdOomd(t *testing.T) {
	checkDaemon(t, "systemd-oomd", &systemdOomdAuthor, systemdOomdSamples)
}

func TestSystemdOomdSaysNothing(t *testing.T) {
	checkNothing(
		t, systemdOomdAuthor.author(),
		"Started systemd-oomd.service - Userspace Out-Of-Memory (OOM) Killer.",
		"Considered 9 cgroups for killing, top candidates were:",
		"Memory pressure for /system.slice is 12.00% and there was reclaim activity", // debug of later versions
		"Memory Pressure Limit: 60.00%",
		"Failed to kill any cgroup",
		"Failed to kill any process under /a based on pressure",
		"Invoking oomd prekill hook x for cgroup /a.service",
		"No oomd prekill timeout configured, skipping prekill hooks.",
		"oomd attempting to kill 12 with KILL",
		"oomd dry-run: Would have tried to kill something with recurse=true",
		"Killed process 12 (java) due to memory pressure for /a being 1.00% > 1.00% for > 1s with reclaim activity",
		"Killed /a due to memory pressure for /b being high",
		"Killed /a due to memory used (1) / total (x) and swap used (1) / total (2) being more than 90.00%",
		"Killed /a due to a fault",
		"Marked /a for killing due to age",
		"a user says: Killed /a due to memory pressure for /b being 1.00% > 1.00% for > 1s with reclaim activity",
		"Rule 'x' conditions met for cgroup /a for 10s, taking action log",
	)
}
