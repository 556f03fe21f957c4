package grammar

import "strings"

// Constraint is what limited the allocation, as the kernel names it.
type Constraint uint8

// The constraints of mm/oom_kill.c:enum oom_constraint.
const (
	ConstraintUnknown Constraint = iota
	ConstraintNone
	ConstraintCpuset
	ConstraintMemoryPolicy
	ConstraintMemcg
)

// String returns none, cpuset, memory_policy or memcg; "" for unknown.
func (c Constraint) String() string {
	return [...]string{"", "none", "cpuset", "memory_policy", "memcg"}[c]
}

// OOMKill is the line "oom-kill:constraint=…": which process was chosen, and why it had to be one
// (5.0+, RHEL 8.3). Source: mm/oom_kill.c:dump_oom_victim (6.8+), dump_oom_summary (before).
type OOMKill struct {
	// Constraint is as printed; 5.0 always prints NONE.
	Constraint Constraint
	// Nodemask is a list, or "(null)".
	Nodemask string
	// Cpuset is the last component of the allocator's cpuset path; HasCpuset is false without CONFIG_CPUSETS.
	Cpuset    string
	HasCpuset bool
	// MemsAllowed is the nodes that the allocator may use.
	MemsAllowed string
	// Global is true for ",global_oom".
	Global bool
	// OOMMemcg is the cgroup whose limit was hit; HasOOMMemcg tells that the line has it.
	OOMMemcg    string
	HasOOMMemcg bool
	// TaskMemcg is the chosen task's cgroup; HasTaskMemcg tells that the line has it.
	TaskMemcg    string
	HasTaskMemcg bool
	// Task and PID are the chosen process: comm and thread-group leader's pid. HasTask tells that the line has the comm whole.
	Task    string
	HasTask bool
	PID     Int
	// UID is as printed: negative from 2^31 on.
	UID Int
	// Complete is true when the line has its last field.
	Complete bool
}

// ParseOOMKill reads the line from both ends, so that names made to look like fields change nothing: uid and
// pid from the right, the task's comm of at most 15 bytes before them. A cut line gives the fields
// it holds whole, and Complete false.
func ParseOOMKill(s string) (v OOMKill, ok bool) {
	rest, ok := strings.CutPrefix(trimEnd(s), "oom-kill:constraint=")
	if !ok {
		return v, false
	}
	word, _, whole := strings.Cut(rest, ",")
	if !whole {
		return v, strings.HasPrefix(word, "CONSTRAINT_") || strings.HasPrefix("CONSTRAINT_", word)
	}
	if v.Constraint = constraintOf(word); v.Constraint == ConstraintUnknown {
		return v, false
	}
	rest = rest[len(word):]
	if !startsEither(rest, markNodemask) {
		return OOMKill{}, false
	}
	if !v.readWhole(rest) {
		v.readCut(rest)
	}
	v.dropCutPaths()
	return v, true
}

// longestPath is the longest path that surely was printed whole. printk cuts a record at 973 bytes or more, by
// version and configuration, and goes on in the next one as if nothing were missing.
const longestPath = 972

// dropCutPaths takes back paths that printk may have cut.
func (v *OOMKill) dropCutPaths() {
	if len(v.OOMMemcg) > longestPath {
		v.OOMMemcg, v.HasOOMMemcg, v.Complete = "", false, false
	}
	if len(v.TaskMemcg) > longestPath {
		v.TaskMemcg, v.HasTaskMemcg, v.Complete = "", false, false
	}
}

// The marks between the fields of the line.
const (
	markNodemask  = ",nodemask="
	markCpuset    = ",cpuset="
	markMems      = ",mems_allowed="
	markGlobal    = ",global_oom"
	markOOMMemcg  = ",oom_memcg="
	markTaskMemcg = ",task_memcg="
	markTask      = ",task="
	markPID       = ",pid="
	markUID       = ",uid="
)

// constraintOf returns the constraint that the kernel calls word.
func constraintOf(word string) Constraint {
	switch word {
	case "CONSTRAINT_NONE":
		return ConstraintNone
	case "CONSTRAINT_CPUSET":
		return ConstraintCpuset
	case "CONSTRAINT_MEMORY_POLICY":
		return ConstraintMemoryPolicy
	case "CONSTRAINT_MEMCG":
		return ConstraintMemcg
	}
	return ConstraintUnknown
}

// readWhole reads a line that has its last field; of any other v stays as it is. Each ",task=" that may start the comm is tried, and
// the one taken that makes the rest agree best; of equals the longest comm, since
// a process may give itself any comm but needs leave to make a cgroup.
func (v *OOMKill) readWhole(s string) bool {
	ids := *v
	s, ok := ids.takeIDs(s)
	if !ok {
		return false
	}
	bestScore := 0
	for i := nextIndex(s, markTask, max(0, len(s)-longestComm-len(markTask))); i >= 0; i = nextIndex(s, markTask, i+1) {
		task := s[i+len(markTask):]
		if !commFits(task) {
			continue
		}
		try := ids
		if score := try.readPlaces(s[:i]); score > bestScore {
			try.Task, try.HasTask, try.Complete = task, true, true
			*v, bestScore = try, score
		}
	}
	return bestScore > 0
}

