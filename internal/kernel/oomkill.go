// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"strings"

	"github.com/oomtrail/oomtrail/parser/report"
)

var oomKillForm = form{
	starts: []string{oomKillWords},
	read: func(r *Reading, s string) (ok bool) {
		r.full = true
		r.OOMKill, ok = ParseOOMKill(s)
		return ok
	},
	openName: func(s string) (name string, ok bool) {
		i := strings.LastIndex(s, markTask)
		if i < 0 {
			return "", false
		}
		return s[i+len(markTask):], true
	},
	pieces: []continuation{{head: oomKillWords, joins: joinsOOMKill}},
}

const oomKillWords = "oom-kill:constraint="

// joinsOOMKill decides by the last mark in rest what may come next.
func joinsOOMKill(rest, piece string) bool {
	switch {
	case strings.HasSuffix(rest, markOOMMemcg), strings.HasSuffix(rest, markTaskMemcg):
		return startsPath(piece)
	case strings.HasSuffix(rest, markCpuset):
		return startsCpusetName(piece, markMems)
	}
	if piece[0] != ',' || !strings.Contains(rest, markNodemask) {
		return false
	}
	has := func(mark string) bool { return strings.HasPrefix(piece, mark) }
	switch {
	case strings.Contains(rest, markTaskMemcg):
		return has(markTask)
	case strings.Contains(rest, markOOMMemcg), strings.Contains(rest, markGlobal):
		return has(markTaskMemcg)
	case strings.Contains(rest, markMems):
		return has(markOOMMemcg) || has(markGlobal) || has(markTask)
	case strings.Contains(rest, markCpuset):
		return has(markMems)
	}
	return has(markCpuset) || has(markOOMMemcg) || has(markGlobal) || has(markTask)
}

// ParseOOMKill reads the line from both ends, so that names made to look like fields change
// nothing: uid and pid from the right, the constraint, the nodes and the cpuset from the left. What
// is between may be read in several ways where names hold the line's own words: a field in which
// these differ is absent, and Doubtful true. A cut line gives the fields it holds whole, and
// Complete false.
func ParseOOMKill(s string) (v report.OOMKill, ok bool) { return parseOOMKill(s, unknownComm) }

// ParseOOMKillOf is [ParseOOMKill] for a line about a process that another line calls comm.
func ParseOOMKillOf(s, comm string) (v report.OOMKill, ok bool) {
	return parseOOMKill(s, knownComm(comm))
}

// commFilter says which name the process of an oom-kill line can have.
type commFilter struct {
	comm  string
	known bool
}

var unknownComm = commFilter{}

func knownComm(comm string) commFilter { return commFilter{comm, true} }

// fits reports whether the process can be called s.
func (c commFilter) fits(s string) bool { return c.known && s == c.comm || !c.known && commFits(s) }

func parseOOMKill(s string, comm commFilter) (v report.OOMKill, ok bool) {
	rest, ok := strings.CutPrefix(trimEnd(s), "oom-kill:constraint=")
	if !ok {
		return v, false
	}
	word, _, whole := strings.Cut(rest, ",")
	if !whole {
		return v, strings.HasPrefix(word, "CONSTRAINT_") || strings.HasPrefix("CONSTRAINT_", word)
	}
	if v.Constraint = constraintOf(word); v.Constraint == report.ConstraintUnknown {
		return v, false
	}
	rest = rest[len(word):]
	if !startsEither(rest, markNodemask) {
		if !readShort(&v, rest) {
			return report.OOMKill{}, false
		}
		dropCutPaths(&v)
		return v, true
	}
	if !readWhole(&v, rest, comm) && !(comm.known && readWhole(&v, rest, unknownComm)) {
		readCut(&v, rest)
	}
	dropCutPaths(&v)
	return v, true
}

