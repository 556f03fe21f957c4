// SPDX-License-Identifier: Apache-2.0

package status

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/oomtrail/oomtrail/cmd/oomtrail/internal/output"
	"github.com/oomtrail/oomtrail/cmd/oomtrail/internal/textpage"
	"github.com/oomtrail/oomtrail/internal/column"
	"github.com/oomtrail/oomtrail/internal/kill"
	"github.com/oomtrail/oomtrail/internal/plain"
)

// JSON is a status as one object on a line.
func (s *Status) JSON() ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		return nil, err
	}
	return plain.EscapeJSON(b.Bytes()), nil
}

// Print writes a status for people.
func (s *Status) Print(out io.Writer, o textpage.Options, location *time.Location) error {
	p := printer{Writer: textpage.NewWriter(o), Status: s, color: o.Color}
	title := "Memory"
	if s.Host != "" {
		title += " of " + printable(s.Host)
	}
	if s.Subject != "" {
		title += ", " + printable(s.Subject)
	}
	p.Title(title + ", " + s.Time.In(location).Format("2006-01-02 15:04:05 MST"))
	if s.Verdict != nil {
		p.verdict(location)
	}
	p.kills()
	p.memory()
	p.next()
	p.cgroups()
	p.risks()
	if len(s.Unseen) > 0 {
		p.Heading("Not seen")
		for _, text := range s.Unseen {
			p.Item(printable(text))
		}
	}
	_, err := out.Write(p.Text())
	return err
}

// printer is a status that is being written.
type printer struct {
	*textpage.Writer
	*Status
	color bool
}

// verdicts are the words for what a verdict comes to.
var verdicts = map[Outcome]string{Holds: "It holds", Unknown: "It is not known yet", Fails: "It does not hold"}

func (p *printer) verdict(location *time.Location) {
	v := p.Verdict
	p.Heading("Verdict")
	sentence := verdicts[v.Outcome]
	if slices.ContainsFunc(v.Checks, func(check Check) bool { return check.Outcome == NotJudged }) && v.Outcome == Holds {
		sentence += " as far as it can be judged, which is by its kills and restarts"
	}
	if !v.Since.IsZero() {
		sentence += ": memory since " + v.Since.In(location).Format("2006-01-02 15:04:05")
	}
	sentence += "."
	if v.Outcome == Fails {
		p.Alarm(sentence)
	} else {
		p.Sentence(sentence)
	}
	for _, check := range v.Checks {
		p.Row(check.Name, strings.ReplaceAll(string(check.Outcome), "_", " ")+": "+check.Text)
	}
}

func (p *printer) kills() {
	k := &p.Kills
	p.Heading("Kills since boot")
	var sentence string
	switch {
	case k.Counted == nil && p.Subject != "":
		sentence = "No cgroup of it that counts kills is here now (oom_kill, from 4.13)"
		if k.Logged == nil {
			sentence += ", and the kernel's log was not read."
		} else {
			sentence += "; the kernel's log has " + count(*k.Logged, "kill") + "."
		}
	case k.Counted == nil && k.Logged == nil:
		sentence = "Not known: the kernel does not count them here (oom_kill, from 4.13), and its log was not read."
	case k.Counted == nil:
		sentence = "The kernel's log has " + count(*k.Logged, "kill") + "; the kernel does not count them here (oom_kill, from 4.13)."
	case *k.Counted == 0 && (k.Logged == nil || *k.Logged == 0):
		sentence = "None, by the kernel's own count."
	case k.Logged == nil:
		sentence = "The kernel counts " + count(*k.Counted, "kill") + "; its log was not read."
	case k.Missing != nil && *k.Missing > 0:
		sentence = fmt.Sprintf("The kernel counts %s, its log has %d of them: %d are missing there, since it was overwritten, cleared or rate-limited. journalctl -k or /var/log/kern.log may have them.", count(*k.Counted, "kill"), *k.Logged, *k.Missing)
	case k.Missing != nil:
		sentence = "The kernel counts " + count(*k.Counted, "kill") + ", and its log has all of them."
	default:
		sentence = fmt.Sprintf("Its cgroups count %s, and the kernel's log has %d.", count(*k.Counted, "kill"), *k.Logged)
	}
	p.Sentence(sentence)
	if len(k.Last) > 0 {
		table(p, []column.Column[Kill]{
			{Title: "LAST", Value: func(r *Kill) any { return r.moment }},
			{Title: "PROCESS", Shrink: true, Value: func(r *Kill) any { return r.Process }},
			{Title: "MEMORY", Drop: 1, Value: func(r *Kill) any { return r.Memory }},
			{Title: "WHERE", Shrink: true, Value: func(r *Kill) any { return r.Where }},
			{Title: "CAUSE", Shrink: true, Drop: 2, Value: func(r *Kill) any { return r.Cause }},
		}, k.Last)
	}
	if len(k.Cgroups) > 0 {
		table(p, []column.Column[Counter]{
			{Title: "KILLS", Right: true, Value: func(r *Counter) any { return r.Kills }},
			{Title: "NOT LOGGED", Right: true, Drop: 1, Value: func(r *Counter) any { return often(r.Missing) }},
			{Title: "COUNTED BY", Shrink: true, Value: func(r *Counter) any { return r.Cgroup }},
		}, k.Cgroups)
	}
}