// takeIDs cuts uid and pid off the end of s.
func (v *OOMKill) takeIDs(s string) (rest string, ok bool) {
	i := strings.LastIndex(s, markUID)
	if i < 0 {
		return s, false
	}
	uid, tail, ok := takeInt(s[i+len(markUID):])
	if !ok || tail != "" {
		return s, false
	}
	s = s[:i]
	if i = strings.LastIndex(s, markPID); i < 0 {
		return s, false
	}
	pid, tail, ok := takeUint(s[i+len(markPID):])
	if !ok || tail != "" {
		return s, false
	}
	v.UID, v.PID = Some(uid), Some(pid)
	return s[:i], true
}

// readPlaces reads all between the constraint and ",task=". score is 0 when it does not hold together, and
// higher the better the paths agree.
func (v *OOMKill) readPlaces(s string) (score int) {
	s, ok := v.takeNodemask(s)
	if !ok {
		return 0
	}
	if !strings.HasPrefix(s, markCpuset) {
		return v.readMemcgs(s)
	}
	name := s[len(markCpuset):]
	for i := strings.Index(name, markMems); i >= 0; i = nextIndex(name, markMems, i+1) {
		if !isCpusetName(name[:i]) || i > longestPath {
			break
		}
		mems, rest := takeNodes(name[i+len(markMems):])
		try := *v
		try.Cpuset, try.HasCpuset, try.MemsAllowed = name[:i], true, mems
		if n := try.readMemcgs(rest); n > score {
			*v, score = try, n
		}
	}
	return score
}

// readMemcgs reads the memcg fields, of which a kernel without CONFIG_MEMCG prints none.
func (v *OOMKill) readMemcgs(s string) (score int) {
	if s == "" {
		return 1
	}
	if path, ok := strings.CutPrefix(s, markGlobal+markTaskMemcg); ok && isCgroupPath(path) {
		v.Global, v.TaskMemcg, v.HasTaskMemcg = true, path, true
		return 1 + v.leafScore()
	}
	paths, ok := strings.CutPrefix(s, markOOMMemcg)
	if !ok {
		return 0
	}
	for i := strings.Index(paths, markTaskMemcg); i >= 0; i = nextIndex(paths, markTaskMemcg, i+1) {
		limit, task := paths[:i], paths[i+len(markTaskMemcg):]
		if len(limit) > maxPathText {
			break
		}
		if !isCgroupPath(limit) || !isCgroupPath(task) || !isUnder(task, limit) {
			continue
		}
		v.OOMMemcg, v.HasOOMMemcg = limit, true
		v.TaskMemcg, v.HasTaskMemcg = task, true
		if score = 1 + v.leafScore(); limit == task {
			score += 2
		}
		return score
	}
	return 0
}

// leafScore is 1 when the task's cgroup ends in the name of the cpuset, as on cgroup v2 it does when the victim
// is where the allocating task is.
func (v *OOMKill) leafScore() int {
	if n := len(v.TaskMemcg) - len(v.Cpuset); v.Cpuset != "" && n > 0 && v.TaskMemcg[n-1] == '/' && v.TaskMemcg[n:] == v.Cpuset {
		return 1
	}
	return 0
}

// takeNodemask cuts ",nodemask=…" off the front of s.
func (v *OOMKill) takeNodemask(s string) (rest string, ok bool) {
	if s, ok = strings.CutPrefix(s, markNodemask); !ok {
		return s, false
	}
	if rest, ok = strings.CutPrefix(s, "(null)"); ok {
		v.Nodemask = "(null)"
		return rest, true
	}
	v.Nodemask, rest = takeNodes(s)
	return rest, true
}

// takeNodes cuts a list of nodes, "0-1,3", off the front of s. The comma behind it is left to the next field.
func takeNodes(s string) (list, rest string) {
	i := 0
	for i < len(s) && (isDigit(s[i]) || s[i] == '-' || s[i] == ',') {
		i++
	}
	if i > 0 && s[i-1] == ',' {
		i--
	}
	return s[:i], s[i:]
}

// isCpusetName reports whether s can be the last component of a cpuset's path.
func isCpusetName(s string) bool { return s == "/" || strings.IndexByte(s, '/') < 0 }

// isCgroupPath reports whether s can be a cgroup's path, or what is printed where the kernel fails to build one.
func isCgroupPath(s string) bool {
	return s != "" && s[0] == '/' || isPathFailure(s)
}

// isUnder reports whether the cgroup at path is the one at top or below it; where one of them is not known it may be.
func isUnder(path, top string) bool {
	if path == top || top == "/" || isPathFailure(path) || isPathFailure(top) {
		return true
	}
	return len(path) > len(top) && path[:len(top)] == top && path[len(top)] == '/'
}
