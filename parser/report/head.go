// SPDX-License-Identifier: Apache-2.0

package report

// Invocation is the first line of a report: the allocation that failed, and the task that asked for
// it. That task is usually not the victim. Source: mm/oom_kill.c:dump_header (2.6.33+),
// oom_kill_process (2.6.24 to 2.6.32), out_of_memory (before).
type Invocation struct {
	// Comm is the name of the allocating thread, up to 15 bytes, valid iff HasComm: 2.6.9 and
	// 2.6.18 print none.
	Comm    string
	HasComm bool
	// GFP is the mask of the failing request. Mask 0x0 is the page fault path.
	GFP GFP
	// Nodemask is the list of nodes as printed, "(null)" included (4.9 to 4.20), valid iff
	// HasNodemask.
	Nodemask    string
	HasNodemask bool
	// Order is the allocation order, 0..10; -1 is sysrq-f (4.3+). Absent on 2.6.9.
	Order Int
	// OOMAdj is the invoking task's oom_adj, -17..15 (2.6.20 to 3.6).
	OOMAdj Int
	// OOMScoreAdj is the invoking task's oom_score_adj, -1000..1000 (2.6.36+).
	OOMScoreAdj Int
	// Complete is false for a line that ends before its last field.
	Complete bool
}

// GFP is an allocation mask as a line prints it.
type GFP struct {
	// Mask is the mask's value.
	Mask uint64
	// Text is the mask as printed, "0xcc0".
	Text string
	// Names are the flags in the parentheses after it (4.6+), "GFP_KERNEL|__GFP_COMP|0x8000000",
	// valid iff HasNames.
	Names    string
	HasNames bool
}

// CPU is the line that dump_stack prints first: the allocating task and the kernel it runs on.
// Source: lib/dump_stack.c:dump_stack_print_info (3.10+), code of the architecture (before).
type CPU struct {
	// CPU is the processor (3.10+).
	CPU Int
	// UID is the task's effective uid (6.11+).
	UID Int
	// PID is the task's thread id in the initial pid namespace.
	PID Int
	// Comm is the task's name.
	Comm string
	// Kdump is true for "Kdump: loaded" (RHEL 7.7, 4.18+).
	Kdump bool
	// Taint is the taint letters without spaces, "" for "Not tainted".
	Taint string
	// Release is the kernel release, `uname -r`.
	Release string
	// Version is the word that names the build: "#1", "#101-Ubuntu".
	Version string
	// Package is a distribution's package id, "Debian 6.12.107-1".
	Package string
	// Preempt is the preemption model, "PREEMPT(voluntary)" (6.17+).
	Preempt string
	// BuildID is the kernel's build id in 40 hex digits (5.15+, optional).
	BuildID string
}

// Cpuset is the line "X cpuset=C mems_allowed=M" (2.6.31 to 4.20).
type Cpuset struct {
	// Comm is the allocating task's name.
	Comm string
	// Cpuset is the last component of its cpuset's path, "/" for the root.
	Cpuset string
	// MemsAllowed is the list of nodes that it may use.
	MemsAllowed string
}
