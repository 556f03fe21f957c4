// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"strconv"
	"testing"

	"github.com/oomtrail/oomtrail/parser/report"
)

// The regular expressions are a second, slow reading of the same formats: what the scanners say of
// whole lines must be what the expressions say.
var (
	reInvoked  = regexp.MustCompile(`(?s)^(?P<comm>.*) invoked oom-killer: gfp_mask=(?P<mask>0x[0-9a-f]+)(?:\((?P<gfp>[^)]*)\))?(?:, nodemask=(?P<nodemask>\(null\)|[0-9,\-]*))?,  ?order=(?P<order>-?\d+)(?:, (?:oomkilladj|oom_adj)=(?P<oom_adj>-?\d+))?(?:, oom_score_adj=(?P<score_adj>-?\d+))?$`)
	reKilled   = regexp.MustCompile(`(?s)^(?:(?P<msg>Out of [Mm]emory(?: \(oom_kill_allocating_task\))?|Memory cgroup out of memory|No available memory \(MPOL_BIND\)|No available memory in cpuset): )?Killed process (?P<pid>\d+)(?:, UID (?P<uid0>-?\d+),)? \((?P<comm>.*)\)(?:, UID (?P<uid1>-?\d+),)?(?: (?:total-vm|vsz):(?P<vm>\d+)kB, anon-rss:(?P<anon>\d+)kB, file-rss:(?P<file>\d+)kB(?:, shmem-rss:(?P<shmem>\d+)kB)?(?:, UID:(?P<uid2>\d+)(?: pgtables:(?P<pgt>\d+)kB oom_score_adj:(?P<adj>-?\d+))?)?|\.)?$`)
	reOOMKill  = regexp.MustCompile(`(?s)^oom-kill:constraint=(?P<constraint>CONSTRAINT_[A-Z_]+),nodemask=(?P<nodemask>\(null\)|[0-9,\-]*?)(?:,cpuset=(?P<cpuset>.*?),mems_allowed=(?P<mems>[0-9,\-]*?))?(?:,(?P<global>global_oom)|,oom_memcg=(?P<oom_memcg>.*?))?(?:,task_memcg=(?P<task_memcg>.*?))?,task=(?P<comm>.*),pid=(?P<pid>\d+),uid=(?P<uid>-?\d+)$`)
	reSelected = regexp.MustCompile(`(?s)^(?P<msg>.*): [Kk]ill process (?P<pid>\d+) \((?P<comm>.*)\) score (?P<score>-?\d+) (?:or sacrifice child|or a child|and children\.)$`)
	reReaped   = regexp.MustCompile(`(?s)^oom_reaper: reaped process (?P<pid>\d+) \((?P<comm>.*)\), now anon-rss:(?P<anon>\d+)kB, file-rss:(?P<file>\d+)kB, shmem-rss:(?P<shmem>\d+)kB$`)
	reCPU      = regexp.MustCompile(`(?s)^CPU: (?P<cpu>\d+) (?:UID: (?P<uid>\d+) )?PID: (?P<pid>\d+) Comm: (?P<comm>.*?) (?P<kdump>Kdump: loaded )?(?P<taint>Not tainted|Tainted: [A-Z ]+) (?P<rel>\S+) (?P<ver>#\S+)(?P<rest>.*)$`)
)

// match returns the named groups of a match; a group that took no part is "".
func match(t *testing.T, re *regexp.Regexp, s string) func(name string) string {
	t.Helper()
	m := re.FindStringSubmatch(s)
	if m == nil {
		t.Fatalf("%q is not matched by %v", s, re)
	}
	return func(name string) string { return m[re.SubexpIndex(name)] }
}

// textOf writes a number as a group of a match: "" when absent.
func textOf(n report.Int) string {
	if !n.OK {
		return ""
	}
	return strconv.FormatInt(n.V, 10)
}

// eq fails when the two readings differ.
func eq(t *testing.T, line, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%q: %s is %q, by the expression %q", line, what, got, want)
	}
}

