// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"fmt"
	"testing"

	"github.com/oomtrail/oomtrail/parser/report"
)

func TestParseKill(t *testing.T) {
	for _, c := range []struct {
		form, line string
		want       report.KillLine
	}{
		{"2.6.9", "Out of Memory: Killed process 2431 (httpd).", report.KillLine{Message: report.MessageOutOfMemory, PID: 2431, Comm: "httpd", HasComm: true, Complete: true}},
		{"2.6.18", "No available memory (MPOL_BIND): Killed process 7 (a b).", report.KillLine{Message: report.MessageMempolicy, PID: 7, Comm: "a b", HasComm: true, Complete: true}},
		{"2.6.18 cpuset", "No available memory in cpuset: Killed process 7 (x).", report.KillLine{Message: report.MessageCpuset, PID: 7, Comm: "x", HasComm: true, Complete: true}},
		{"RHEL 5", "Out of memory: Killed process 3719, UID -2, (ndsd).", report.KillLine{Message: report.MessageOutOfMemory, PID: 3719, UID: Some(-2), Comm: "ndsd", HasComm: true, Complete: true}},
		{"2.6.20", "Killed process 6409 (konqueror)", report.KillLine{PID: 6409, Comm: "konqueror", HasComm: true, Complete: true}},
		{"2.6.33", "Killed process 16758 (avgscand) vsz:264612kB, anon-rss:158264kB, file-rss:0kB",
			report.KillLine{PID: 16758, Comm: "avgscand", HasComm: true, TotalVMKB: Some(264612), AnonRSSKB: Some(158264), FileRSSKB: Some(0), Complete: true}},
		{"2.6.36", "Killed process 118 (min_free_kbytes) total-vm:483268kB, anon-rss:480072kB, file-rss:0kB",
			report.KillLine{PID: 118, Comm: "min_free_kbytes", HasComm: true, TotalVMKB: Some(483268), AnonRSSKB: Some(480072), FileRSSKB: Some(0), Complete: true}},
		{"RHEL 6", "Killed process 13550, UID 500, (java) total-vm:12466024kB, anon-rss:7625016kB, file-rss:2608kB",
			report.KillLine{PID: 13550, UID: Some(500), Comm: "java", HasComm: true, TotalVMKB: Some(12466024), AnonRSSKB: Some(7625016), FileRSSKB: Some(2608), Complete: true}},
		{"RHEL 7", "Killed process 28792 (a.out), UID 0, total-vm:8392828kB, anon-rss:6375476kB, file-rss:4kB, shmem-rss:0kB",
			report.KillLine{PID: 28792, UID: Some(0), Comm: "a.out", HasComm: true, TotalVMKB: Some(8392828), AnonRSSKB: Some(6375476), FileRSSKB: Some(4), ShmemRSSKB: Some(0), Complete: true}},
		{"4.5", "Killed process 2746 (leaker) total-vm:536704kB, anon-rss:521176kB, file-rss:1208kB, shmem-rss:0kB",
			report.KillLine{PID: 2746, Comm: "leaker", HasComm: true, TotalVMKB: Some(536704), AnonRSSKB: Some(521176), FileRSSKB: Some(1208), ShmemRSSKB: Some(0), Complete: true}},
		{"5.2, RHEL 8.1", "Out of memory: Killed process 15925 ((resolved)) total-vm:168424kB, anon-rss:4064kB, file-rss:3584kB, shmem-rss:0kB",
			report.KillLine{Message: report.MessageOutOfMemory, PID: 15925, Comm: "(resolved)", HasComm: true, TotalVMKB: Some(168424), AnonRSSKB: Some(4064), FileRSSKB: Some(3584), ShmemRSSKB: Some(0), Complete: true}},
		{"RHEL 8.3", "Memory cgroup out of memory: Killed process 9 (x) total-vm:4kB, anon-rss:3kB, file-rss:2kB, shmem-rss:1kB, UID:4294967294",
			report.KillLine{Message: report.MessageMemcg, PID: 9, Comm: "x", HasComm: true, TotalVMKB: Some(4), AnonRSSKB: Some(3), FileRSSKB: Some(2), ShmemRSSKB: Some(1), UID: Some(4294967294), Complete: true}},
		{"5.4", "Memory cgroup out of memory: Killed process 4971 (netdata) total-vm:47820kB, anon-rss:7560kB, file-rss:0kB, shmem-rss:8kB, UID:201 pgtables:100kB oom_score_adj:-999",
			report.KillLine{Message: report.MessageMemcg, PID: 4971, Comm: "netdata", HasComm: true, TotalVMKB: Some(47820), AnonRSSKB: Some(7560), FileRSSKB: Some(0), ShmemRSSKB: Some(8), UID: Some(201), PgtablesKB: Some(100), OOMScoreAdj: Some(-999), Complete: true}},
		{"allocating task", "Out of memory (oom_kill_allocating_task): Killed process 5 (x) total-vm:4kB, anon-rss:3kB, file-rss:2kB, shmem-rss:1kB, UID:0 pgtables:72kB oom_score_adj:0\r",
			report.KillLine{Message: report.MessageAllocating, PID: 5, Comm: "x", HasComm: true, TotalVMKB: Some(4), AnonRSSKB: Some(3), FileRSSKB: Some(2), ShmemRSSKB: Some(1), UID: Some(0), PgtablesKB: Some(72), OOMScoreAdj: Some(0), Complete: true}},
		// Damaged lines, as people pasted them.
		{"wrapped by mail", "Killed process 284 (syz-executor) total-vm:37044kB,", report.KillLine{PID: 284, Comm: "syz-executor", HasComm: true, TotalVMKB: Some(37044)}},
		{"cut in a label", "Killed process 1917 (php-cgi) vsz:467184kB, anon-", report.KillLine{PID: 1917, Comm: "php-cgi", HasComm: true, TotalVMKB: Some(467184)}},
		{"shortened by hand", "Memory cgroup out of memory: Killed process 3370438 (crosvm) ....", report.KillLine{Message: report.MessageMemcg, PID: 3370438, Comm: "crosvm", HasComm: true}},
		{"figures left out", "Out of memory: Killed process 4503 ((sd-pam)) ", report.KillLine{Message: report.MessageOutOfMemory, PID: 4503, Comm: "(sd-pam)", HasComm: true}},
		{"last column written over", "Out of memory: Killed process 649 (fio) total-vm:216868kB, anon-rss:896kB, file-rss:128kB, shmem-rss:2176kB, UID:0 pgtables:100kB oom_score_a0",
			report.KillLine{Message: report.MessageOutOfMemory, PID: 649, Comm: "fio", HasComm: true, TotalVMKB: Some(216868), AnonRSSKB: Some(896), FileRSSKB: Some(128), ShmemRSSKB: Some(2176), UID: Some(0), PgtablesKB: Some(100)}},
		{"left-overs behind it", "Out of memory: Killed process 649 (fio) total-vm:8kB, anon-rss:6kB, file-rss:1kB, shmem-rss:2kB, UID:0 pgtables:100kB oom_score_adj:0,0",
			report.KillLine{Message: report.MessageOutOfMemory, PID: 649, Comm: "fio", HasComm: true, TotalVMKB: Some(8), AnonRSSKB: Some(6), FileRSSKB: Some(1), ShmemRSSKB: Some(2), UID: Some(0), PgtablesKB: Some(100), OOMScoreAdj: Some(0)}},
		{"another line runs in", "Killed process 118 (hog) total-vm:483268kB, anon-rss:4800[  129.1] usb 1-1: new device",
			report.KillLine{PID: 118, Comm: "hog", HasComm: true, TotalVMKB: Some(483268)}},
		{"cut behind the pid", "Killed process 118 ", report.KillLine{PID: 118}},
		{"cut in the comm", "Out of memory: Killed process 118 (ho", report.KillLine{Message: report.MessageOutOfMemory, PID: 118}},
		{"RHEL 6 cut behind the uid", "Killed process 13550, UID 500,", report.KillLine{PID: 13550, UID: Some(500)}},
		{"RHEL 6 cut in the uid", "Killed process 13550, UID 50", report.KillLine{PID: 13550}},
		// Longer names, where nothing else can be meant.
		{"kworker", "Out of memory: Killed process 8 (kworker/u8:2-events_unbound) total-vm:4kB, anon-rss:3kB, file-rss:2kB, shmem-rss:1kB",
			report.KillLine{Message: report.MessageOutOfMemory, PID: 8, Comm: "kworker/u8:2-events_unbound", HasComm: true, TotalVMKB: Some(4), AnonRSSKB: Some(3), FileRSSKB: Some(2), ShmemRSSKB: Some(1), Complete: true}},
		{"bytes left escaped", `Killed process 8 (\xc3\xbcn\xc3\xafc\xc3\xb6d\xc3\xa9) total-vm:4kB, anon-rss:3kB, file-rss:2kB, shmem-rss:1kB`,
			report.KillLine{PID: 8, Comm: `\xc3\xbcn\xc3\xafc\xc3\xb6d\xc3\xa9`, HasComm: true, TotalVMKB: Some(4), AnonRSSKB: Some(3), FileRSSKB: Some(2), ShmemRSSKB: Some(1), Complete: true}},
	} {
		t.Run(c.form, func(t *testing.T) {
			got, ok := ParseKill(c.line)
			if !ok || got != c.want {
				t.Errorf("%q\n got %+v %v\nwant %+v", c.line, got, ok, c.want)
			}
			if kind := Classify(c.line); kind != KillLine {
				t.Errorf("%q is %v", c.line, kind)
			}
		})
	}
}

