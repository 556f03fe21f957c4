// SPDX-License-Identifier: Apache-2.0

package page

import (
	"math"
	"strings"

	"github.com/oomtrail/oomtrail/internal/kill"
	"github.com/oomtrail/oomtrail/parser/report"
)

// Bar is what held the memory that ran out: the victim, the next largest processes, the others,
// and what is no process's own.
type Bar struct {
	// Total is how much there was, in bytes: the limit, or the usable memory.
	Total int64
	// Whole says what that is: "limit", "of usable RAM".
	Whole string
	// Parts are in the order in which they are drawn, each more than nothing, but for a victim that
	// had nothing of its own. The kernel reads its counters one after another: together they may be
	// up to a tenth more than the total.
	Parts []Part
	// Note says why the victim is not among them, "" where it is or where there is none.
	Note string
}

// Sum is how much the parts are together, in bytes.
func (b *Bar) Sum() (sum int64) {
	for i := range b.Parts {
		sum += b.Parts[i].Bytes
	}
	return sum
}

// Most is the part that held more than the victim and all others, nil where the victim held most or
// where it is not known what did.
func (b *Bar) Most() *Part {
	most := &b.Parts[0]
	for i := range b.Parts {
		if b.Parts[i].Bytes > most.Bytes {
			most = &b.Parts[i]
		}
	}
	switch most.Kind {
	case PartVictim, PartFree, PartRest:
		return nil
	}
	return most
}

// Percent writes what share of the total a part has.
func (b *Bar) Percent(p *Part) string { return Percent(float64(p.Bytes) / float64(b.Total)) }

// OfWhole is the total behind "of": "the 24 MiB limit", "1 GiB of usable RAM".
func (b *Bar) OfWhole() string {
	text := kill.Size(b.Total) + " " + b.Whole
	if strings.HasPrefix(b.Whole, "limit") {
		text = "the " + text
	}
	return text
}

// Part is what held a part of the memory.
type Part struct {
	Kind  PartKind
	Name  string
	Bytes int64
	// PID is the process that it is, 0 for what is no single one.
	PID int64
}

// Means says in plain words what the part is.
func (p *Part) Means() string {
	if p.Kind == PartVictim && p.PID == 0 {
		return "the killed processes' own memory: heap, stacks, data"
	}
	return p.Kind.means()
}

// PartKind is the kind of what held memory.
type PartKind uint8

// The kinds of parts.
const (
	PartVictim    PartKind = iota // the victim, or all of a group that was killed
	PartProcess                   // another large process
	PartProcesses                 // all other processes
	PartHugetlb                   // reserved huge pages
	PartShared                    // shared memory and tmpfs
	PartCache                     // page cache
	PartLocked                    // locked memory
	PartKernel                    // the kernel's own
	PartSwap                      // swap, where it is counted with memory
	PartFree                      // free
	PartRest                      // what the report does not show
	NumPartKinds
)

// means says in plain words what memory of the kind is.
func (k PartKind) means() string {
	return [NumPartKinds]string{
		PartVictim:    "the killed process's own memory: heap, stacks, data",
		PartProcess:   "this process's own memory; it was not killed",
		PartProcesses: "these processes' own memory: heap, stacks, data",
		PartHugetlb:   "set aside as huge pages: only programs that ask for huge pages can use it",
		PartShared:    "files in tmpfs such as /dev/shm, and memory that processes share. A kill does not free the files.",
		PartCache:     "file contents kept in memory. The kernel drops most of it when memory runs short.",
		PartLocked:    "can neither be dropped nor swapped out: mlock, ramfs",
		PartKernel:    "the kernel's own: slab, page tables, stacks, network buffers",
		PartSwap:      "written out to swap, and counted against the same limit",
		PartFree:      "not in use",
		PartRest:      "no figure of the report says what it was",
	}[k]
}

