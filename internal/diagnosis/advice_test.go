// SPDX-License-Identifier: Apache-2.0

package diagnosis_test

import (
	"strings"
	"testing"

	"github.com/oomtrail/oomtrail/internal/diagnosis"
)

// hogStats and hogRows make one process the one that fills a cgroup.
const hogStats = "anon 24576000;file 0;shmem 0;kernel 40960"

var hogRows = []string{"[    200]     0   200    10000     5900    53248        0             0 app"}

// TestAdviceSpeaksTheReadersTool checks that each reader is told of the tool that set the limit.
func TestAdviceSpeaksTheReadersTool(t *testing.T) {
	const id = "4f2a9be0c7d1835e6f90a1b2c3d4e5f60718293a4b5c6d7e8f9001122334455a"
	const uid = "0c1d2e3f-4a5b-6c7d-8e9f-0a1b2c3d4e5f"
	for _, c := range []struct{ path, advice string }{
		{"/kubepods/burstable/pod" + uid + "/" + id, "the container's resources.limits.memory"},
		{"/kubepods/burstable/pod" + uid, "resources.limits.memory of the pod's containers"},
		{"/kubepods/burstable", "what the node may give to pods"},
		{"/kubepods.slice", "what the node may give to pods"},
		{"/docker/" + id, "--memory (docker update"},
		{"/system.slice/docker-" + id + ".scope", "--memory (docker update"},
		{"/machine.slice/libpod-" + id + ".scope", "podman update"},
		{"/lxc.payload.web01", "limits.memory in Incus"},
		{"/machine.slice/machine-qemu\\x2d1\\x2dvm.scope", "the machine's memory"},
		{"/system.slice/nginx.service", "MemoryMax= of nginx.service"},
		{"/system.slice", "MemoryMax= of system.slice"},
		{"/user.slice/user-1000.slice", "MemoryMax= of user-1000.slice"},
		{"/user.slice/user-1000.slice/session-3.scope", "MemoryMax= of user-1000.slice"},
		{"/user.slice/user-1000.slice/user@1000.service/app.slice/app-x-firefox-1.scope", "start it with a larger MemoryMax= (systemd-run --user"},
		{"/system.slice/slurmstepd.scope/job_42/step_0", "sbatch --mem"},
		{"/nomad.slice/" + uid + ".web.scope", "memory_max"},
		{"/ecs/0123456789abcdef0123456789abcdef/" + id, "task definition"},
		{"/batch", "memory.max"},
	} {
		d := one(t, cgroupReport(c.path, hogStats, hogRows...))
		if d.Cause != diagnosis.ProcessHog || !strings.Contains(d.Advice, c.advice) {
			t.Errorf("%s: %s, %q lacks %q", c.path, d.Cause, d.Advice, c.advice)
		}
		if !strings.Contains(d.Advice, "(test it)") || !strings.Contains(d.Advice, "memory.events") {
			t.Errorf("%s: %q does not call a guess one, or does not say how to verify", c.path, d.Advice)
		}
	}
}

// TestNoLimitIsRaisedForALeak checks that no larger limit is advised where it would fill up
// likewise.
func TestNoLimitIsRaisedForALeak(t *testing.T) {
	path := "/system.slice/nginx.service"
	once := cgroupReport(path, hogStats, hogRows...)
	leak := once + "\n" + strings.ReplaceAll(once, "200", "201") + "\n" + strings.ReplaceAll(once, "200", "202")
	for _, c := range []struct{ name, log string }{
		{"tmpfs", cgroupReport(path, "anon 4096000;file 20971520;shmem 20971520;kernel 40960", appRow)},
		{"kernel memory", cgroupReport(path, "anon 4096000;file 0;shmem 0;kernel 20971520", appRow)},
		{"third kill of a hog", leak},
	} {
		all := read(t, c.log)
		d := all[len(all)-1]
		for _, word := range []string{"raise", "Raise", "MemoryMax"} {
			if strings.Contains(d.Advice, word) {
				t.Errorf("%s: advice %q holds %q", c.name, d.Advice, word)
			}
		}
	}
	all := read(t, leak)
	if f := all[2].Find(diagnosis.RepeatedKills); f == nil {
		t.Error("third kill is not told as repeated")
	} else if n, _ := f.Value("kills"); n != 3 {
		t.Errorf("kills %d, want 3", n)
	}
	if all[0].Find(diagnosis.RepeatedKills) != nil {
		t.Error("first kill is told as repeated")
	}
}

