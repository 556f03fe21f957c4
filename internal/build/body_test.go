// SPDX-License-Identifier: Apache-2.0

package build

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/oomtrail/oomtrail/internal/kernel"
	"github.com/oomtrail/oomtrail/parser/record"
)

const (
	podUID      = "0c1d2e3f-4a5b-6c7d-8e9f-0a1b2c3d4e5f"
	containerID = "4f2a9be0c7d1835e6f90a1b2c3d4e5f60718293a4b5c6d7e8f9001122334455a"
	podPath     = "/kubepods/besteffort/pod" + podUID
)

// memcgKill is a kill at the limit of one cgroup, of a process that lives in another or the same.
func memcgKill(limit, task, comm string) []string {
	return []string{invoked, cpuOf("6.1.0"), "memory: usage 65536kB, limit 65536kB, failcnt 19", head,
		"[     12]     0    12     9385     8302   110592        7             0 " + comm,
		"oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=" + limit + ",task_memcg=" + task + ",task=" + comm + ",pid=12,uid=0",
		"Memory cgroup out of memory: Killed process 12 (" + comm + ") total-vm:37540kB, anon-rss:32576kB, file-rss:632kB, shmem-rss:4kB, UID:0 pgtables:108kB oom_score_adj:0"}
}

// TestBody: the news first, then who it was in the words that its owner uses, then the figures; no
// path.
func TestBody(t *testing.T) {
	host := []string{invoked, cpuOf("6.1.0"), "Mem-Info:", "131072 pages RAM", head, row,
		"oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,task_memcg=/system.slice/nginx.service,task=b,pid=12,uid=0",
		strings.Replace(killWith(108), "Memory cgroup out", "Out", 1)}
	for _, c := range []struct {
		name, want string
		lines      []string
	}{
		{"container of a pod", "OOM kill: java (12) in container 4f2a9be0c7d1 of pod 0c1d2e3f-4a5: 32.4 of 64 MiB", memcgKill(podPath+"/"+containerID, podPath+"/"+containerID, "java")},
		{"the pod's limit", "OOM kill: java (12) in container 4f2a9be0c7d1 of pod 0c1d2e3f-4a5: 32.4 of 64 MiB (limit of pod 0c1d2e3f-4a5)", memcgKill(podPath, podPath+"/"+containerID, "java")},
		{"all pods", "OOM kill: java (12) in container 4f2a9be0c7d1 of pod 0c1d2e3f-4a5: 32.4 of 64 MiB (limit of all besteffort pods)", memcgKill("/kubepods/besteffort", podPath+"/"+containerID, "java")},
		{"container", "OOM kill: redis (12) in container 4f2a9be0c7d1: 32.4 of 64 MiB", memcgKill("/docker/"+containerID, "/docker/"+containerID, "redis")},
		{"container with a name", "OOM kill: redis (12) in container web: 32.4 of 64 MiB", memcgKill("/lxc.payload.web", "/lxc.payload.web", "redis")},
		{"unit", "OOM kill: nginx (12) in nginx.service: 32.4 of 64 MiB", memcgKill("/system.slice/nginx.service", "/system.slice/nginx.service", "nginx")},
		{"inside its container", "OOM kill: ruby (12) in container 4f2a9be0c7d1: 32.4 of 64 MiB", memcgKill("/docker/"+containerID, "/docker/"+containerID+"/init", "ruby")},
		{"a name that ends in a blank", `OOM kill: "hog " (12) in cgroup a: 32.4 of 64 MiB`, memcgKill("/a", "/a", "hog ")},
		{"cpuset", "OOM kill: b (12) in cgroup a: 32.4 MiB, the nodes of its cpuset ran out", []string{invoked, head, row,
			strings.NewReplacer("MEMCG", "CPUSET", "oom_memcg=/a", "global_oom").Replace(chosen), strings.Replace(killWith(108), "Memory cgroup out", "Out", 1)}},
		{"no owner known", "OOM kill: hog (12) in cgroup limited: 32.4 of 64 MiB", memcgKill("/a/limited", "/a/limited", "hog")},
		{"a blank name", "OOM kill: pid 12: 32.4 MiB", []string{"Memory cgroup out of memory: Killed process 12 () total-vm:37540kB, anon-rss:32576kB, file-rss:632kB, shmem-rss:4kB"}},
		{"kill line alone", "OOM kill: b (12): 32.4 MiB", []string{killWith(108)}},
		{"no figures", "OOM kill: b (12)", []string{"Killed process 12 (b)"}},
		{"host", "OOM kill: b (12) in nginx.service: 32.4 of 512 MiB RAM", host},
		{"root", "OOM kill: b (12) on the host: 32.4 of 64 MiB", memcgKill("/", "/", "b")},
		{"panic", "OOM panic: the kernel stopped, as vm.panic_on_oom says", []string{invoked, "Kernel panic - not syncing: Out of memory: compulsory panic_on_oom is enabled"}},
		{"reaper", "OOM victim b (12) could not be reaped: its memory may stay in use", []string{"oom_reaper: unable to reap pid:12 (b)"}},
		{"nobody", "OOM without a kill in cgroup a, limit 64 MiB: the kernel found no process it may end", []string{invoked, cpuOf("6.1.0"),
			"memory: usage 65536kB, limit 65536kB, failcnt 19", "Memory cgroup stats for /a:", "anon 4096", "Out of memory and no killable processes..."}},
	} {
		if got := build(t, Options{}, c.lines...).Body; got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
}

// TestBodyIsShort: names are cut in their middle, between characters; figures and what stands
// between them stay.
func TestBodyIsShort(t *testing.T) {
	for _, long := range []string{strings.Repeat("ab", 100), strings.Repeat("ü", 100), strings.Repeat("€", 70), strings.Repeat(`\x2d`, 50), strings.Repeat("\x01", 100),
		strings.Repeat("oom-kill: ", 20), strings.Repeat("Killed process 9 ", 15), strings.Repeat("漢字", 40) + "x"} {
		for shift := range 4 {
			name := "abcd"[:shift] + long
			got := build(t, Options{}, memcgKill("/"+name+"-limit", "/"+name+"-limit/"+name+"-own", "b")...).Body
			if len(got) > record.MaxBody || len(got) < record.MaxBody-20 || !utf8.ValidString(got) || strings.Count(got, "…") != 2 {
				t.Errorf("%.20q: %d bytes: %s", name, len(got), got)
			}
			if !strings.HasPrefix(got, "OOM kill: b (12) in cgroup ") || !strings.Contains(got, ": 32.4 of 64 MiB (limit of cgroup ") || !strings.HasSuffix(got, ")") {
				t.Errorf("%.20q: figures or words went: %s", name, got)
			}
			for escape := range strings.SplitSeq(got, `\x`) {
				if escape != got[:len(escape)] && (len(escape) < 2 || strings.Trim(escape[:2], "0123456789abcdef") != "") {
					t.Errorf("an escape is parted: %s", got)
				}
			}
			if kind := kernel.Classify(got); kind != kernel.Other || strings.Contains(strings.ToLower(got), "killed process") {
				t.Errorf("%v: %s", kind, got)
			}
		}
	}
}
