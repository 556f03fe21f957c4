// SPDX-License-Identifier: Apache-2.0

package page

import (
	"slices"
	"strconv"
	"strings"

	"github.com/oomtrail/oomtrail/internal/kill"
	"github.com/oomtrail/oomtrail/internal/plain"
	"github.com/oomtrail/oomtrail/parser/record"
)

// ofRecord makes the page of an event that the kernel made no report of: another program tells of
// it, and all that it tells is in the record.
func (m *maker) ofRecord() *Page {
	k := &m.Kill
	p := &Page{Kill: m.Kill, News: News{Sentences: []string{k.Record.Body + "."}, When: k.When()}, Ladder: m.ladder(), Glance: m.glance(), Lines: m.lines()}
	var who, amounts facts
	who.add("process", k.OneProcess())
	who.add("pod", k.Pod())
	who.add("container", k.Container())
	who.add("unit", k.Unit())
	who.addAsIs("cgroup", plain.Printable(k.Cgroup()))
	who.add("killer", k.Killer())
	who.add("seen by", k.Record.Text("oom.observer"))
	if reason := k.CauseWord(); reason != "" {
		p.Why = &Why{Cause: reason, Summary: strings.ReplaceAll(reason, "_", " "), Confidence: k.Record.Text("oom.diagnosis.confidence")}
	}
	for i := range record.Fields {
		f := &record.Fields[i]
		switch {
		case strings.HasPrefix(f.Name, "oom.pressure."), strings.HasPrefix(f.Name, "oom.evicted."), strings.HasPrefix(f.Name, "oom.host_memory."),
			strings.HasPrefix(f.Name, "oom.host_swap."), strings.HasPrefix(f.Name, "oom.victim.memory."), f.Name == "oom.signal", f.Name == "oom.outcome":
			m.addField(&amounts, f)
		}
	}
	p.Who, p.Amounts = who, amounts
	p.Origin = slices.DeleteFunc(m.origin(), func(f Fact) bool { return f.Name == "Killer" }) // it is who
	return p
}

// addField lists an attribute of the record, in its unit; nothing where the record has none.
func (m *maker) addField(amounts *facts, f *record.Field) {
	v, ok := m.Record.Get(f.Name)
	if !ok {
		return
	}
	name, text := label(f.Name), plain.Printable(v.String())
	switch f.Unit {
	case "By":
		text = kill.Size(v.Int64())
	case "1":
		text = strconv.FormatFloat(100*v.Float64(), 'f', -1, 64) + " %"
	case "s":
		text = v.String() + " s"
	}
	if text == "" {
		return
	}
	fact := Fact{Name: name, Text: text, Means: meaning(f.Name)}
	if f.Unit != "" {
		fact.Figures = []Figure{{Name: name, Text: text, Value: v, Field: f.Name, Means: meaning(f.Name)}}
	}
	switch f.Name {
	case "oom.host_memory.used":
		total, _ := m.Number64("oom.host_memory.total")
		fact.setUsed(total, total-v.Int64())
	case "oom.host_swap.free":
		total, _ := m.Number64("oom.host_swap.total")
		fact.setUsed(total, v.Int64())
	}
	*amounts = append(*amounts, fact)
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