// dropCutPaths takes back paths that printk may have cut.
func dropCutPaths(v *report.OOMKill) {
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
func constraintOf(word string) report.Constraint {
	switch word {
	case "CONSTRAINT_NONE":
		return report.ConstraintNone
	case "CONSTRAINT_CPUSET":
		return report.ConstraintCpuset
	case "CONSTRAINT_MEMORY_POLICY":
		return report.ConstraintMemoryPolicy
	case "CONSTRAINT_MEMCG":
		return report.ConstraintMemcg
	}
	return report.ConstraintUnknown
}

// readWhole reads a line that has its last field; of any other v stays as it is.
func readWhole(v *report.OOMKill, s string, comm commFilter) bool {
	r := readings{all: *v}
	s, ok := takeVictimIDs(&r.all, s)
	if !ok {
		return false
	}
	if s, ok = takeNodemask(&r.all, s); !ok {
		return false
	}
	for i := nextIndex(s, markTask, max(0, len(s)-longestComm-len(markTask))); i >= 0; i = nextIndex(s, markTask, i+1) {
		if task := s[i+len(markTask):]; comm.fits(task) {
			one := r.all
			one.Task, one.HasTask, one.Complete = task, true, true
			r.readCpuset(s[:i], one)
		}
	}
	if r.n == 0 {
		return false
	}
	*v = r.agreed
	return true
}

// mostTries bounds the places that are looked at for the end of a path: only a made-up line has
// more.
const mostTries = 1000

// readings are the ways in which a whole line can be read.
type readings struct {
	// all is what is the same in all of them.
	all report.OOMKill
	// agreed is that in which the n so far agree.
	agreed report.OOMKill
	n      int
	tries  int
}

// readCpuset reads all between the nodes of the memory policy and ",task=" of one reading.
func (r *readings) readCpuset(s string, one report.OOMKill) {
	name, ok := strings.CutPrefix(s, markCpuset)
	if !ok {
		r.readMemcgs(s, one)
		return
	}
	for i := strings.Index(name, markMems); i >= 0 && i <= longestPath; i = nextIndex(name, markMems, i+1) {
		mems, rest := takeNodes(name[i+len(markMems):])
		if rest == "" && !isCpusetName(name[:i]) { // it is part of a path
			break
		}
		one.Cpuset, one.HasCpuset, one.MemsAllowed = name[:i], true, mems
		r.readMemcgs(rest, one)
	}
}

// readMemcgs reads the memcg fields, of which a kernel without CONFIG_MEMCG prints none.
func (r *readings) readMemcgs(s string, one report.OOMKill) {
	if s == "" {
		r.add(one)
		return
	}
	if path, ok := strings.CutPrefix(s, markGlobal+markTaskMemcg); ok && isCgroupPath(path) {
		one.Global, one.TaskMemcg, one.HasTaskMemcg = true, path, true
		r.add(one)
		return
	}
	paths, ok := strings.CutPrefix(s, markOOMMemcg)
	if !ok {
		return
	}
	for i := strings.Index(paths, markTaskMemcg); i >= 0 && i <= maxPathText; i = nextIndex(paths, markTaskMemcg, i+1) {
		limit, task := paths[:i], paths[i+len(markTaskMemcg):]
		if r.tries++; r.tries > mostTries {
			r.doubtAll()
			return
		}
		if isCgroupPath(limit) && isCgroupPath(task) && isUnder(task, limit) {
			one.OOMMemcg, one.HasOOMMemcg = limit, true
			one.TaskMemcg, one.HasTaskMemcg = task, true
			r.add(one)
		}
	}
}

// add takes one more reading.
func (r *readings) add(one report.OOMKill) {
	if r.n++; r.n == 1 {
		r.agreed = one
		return
	}
	v := &r.agreed
	v.Doubtful = true
	v.Global = v.Global && one.Global
	agree(&v.Cpuset, &v.HasCpuset, one.Cpuset, one.HasCpuset)
	agree(&v.OOMMemcg, &v.HasOOMMemcg, one.OOMMemcg, one.HasOOMMemcg)
	agree(&v.TaskMemcg, &v.HasTaskMemcg, one.TaskMemcg, one.HasTaskMemcg)
	agree(&v.Task, &v.HasTask, one.Task, one.HasTask)
	if v.MemsAllowed != one.MemsAllowed {
		v.MemsAllowed = ""
	}
}

// agree takes a field back that another reading has otherwise.
func agree(field *string, has *bool, other string, otherHas bool) {
	if *has && (!otherHas || *field != other) {
		*field, *has = "", false
	}
}

// doubtAll leaves nothing of what may be read in several ways.
func (r *readings) doubtAll() {
	r.n++
	r.agreed = r.all
	r.agreed.Complete, r.agreed.Doubtful = true, true
}

// takeIDs cuts uid and pid off the end of s.
func takeVictimIDs(v *report.OOMKill, s string) (rest string, ok bool) {
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

// takeNodemask cuts ",nodemask=…" off the front of s.
func takeNodemask(v *report.OOMKill, s string) (rest string, ok bool) {
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

// takeNodes cuts a list of nodes, "0-1,3", off the front of s. The comma after it is left to the
// next field.
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
