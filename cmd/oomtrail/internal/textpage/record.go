// SPDX-License-Identifier: Apache-2.0

package textpage

import (
	"strconv"
	"strings"

	"github.com/oomtrail/oomtrail/internal/kill"
	"github.com/oomtrail/oomtrail/parser/record"
)

// ofRecord makes the page of an event that the kernel made no report of: another program tells of
// it, and all that it tells is in the record.
func ofRecord(k kill.Kill, o Options) Page {
	news := begin(k, o)
	news.redParagraph(k.Record.Body + ".")
	news.paragraph("", "", k.When())
	p := begin(k, o)
	p.heading("Who")
	p.row("process", p.victimProcess())
	p.row("pod", k.Pod())
	p.row("container", k.Container())
	p.row("unit", k.Unit())
	p.rowAsIs("cgroup", printable(k.Cgroup()))
	p.row("killer", k.Killer())
	p.row("seen by", k.Record.Text("oom.observer"))
	p.heading("Why")
	p.row("reason", strings.ReplaceAll(k.CauseWord(), "_", " "))
	for _, f := range record.Fields {
		switch {
		case strings.HasPrefix(f.Name, "oom.pressure."), strings.HasPrefix(f.Name, "oom.evicted."), strings.HasPrefix(f.Name, "oom.host_memory."),
			strings.HasPrefix(f.Name, "oom.host_swap."), strings.HasPrefix(f.Name, "oom.victim.memory."), f.Name == "oom.signal", f.Name == "oom.outcome":
			p.row(label(f.Name), p.figure(&f))
		}
	}
	p.line("")
	p.paragraph(indent, indent, "All lines about it: oomtrail why FILE")
	p.line("")
	return Page{News: news.text, Rest: p.text}
}

// victimProcess names the process that was killed, "" where it was a whole cgroup or pod.
func (p *page) victimProcess() string {
	if p.Process() == p.Record.Text("oom.victim.kind") {
		return ""
	}
	return p.Process()
}

// label is the name of a field as a row has it: oom.evicted.usage is usage.
func label(name string) string {
	for _, prefix := range [...]string{"oom.evicted.", "oom.pressure.", "oom.host_", "oom.victim.", "oom."} {
		if rest, ok := strings.CutPrefix(name, prefix); ok {
			return strings.NewReplacer("memory.", "", ".", " ", "_", " ").Replace(rest)
		}
	}
	return name
}

// figure writes the value of a field in its unit, "" where the record has none.
func (p *page) figure(f *record.Field) string {
	v, ok := p.Record.Get(f.Name)
	switch {
	case !ok:
		return ""
	case f.Unit == "By":
		return kill.Size(v.Int64())
	case f.Unit == "1":
		return strconv.FormatFloat(100*v.Float64(), 'f', -1, 64) + " %"
	case f.Unit == "s":
		return v.String() + " s"
	}
	return printable(v.String())
}
