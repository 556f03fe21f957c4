// SPDX-License-Identifier: Apache-2.0

package kernel

import "testing"

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