func (p *printer) memory() {
	m := &p.Memory
	p.Heading("Memory now")
	if m.Available != nil && m.Total != nil && *m.Total > 0 {
		p.Row("available", fmt.Sprintf("%s of %s (%s)", size(m.Available), size(m.Total), percent(*m.Available, *m.Total)))
	} else {
		p.Row("free", size(m.Free)+" of "+size(m.Total))
	}
	if m.SwapTotal != nil && m.SwapFree != nil {
		if *m.SwapTotal == 0 {
			p.Row("swap", "none")
		} else {
			used := *m.SwapTotal - *m.SwapFree
			p.Row("swap", fmt.Sprintf("%s of %s used (%s)", kill.Size(max(0, used)), size(m.SwapTotal), percent(used, *m.SwapTotal)))
		}
	}
	for _, z := range m.Zram {
		text := fmt.Sprintf("%s: %s in %s of RAM", z.Device, size(z.Original), size(z.Used))
		if z.Limit != nil {
			text += ", which may be " + size(z.Limit)
		}
		p.Row("", text)
	}
	if m.Committed != nil && m.CommitLimit != nil && m.Overcommit != nil {
		mode := "which does not limit it: vm.overcommit_memory=" + strconv.FormatInt(*m.Overcommit, 10)
		if *m.Overcommit == 2 {
			mode = "beyond which allocations fail: vm.overcommit_memory=2"
		}
		p.Row("promised", fmt.Sprintf("%s; CommitLimit is %s, %s", size(m.Committed), size(m.CommitLimit), mode))
	}
	if m.Pressure != nil {
		p.Row("pressure", fmt.Sprintf("tasks waited for memory %s %% of the last 10 s, %s %% of the last minute; all at once %s %% and %s %%",
			tenth(m.Pressure.Some10), tenth(m.Pressure.Some60), tenth(m.Pressure.Full10), tenth(m.Pressure.Full60)))
	}
}

func tenth(f float64) string { return strconv.FormatFloat(f, 'f', 1, 64) }

func percent(part, whole int64) string {
	return fmt.Sprintf("%.0f %%", 100*float64(part)/float64(whole))
}

func (p *printer) next() {
	n := &p.Next
	if n.Scope == "cgroup" {
		p.Heading(fmt.Sprintf("Who would be next at the limit of %s, %s", n.where, size(n.Limit)))
	} else {
		p.Heading("Who would be next if the machine runs out")
	}
	switch {
	case len(n.Processes) == 0 && p.Subject != "":
		p.Sentence("No process of it that the kernel may kill is seen here: none runs, all are spared (oom_score_adj -1000), or its name is another.")
		if len(p.Similar) > 0 {
			p.Sentence("Names here that are like it: " + printable(strings.Join(p.Similar, ", ")) + ".")
		}
	case len(n.Processes) == 0:
		p.Sentence("No process that the kernel may kill.")
	default:
		table(p, []column.Column[Process]{
			{Title: "SCORE", Right: true, Value: func(r *Process) any { return value(r.Score) }},
			{Title: "PROCESS", Shrink: true, Value: func(r *Process) any { return r.Name + " (" + strconv.Itoa(r.PID) + ")" }},
			{Title: "RSS", Right: true, Value: func(r *Process) any { return size(r.RSS) }},
			{Title: "SWAP", Right: true, Drop: 2, Value: func(r *Process) any { return some(r.Swap) }},
			{Title: "ADJ", Right: true, Drop: 1, Value: func(r *Process) any { return value(r.Adjustment) }},
			{Title: "WHERE", Shrink: true, Value: func(r *Process) any { return r.where }},
		}, n.Processes)
	}
	if n.More > 0 {
		p.Sentence("and " + strconv.Itoa(n.More) + " more: --limit 0 shows all")
	}
	for _, note := range n.Notes {
		p.Sentence(note)
	}
}

