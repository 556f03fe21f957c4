package grammar

// Invocation is the first line of a report: the allocation that failed, and the
// task that asked for it. That task is usually not the victim.
// Source: mm/oom_kill.c:dump_header (2.6.33+), oom_kill_process (2.6.24 to 2.6.32), out_of_memory (before).
type Invocation struct {
	// Comm is the name of the allocating thread, up to 15 bytes; HasComm is false on 2.6.9 and 2.6.18.
	Comm    string
	HasComm bool
	// GFP is the mask of the failing request. GFP.Mask 0x0 is the page fault path.
	GFP GFP
	// Nodemask is the list of nodes as printed, "(null)" included (4.9 to 4.20).
	Nodemask    string
	HasNodemask bool
	// Order is the allocation order, 0..10; -1 is sysrq-f on 4.3 and later. Absent on 2.6.9.
	Order Int
	// OOMAdj is the invoking task's oom_adj, -17..15 (2.6.20 to 3.6).
	OOMAdj Int
	// OOMScoreAdj is the invoking task's oom_score_adj, -1000..1000 (2.6.36+).
	OOMScoreAdj Int
	// Complete is false for a line that ends before its last field.
	Complete bool
}

// ParseInvocation reads forms I0 to I11 of the invocation line (2.6.9 to 7.3). A cut line
// gives what it still holds and Complete false. ok is false for any other line.
func ParseInvocation(s string) (v Invocation, ok bool) { return }

// GFP is an allocation mask as a line printed it.
type GFP struct {
	// Mask is the mask's value.
	Mask uint64
	// Text is the mask as printed, "0xcc0".
	Text string
	// Names is what stood in the parentheses behind it (4.6+), "GFP_KERNEL|__GFP_COMP|0x8000000".
	Names string
	// HasNames reports whether there were parentheses.
	HasNames bool
}

// DecodeGFP names the flags of a mask that a kernel of the given release printed without names
// (before 4.6), joined by "|", unknown bits last in hex. release is `uname -r` as the CPU line
// prints it; where it is empty the era is told from the mask itself, and when that is ambiguous the
// result is "".
func DecodeGFP(mask uint64, release string) string { return "" }
