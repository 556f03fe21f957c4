// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"strings"

	"github.com/oomtrail/oomtrail/parser/report"
)

var cpusetForm = form{
	named:  true,
	read:   is(isCpuset),
	pieces: []continuation{{begins: cutCpusetHead, joins: joinsCpuset}},
}

// cutCpusetHead cuts "X cpuset=" off the front of a line that breaks off.
func cutCpusetHead(head string) (rest string, ok bool) {
	i := strings.Index(head, markCpusetOf)
	if i < 0 || !commFits(head[:i]) {
		return head, false
	}
	return head[i+len(markCpusetOf):], true
}

// ParseCpuset reads the cpuset line of the task that is called comm, "" where that is not known.
// Only meaningful inside a report. Both names may hold the line's own words: where comm does not
// say which is which, both are "".
func ParseCpuset(s, comm string) (v report.Cpuset, ok bool) {
	s, mems, ok := cutMems(s)
	if !ok {
		return v, false
	}
	readings := 0
	for i := strings.Index(s, markCpusetOf); i >= 0 && commFits(s[:i]); i = nextIndex(s, markCpusetOf, i+1) {
		name := s[i+len(markCpusetOf):]
		if !isCpusetName(name) {
			continue
		}
		v = report.Cpuset{Comm: s[:i], Cpuset: name, MemsAllowed: mems}
		if v.Comm == comm && comm != "" {
			return v, true
		}
		readings++
	}
	if readings > 1 {
		v = report.Cpuset{MemsAllowed: mems}
	}
	return v, readings > 0
}

const markCpusetOf = " cpuset="

// cutMems cuts " mems_allowed=0-1", with which the cpuset line ends, off the end of s.
func cutMems(s string) (rest, mems string, ok bool) {
	s = trimEnd(s)
	end := len(s)
	for end > 0 && (isDigit(s[end-1]) || s[end-1] == ',' || s[end-1] == '-') {
		end--
	}
	if end == 0 || s[end-1] != '=' {
		return "", "", false
	}
	rest, ok = strings.CutSuffix(s[:end], " mems_allowed=")
	return rest, s[end:], ok && isNodeList(s[end:])
}

// isCpuset reports whether s is a cpuset line.
func isCpuset(s string) bool {
	if c := s[len(s)-1]; !isDigit(c) && c != '=' && c > ' ' { // no list of nodes ends so, nor what a format adds to one
		return false
	}
	_, ok := ParseCpuset(s, "")
	return ok
}

// isCpusetName reports whether s can be the last component of a cpuset's path.
func isCpusetName(s string) bool { return s == "/" || strings.IndexByte(s, '/') < 0 }