func (p *printer) cgroups() {
	if len(p.Cgroups) == 0 {
		return
	}
	p.Heading("Cgroups nearest their limit")
	columns := []column.Column[Cgroup]{
		{Title: "HELD", Right: true, Value: func(g *Cgroup) any { return fmt.Sprintf("%.0f %%", 100*g.Share) }},
		{Title: "USED", Right: true, Drop: 4, Value: func(g *Cgroup) any { return size(g.Current) }},
		{Title: "CACHE", Right: true, Drop: 10, Value: func(g *Cgroup) any { return some(g.Cache) }},
		{Title: "LIMIT", Right: true, Value: func(g *Cgroup) any { return size(g.Max) }},
		{Title: "HIGH", Right: true, Drop: 9, Value: func(g *Cgroup) any { return size(g.High) }},
		{Title: "PEAK", Right: true, Drop: 5, Value: func(g *Cgroup) any { return size(g.Peak) }},
		{Title: "ADDED", Right: true, Drop: 1, Value: func(g *Cgroup) any {
			if g.Added != nil && *g.Added > 0 {
				return "+" + size(g.Added)
			}
			return some(g.Added)
		}},
		{Title: "SLOWED", Right: true, Drop: 8, Value: func(g *Cgroup) any { return often(g.Events.High) }},
		{Title: "WAITED", Right: true, Drop: 6, Value: func(g *Cgroup) any {
			if g.Pressure == nil || *g.Pressure < 1 {
				return nil
			}
			return fmt.Sprintf("%.0f %%", *g.Pressure)
		}},
		{Title: "MAX", Right: true, Drop: 7, Value: func(g *Cgroup) any { return often(g.Events.Max) }},
		{Title: "KILLS", Right: true, Drop: 3, Value: func(g *Cgroup) any { return often(g.Events.OOMKill) }},
		{Title: "NEXT", Shrink: true, Drop: 2, Value: func(g *Cgroup) any {
			if g.Next == nil {
				return nil
			}
			return g.Next.Name + " (" + strconv.Itoa(g.Next.PID) + ")"
		}},
		{Title: "WHERE", Shrink: true, Value: func(g *Cgroup) any { return g.where }},
	}
	shown := table(p, columns, p.Cgroups)
	legend := "HELD is the share of the limit without caches, which the kernel can drop."
	has := func(title string) bool {
		return slices.ContainsFunc(shown, func(c column.Column[Cgroup]) bool { return c.Title == title })
	}
	if has("SLOWED") {
		legend += " SLOWED is how often it was slowed down at memory.high."
	}
	if has("WAITED") {
		legend += " WAITED is for how much of the last 10 s one of its tasks waited for memory."
	}
	if has("MAX") {
		legend += " MAX is how often it was at its limit."
	}
	if has("ADDED") {
		legend += fmt.Sprintf(" ADDED is what that grew by in %s.", seconds(p.Seconds))
	}
	if p.MoreCgroups > 0 {
		legend += fmt.Sprintf(" %d more have a limit: --limit 0 shows all.", p.MoreCgroups)
	}
	if len(shown) < len(output.Fit(columns, p.Cgroups, 0)) {
		legend += " A wider terminal, or -o json, shows more."
	}
	p.Sentence(legend)
}

// seconds writes a span of time.
func seconds(s float64) string {
	if s < 9.95 {
		return tenth(s) + " s"
	}
	return fmt.Sprintf("%.0f s", s)
}

func (p *printer) risks() {
	if len(p.Risks) == 0 {
		return
	}
	p.Heading("Risky")
	for _, risk := range p.Risks {
		p.Item(risk.Text)
		p.Command(risk.Fix)
	}
}

// value is a number for a cell, nil where it is absent.
func value(n *int64) any {
	if n == nil {
		return nil
	}
	return *n
}

// often is a count for a cell, nothing for 0.
func often(n *int64) any {
	if n == nil || *n == 0 {
		return nil
	}
	return *n
}

// some is a size for a cell, nothing for 0.
func some(n *int64) any {
	if n == nil || *n == 0 {
		return nil
	}
	return size(n)
}

// table writes rows, and returns the columns for which there is room.
func table[T any](p *printer, columns []column.Column[T], rows []T) []column.Column[T] {
	var b strings.Builder
	columns = output.Fit(columns, rows, p.TableWidth())
	_ = output.Write(&b, output.Table, columns, rows, output.Options{Width: p.TableWidth(), Color: p.color}) // a strings.Builder takes all
	p.Lines(strings.Split(strings.TrimRight(b.String(), "\n"), "\n"))
	return columns
}
