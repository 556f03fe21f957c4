// SPDX-License-Identifier: Apache-2.0

package textpage

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/oomtrail/oomtrail/internal/kill"
	"github.com/oomtrail/oomtrail/internal/plain"
	"github.com/oomtrail/oomtrail/parser/report"
)

// mostCells is how many characters the picture of memory has, where they fit.
const mostCells = 50

// cells is how many fit, with what they show behind them.
func (p *page) cells() int { return min(mostCells, p.TextWidth()-28) }

// part is what held a part of the memory that ran out.
type part struct {
	mark  byte
	name  string
	bytes int64
	color string
	cells int
}

// picture draws what held the memory that ran out: the victim, the next largest processes, the
// others, and what is no process's own. Where the log does not show that, it draws the victim's
// share.
func (p *page) picture() {
	parts, total := p.held()
	if len(parts) == 0 {
		p.gauge()
		return
	}
	divide(parts, total, p.cells())
	p.line("")
	bar := []byte("[")
	for _, part := range parts {
		bar = append(bar, p.colored(part.color, strings.Repeat(string(part.mark), part.cells))...)
	}
	p.line(string(bar) + "]  " + kill.Size(total) + p.ofWhat())
	line, used := "", 0
	for _, part := range parts {
		if part.cells == 0 {
			continue
		}
		text := string(part.mark) + " " + part.name + " " + kill.Size(part.bytes)
		if part.mark == victimMark {
			text += " (" + percent(float64(part.bytes)/float64(total)) + ")"
		}
		n := utf8.RuneCountInString(text)
		if used > 0 && used+2+n > p.TextWidth() {
			p.line(line)
			line, used = "", 0
		}
		if used > 0 {
			line, used = line+"  ", used+2
		}
		line, used = line+p.colored(part.color, text), used+n
	}
	p.line(line)
}

// ofWhat says what the whole of a picture is.
func (p *page) ofWhat() string {
	switch p.report.Scope(p.victim()) {
	case report.ScopeCgroup:
		if hit, _ := p.report.LimitHit(); hit == report.CounterMemsw {
			return " limit of memory and swap"
		}
		return " limit"
	case report.ScopeHost:
		return " of usable RAM"
	}
	return " on the allowed nodes"
}

// victimMark draws the victim, and all of a group that was killed.
const victimMark = '#'

// held returns what held memory, in the order in which it is drawn; nothing where the log does not
// show the most of it.
func (p *page) held() (parts []part, total int64) {
	if p.Diagnosis == nil || p.report.Manual {
		return nil, 0
	}
	h := &p.Diagnosis.Held
	if !h.Total.OK || h.Total.V == 0 || !h.Anon.OK {
		return nil, 0
	}
	parts = p.processes(h.Anon.V, h.Total.V)
	for _, k := range [...]struct {
		mark  byte
		name  string
		v     report.Int
		color string
	}{
		{'h', "reserved huge pages", h.Hugetlb, cyan}, {'s', "shared memory, tmpfs", h.Shmem, magenta}, {'c', "page cache", h.File, blue},
		{'l', "locked (mlock, ramfs)", h.Locked, magenta}, {'k', "kernel", h.Kernel, cyan}, {'w', "swap", h.Swap, blue}, {'.', "free", h.Free, ""},
	} {
		if k.v.V > 0 {
			parts = append(parts, part{mark: k.mark, name: k.name, bytes: k.v.V, color: k.color})
		}
	}
	sum := int64(0)
	for _, part := range parts {
		sum += part.bytes
	}
	switch rest := h.Total.V - sum; {
	case rest < -h.Total.V/10:
		return nil, 0 // counters that belong to different things, or a log made up
	case rest > h.Total.V/2:
		return nil, 0 // it would be a picture of what the log does not show
	case rest > 0:
		parts = append(parts, part{mark: '?', name: "not in the report", bytes: rest})
	}
	return parts, h.Total.V
}

// next is how many processes beside the victim a picture shows each for itself.
const next = 3

// processes divides the processes' own memory: the victim, the next largest, the others.
func (p *page) processes(anon, total int64) (parts []part) {
	all := []part{{mark: '+', name: "processes", bytes: anon, color: yellow}}
	switch p.report.Scope(p.victim()) {
	case report.ScopeCgroup, report.ScopeHost:
	default:
		return all // on which nodes a process has its memory is not known
	}
	left := anon
	if victim := p.victim(); victim != nil {
		name, own := short(victim.Comm), report.Int{}
		if p.inGroup() {
			name, own = number(int64(len(p.report.Kills)))+" victims", p.groupAnon()
		} else if victim.AnonRSSKB.OK {
			own = report.Some(victim.AnonRSSKB.V << 10)
		}
		if !own.OK || own.V < 0 || own.V > anon+total/10 {
			return all
		}
		v := part{mark: victimMark, name: name, bytes: min(own.V, anon), color: red}
		parts, left = append(parts, v), left-v.bytes
	}
	parts, left = p.others(parts, left, total)
	if len(parts) == 0 {
		return all
	}
	if left > 0 {
		parts = append(parts, part{mark: '+', name: "other processes", bytes: left, color: yellow})
	}
	return parts
}

