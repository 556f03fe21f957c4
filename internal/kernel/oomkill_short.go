// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"strings"

	"github.com/oomtrail/oomtrail/parser/report"
)

// shortMarks are the fields after the constraint, in the order in which the kernel prints them.
var shortMarks = [...]string{markNodemask, markCpuset, markMems, markGlobal, markOOMMemcg, markTaskMemcg, markTask, markPID, markUID}

// readShort reads a line that was shortened to some of its keys: the kernel prints the nodemask
// always. Each field that is there by its name is taken, the line is never Complete. It is false
// where a value holds a field's mark, or cannot be what the field holds.
func readShort(v *report.OOMKill, s string) bool {
	try := *v
	fields := 0
	for i, mark := range shortMarks {
		rest, ok := strings.CutPrefix(s, mark)
		if !ok {
			continue
		}
		end := len(rest)
		for _, next := range shortMarks[i+1:] {
			if at := strings.Index(rest, next); at >= 0 {
				end = min(end, at)
			}
		}
		for _, before := range shortMarks[:i+1] {
			if strings.Contains(rest[:end], before) {
				return false
			}
		}
		if !takeField(&try, mark, rest[:end]) {
			return false
		}
		s = rest[end:]
		fields++
	}
	if s != "" || fields == 0 {
		return false
	}
	*v = try
	return true
}

// takeField takes one field by its mark.
func takeField(v *report.OOMKill, mark, value string) (ok bool) {
	rest := ""
	switch mark {
	case markNodemask:
		if rest, ok = takeNodemask(v, mark+value); !ok {
			return false
		}
	case markCpuset:
		v.Cpuset, v.HasCpuset = value, true
		return value != "" && isCpusetName(value)
	case markMems:
		v.MemsAllowed, rest = takeNodes(value)
	case markGlobal:
		v.Global = true
		rest = value
	case markOOMMemcg:
		v.OOMMemcg, v.HasOOMMemcg = value, true
		return isCgroupPath(value)
	case markTaskMemcg:
		v.TaskMemcg, v.HasTaskMemcg = value, true
		return isCgroupPath(value)
	case markTask:
		v.Task, v.HasTask = value, true
		return commFits(value)
	case markPID:
		n, tail, ok := takeUint(value)
		v.PID, rest = Some(n), tail
		if !ok {
			return false
		}
	case markUID:
		n, tail, ok := takeInt(value)
		v.UID, rest = Some(n), tail
		if !ok {
			return false
		}
	}
	return rest == ""
}