// Gauge is how much of what there was the victim, or its whole group, held.
type Gauge struct {
	// Share is of 1.
	Share float64
	// Held is in bytes. Limit is how much there was, absent where that is not known. Over is set
	// where Held is more: shared file pages count in each process.
	Held  int64
	Limit report.Int
	Over  bool
	// Who held it, and Whole is what the limit is, in words. Name is that of the victim.
	Who, Whole, Name string
}

// Percent is the share in words: "over 100 %".
func (g *Gauge) Percent() string {
	if g.Over {
		return "over " + Percent(g.Share)
	}
	return Percent(g.Share)
}

// Text is the gauge in words.
func (g *Gauge) Text() string {
	return g.Percent() + ": " + g.Who + " held " + kill.Size(g.Held) + " of " + g.Whole
}

// ofWhat says what the whole of a bar is.
func (m *maker) ofWhat() string {
	switch m.report.Scope(m.victim()) {
	case report.ScopeCgroup:
		if hit, _ := m.report.LimitHit(); hit == report.CounterMemsw {
			return "limit of memory and swap"
		}
		return "limit"
	case report.ScopeHost:
		return "of usable RAM"
	}
	return "on the allowed nodes"
}

// bar returns what held memory, nil where the log does not show the most of it.
func (m *maker) bar() *Bar {
	if m.Diagnosis == nil || m.report.Manual {
		return nil
	}
	h := &m.Diagnosis.Held
	if !h.Total.OK || h.Total.V <= 0 || !h.Anon.OK {
		return nil
	}
	b := &Bar{Total: h.Total.V, Whole: m.ofWhat(), Parts: m.divide(h.Anon.V, h.Total.V)}
	for _, k := range [...]struct {
		kind PartKind
		name string
		v    report.Int
	}{
		{PartHugetlb, "reserved huge pages", h.Hugetlb}, {PartShared, "shared memory, tmpfs", h.Shmem}, {PartCache, "page cache", h.File},
		{PartLocked, "locked (mlock, ramfs)", h.Locked}, {PartKernel, "kernel", h.Kernel}, {PartSwap, "swap", h.Swap}, {PartFree, "free", h.Free},
	} {
		if k.v.V > 0 {
			b.Parts = append(b.Parts, Part{Kind: k.kind, Name: k.name, Bytes: k.v.V})
		}
	}
	switch rest := b.Total - b.Sum(); {
	case rest < -b.Total/10:
		return nil // counters that belong to different things, or a log made up
	case rest > b.Total/2:
		return nil // it would be a picture of what the log does not show
	case rest > 0:
		b.Parts = append(b.Parts, Part{Kind: PartRest, Name: "not in the report", Bytes: rest})
	}
	if victim := m.victim(); victim != nil && b.Parts[0].Kind != PartVictim {
		b.Note = "killed: " + short(victim.Comm) + ", one of the processes. "
		if rss, ok := m.Number64("oom.victim.memory.rss"); ok && rss > 0 {
			b.Note += "It held " + kill.Size(rss) + " in all; how much of that is in this picture the log does not say."
		} else {
			b.Note += "How much of this it held is not in the log."
		}
	}
	return b
}

// A bar shows the next largest processes beside the victim each for itself, as far as one is more
// than the smallest part of the whole that can be seen.
const (
	next     = 3
	smallest = 50
)

// divide divides the processes' own memory: the victim, the next largest, the others.
func (m *maker) divide(anon, total int64) (parts []Part) {
	var all []Part
	if anon > 0 {
		all = []Part{{Kind: PartProcesses, Name: "processes", Bytes: anon}}
	}
	switch m.report.Scope(m.victim()) {
	case report.ScopeCgroup, report.ScopeHost:
	default:
		return all // on which nodes a process has its memory is not known
	}
	left := anon
	if victim := m.victim(); victim != nil {
		v, own := Part{Kind: PartVictim, Name: short(victim.Comm), PID: victim.PID}, report.Int{}
		if m.inGroup() {
			v.Name, v.PID, own = m.groupName(), 0, m.groupAnon()
		} else if victim.AnonRSSKB.OK {
			own = report.Some(victim.AnonRSSKB.V << 10)
		}
		if !own.OK || own.V < 0 || own.V > anon+total/10 {
			return all
		}
		v.Bytes = min(own.V, anon)
		parts, left = append(parts, v), left-v.Bytes
	}
	parts, left = m.others(parts, left, total)
	if len(parts) == 0 {
		return all
	}
	if left > 0 {
		parts = append(parts, Part{Kind: PartProcesses, Name: "other processes", Bytes: left})
	}
	return parts
}