func TestAgainstExpressions(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	pick := func(of ...string) string { return of[r.IntN(len(of))] }
	num := func() int64 { return r.Int64N(1 << uint(1+r.IntN(40))) }
	for range 3000 {
		comm := pick(hostileComms...)
		checkInvocation(t, fmt.Sprintf("%s invoked oom-killer: gfp_mask=%#x%s%sorder=%d%s", comm, num(), pick("", "()", "(GFP_KERNEL|0x8)"),
			pick(", ", ", nodemask=(null), ", ", nodemask=0-1,3,  ", ",  "), r.IntN(12)-1,
			pick(", oomkilladj=-17", ", oom_adj=3", ", oom_adj=0, oom_score_adj=12", ", oom_score_adj=-1000")))
		figures := fmt.Sprintf("total-vm:%dkB, anon-rss:%dkB, file-rss:%dkB", num(), num(), num())
		shmem := figures + fmt.Sprintf(", shmem-rss:%dkB", num())
		message := pick("Out of memory: ", "Memory cgroup out of memory: ", "Out of memory (oom_kill_allocating_task): ")
		checkKill(t, fmt.Sprintf("Killed process %d (%s) %s", num(), comm, pick(figures, shmem)))
		checkKill(t, fmt.Sprintf("Killed process %d, UID %d, (%s) %s", num(), num()-9, comm, figures))
		checkKill(t, fmt.Sprintf("Killed process %d (%s), UID %d, %s", num(), comm, num()-9, shmem))
		checkKill(t, fmt.Sprintf("%sKilled process %d (%s) %s%s", message, num(), comm, shmem,
			pick("", fmt.Sprintf(", UID:%d", num()), fmt.Sprintf(", UID:%d pgtables:%dkB oom_score_adj:%d", num(), num(), num()-99))))
		checkSelection(t, fmt.Sprintf("%s%s process %d (%s) score %d %s", message, pick("Kill", "kill"), num(), comm, num(), pick("or sacrifice child", "or a child", "and children.")))
		checkReaper(t, fmt.Sprintf("oom_reaper: reaped process %d (%s), now anon-rss:%dkB, file-rss:%dkB, shmem-rss:%dkB", num(), comm, num(), num(), num()))
		checkCPU(t, fmt.Sprintf("CPU: %d %sPID: %d Comm: %s %s%s 6.1.%d #%d%s", r.IntN(99), pick("", "UID: 7 "), num(), pick("java", "a b", "(x)", ""),
			pick("", "Kdump: loaded "), pick("Not tainted", "Tainted: G        W  OE    "), r.IntN(99), r.IntN(99), pick("", "-Ubuntu", "  Debian 6.1.1-1")))
		path := pick("/", "/a", "/a/b c", "/kubepods.slice/pod1/x:y")
		checkOOMKill(t, oomKillLine(pick("/", "x", "a b"), pick("", path), path, pick("hog", "a b", "(x)", "x=y", "")))
	}
}

func checkInvocation(t *testing.T, line string) {
	g := match(t, reInvoked, line)
	v, ok := ParseInvocation(line)
	if !ok || !v.Complete {
		t.Errorf("%q: got %+v %v", line, v, ok)
	}
	eq(t, line, "comm", v.Comm, g("comm"))
	eq(t, line, "mask", v.GFP.Text, g("mask"))
	eq(t, line, "names", v.GFP.Names, g("gfp"))
	eq(t, line, "nodemask", v.Nodemask, g("nodemask"))
	eq(t, line, "order", textOf(v.Order), g("order"))
	eq(t, line, "oom_adj", textOf(v.OOMAdj), g("oom_adj"))
	eq(t, line, "oom_score_adj", textOf(v.OOMScoreAdj), g("score_adj"))
}

