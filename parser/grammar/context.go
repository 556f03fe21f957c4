package grammar

// CPU is the line that dump_stack prints first: the allocating task and the kernel it runs on.
// Source: lib/dump_stack.c:dump_stack_print_info (3.10+), arch code before.
type CPU struct {
	// CPU is the processor (3.10+).
	CPU Int
	// UID is the task's effective uid (6.11+).
	UID Int
	// PID is the task's thread id in the initial namespace.
	PID Int
	// Comm is the task's name.
	Comm string
	// Kdump is true for "Kdump: loaded" (RHEL 7.7, 4.18+).
	Kdump bool
	// Taint is the taint letters, blanks taken out, "" for "Not tainted".
	Taint string
	// Release is the kernel release, uname -r.
	Release string
	// Version is the rest that names the build: "#1", "#101-Ubuntu".
	Version string
	// Package is a distribution's package id, "Debian 6.12.107-1".
	Package string
	// Preempt is the preemption model, "PREEMPT(voluntary)" (6.17+).
	Preempt string
	// BuildID is the kernel's build id in 40 hex digits (5.15+, optional).
	BuildID string
}

// ParseCPU reads the forms of section 2.1: "CPU: …" and "Pid: …".
func ParseCPU(s string) (v CPU, ok bool) { return }

// Cpuset is the line "X cpuset=C mems_allowed=M" (2.6.31 to 4.20).
type Cpuset struct {
	// Comm is the allocating task's name.
	Comm string
	// Cpuset is the last component of its cpuset's path, "/" for the root.
	Cpuset string
	// MemsAllowed is the list of nodes it may use.
	MemsAllowed string
}

// ParseCpuset reads the cpuset line. Only meaningful inside a report.
func ParseCpuset(s string) (v Cpuset, ok bool) { return }

// IsTrace reports whether s may belong to a stack trace: a head ("Call Trace:"), a frame of
// any architecture, a section mark, or a register or code dump. Only meaningful after a CPU line.
func IsTrace(s string) bool { return false }
