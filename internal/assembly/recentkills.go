// SPDX-License-Identifier: Apache-2.0

package assembly

import (
	"strings"
	"time"

	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/parser/report"
)

const (
	// maxRecentKills is how many kills are remembered, to know a kill that the log shows again.
	maxRecentKills = 16
	// sameKill is how far apart in the log's own time two lines about one kill can be, and no pid
	// is used again.
	sameKill = 2 * time.Second
	// outOfOrder is how far apart in the log's own time two parts of one report can be and still be
	// known as parts of it when they come in the wrong order: a shipper that sends its backlog
	// after new lines.
	outOfOrder = 10 * time.Second
)

// recentKills are the newest kills of a stream.
type recentKills struct {
	kills [maxRecentKills]recentKill
	next  int // where the next one goes
}

// recentKill is what is remembered of a kill.
type recentKill struct {
	pid        int64
	host       uint64 // hash, 0 for none
	comm       string
	totalVMKB  report.Int
	logTime    time.Duration
	hasLogTime bool
	// named is set where another line than its kill line named the victim, headless where the head
	// of its report was not seen.
	named, headless bool
	set             bool
}

// add remembers a kill of a report.
func (s *recentKills) add(d *openReport, k *report.Kill) {
	s.put(recentKill{
		pid: k.PID, host: hashOf(k.At.Host), comm: strings.Clone(clipped(k.Comm)), totalVMKB: k.TotalVMKB,
		logTime: k.At.LogTime, hasLogTime: k.At.HasLogTime, named: k.Lost, headless: !d.r.HeadSeen, set: true,
	})
}

func (s *recentKills) put(k recentKill) {
	s.kills[s.next] = k
	s.next = (s.next + 1) % maxRecentKills
}

// all returns the kills that are remembered, oldest first.
func (s *recentKills) all() (kills []recentKill) {
	for i := range s.kills {
		if k := s.kills[(s.next+i)%maxRecentKills]; k.set {
			kills = append(kills, k)
		}
	}
	return kills
}

// isBlank reports whether no kill is remembered.
func (s *recentKills) isBlank() bool { return !s.kills[0].set }

// hasLine reports whether the kill of a kill line is remembered: a log repeats lines. Where a
// timestamp is missing, the same name and size count.
func (s *recentKills) hasLine(host string, logTime time.Duration, hasLogTime bool, v *report.KillLine) bool {
	for i := range s.kills {
		k := &s.kills[i]
		if !k.set || k.pid != v.PID || !agree(k.host, hashOf(host)) {
			continue
		}
		if k.hasLogTime && hasLogTime {
			apart := sameKill
			if k.named {
				apart = outOfOrder
			}
			if distance(k.logTime, logTime) <= apart && k.mayBeNamed(v) {
				return true
			}
			continue
		}
		if (!v.HasComm || k.comm == clipped(v.Comm)) && (!v.TotalVMKB.OK || k.totalVMKB == v.TotalVMKB) {
			return true
		}
	}
	return false
}

// has reports whether a process that another line than a kill line names was killed before that
// line came: its kill line was out of its place. at is the stamp of the other line.
func (s *recentKills) has(pid int64, comm string, hasComm bool, at *report.Stamp) bool {
	for i := range s.kills {
		k := &s.kills[i]
		if !k.set || k.pid != pid || hasComm && k.comm != clipped(comm) || !agree(k.host, hashOf(at.Host)) {
			continue
		}
		if !k.hasLogTime || !at.HasLogTime || distance(k.logTime, at.LogTime) <= outOfOrder {
			return true
		}
	}
	return false
}

// hasReaped reports whether the process that the reaper names was killed, or spared, in a report
// that is closed.
func (s *recentKills) hasReaped(l *format.Line, v *report.Reaper) bool {
	at, ok := l.LogTime()
	for i := range s.kills {
		k := &s.kills[i]
		if k.set && k.pid == v.PID && agree(k.host, hashOf(view(l.Host))) && (k.comm == "" || k.comm == clipped(v.Comm)) && !(k.hasLogTime && ok && k.logTime > at+outOfOrder) {
			return true
		}
	}
	return false
}

// hasRowOf reports whether the table of a part of a report shows a process that was killed lately:
// it is a part of that report which comes again, or in the wrong order.
func (s *recentKills) hasRowOf(r *report.Report) bool {
	for i := range s.kills {
		k := &s.kills[i]
		if !k.set || !agree(k.host, hashOf(r.First.Host)) {
			continue
		}
		if row := r.Tasks.ByPID(k.pid); row != nil && clipped(row.Name) == k.comm {
			return true
		}
	}
	return false
}

// hasHeadlessAfter reports whether a kill whose report shows no head came so shortly after a line
// that the line may be of that report.
func (s *recentKills) hasHeadlessAfter(last *report.Stamp) bool {
	if !last.HasLogTime {
		return false
	}
	for i := range s.kills {
		k := &s.kills[i]
		if k.set && k.headless && k.hasLogTime && k.logTime >= last.LogTime && k.logTime-last.LogTime <= outOfOrder {
			return true
		}
	}
	return false
}

// mayBeNamed reports whether the kill line names the same process, or leaves that open: a torn one
// holds part of the name. In a burst a machine with few pids uses them again.
func (k *recentKill) mayBeNamed(v *report.KillLine) bool {
	return !v.HasComm || k.comm == "" || strings.HasPrefix(k.comm, v.Comm) || strings.HasPrefix(v.Comm, k.comm)
}

func distance(a, b time.Duration) time.Duration { return max(a-b, b-a) }

// isRepeated reports whether the log showed the kill of a kill line before. The first victim of a
// group kill is printed twice.
func (a *Assembler) isRepeated(host string, logTime time.Duration, hasLogTime bool, v *report.KillLine) bool {
	return a.reports.inGroupKill(v.PID) || a.kills.hasLine(host, logTime, hasLogTime, v)
}
