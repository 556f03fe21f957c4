// SPDX-License-Identifier: Apache-2.0

package kernel

import "testing"

func TestParseCPU(t *testing.T) {
	const buildID = "1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d"
	for _, c := range []struct {
		line string
		want CPU
	}{
		{"Pid: 2701, comm: java Not tainted 2.6.24-1-686 #1", CPU{PID: Some(2701), Comm: "java", Release: "2.6.24-1-686", Version: "#1"}},
		{"Pid: 3719, comm: ndsd Tainted: G               ---------------  T 2.6.32-504.el6.x86_64 #1",
			CPU{PID: Some(3719), Comm: "ndsd", Taint: "GT", Release: "2.6.32-504.el6.x86_64", Version: "#1"}},
		{"CPU: 0 PID: 2020 Comm: a.out Not tainted 3.10.105 #7", CPU{CPU: Some(0), PID: Some(2020), Comm: "a.out", Release: "3.10.105", Version: "#7"}},
		{"CPU: 1 PID: 4242 Comm: java Kdump: loaded Not tainted 3.10.0-1062.el7.x86_64 #1",
			CPU{CPU: Some(1), PID: Some(4242), Comm: "java", Kdump: true, Release: "3.10.0-1062.el7.x86_64", Version: "#1"}},
		{"CPU: 3 PID: 9 Comm: CPU 0/KVM Tainted: G        W  OE     4.15.0-108-generic #109-Ubuntu",
			CPU{CPU: Some(3), PID: Some(9), Comm: "CPU 0/KVM", Taint: "GWOE", Release: "4.15.0-108-generic", Version: "#109-Ubuntu"}},
		{"CPU: 0 PID: 7 Comm: x Tainted: P      D    O      5.4.0-29-generic #33-Ubuntu",
			CPU{CPU: Some(0), PID: Some(7), Comm: "x", Taint: "PDO", Release: "5.4.0-29-generic", Version: "#33-Ubuntu"}},
		{"CPU: 0 PID: 7 Comm: x Not tainted 5.15.85 #1 " + buildID,
			CPU{CPU: Some(0), PID: Some(7), Comm: "x", Release: "5.15.85", Version: "#1", BuildID: buildID}},
		{"CPU: 1 PID: 18 Comm: sh Not tainted 6.1.0-13-amd64 #1  Debian 6.1.176-1",
			CPU{CPU: Some(1), PID: Some(18), Comm: "sh", Release: "6.1.0-13-amd64", Version: "#1", Package: "Debian 6.1.176-1"}},
		{"CPU: 1 UID: 1000 PID: 340 Comm: burst-0.0 Not tainted 6.12.107+deb13-cloud-amd64 #1  Debian 6.12.107-1",
			CPU{CPU: Some(1), UID: Some(1000), PID: Some(340), Comm: "burst-0.0", Release: "6.12.107+deb13-cloud-amd64", Version: "#1", Package: "Debian 6.12.107-1"}},
		{"CPU: 0 UID: 4294967294 PID: 5 Comm: hog Not tainted 6.17.0 #1 PREEMPT(voluntary)  ",
			CPU{CPU: Some(0), UID: Some(4294967294), PID: Some(5), Comm: "hog", Release: "6.17.0", Version: "#1", Preempt: "PREEMPT(voluntary)"}},
		{"CPU: 0 UID: 0 PID: 5 Comm: hog Not tainted 7.2.13-amd64 #1 PREEMPT_{RT,(lazy)}  Debian 7.2.13-1 " + buildID,
			CPU{CPU: Some(0), UID: Some(0), PID: Some(5), Comm: "hog", Release: "7.2.13-amd64", Version: "#1", Preempt: "PREEMPT_{RT,(lazy)}", Package: "Debian 7.2.13-1", BuildID: buildID}},
		{"CPU: 0 UID: 0 PID: 5 Comm: hog Not tainted 7.0.0 #1  Debian 7.0-1 NONE ",
			CPU{CPU: Some(0), UID: Some(0), PID: Some(5), Comm: "hog", Release: "7.0.0", Version: "#1", Preempt: "NONE", Package: "Debian 7.0-1"}},
		// A comm that looks like what follows it.
		{"CPU: 0 PID: 7 Comm: x Not tainted 1 Not tainted 6.1.0 #2", CPU{CPU: Some(0), PID: Some(7), Comm: "x Not tainted 1", Release: "6.1.0", Version: "#2"}},
		{"CPU: 0 PID: 7 Comm:  Not tainted 6.1.0 #2", CPU{CPU: Some(0), PID: Some(7), Release: "6.1.0", Version: "#2"}},
		// Cut lines: the pid stands, the rest as far as it is whole.
		{"CPU: 0 PID: 7 Comm: foo", CPU{CPU: Some(0), PID: Some(7)}},
		{"CPU: 0 PID: 7 Comm: foo Not tainted 6.1.0-1", CPU{CPU: Some(0), PID: Some(7)}},
	} {
		if got, ok := ParseCPU(c.line); !ok || got != c.want {
			t.Errorf("%q\n got %+v %v\nwant %+v", c.line, got, ok, c.want)
		}
	}
}

func TestParseCPUHostileComm(t *testing.T) {
	for _, comm := range hostileComms {
		for _, kdump := range []string{"", "Kdump: loaded "} {
			line := "CPU: 1 UID: 0 PID: 340 Comm: " + comm + " " + kdump + "Tainted: G        W          6.12.1 #1"
			got, ok := ParseCPU(line)
			want := CPU{CPU: Some(1), UID: Some(0), PID: Some(340), Comm: comm, Kdump: kdump != "", Taint: "GW", Release: "6.12.1", Version: "#1"}
			if !ok || got != want {
				t.Errorf("%q\n got %+v %v", line, got, ok)
			}
		}
	}
}