func checkKill(t *testing.T, line string) {
	g := match(t, reKilled, line)
	v, ok := ParseKill(line)
	if !ok || !v.Complete {
		t.Errorf("%q: got %+v %v", line, v, ok)
	}
	if v.Message != report.MessageNone || g("msg") != "" {
		m, rest := takeMessage(g("msg") + ": ")
		if m != v.Message || rest != "" {
			t.Errorf("%q: message %v, by the expression %q", line, v.Message, g("msg"))
		}
	}
	eq(t, line, "pid", strconv.FormatInt(v.PID, 10), g("pid"))
	eq(t, line, "comm", v.Comm, g("comm"))
	eq(t, line, "uid", textOf(v.UID), g("uid0")+g("uid1")+g("uid2"))
	eq(t, line, "total-vm", textOf(v.TotalVMKB), g("vm"))
	eq(t, line, "anon-rss", textOf(v.AnonRSSKB), g("anon"))
	eq(t, line, "file-rss", textOf(v.FileRSSKB), g("file"))
	eq(t, line, "shmem-rss", textOf(v.ShmemRSSKB), g("shmem"))
	eq(t, line, "pgtables", textOf(v.PgtablesKB), g("pgt"))
	eq(t, line, "oom_score_adj", textOf(v.OOMScoreAdj), g("adj"))
}

func checkOOMKill(t *testing.T, line string) {
	g := match(t, reOOMKill, line)
	v, ok := ParseOOMKill(line)
	if !ok || !v.Complete || v.Global != (g("global") != "") {
		t.Errorf("%q: got %+v %v", line, v, ok)
	}
	eq(t, line, "nodemask", v.Nodemask, g("nodemask"))
	eq(t, line, "cpuset", v.Cpuset, g("cpuset"))
	eq(t, line, "mems_allowed", v.MemsAllowed, g("mems"))
	eq(t, line, "oom_memcg", v.OOMMemcg, g("oom_memcg"))
	eq(t, line, "task_memcg", v.TaskMemcg, g("task_memcg"))
	eq(t, line, "task", v.Task, g("comm"))
	eq(t, line, "pid", textOf(v.PID), g("pid"))
	eq(t, line, "uid", textOf(v.UID), g("uid"))
}

func checkSelection(t *testing.T, line string) {
	g := match(t, reSelected, line)
	v, ok := ParseSelection(line)
	if !ok || !v.HasScore {
		t.Errorf("%q: got %+v %v", line, v, ok)
	}
	eq(t, line, "pid", strconv.FormatInt(v.PID, 10), g("pid"))
	eq(t, line, "comm", v.Comm, g("comm"))
	eq(t, line, "score", strconv.FormatInt(v.Score, 10), g("score"))
}

func checkReaper(t *testing.T, line string) {
	g := match(t, reReaped, line)
	v, ok := ParseReaper(line)
	if !ok || v.Failed {
		t.Errorf("%q: got %+v %v", line, v, ok)
	}
	eq(t, line, "pid", strconv.FormatInt(v.PID, 10), g("pid"))
	eq(t, line, "comm", v.Comm, g("comm"))
	eq(t, line, "anon-rss", textOf(v.AnonRSSKB), g("anon"))
	eq(t, line, "file-rss", textOf(v.FileRSSKB), g("file"))
	eq(t, line, "shmem-rss", textOf(v.ShmemRSSKB), g("shmem"))
}

func checkCPU(t *testing.T, line string) {
	g := match(t, reCPU, line)
	v, ok := ParseCPU(line)
	if !ok || v.Kdump != (g("kdump") != "") {
		t.Errorf("%q: got %+v %v", line, v, ok)
	}
	eq(t, line, "cpu", textOf(v.CPU), g("cpu"))
	eq(t, line, "uid", textOf(v.UID), g("uid"))
	eq(t, line, "pid", textOf(v.PID), g("pid"))
	eq(t, line, "comm", v.Comm, g("comm"))
	eq(t, line, "release", v.Release, g("rel"))
	eq(t, line, "version", v.Version, g("ver"))
}