// groupName names the largest victim of a group, and how many died with it.
func (m *maker) groupName() string {
	kills := m.report.Kills
	largest := &kills[0]
	for i := range kills {
		if kills[i].AnonRSSKB.V > largest.AnonRSSKB.V {
			largest = &kills[i]
		}
	}
	if len(kills) == 1 {
		return short(largest.Comm)
	}
	return short(largest.Comm) + " and " + number(int64(len(kills)-1)) + " more"
}

// groupAnon is what all victims of a group held of their own.
func (m *maker) groupAnon() (sum report.Int) {
	for i := range m.report.Kills {
		k := &m.report.Kills[i]
		if !k.AnonRSSKB.OK {
			return report.Int{}
		}
		sum = report.Some(sum.V + k.AnonRSSKB.V<<10)
	}
	return sum
}

// others adds the next largest processes, as far as each is large enough to be seen. Tables before
// 6.8 do not part a process's own memory from what it shares: they are believed where the rows
// together are little more than what there is to divide.
func (m *maker) others(parts []Part, left, total int64) ([]Part, int64) {
	t := &m.report.Tasks
	column := report.ColRSSAnon
	if !t.Table.Has(column) {
		column = report.ColRSS
	}
	page, known := m.report.PageSize()
	if !known || !t.Table.Has(column) {
		return parts, left
	}
	own, sum, shown := m.ownRow(), int64(0), make([]Part, 0, next)
	for _, row := range t.Rows.AppendLargest(nil, next+len(m.report.Kills)) {
		pages := row.Values[column]
		if m.killed(row.PID) || row == own || pages < 0 || pages > math.MaxInt64/page/8 {
			continue
		}
		if bytes := pages * page; len(shown) < next && bytes >= total/smallest {
			shown, sum = append(shown, Part{Kind: PartProcess, Name: short(row.Name), Bytes: bytes, PID: row.PID}), sum+bytes
		}
	}
	if sum > left+total/10 {
		return parts, left
	}
	for _, part := range shown { // what is a little too much is file pages that the process maps
		if part.Bytes = min(part.Bytes, left); part.Bytes > 0 {
			parts, left = append(parts, part), left-part.Bytes
		}
	}
	return parts, left
}

// gauge returns how much of what there was the victim, or the whole group, held; nil where that is
// not known.
func (m *maker) gauge() *Gauge {
	share, ok := m.Record.Get("oom.victim.share")
	rss, _ := m.Number64("oom.victim.memory.rss")
	if !ok || rss == 0 || m.report.Manual {
		return nil
	}
	g := &Gauge{Share: share.Float64(), Held: rss, Who: "the victim", Name: m.Process(), Whole: m.sizeOf("oom.host_memory.total") + " of RAM"}
	if m.Record.Text("oom.scope") == "cgroup" {
		g.Whole, _ = m.limit()
	}
	if m.inGroup() {
		held := int64(0)
		for i := range m.report.Kills {
			kb, ok := heldKB(&m.report.Kills[i])
			if !ok {
				return nil
			}
			held += kb << 10
		}
		g.Share = min(1, g.Share/float64(rss)*float64(held))
		g.Held, g.Who = held, "its "+number(int64(len(m.report.Kills)))+" victims"
		g.Name = g.Who
	}
	if limit, ok := m.Kill.Limit(); ok {
		g.Limit, g.Over = report.Some(limit), g.Held > limit
	}
	return g
}
