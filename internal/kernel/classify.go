// SPDX-License-Identifier: Apache-2.0

package kernel

import "strings"

// Reading is what [Reading.Classify] has read of a line on the way to its kind, of the kinds where that is the whole line.
// Each value holds only while Kind is its own.
type Reading struct {
	Kind       Kind
	Invocation Invocation // InvocationLine
	Kill       Kill       // KillLine
	OOMKill    OOMKill    // OOMKillLine
	Table      TaskTable  // TaskHead
	Counter    Counter    // MemcgCounter
	Hugepages  Hugepages  // HugepagesLine
	Total      Total      // Pagecache, Swap, Pages

	// head is the line that Table was read of, headLen its length, 0 when it is not known.
	head    [longestHead]byte
	headLen int
	// full is set where a value may hold text of a line.
	full bool
}

// Classify tells the kind of a line: see [Reading.Classify].
func Classify(s string) Kind {
	var r Reading
	return r.Classify(s)
}

// Classify tells the kind of a line from its own words alone. Kinds that only their neighbours make plain
// (a memory.stat figure, a slab row, a stack frame, a bare path fragment) come out as [Other]:
// the assembly knows what may follow what.
func (r *Reading) Classify(s string) Kind {
	r.Kind = r.classify(s)
	return r.Kind
}

// Forget lets go of the text of the lines that were read.
func (r *Reading) Forget() {
	if r.full {
		r.Invocation, r.Kill, r.OOMKill, r.full = Invocation{}, Kill{}, OOMKill{}, false
	}
}

func (r *Reading) classify(s string) Kind {
	if s == "" {
		return Other
	}
	if mayInvoke(s) {
		var ok bool
		r.full = true
		if r.Invocation, ok = ParseInvocation(s); ok {
			return InvocationLine
		}
	}
	if isCpuset(s) { // likewise
		return CpusetLine
	}
	if k := r.classifyByStart(s); k != Other {
		return k
	}
	if k := r.classifyMemInfo(s); k != Other {
		return k
	}
	return classifyByWords(s)
}

// mayInvoke reports whether s has the invocation's words where a comm leaves them. They are looked
// for before all others, since the comm before them may look like any other line's start.
func mayInvoke(s string) bool {
	const head, tail = "oom", "-killer"
	s = s[:min(len(s), longestComm+len(" invoked ")+len(head+tail))]
	for from := 0; ; { // the dash is what other lines have least
		i := strings.IndexByte(s[from:], tail[0])
		if i < 0 {
			return false
		}
		if i += from; strings.HasPrefix(s[i:], tail) && strings.HasSuffix(s[:i], head) {
			return true
		}
		from = i + 1
	}
}

// classifyByStart tells the kinds whose first words are always the same.
func (r *Reading) classifyByStart(s string) Kind {
	switch s[0] {
	case '[':
		return r.classifyTask(s)
	case 'O', 'K':
		return r.classifyKill(s)
	case 'N':
		if !strings.HasPrefix(s, "Node ") {
			return r.classifyKill(s)
		}
	case 'o':
		return r.classifyVictim(s)
	case 'M':
		if strings.HasPrefix(s, "Memory cgroup out of memory") {
			return r.classifyKill(s)
		}
		return r.classifyMemcg(s)
	case 'T':
		return classifyTasks(s)
	case 'm', 'k':
		return r.classifyMemcg(s)
	case 's':
		if k := classifySysrq(s); k != Other {
			return k
		}
		return r.classifyMemcg(s)
	case 'C', 'P', 'H', 'W', 'S':
		return classifyContext(s)
	case ',', ' ':
		if _, ok := ParseTaskIn(s); ok {
			return MemcgTask
		}
		if IsFragment(s) {
			return FragmentLine
		}
	case '-':
		reason, ok := strings.CutPrefix(s, panicEnd+" - not syncing: ")
		if ok && isOOMPanic(strings.TrimSuffix(trimEnd(reason), " ]---")) {
			return PanicLine
		}
	}
	return Other
}

// longestHead is more than any kernel's head of a task table has.
const longestHead = 128

// classifyTask tells the head and the rows of the task table.
func (r *Reading) classifyTask(s string) Kind {
	if isTaskRow(s) {
		return TaskRow
	}
	if s == string(r.head[:r.headLen]) { // all heads of a kernel are the same
		r.Table.ends = ends{}
		return TaskHead
	}
	var ok bool
	if r.Table, ok = ParseTaskHead(s); ok {
		if r.headLen = 0; len(s) <= longestHead {
			r.headLen = copy(r.head[:], s)
		}
		return TaskHead
	}
	r.headLen = 0
	return Other
}

// classifyKill tells the lines that start with a kill's words or message, and the panics.
func (r *Reading) classifyKill(s string) Kind {
	var ok bool
	r.full = true
	if r.Kill, ok = ParseKill(s); ok {
		return KillLine
	}
	if _, ok := ParseSelection(s); ok {
		return SelectionLine
	}
	if _, ok := ParseSkip(s); ok {
		return SkipLine
	}
	if _, ok := ParseSharing(s); ok {
		return SharingLine
	}
	if _, ok := ParsePanic(s); ok {
		return PanicLine
	}
	if IsNoVictim(s) {
		return NoVictimLine
	}
	return Other
}