func TestParseKillRefuses(t *testing.T) {
	for _, line := range []string{
		"", "Killed process", "Killed process ", "Killed process x", "Killed process (x)", "Killed process 1", "Killed process 12",
		"Out of memory: Killed process 1842', NOW() - INTERVAL '8 hours'),",
		"noise[352]: unrelated line 336 from userspace: anon-rss:1kB pid=1, Killed process",
		"Would have killed process 7 (x). But continuing instead.",
		"app: Killed process 7 (x) total-vm:4kB, anon-rss:3kB, file-rss:2kB, shmem-rss:1kB",
		" Killed process 7 (x) total-vm:4kB, anon-rss:3kB, file-rss:2kB, shmem-rss:1kB",
		"Warning: Out of memory: Killed process 7 (x) total-vm:4kB, anon-rss:3kB, file-rss:2kB, shmem-rss:1kB",
		"Out of memory: kill process 7 (x) score 1 or a child",
		"Killed process **** (****)", "Killed process 7 because it was large", "Killed process 7 (large) because of its size",
		"Killed process 99999999999999999999 (x)", "Killed process -7 (x)",
		"[    215]  1000   215     1294      319      208      111         0    45056        0          -500 Killed process ",
		"Killed process  invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0",
		"Killed process 7 (x) total-vm:4kB, anon-rss:3kB, file-rss:2kB, shmem-rss:1kB, UID:0 pgtables:72kB oom_score_adj:0 is what the log said",
		"Killed process 7, UID 5, x",
	} {
		if v, ok := ParseKill(line); ok {
			t.Errorf("%q: got %+v", line, v)
		}
		if kind := Classify(line); kind == KillLine {
			t.Errorf("%q is a kill", line)
		}
	}
}

