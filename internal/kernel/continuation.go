// SPDX-License-Identifier: Apache-2.0

package kernel

import "strings"

// JoinsFragment reports whether piece can be the continuation of head, a line that breaks off. The kernel prints
// a long line by several calls, and where another CPU prints between two of them the rest
// becomes a record of its own. So head ends where one of these calls ends, and piece starts as the next one
// does: with the mark of a field, or, where head ends in a mark or in words that need one, with
// a cgroup's path or a cpuset's name. Nothing of the text between is lost: the line is head and piece as they are.
func JoinsFragment(head, piece string) bool {
	if head == "" || piece == "" {
		return false
	}
	for _, j := range joints {
		if rest, ok := strings.CutPrefix(head, j.head); ok {
			return j.joins(rest, piece)
		}
	}
	if i := strings.Index(head, " cpuset="); i >= 0 && commFits(head[:i]) {
		return joinsCpuset(head[i+len(" cpuset="):], piece)
	}
	return joinsAllocFailure(head, piece)
}

// joints tells for each line that is printed in pieces how what follows its first words goes on.
var joints = [...]struct {
	head  string
	joins func(rest, piece string) bool
}{
	{"oom-kill:constraint=", joinsOOMKill},
	{"Memory cgroup stats for ", joinsStats},
	{taskInWords, joinsTaskIn},
	{limitOfWords, joinsPath},
	{limitReachedWords, joinsPath},
	{"Tasks in ", joinsGroupKill},
	{"Node ", joinsNode},
	{"lowmem_reserve[]:", joinsNumbers},
	{"protections[]:", joinsNumbers},
	{"SysRq : ", joinsSysrq},
	{"sysrq: SysRq : ", joinsSysrq},
}

// EndsInName reports whether s, a line of kind k that breaks off, ends inside a task's name, as far as that can go.
func EndsInName(k Kind, s string) bool {
	name, ok := "", false
	switch k {
	case CPULine:
		var v CPU
		name, ok = takeCPUIDs(&v, s)
	case OOMKillLine:
		i := strings.LastIndex(s, markTask)
		if ok = i >= 0; ok {
			name = s[i+len(markTask):]
		}
	case SelectionLine, SkipLine:
		for _, words := range [...]string{"ill process ", "OOM victim "} {
			if _, rest, found := strings.Cut(s, words); found {
				_, rest, _ = takeUint(rest)
				name, ok = strings.CutPrefix(rest, " (")
				break
			}
		}
	}
	return ok && commFits(name)
}

// joinsPath reports whether piece is a path that is all that is missing.
func joinsPath(rest, piece string) bool {
	return rest == "" && startsPath(piece)
}

// startsCpusetName reports whether s starts as the name of a cpuset that the given mark, or nothing, follows. A name
// with a blank in it is not told from another line, nor is one that is like a line of its own.
func startsCpusetName(s, mark string) bool {
	name, _, marked := strings.Cut(s, mark)
	if name == "" || name[0] == ',' || len(name) > 255 || !isCpusetName(name) {
		return false
	}
	return marked || strings.IndexByte(name, ' ') < 0 && Classify(s) == Other
}

// joinsOOMKill tells by the last mark in head what may come next.
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

// joinsStats continues "Memory cgroup stats for ": with the path, the colon, or one of the figures that follow it to 5.2.
func joinsStats(rest, piece string) bool {
	if rest == "" {
		return startsPath(piece)
	}
	if _, _, ok := NextStat(piece); ok {
		return strings.Contains(rest, ":")
	}
	if trimEnd(piece) == ":" {
		return true
	}
	figures, ok := strings.CutPrefix(piece, ":")
	_, _, figure := NextStat(figures)
	return ok && figure
}

// joinsTaskIn continues "Task in ".
func joinsTaskIn(rest, piece string) bool {
	if rest == "" || strings.HasSuffix(rest, limitOfWords) {
		return startsPath(piece)
	}
	return strings.HasPrefix(piece, limitOfWords)
}

// joinsGroupKill continues "Tasks in ".
func joinsGroupKill(rest, piece string) bool {
	if rest == "" {
		return startsPath(piece)
	}
	return trimEnd(piece) == groupKillWords
}

// joinsNode continues "Node 0 " with a zone's text, and a buddy list with its items.
func joinsNode(rest, piece string) bool {
	_, rest, ok := takeUint(rest)
	if !ok {
		return false
	}
	if rest == " " {
		head, text := cutNodeAndZone(piece)
		return !head.Node.OK && head.Zone != "" && (strings.HasPrefix(text, " free:") || strings.HasPrefix(text, ":") || strings.HasPrefix(text, " per-cpu:"))
	}
	head, text := cutNodeAndZone(rest)
	if head.Zone == "" || !strings.HasPrefix(text, ": ") || strings.Contains(text, "= ") {
		return false
	}
	if strings.HasPrefix(piece, "(") || strings.HasPrefix(piece, "= ") {
		return text != ": "
	}
	_, _, ok = cutBuddyItem(piece)
	return ok
}

// joinsNumbers continues a list of numbers.
func joinsNumbers(_, piece string) bool {
	for rest := trimEnd(piece); rest != ""; {
		_, tail, ok := takeInt(skipBlanks(rest))
		if !ok || rest[0] != ' ' {
			return false
		}
		rest = tail
	}
	return true
}

// joinsSysrq continues "SysRq : ".
func joinsSysrq(rest, piece string) bool {
	return rest == "" && trimEnd(piece) == "Manual OOM execution"
}

// joinsCpuset continues "X cpuset=" (3.16 to 4.20).
func joinsCpuset(rest, piece string) bool {
	if rest == "" {
		return startsCpusetName(piece, " mems_allowed=")
	}
	return strings.HasPrefix(piece, " mems_allowed=") && isCpusetName(rest)
}

// joinsAllocFailure continues the head of an allocation failure (4.9+).
func joinsAllocFailure(head, piece string) bool {
	if comm, ok := strings.CutSuffix(head, ": "); ok {
		return commFits(comm) && isAllocFailure(piece)
	}
	if v, ok := ParseAllocFailure(head); !ok || v.Comm == "" && !strings.Contains(head, "order:") {
		return false
	}
	if strings.HasSuffix(head, markCpuset) {
		return startsCpusetName(piece, markMems)
	}
	return strings.HasPrefix(piece, ", mode:") || strings.HasPrefix(piece, markCpuset) || strings.HasPrefix(piece, markMems)
}