func TestParseCPURefuses(t *testing.T) {
	for _, line := range []string{"", "CPU: 0", "CPU: 0 PID: x Comm: y Not tainted 6.1 #1", "CPU    0: hi:    0, btch:   1 usd:   0",
		"CPU: Intel GenuineIntel", "Pid: 1", "CPU: 99999999999999999999 PID: 1 Comm: x Not tainted 6.1 #1"} {
		if v, ok := ParseCPU(line); ok {
			t.Errorf("%q: got %+v", line, v)
		}
	}
}

func TestParseCpuset(t *testing.T) {
	for _, c := range []struct {
		line, comm string
		want       Cpuset
	}{
		{"java cpuset=/ mems_allowed=0", "", Cpuset{Comm: "java", Cpuset: "/", MemsAllowed: "0"}},
		{"java cpuset=docker-4304b5.scope mems_allowed=0-1", "", Cpuset{Comm: "java", Cpuset: "docker-4304b5.scope", MemsAllowed: "0-1"}},
		{"CPU 0/KVM cpuset=emulator mems_allowed=0,2-3", "", Cpuset{Comm: "CPU 0/KVM", Cpuset: "emulator", MemsAllowed: "0,2-3"}},
		{"x cpuset=a mems_allowed=1 mems_allowed=0", "", Cpuset{Comm: "x", Cpuset: "a mems_allowed=1", MemsAllowed: "0"}},
		{" cpuset=x cpuset=/ mems_allowed=0", "", Cpuset{Comm: " cpuset=x", Cpuset: "/", MemsAllowed: "0"}},
		{"a cpuset=b cpuset=c mems_allowed=0", "a cpuset=b", Cpuset{Comm: "a cpuset=b", Cpuset: "c", MemsAllowed: "0"}},
		{"a cpuset=b cpuset=c mems_allowed=0", "a", Cpuset{Comm: "a", Cpuset: "b cpuset=c", MemsAllowed: "0"}},
		{"a cpuset=b cpuset=c mems_allowed=0", "", Cpuset{Comm: "", Cpuset: "", MemsAllowed: "0"}},
		{" cpuset=/ mems_allowed=", "", Cpuset{Comm: "", Cpuset: "/", MemsAllowed: ""}},
	} {
		if got, ok := ParseCpuset(c.line, c.comm); !ok || got != c.want {
			t.Errorf("%q: got %+v %v, want %+v", c.line, got, ok, c.want)
		}
	}
	for _, line := range []string{"", "java cpuset=/", "cpuset=/ mems_allowed=0", "java cpuset=/ mems_allowed=0 and so on",
		"the tool of the admin cpuset=/ mems_allowed=0"} {
		if v, ok := ParseCpuset(line, ""); ok {
			t.Errorf("%q: got %+v", line, v)
		}
	}
}

func TestIsTrace(t *testing.T) {
	for _, line := range []string{
		"Call Trace:", "Call trace:", "Backtrace:", "Stack:", " <TASK>", " </IRQ>", " dump_stack_lvl+0x5d/0x80", " ? __pte_offset_map+0x1b/0x180",
		" oom_kill_process.cold+0x8/0x8d", " [<ffffffff9e379262>] dump_stack+0x19/0x1b", " [<00000001f8686abe>] out_of_memory+0xee/0x580",
		" [<c014b7b0>] __alloc_pages+0x2a0/0x300", "[c0000001cb1638a0] [c0000000004bd6c8] __alloc_pages_nodemask+0x1ab8/0x1b70",
		" <IRQ>  [<ffffffff8106b747>] ? warn_slowpath_common+0x87/0xc0", " [<ffffffffa01d5f49>] ? ext4_file_write+0x61/0x150 [ext4]",
		" btrfs_work_helper+0xc7/0x2f0 [btrfs 1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d]",
		"RIP: 0033:0x40180f", "Code: Unable to access opcode bytes at 0x4017e5.", "RSP: 002b:00007ffe9b480878 EFLAGS: 00000202",
		"RAX: 000000000000003d RBX: 00007f3bea5c0000 RCX: 000000000003c000", "R13: 00000000005c0000 R14: 0000000000000000 R15: 00007ffe9b481700",
		" 0000000000000000 ffff88001bd83968 ffffffff817232f0 ffff88001f510000", " c0b3f0e4 00000000", "        805cf378 00000695 807c32d8 806914dc", "        ...",
		"Stack : 80690000 80631cf4 00000000 00000000", "Exception stack(0xe810dfa8 to 0xe810dff0)", "dfa0:                   a2000000 0000000d 00000003", "[<803772b8>] 0x803772b8",
	} {
		if !IsTrace(line) {
			t.Errorf("%q is none", line)
		}
	}
	for _, line := range []string{"", " ", "Mem-Info:", "memory: usage 6144kB, limit 6144kB, failcnt 82", "anon 4096", "usb 1-1: new device",
		"Task in /a killed as a result of limit of /a", "[ pid ]   uid  tgid total_vm", " unevictable:0 dirty:0",
		"deadbeef", "deadbeef is a word", " 12345678 is a number", "dfa0: up", "Stack : full", "..."} {
		if IsTrace(line) {
			t.Errorf("%q is one", line)
		}
	}
}
