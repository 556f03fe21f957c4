// SPDX-License-Identifier: Apache-2.0

package watch

import (
	"bytes"
	"cmp"
	"iter"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Process is a process that holds memory of its own: not a kernel thread, and not one that has
// ended.
type Process struct {
	PID, Parent int
	// Name is the first 15 bytes of the program's name; any bytes may stand in it.
	Name string
	// UserID is the real user id.
	UserID Int
	// Score is the kernel's own oom_score: 0 for one that is never killed. From 5.9 an ordinary
	// process that holds nothing has 666, before that 0.
	Score Int
	// Adjustment is oom_score_adj, -1000 to 1000.
	Adjustment Int
	// RSS is its resident memory, Anon (4.5) what of it no file backs; Swap and PageTables count
	// for the kernel's choice as well. All are in bytes.
	RSS, Anon, Swap, PageTables Int
	// Cgroup is its cgroup's path in the hierarchy that limits memory, as that is mounted here: one
	// that begins with /.. lies outside of what a container sees of it.
	Cgroup string
	// Service is its path in systemd's own hierarchy of version 1 (name=systemd), "" where there is
	// none. There each unit has a cgroup; in that of memory only those whose memory is counted.
	Service string
	// Started is when it was started, since boot.
	Started time.Duration
}

// maxAdjustment is OOM_SCORE_ADJ_MIN without its sign.
const maxAdjustment = 1000

// Processes reads all processes. hidden is set where those of other users are not shown (hidepid=
// of proc's mount).
func (s System) Processes() (all []Process, hidden bool, err error) { return s.ProcessesUnder("/") }

// ProcessesUnder reads the processes in a cgroup and below it. Of others it reads no more than
// their cgroup. hidden is as in [System.Processes].
func (s System) ProcessesUnder(cgroup string) (all []Process, hidden bool, err error) {
	first := false
	err = list(s.Proc, func(name string) bool {
		pid, err := strconv.Atoi(name)
		if err != nil || pid <= 0 {
			return true
		}
		first = first || pid == 1
		if cgroup != "/" && !IsUnder(s.cgroupOf(filepath.Join(s.Proc, name)), cgroup) {
			return true
		}
		if p, ok := s.Process(pid); ok {
			all = append(all, p)
		}
		return len(all) < maxProcesses
	})
	slices.SortFunc(all, func(a, b Process) int { return cmp.Compare(a.PID, b.PID) })
	return all, !first, err
}

// Process reads a process. ok is false for a kernel thread, and for one that has ended or that this
// user may not see.
func (s System) Process(pid int) (p Process, ok bool) {
	dir := filepath.Join(s.Proc, strconv.Itoa(pid))
	status, err := read(filepath.Join(dir, "status"))
	if err != nil {
		return p, false
	}
	if p = parseStatus(status); !p.RSS.OK {
		return p, false
	}
	stat, err := read(filepath.Join(dir, "stat"))
	if err != nil {
		return p, false
	}
	p.PID = pid
	parseStat(stat, &p)
	p.Score = readNumber(filepath.Join(dir, "oom_score"))
	if b, err := read(filepath.Join(dir, "oom_score_adj")); err == nil {
		if adj := parseSigned(b); adj.OK && adj.V >= -maxAdjustment && adj.V <= maxAdjustment {
			p.Adjustment = adj
		}
	}
	if b, err := read(filepath.Join(dir, "cgroup")); err == nil {
		p.Cgroup, p.Service = s.located(parseProcessCgroup(b)), parseService(b)
	}
	return p, true
}

// cgroupOf reads the cgroup of the process whose directory it is, "" where that is not known.
func (s System) cgroupOf(dir string) string {
	b, err := read(filepath.Join(dir, "cgroup"))
	if err != nil {
		return ""
	}
	return s.located(parseProcessCgroup(b))
}

// parseStatus reads /proc/PID/status. A kernel thread and a process that has ended have no VmRSS.
// VmSwap is there from 2.6.34, RssAnon from 4.5; VmPTE counts all levels of page tables from 4.15.
func parseStatus(b []byte) (p Process) {
	for name, value := range pairs(b, ':') {
		switch name {
		case "PPid":
			p.Parent = int(min(parseInt(value).V, math.MaxInt32))
		case "Uid":
			if f := bytes.Fields(value); len(f) > 0 {
				p.UserID = parseInt(f[0])
			}
		case "VmRSS":
			p.RSS = parseKB(value)
		case "RssAnon":
			p.Anon = parseKB(value)
		case "VmSwap":
			p.Swap = parseKB(value)
		case "VmPTE":
			p.PageTables = parseKB(value)
		}
	}
	return p
}

// ticks is how many of the units of starttime a second has: USER_HZ, 100 on every architecture of
// today.
const ticks = 100

// parseStat reads name and start of a process. The name stands in parentheses and may hold any
// byte, also those: the last one that closes ends it.
func parseStat(b []byte, p *Process) {
	open, end := bytes.IndexByte(b, '('), bytes.LastIndexByte(b, ')')
	if open < 0 || end < open {
		return
	}
	p.Name = string(b[open+1 : end])
	const started = 22 - 3 // starttime is field 22, the state behind the name field 3
	if f := bytes.Fields(b[end+1:]); len(f) > started {
		if n := parseInt(f[started]); n.OK && n.V < math.MaxInt64/int64(time.Second/ticks) {
			p.Started = time.Duration(n.V) * (time.Second / ticks)
		}
	}
}

// memberships are the lines of /proc/PID/cgroup, "number:controllers:path": the controllers, "" for
// version 2, and the path. A cgroup that was removed has " (deleted)" behind it.
func memberships(b []byte) iter.Seq2[string, string] {
	return func(yield func(controllers, path string) bool) {
		for line := range bytes.Lines(b) {
			f := strings.SplitN(string(bytes.TrimSuffix(line, []byte{'\n'})), ":", 3)
			if len(f) < 3 || !strings.HasPrefix(f[2], "/") || (f[0] == "0") != (f[1] == "") {
				continue
			}
			if !yield(f[1], strings.TrimSuffix(f[2], " (deleted)")) {
				return
			}
		}
	}
}

// parseProcessCgroup returns of /proc/PID/cgroup the path in the hierarchy of version 1 that has
// the controller memory, else that of version 2.
func parseProcessCgroup(b []byte) string {
	unified := ""
	for controllers, path := range memberships(b) {
		if controllers == "" {
			unified = path
		} else if slices.Contains(strings.Split(controllers, ","), "memory") {
			return path
		}
	}
	return unified
}

// parseService returns of /proc/PID/cgroup the path in the hierarchy of version 1 that is systemd's
// own, "" where there is none.
func parseService(b []byte) string {
	for controllers, path := range memberships(b) {
		if controllers == "name=systemd" {
			return path
		}
	}
	return ""
}

// Badness is what the kernel compares where it chooses whom to kill (oom_badness of
// mm/oom_kill.c, 4.17), in bytes: what the process holds, and of total its adjustment's share.
// total is what there is: RAM and swap, or a cgroup's [Hierarchy.Capacity]. ok is false where it
// is never killed: by its adjustment, and the machine's init, whose oom_score is 0. In a PID
// namespace of its own, a container's init has number 1 and a score.
func (p *Process) Badness(total, pageSize int64) (badness int64, ok bool) {
	if p.PID == 1 && p.Score.V == 0 || p.Adjustment.V == -maxAdjustment {
		return 0, false
	}
	held := p.RSS.V + p.Swap.V + p.PageTables.V
	return held + p.Adjustment.V*(total/pageSize/maxAdjustment)*pageSize, true
}

// Rank sorts the processes that the kernel may kill as it would choose among them, the next victim
// first, where the memory of the whole machine runs out. It goes by the kernel's own oom_score, and
// among equal ones, which stand for a 1,000th of all memory, by [Process.Badness].
func (s System) Rank(processes []Process, m Memory) []Process {
	return s.rank(processes, m.Total.V+m.SwapTotal.V, true)
}

// RankIn is [System.Rank] where a cgroup reaches its limit, whose processes these are, with those
// of the cgroups below it. oom_score is of no use there: the kernel weighs adjustments by the
// cgroup's [Hierarchy.Capacity].
func (s System) RankIn(processes []Process, capacity int64) []Process {
	return s.rank(processes, capacity, false)
}

// RankUnder is [System.Rank] of those among some processes that are in a cgroup or below it: by
// [System.RankIn] where the cgroup has a limit.
func (s System) RankUnder(processes []Process, h Hierarchy, c *Cgroup, m Memory, set Settings) []Process {
	of := slices.DeleteFunc(slices.Clone(processes), func(p Process) bool { return !IsUnder(p.Cgroup, c.Path) })
	if capacity := h.Capacity(c, m, set); capacity > 0 {
		return s.RankIn(of, capacity)
	}
	return s.Rank(of, m)
}

// IsUnder reports whether a path is a cgroup or one below it.
func IsUnder(path, cgroup string) bool {
	return path == cgroup || cgroup == "/" || strings.HasPrefix(path, cgroup) && path[len(cgroup)] == '/'
}

func (s System) rank(processes []Process, total int64, byScore bool) []Process {
	page := s.pageSize()
	ranked := slices.DeleteFunc(slices.Clone(processes), func(p Process) bool {
		_, ok := p.Badness(total, page)
		return !ok
	})
	slices.SortStableFunc(ranked, func(a, b Process) int {
		x, _ := a.Badness(total, page)
		y, _ := b.Badness(total, page)
		score := 0
		if byScore {
			score = cmp.Compare(b.Score.V, a.Score.V)
		}
		// Of equal ones the kernel takes the one that was started last (oom_evaluate_task).
		return cmp.Or(score, cmp.Compare(y, x), cmp.Compare(b.Started, a.Started), cmp.Compare(b.PID, a.PID))
	})
	return ranked
}
