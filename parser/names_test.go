// SPDX-License-Identifier: Apache-2.0

package parser

import (
	"fmt"
	"strings"
	"testing"
)

// TestNamesMayBeKept: what Options.Names is asked stays as it is, also when the memory of the
// report is used again: a resolver remembers its answers by it.
func TestNamesMayBeKept(t *testing.T) {
	const kills = 200
	var asked []Workload
	p, err := New(Options{Transport: FormatKmsg, Names: func(w Workload) Names {
		asked = append(asked, w)
		return Names{}
	}})
	if err != nil {
		t.Fatal(err)
	}
	uid := func(i int) string { return fmt.Sprintf("0c1d2e3f-4a5b-6c7d-8e9f-%012x", i) }
	id := func(i int) string { return fmt.Sprintf("4f2a9be0c7d1835e6f90a1b2c3d4e5f60718293a4b5c6d7e8f90%012x", i) }
	for i := range kills {
		path := fmt.Sprintf("/kubepods.slice/kubepods-pod%s.slice/cri-containerd-%s.scope", strings.ReplaceAll(uid(i), "-", "_"), id(i))
		for n, text := range []string{
			"4,%d,%d,-;app invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0",
			"6,%d,%d,-;oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=app,mems_allowed=0,oom_memcg=PATH,task_memcg=PATH,task=app,pid=42,uid=1000",
			"3,%d,%d,-;Memory cgroup out of memory: Killed process 42 (app) total-vm:100kB, anon-rss:50kB, file-rss:0kB, shmem-rss:0kB, UID:1000 pgtables:44kB oom_score_adj:0",
		} {
			p.Feed(fmt.Appendf(nil, strings.ReplaceAll(text, "PATH", path), 3*i+n, int64(i)*20_000_000+int64(n)))
		}
	}
	if len(asked) != kills {
		t.Fatalf("asked %d times for %d kills", len(asked), kills)
	}
	for i, w := range asked {
		if w.PodUID != uid(i) || w.ContainerID != id(i) {
			t.Fatalf("kill %d was asked for %s %s", i, w.PodUID, w.ContainerID)
		}
	}
}
