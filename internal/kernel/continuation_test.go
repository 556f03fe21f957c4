// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"strings"
	"testing"
)

// Lines in the pieces that the kernel prints them by: put together again, every break must be seen
// as one.
func TestJoinsFragment(t *testing.T) {
	for _, pieces := range []string{
		"oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null)~,cpuset=~docker-0abc.scope~,mems_allowed=0~,oom_memcg=~/burst/docker-0abc.scope~,task_memcg=~/burst/docker-0abc.scope~,task=burst-0.0,pid=340,uid=1000",
		"oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null)~,cpuset=~/~,mems_allowed=0-1~,global_oom~,task_memcg=~/~,task=x,pid=1,uid=0",
		"oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null)~,cpuset=~a b,mems_allowed=0-1~,global_oom~,task_memcg=~/a b~,task=x,pid=1,uid=0",
		"oom-kill:constraint=CONSTRAINT_NONE,nodemask=0,2~,oom_memcg=~(name too long)~,task_memcg=~/a~,task=x,pid=1,uid=0",
		"oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null)~,task=x,pid=1,uid=0",
		"Memory cgroup stats for ~/burst/a b~:",
		"Memory cgroup stats for ~/test~:~ cache:49632KB~ rss:-1KB~ mapped_file:0KB",
		"Memory cgroup stats for ~/test~: cache:49632KB",
		"Task in ~/a~ killed as a result of limit of ~/b",
		" killed as a result of limit of ~/b",
		"Memory limit reached of cgroup ~/b",
		"Tasks in ~/a~ are going to be killed due to memory.oom.group set",
		"Node 0 ~DMA free:15360kB min:380kB low:472kB",
		"Node 1 ~Normal per-cpu:",
		"Node 0 ~DMA: ~1*4kB ~(U) ~0*8kB ~2*16kB ~(UE) ~= 44kB",
		"lowmem_reserve[]:~ 0~ 1922~ 1922",
		"protections[]:~ 0 0 0",
		"SysRq : ~Manual OOM execution",
		"sysrq: SysRq : ~Manual OOM execution",
		"java cpuset=~docker-43.scope~ mems_allowed=0",
		"java cpuset=~/ mems_allowed=0",
		"hog: ~page allocation failure: order:0~, mode:0x14000c0(GFP_KERNEL)",
		"hog: page allocation failure: order:0, mode:0xcc0(GFP_KERNEL), nodemask=(null)~,cpuset=~/~,mems_allowed=0",
	} {
		parts := strings.Split(pieces, "~")
		head := parts[0]
		for _, piece := range parts[1:] {
			if !JoinsFragment(head, piece) {
				t.Errorf("%q does not join %q", piece, head)
			}
			head += piece
		}
	}
}

// What else stands in a log does not join, whatever the line breaks off in.
func TestJoinsFragmentRefuses(t *testing.T) {
	heads := []string{
		"", "usb 1-1: new device", "oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null)", "oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=",
		"oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=", "Memory cgroup stats for ", "Memory cgroup stats for /a",
		"Memory cgroup stats for /a: cache:1KB", "Task in ", "Task in /a", "Tasks in ", "Tasks in /a", "Node 0 ", "Node 0 DMA: 1*4kB (U) ", "lowmem_reserve[]:", "SysRq : ", "java cpuset=", "hog: ",
		"Killed process 1 (x", "oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=/a,task_memcg=/a,task=x,pid=1,uid=0",
	}
	for _, head := range heads {
		for _, piece := range []string{
			"", "usb 1-1: new full-speed USB device number 2", "Out of memory: Killed process 1 (x)", "java invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0",
			"[    340]  1000   340     3241     1774     1616      158         0    57344        0             0 burst-0.0", " dump_stack_lvl+0x5d/0x80",
			"Mem-Info:", "anon 4096", "noise[352]: unrelated line 1 from userspace: anon-rss:1kB pid=1, Killed process",
		} {
			if JoinsFragment(head, piece) {
				t.Errorf("%q joins %q", piece, head)
			}
		}
	}
	// A field out of its order tells that a piece between is lost.
	for _, c := range [][2]string{
		{"oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null)", ",mems_allowed=0"},
		{"oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null)", ",task_memcg=/a"},
		{"oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=", ",mems_allowed=0"},
		{"oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=/a", ",task=x,pid=1,uid=0"},
		{"Node 0 ", "Node 1 DMA free:1kB"},
		{"Node 0 DMA: 1*4kB = 4kB", "1*8kB "},
	} {
		if JoinsFragment(c[0], c[1]) {
			t.Errorf("%q joins %q", c[1], c[0])
		}
	}
}
