// SPDX-License-Identifier: Apache-2.0

package render

import (
	"hash/fnv"
	"math/rand"
)

// Task is one process.
type Task struct {
	PID, TGID, UID                             int64
	Comm                                       string
	TotalVM, Anon, File, Shmem, Swap, PTEPages int64 // pages
	OOMScoreAdj                                int64
}

// kb returns pages in KiB.
func (v Values) kb(pages int64) int64 { return pages * v.PageKB }

// RSS returns the resident pages.
func (t Task) RSS() int64 { return t.Anon + t.File + t.Shmem }

// Values are what a report is printed from.
type Values struct {
	seed int64
	// PageKB is the size of a page in KiB: 4, or 16 or 64 on other machines than x86.
	PageKB int64

	// Trigger is the task whose allocation failed, on processor CPU.
	Trigger Task
	CPU     int64
	// Tasks are the rows of the table, the victim and the group among them. Selected is chosen and
	// Victim killed: another one only where a child is sacrificed. Group are the others of a group
	// kill.
	Tasks            []Task
	Selected, Victim Task
	Group            []Task
	Score            int64
	// CgroupLimit is the path of the cgroup whose limit was hit, CgroupTask that of the victim.
	CgroupLimit, CgroupTask string
	// Cpuset is the last component of the trigger's cpuset.
	Cpuset string
	Nodes  []int
	// SuppressedCount is the count of the rate limiter before the report.
	SuppressedCount int64
}

// Names are the free texts of a report.
type Names struct {
	// What says what is hostile about them.
	What                            string
	Trigger, Victim                 string
	CgroupLimit, CgroupTask, Cpuset string
}

// Ordinary are names as they are met.
var Ordinary = Names{"ordinary", "java", "C2 CompilerThre",
	"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-podc2c1a4b6_0a5e_4d4f_8c3a_5e0e7c1e2f10.slice",
	"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-podc2c1a4b6_0a5e_4d4f_8c3a_5e0e7c1e2f10.slice/cri-containerd-4304dfe31a7d7dc4a5a0ed0a4304dfe31a7d7dc4a5a0ed0a4304dfe31a7d7dc4.scope",
	"cri-containerd-4304dfe31a7d7dc4a5a0ed0a4304dfe31a7d7dc4a5a0ed0a4304dfe31a7d7dc4.scope"}

// Hostile are names that a user can give in order to be taken for something else.
var Hostile = []Names{
	{"look like fields", "x,pid=1,uid=0", "a),pid=1,uid=0", "/a,task=b,pid=1", "/a,task=b,pid=1/c,oom_memcg=/d", "a,task=b,pid=1"},
	{"look like a kill", "(1) Killed", ") total-vm:1kB", "/Killed process 1 (init) total-vm:1kB", "/Killed process 1 (init) total-vm:1kB/x", "Killed process 1 (init)"},
	{"look like stats", "memory: usage", "[ 12]  1  2  3", "/a: cache:0KB", "/a: cache:0KB/b rss:1KB", "b mems_allowed=3"},
	{"hold the words of the line", "Out of memory:", "Tasks in /", "/x", "/x/y killed as a result of limit of z", "c are going to"},
	{"brackets and blanks", "((sd-pam))", " ] ) (", "/a (b) [c]", "/a (b) [c]/d  e ", " a  b "},
	{"not ASCII", "\xd0\xbc\xd0\xb8\xd1\x80", "\xe6\x97\xa5\xe6\x9c\xac", "/\xc3\xa9t\xc3\xa9", "/\xc3\xa9t\xc3\xa9/\xd0\xbc", "\xd0\xbc"},
	{"empty and colons", "a:b", ":", "/kubepods:cri:1", "/kubepods:cri:1/:", "kubepods:cri:1"},
}

// NewValues makes the values of one report. The same seed and names give the same values.
func NewValues(seed int64, n Names) Values {
	r := rand.New(rand.NewSource(seed))
	task := func(pid int64, comm string) Task {
		return Task{PID: pid, TGID: pid, UID: r.Int63n(70000), Comm: comm, TotalVM: 300000 + r.Int63n(900000), Anon: 50000 + r.Int63n(90000),
			File: r.Int63n(5000), Shmem: r.Int63n(3000), Swap: r.Int63n(4000), PTEPages: 1 + r.Int63n(400), OOMScoreAdj: r.Int63n(2001) - 1000}
	}
	v := Values{seed: seed, PageKB: 4, CPU: r.Int63n(64), Score: 1 + r.Int63n(1000), Nodes: []int{0, 1}[:1+seed%2],
		CgroupLimit: n.CgroupLimit, CgroupTask: n.CgroupTask, Cpuset: n.Cpuset, SuppressedCount: 1 + r.Int63n(99)}
	first := 1000 + r.Int63n(30000)
	v.Victim = task(first, n.Victim)
	v.Trigger = task(first+7, n.Trigger)
	for i := range int64(3) {
		v.Group = append(v.Group, task(first+20+i, n.Victim))
	}
	v.Group[1].UID = 4294967294
	v.Tasks = append(v.Tasks, task(312, "systemd-journal"), task(388, "sshd"), v.Trigger, v.Victim)
	v.Tasks = append(v.Tasks, v.Group...)
	v.Tasks[1].OOMScoreAdj = -1000
	v.Selected = v.Victim
	return v
}

// figure returns the value of a named number of a part of the report, the same each time. It is
// below 2^22, and no two names of a report have the same one but by rare chance.
func (v Values) figure(part, name string) int64 {
	h := fnv.New64a()
	h.Write([]byte{byte(v.seed), byte(v.seed >> 8)})
	h.Write([]byte(part + "\x00" + name))
	return int64(h.Sum64() % (1 << 22))
}