// TestFindingsBesideTheCause checks what is found about the victim, swap and the log.
func TestFindingsBesideTheCause(t *testing.T) {
	host := func(invocation, extra string, rows ...string) string {
		return hostReport(invocation, fullCounters, zones+"\n"+extra, rows...)
	}
	guard := "[     90]     0    90   200000   150000    53248        0         -1000 guarded"
	for _, c := range []struct {
		name, log string
		want      diagnosis.Cause
		label     string
	}{
		{"no swap", host(plainAllocation, swapless, appRow), diagnosis.NoSwap, ""},
		{"swap full", host(plainAllocation, "Free swap  = 8kB\nTotal swap = 1048576kB", appRow), diagnosis.SwapFull, ""},
		{"guarded processes", host(plainAllocation, swapless, guard, appRow), diagnosis.ProtectedTasks, ""},
		{"victim of another's adjustment", host(plainAllocation, swapless, guard, appRow), diagnosis.VictimByAdjustment, ""},
		{"freed little", host(plainAllocation, swapless, guard, appRow), diagnosis.FreedLittle, ""},
		{"no file system", host("gfp_mask=0xc40(GFP_NOFS), order=0, oom_score_adj=0", swapless, appRow), diagnosis.RestrictedAllocation, "GFP_NOFS"},
		{"asker elsewhere", strings.NewReplacer("PID: 200 Comm: app", "PID: 300 Comm: kworker", "cpuset=/", "cpuset=other.service").
			Replace(cgroupReport("/system.slice/app.service", hogStats, hogRows...)), diagnosis.TriggerElsewhere, "other.service"},
		{"swap of the cgroup is used up", strings.Replace(cgroupReport("/a", hogStats, hogRows...), "swap: usage 0kB, limit 9007199254740988kB", "swap: usage 8192kB, limit 8192kB", 1),
			diagnosis.CgroupSwapLimit, ""},
		{"whole group", cgroupReport("/a", hogStats, append(hogRows, "[    201]     0   201      100        1    53248        0             0 app2")...) + "\nTasks in /a are going to be killed due to memory.oom.group set\n" +
			"Memory cgroup out of memory: Killed process 201 (app2) total-vm:400kB, anon-rss:4kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:52kB oom_score_adj:0",
			diagnosis.GroupKill, ""},
		{"suppressed reports", "oom_kill_process: 17 callbacks suppressed\n" + cgroupReport("/a", hogStats, hogRows...), diagnosis.RateLimited, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			all := read(t, c.log)
			d := all[len(all)-1]
			f := d.Find(c.want)
			if f == nil {
				t.Fatalf("no finding %s in %v", c.want, d.Findings)
			}
			if f.Label != c.label {
				t.Errorf("label %q, want %q", f.Label, c.label)
			}
		})
	}
}

// TestFindingsAreNotMadeUp checks that an ordinary report has none of the findings that would
// mislead.
func TestFindingsAreNotMadeUp(t *testing.T) {
	d := one(t, cgroupReport("/a", hogStats, append(hogRows, "[     90]     0    90     2000      300    53248        0          -998 pause")...))
	for _, f := range d.Findings[1:] {
		t.Errorf("finding %s", f.Cause)
	}
}

// TestCausesHaveWords checks the row of each cause: without its name or its words a record would
// say nothing.
func TestCausesHaveWords(t *testing.T) {
	seen := map[string]bool{}
	for c := range diagnosis.Causes() {
		name := c.String()
		if name == "" || c.Meaning() == "" || seen[name] || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz_") != "" {
			t.Errorf("cause %d: name %q, meaning %q", c, name, c.Meaning())
		}
		seen[name] = true
		if f := (&diagnosis.Finding{Cause: c}); f.Phrase(func(name string) string { return name }) == "" {
			t.Errorf("%s has no words as a finding", name)
		}
		if c.IsPrimary() != diagnosis.HasAdvice(c) {
			t.Errorf("%s has a sentence or advice, and not the other", name)
		}
	}
	if name := diagnosis.Cause(255).String(); name != "Cause(255)" {
		t.Errorf("a value that is no cause is named %q", name)
	}
}