// killLine renders the line as 5.4 and later do.
func killLine(comm string) (string, report.KillLine) {
	return fmt.Sprintf("Memory cgroup out of memory: Killed process 202 (%s) total-vm:12964kB, anon-rss:6080kB, file-rss:452kB, shmem-rss:16kB, UID:1000 pgtables:56kB oom_score_adj:-7", comm),
		report.KillLine{Message: report.MessageMemcg, PID: 202, Comm: comm, HasComm: true, TotalVMKB: Some(12964), AnonRSSKB: Some(6080), FileRSSKB: Some(452),
			ShmemRSSKB: Some(16), UID: Some(1000), PgtablesKB: Some(56), OOMScoreAdj: Some(-7), Complete: true}
}

func TestParseKillHostileComm(t *testing.T) {
	for _, comm := range hostileComms {
		line, want := killLine(comm)
		if got, ok := ParseKill(line); !ok || got != want {
			t.Errorf("%q\n got %+v %v", line, got, ok)
		}
		old := fmt.Sprintf("Killed process 202, UID 7, (%s) total-vm:1kB, anon-rss:2kB, file-rss:3kB", comm)
		want = report.KillLine{PID: 202, UID: Some(7), Comm: comm, HasComm: true, TotalVMKB: Some(1), AnonRSSKB: Some(2), FileRSSKB: Some(3), Complete: true}
		if got, ok := ParseKill(old); !ok || got != want {
			t.Errorf("%q\n got %+v %v", old, got, ok)
		}
		el7 := fmt.Sprintf("Killed process 202 (%s), UID 7, total-vm:1kB, anon-rss:2kB, file-rss:3kB, shmem-rss:0kB", comm)
		want.ShmemRSSKB = Some(0)
		if got, ok := ParseKill(el7); !ok || got != want {
			t.Errorf("%q\n got %+v %v", el7, got, ok)
		}
		bare := fmt.Sprintf("Killed process 202 (%s)", comm)
		if got, ok := ParseKill(bare); !ok || got != (report.KillLine{PID: 202, Comm: comm, HasComm: true, Complete: true}) {
			t.Errorf("%q\n got %+v %v", bare, got, ok)
		}
	}
}
