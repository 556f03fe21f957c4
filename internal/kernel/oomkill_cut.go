// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"strings"

	"github.com/oomtrail/oomtrail/parser/report"
)

// readCut reads, from the left, a line that lost its end. A field counts only when the mark of the
// next one follows it.
func readCut(v *report.OOMKill, s string) {
	rest, ok := takeNodemask(v, s)
	if !ok {
		return
	}
	if v.Nodemask != "(null)" && len(rest) < 2 {
		v.Nodemask = "" // more nodes may have followed
	}
	if strings.HasPrefix(rest, markCpuset) {
		if rest, ok = cutCpuset(v, rest[len(markCpuset):]); !ok {
			return
		}
	}
	if tail, ok := strings.CutPrefix(rest, markGlobal); ok {
		v.Global = true
		if path, ok := strings.CutPrefix(tail, markTaskMemcg); ok {
			cutTaskMemcg(v, path)
		}
		return
	}
	if paths, ok := strings.CutPrefix(rest, markOOMMemcg); ok {
		cutMemcgs(v, paths)
		return
	}
	if victim, ok := strings.CutPrefix(rest, markTask); ok {
		cutVictim(v, victim)
	}
}

// cutCpuset cuts name and mems_allowed off the front of s. A name may hold the mark of
// mems_allowed. Where more than one reading holds, none is taken.
func cutCpuset(v *report.OOMKill, s string) (rest string, ok bool) {
	before := *v
	for i := strings.Index(s, markMems); i >= 0 && i <= longestPath; i = nextIndex(s, markMems, i+1) {
		mems, behind := takeNodes(s[i+len(markMems):])
		if !succeedsMems(behind) {
			continue
		}
		if ok {
			*v = before
			return s, false
		}
		v.Cpuset, v.HasCpuset, v.MemsAllowed = s[:i], true, mems
		rest, ok = behind, true
	}
	if !ok || !isCpusetName(v.Cpuset) {
		*v = before
		return s, false
	}
	return rest, true
}

// succeedsMems reports whether s starts with what follows mems_allowed.
func succeedsMems(s string) bool {
	if path, ok := strings.CutPrefix(s, markOOMMemcg); ok {
		return path != "" && startsPath(path)
	}
	if strings.HasPrefix(s, markGlobal) {
		path, ok := strings.CutPrefix(s, markGlobal+markTaskMemcg)
		return ok && path != "" && startsPath(path) || strings.HasPrefix(markGlobal+markTaskMemcg, s)
	}
	return strings.HasPrefix(s, markTask)
}

// cutMemcgs reads what follows ",oom_memcg=": its path is whole where the beginning of a path that
// agrees with it follows. Where more than one reading holds, none is taken.
func cutMemcgs(v *report.OOMKill, s string) {
	found := ""
	for i := strings.Index(s, markTaskMemcg); i >= 0 && i <= longestPath; i = nextIndex(s, markTaskMemcg, i+1) {
		limit, task := s[:i], s[i+len(markTaskMemcg):]
		if !isCgroupPath(limit) || task == "" || !startsPath(task) || !startsEither(task, limit) && limit != "/" && !isPathFailure(limit) {
			continue
		}
		if found != "" {
			return
		}
		found = limit
	}
	if found != "" {
		v.OOMMemcg, v.HasOOMMemcg = found, true
		cutTaskMemcg(v, s[len(found)+len(markTaskMemcg):])
	}
}

// longestVictim bounds ",task=" and all that follows it, with some room for what a format left
// there.
const longestVictim = longestComm + 128

// cutTaskMemcg reads what follows ",task_memcg=". Where more than one reading holds, none is taken.
func cutTaskMemcg(v *report.OOMKill, s string) {
	found := false
	before := *v
	for i := nextIndex(s, markTask, max(0, len(s)-longestVictim)); i >= 0; i = nextIndex(s, markTask, i+1) {
		try := before
		if !isCgroupPath(s[:i]) || v.HasOOMMemcg && !isUnder(s[:i], v.OOMMemcg) || !cutVictim(&try, s[i+len(markTask):]) {
			continue
		}
		if found {
			*v = before
			return
		}
		found = true
		try.TaskMemcg, try.HasTaskMemcg = s[:i], true
		*v = try
	}
}

// cutVictim reads what follows ",task=". ok is false where that cannot be the end of the line.
func cutVictim(v *report.OOMKill, s string) (ok bool) {
	i := strings.LastIndex(s, markPID)
	if i < 0 || !commFits(s[:i]) {
		return commFits(s)
	}
	pid, rest, ok := wholeInt(s[i+len(markPID):])
	if !ok {
		_, rest, ok = takeUint(s[i+len(markPID):])
		if ok && rest == "" || s[i+len(markPID):] == "" {
			v.Task, v.HasTask = s[:i], true
			return true
		}
		return commFits(s)
	}
	if !startsEither(rest, markUID) {
		return commFits(s)
	}
	v.Task, v.HasTask, v.PID = s[:i], true, Some(pid)
	if tail, ok := strings.CutPrefix(rest, markUID); ok {
		if uid, _, ok := wholeInt(tail); ok {
			v.UID = Some(uid)
		}
	}
	return true
}