// groupAnon is what all victims of a group held of their own.
func (p *page) groupAnon() (sum report.Int) {
	for i := range p.report.Kills {
		k := &p.report.Kills[i]
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
func (p *page) others(parts []part, left, total int64) ([]part, int64) {
	t := &p.report.Tasks
	column := report.ColRSSAnon
	if !t.Table.Has(column) {
		column = report.ColRSS
	}
	page, known := p.report.PageSize()
	if !known || !t.Table.Has(column) {
		return parts, left
	}
	sum, shown := int64(0), make([]part, 0, next)
	for _, row := range t.Rows.AppendLargest(nil, next+len(p.report.Kills)) {
		pages := row.Values[column]
		if p.killed(row.PID) || row == t.ByPID(p.victimPID()) || pages < 0 || pages > math.MaxInt64/page/8 {
			continue
		}
		if bytes := pages * page; len(shown) < next && bytes >= total/mostCells {
			shown, sum = append(shown, part{mark: '1' + byte(len(shown)), name: short(row.Name), bytes: bytes, color: yellow}), sum+bytes
		}
	}
	if sum > left+total/10 {
		return parts, left
	}
	for _, part := range shown { // what is a little too much is file pages that the process maps
		part.bytes = min(part.bytes, left)
		parts, left = append(parts, part), left-part.bytes
	}
	return parts, left
}

// victimPID is the process id of the victim, -1 without one.
func (p *page) victimPID() int64 {
	if v := p.victim(); v != nil {
		return v.PID
	}
	return -1
}

// short is a name of at most twenty bytes.
func short(name string) string {
	return untied(quoted(string(plain.AppendShort(nil, name, 20))))
}

// divide gives each part its share of the cells: all of them together, and the largest remainders
// one more.
func divide(parts []part, total int64, cells int) {
	sum := int64(0)
	for _, part := range parts {
		sum += part.bytes
	}
	whole := float64(max(sum, total))
	order := make([]int, len(parts))
	rest := make([]float64, len(parts))
	left := cells
	for i := range parts {
		exact := float64(parts[i].bytes) / whole * float64(cells)
		parts[i].cells = int(exact)
		order[i], rest[i] = i, exact-float64(parts[i].cells)
		left -= parts[i].cells
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(rest[b], rest[a]) })
	for _, i := range order[:min(left, len(order))] {
		parts[i].cells++
	}
}

// percent writes a share.
func percent(part float64) string {
	if n := math.Round(100 * part); n >= 1 {
		return strconv.FormatFloat(n, 'f', 0, 64) + " %"
	}
	return "under 1 %"
}

// gauge draws how much of what there was the victim, or the whole group, held, and says why that
// can be more than there was.
func (p *page) gauge() {
	share, ok := p.Record.Get("oom.victim.share")
	rss, _ := p.Number64("oom.victim.memory.rss")
	if !ok || rss == 0 || p.report.Manual {
		return
	}
	whole, what, who := p.sizeOf("oom.host_memory.total"), " of RAM", "the victim"
	inCgroup := p.Record.Text("oom.scope") == "cgroup"
	if inCgroup {
		whole, _ = p.limit()
		what = ""
	}
	part := share.Float64()
	if p.inGroup() {
		held := int64(0)
		for i := range p.report.Kills {
			k := &p.report.Kills[i]
			if !k.AnonRSSKB.OK || !k.FileRSSKB.OK {
				return
			}
			held += (k.AnonRSSKB.V + k.FileRSSKB.V + k.ShmemRSSKB.V) << 10
		}
		part = min(1, part/float64(rss)*float64(held))
		rss, who = held, "its "+number(int64(len(p.report.Kills)))+" victims"
	}
	p.line("")
	over := ""
	if limit, ok := p.Limit(); ok && rss > limit {
		over = "over "
	}
	p.line(bar(100*part) + "  " + over + percent(part) + ": " + who + " held " + kill.Size(rss) + " of " + whole + what)
}

// bar draws a share.
func bar(percent float64) string {
	const cells = 20
	n := min(cells, max(0, int(math.Round(percent/100*cells))))
	return "[" + strings.Repeat("#", n) + strings.Repeat(".", cells-n) + "]"
}
