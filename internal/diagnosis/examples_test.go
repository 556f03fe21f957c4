// SPDX-License-Identifier: Apache-2.0

package diagnosis_test

import (
	"strings"
	"testing"

	"github.com/oomtrail/oomtrail/internal/diagnosis"
)

// hostKill is the kill line of hostReport's kill without its report.
const hostKill = "Out of memory: Killed process 200 (app) total-vm:40000kB, anon-rss:4000kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:52kB oom_score_adj:0"

// examples has a log for each cause and finding.
var examples = map[diagnosis.Cause]string{
	diagnosis.Unknown:    "Killed process 200 (app) total-vm:40000kB, anon-rss:4000kB, file-rss:0kB",
	diagnosis.Sysrq:      hostReport("gfp_mask=0xcc0(GFP_KERNEL), order=-1, oom_score_adj=0", fullCounters, zones, appRow),
	diagnosis.PanicOnOOM: hostHead() + "\nKernel panic - not syncing: Out of memory: system-wide panic_on_oom is enabled",
	diagnosis.NoKillableProcess: hostHead() + "\nOut of memory and no killable processes...\n" +
		"Kernel panic - not syncing: System is deadlocked on memory",
	diagnosis.Cpuset:       strings.Replace(nodeReport, "CONSTRAINT", "CONSTRAINT_CPUSET", 1),
	diagnosis.MemoryPolicy: strings.Replace(nodeReport, "CONSTRAINT", "CONSTRAINT_MEMORY_POLICY", 1),
	diagnosis.Fragmentation: hostReport("gfp_mask=0xdc0(GFP_KERNEL|__GFP_ZERO), order=3, oom_score_adj=0", smallCounters,
		zones+"\n"+swapless, appRow),
	diagnosis.LowZone: hostReport("gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0", smallCounters,
		"Normal free:3600kB min:3750kB low:4680kB high:5620kB managed:800000kB\n"+
			"HighMem free:900000kB min:512kB low:2000kB high:3000kB managed:2000000kB\nNormal: 900*4kB (UME) = 3600kB", appRow),
	diagnosis.HugetlbReservation: hostReport(plainAllocation, fullCounters,
		zones+"\nNode 0 hugepages_total=400 hugepages_free=300 hugepages_surp=0 hugepages_size=2048kB\n"+swapless, appRow),
	diagnosis.SharedMemory:  cgroupReport("/a", "anon 4096000;file 20971520;shmem 20971520;kernel 40960", appRow),
	diagnosis.KernelMemory:  cgroupReport("/a", "anon 4096000;file 0;shmem 0;kernel 20971520;slab 20971520", appRow),
	diagnosis.PageCache:     cgroupReport("/a", "anon 4096000;file 19922944;shmem 0;kernel 409600;file_dirty 18874368", appRow),
	diagnosis.ProcessHog:    cgroupReport("/a", hogStats, hogRows...),
	diagnosis.ManyProcesses: cgroupReport("/a", "anon 24576000;file 0;shmem 0;kernel 40960", smallRows(20, "worker")...),
	diagnosis.LimitBelowWorkingSet: cgroupReport("/a", "anon 24576000;file 0;shmem 0;kernel 40960",
		smallRows(5, "")...),
	diagnosis.LimitBelowStart: strings.NewReplacer("task=app", "task=runc:[2:INIT]", "(app)", "(runc:[2:INIT])").
		Replace(cgroupReport("/a", "anon 4096000;file 0;shmem 0;kernel 40960", "[    200]     0   200    10000     1000    53248        0             0 runc:[2:INIT]")),
	diagnosis.CgroupLimit:   strings.Replace(hostKill, "Out of memory", "Memory cgroup out of memory", 1),
	diagnosis.HostExhausted: hostKill,

	diagnosis.NoSwap:   hostReport(plainAllocation, fullCounters, zones+"\n"+swapless, appRow),
	diagnosis.SwapFull: hostReport(plainAllocation, fullCounters, zones+"\nFree swap  = 8kB\nTotal swap = 1048576kB", appRow),
	diagnosis.CgroupSwapLimit: strings.Replace(cgroupReport("/a", hogStats, hogRows...),
		"swap: usage 0kB, limit 9007199254740988kB", "swap: usage 8192kB, limit 8192kB", 1),
	diagnosis.GroupKill: cgroupReport("/a", hogStats, append(hogRows[:1:1], "[    201]     0   201      100        1    53248        0             0 app2")...) +
		"\nTasks in /a are going to be killed due to memory.oom.group set\n" +
		"Memory cgroup out of memory: Killed process 201 (app2) total-vm:400kB, anon-rss:4kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:52kB oom_score_adj:0",
	diagnosis.VictimByAdjustment:   hostReport(plainAllocation, fullCounters, zones, exemptRow, appRow),
	diagnosis.LargestVictim:        hostKill,
	diagnosis.AllocatingTaskKilled: strings.Replace(hostKill, "Out of memory", "Out of memory (oom_kill_allocating_task)", 1),
	diagnosis.ProtectedTasks:       hostReport(plainAllocation, fullCounters, zones, exemptRow, appRow),
	diagnosis.TriggerElsewhere: strings.NewReplacer("PID: 200 Comm: app", "PID: 300 Comm: kworker", "cpuset=/", "cpuset=other.service").
		Replace(cgroupReport("/system.slice/app.service", hogStats, hogRows...)),
	diagnosis.FreedLittle: hostReport(plainAllocation, fullCounters, zones, exemptRow, appRow),
	diagnosis.SharedAddressSpace: strings.Replace(hostReport(plainAllocation, fullCounters, zones, appRow), "\nOut of memory",
		"\noom killer 200 (app) has mm pinned by 201 (other)\nOut of memory", 1),
	diagnosis.RestrictedAllocation: hostReport("gfp_mask=0xc40(GFP_NOFS), order=0, oom_score_adj=0", fullCounters, zones, appRow),
	diagnosis.RepeatedKills: cgroupReport("/a", hogStats, hogRows...) + "\n" +
		strings.ReplaceAll(cgroupReport("/a", hogStats, hogRows...), "200", "201"),
	diagnosis.RateLimited: "oom_kill_process: 17 callbacks suppressed\n" + cgroupReport("/a", hogStats, hogRows...),
}

const exemptRow = "[     90]     0    90   200000   150000    53248        0         -1000 guarded"

// hostHead is hostReport without its end.
func hostHead() string {
	text, _, _ := strings.Cut(hostReport(plainAllocation, fullCounters, zones, appRow), "\noom-kill:")
	return text
}

// nodeReport is a report of an allocation that was held to node 0. CONSTRAINT stands for what held
// it.
var nodeReport = strings.NewReplacer("CONSTRAINT_NONE,nodemask=(null)", "CONSTRAINT,nodemask=0", ",global_oom", "").
	Replace(hostReport(plainAllocation, fullCounters, zones, appRow))

// TestEveryCauseIsFound checks that each cause and each finding has a log that shows it.
func TestEveryCauseIsFound(t *testing.T) {
	for c := range diagnosis.Causes() {
		log, ok := examples[c]
		if !ok {
			t.Errorf("%s has no example", c)
			continue
		}
		all := read(t, log)
		if len(all) == 0 {
			t.Errorf("%s: its example has no event", c)
			continue
		}
		d := all[len(all)-1]
		if d.Find(c) == nil || c.IsPrimary() && d.Cause != c {
			t.Errorf("%s is not found in its example: cause %s, findings %v", c, d.Cause, d.Findings)
		}
	}
}
