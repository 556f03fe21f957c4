// SPDX-License-Identifier: Apache-2.0

package assembly

import (
	"slices"

	"github.com/oomtrail/oomtrail/parser/report"
)

// openReports are the reports of a stream that are still being put together.
type openReports struct {
	open []*openReport // oldest first
	done []*openReport // closed by the newest call, whose events are still to be read
	free []*openReport // emptied, for the next reports: at most maxFree
}

const (
	// maxOpen bounds how many reports are open at once. Kernels up to 4.1 may print two into each
	// other.
	maxOpen = 4
	// maxFree is how many emptied reports are kept: where a report closes the one before it, the
	// two take turns.
	maxFree = 2
)

// empty returns an open report without a line in it.
func (s *openReports) empty() *openReport {
	n := len(s.free) - 1
	if n < 0 {
		return newOpenReport()
	}
	d := s.free[n]
	s.free = s.free[:n]
	return d
}

// drop takes a report off the list. Its memory serves again from the next call on, when its events
// have been read.
func (s *openReports) drop(d *openReport) {
	if i := slices.Index(s.open, d); i >= 0 {
		s.open = slices.Delete(s.open, i, i+1)
	}
	s.done = append(s.done, d)
}

// recycle readies the memory of closed reports for the next ones.
func (s *openReports) recycle() {
	for i, d := range s.done {
		if len(s.free) < maxFree {
			d.reset()
			s.free = append(s.free, d)
		}
		s.done[i] = nil
	}
	s.done = s.done[:0]
}

// newest returns the report opened last, or nil.
func (s *openReports) newest() *openReport {
	if len(s.open) == 0 {
		return nil
	}
	return s.open[len(s.open)-1]
}

// of returns the open report of r, which is open or which the newest call closed.
func (s *openReports) of(r *report.Report) *openReport {
	for _, list := range [...][]*openReport{s.open, s.done} {
		for _, d := range list {
			if d.r == r {
				return d
			}
		}
	}
	return nil
}

// killer returns the open report that killed a process, or nil.
func (s *openReports) killer(pid int64) *openReport {
	for _, d := range s.open {
		for i := range d.r.Kills {
			if d.r.Kills[i].PID == pid {
				return d
			}
		}
	}
	return nil
}

// unkilled returns the newest report that has killed no process yet, or nil.
func (s *openReports) unkilled() *openReport {
	for i := len(s.open) - 1; i >= 0; i-- {
		if d := s.open[i]; !d.killed() && !d.lone {
			return d
		}
	}
	return nil
}

// victimless returns the newest report without a kill whose table or selection names the process,
// or nil.
func (s *openReports) victimless(pid int64) *openReport {
	for i := len(s.open) - 1; i >= 0; i-- {
		d := s.open[i]
		r := d.r
		if d.killed() || d.hasNoVictim() || d.held.text != "" {
			continue
		}
		if r.HasSelection && r.Selection.PID == pid || r.OOMKill.PID.OK && r.OOMKill.PID.V == pid || r.Tasks.ByPID(pid) != nil {
			return d
		}
	}
	return nil
}

// inGroupKill reports whether an open report has the process among the victims of a group kill. No
// pid is used again within one, so there another name is a damaged one.
func (s *openReports) inGroupKill(pid int64) bool {
	d := s.killer(pid)
	return d != nil && d.r.HasGroup
}

// balance makes the largest report give up its tables where several hold more than bound together.
func (s *openReports) balance(bound int) {
	sum, largest := 0, s.open[0]
	for _, d := range s.open {
		sum += d.weight.bytes
		if d.weight.bytes > largest.weight.bytes {
			largest = d
		}
	}
	if sum > bound-slack(bound) {
		largest.shed()
	}
}

// size returns the memory that all hold.
func (s *openReports) size() (n int) {
	for _, list := range [...][]*openReport{s.open, s.done, s.free} {
		for _, d := range list {
			n += d.weight.bytes
		}
	}
	return n
}