// classifyVictim tells the lines that start with "oom".
func (r *Reading) classifyVictim(s string) Kind {
	var ok bool
	r.full = true
	if r.OOMKill, ok = ParseOOMKill(s); ok {
		return OOMKillLine
	}
	if _, ok := ParseReaper(s); ok {
		return ReaperLine
	}
	if _, ok := ParseSharing(s); ok {
		return SharingLine
	}
	return Other
}

// classifyMemcg tells the lines of a memory cgroup.
func (r *Reading) classifyMemcg(s string) Kind {
	var ok bool
	if r.Counter, ok = ParseCounter(s); ok {
		return MemcgCounter
	}
	if s[0] != 'M' {
		return Other
	}
	if strings.HasPrefix(s, "Memory cgroup stats for") {
		return MemcgStats // also one that breaks off before its path or its colon
	}
	if _, _, _, ok := ParseStatsHead(s); ok {
		return MemcgStats
	}
	if _, ok := ParseProtection(s); ok {
		return MemcgProtection
	}
	if _, ok := ParseTaskIn(s); ok {
		return MemcgTask
	}
	return Other
}

// classifyTasks tells the lines that start with a T.
func classifyTasks(s string) Kind {
	if IsTaskBanner(s) {
		return TaskBanner
	}
	if _, ok := ParseGroupKill(s); ok {
		return GroupKillLine
	}
	if _, ok := ParseTaskIn(s); ok {
		return MemcgTask
	}
	if strings.HasPrefix(s, "Tainted: [") {
		return Taint
	}
	return Other
}

// classifySysrq tells what sysrq-f and sysrq-m print.
func classifySysrq(s string) Kind {
	if _, ok := cutSysrq(s); !ok {
		return Other
	}
	if _, ok := ParseSysrq(s); ok {
		return SysrqLine
	}
	if _, ok := ParseAllocFailure(s); ok {
		return AllocFailureLine
	}
	return Other
}

// classifyContext tells the lines that dump_stack prints before the frames.
func classifyContext(s string) Kind {
	switch {
	case strings.HasPrefix(s, "COMPACTION is disabled!!!"):
		return Compaction
	case strings.HasPrefix(s, "Hardware name: "):
		return Hardware
	case strings.HasPrefix(s, "Workqueue: "), strings.HasPrefix(s, "Stopper: "), strings.HasPrefix(s, "Sched_ext: "):
		return Workqueue
	case isTraceHead(s):
		return Trace
	}
	var cpu CPU
	if _, ok := takeCPUIDs(&cpu, s); ok {
		return CPULine
	}
	return classifySysrq(s)
}

// classifyMemInfo tells the lines of the Mem-Info block and of the tables that follow it.
func (r *Reading) classifyMemInfo(s string) Kind {
	switch c := s[0]; {
	case c == 'N', c == 'D', c == 'H', c == 'M', c == 'C', c == ' ':
		if k := r.classifyZone(s); k != Other {
			return k
		}
	case c == 'l' || c == 'p':
		var room [8]int64
		if _, ok := ParseLowmemReserve(s, room[:0]); ok {
			return LowmemReserve
		}
	}
	switch {
	case IsMemInfoHead(s):
		return MemInfoHead
	case IsCounters(s):
		return MemInfoCounters
	case IsAllocationsHead(s):
		return AllocProfile
	case IsSlabHead(s):
		return Slab
	}
	var ok bool
	if r.Total, ok = ParseTotal(s); ok {
		return kindOfTotal(r.Total.Name)
	}
	return Other
}

// classifyZone tells the lines about one node, zone or processor.
func (r *Reading) classifyZone(s string) Kind {
	head, rest := cutNodeAndZone(s)
	if head.Zone == "" {
		var ok bool
		switch r.Hugepages, ok = ParseHugepages(s); {
		case ok:
			return HugepagesLine
		case IsPageset(s):
			return Pageset
		case isNode(head, rest):
			return NodeLine
		}
		return Other
	}
	switch {
	case isBuddy(rest):
		return Buddy
	case isPerCPU(rest):
		return Pageset
	case isZone(rest):
		return ZoneLine
	}
	return Other
}

// classifyByWords tells the kinds that start with a task's, a function's or a unit's name.
func classifyByWords(s string) Kind {
	if !hasWords(s) {
		return Other
	}
	return classifyByAllWords(s)
}

// classifyByAllWords tries all of these kinds in turn.
func classifyByAllWords(s string) Kind {
	if v, ok := ParseSuppressed(s); ok && v.mayBeOOM() {
		return SuppressedLine
	}
	if _, ok := ParseAllocFailure(s); ok {
		return AllocFailureLine
	}
	if IsUserspace(s) {
		return Userspace
	}
	return Other
}
