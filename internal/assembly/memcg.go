// SPDX-License-Identifier: Apache-2.0

package assembly

import (
	"strings"

	"github.com/oomtrail/oomtrail/internal/kernel"
	"github.com/oomtrail/oomtrail/parser/report"
)

// memcgSection reads the paths and the counters of a memory cgroup: docs/formats.md, sections 3.1
// and 3.2.
type memcgSection struct{}

func (s *memcgSection) take(d *openReport, l line) taken {
	switch l.kind() {
	case kernel.MemcgTask:
		text := d.text.keep(l.text)
		if v, ok := kernel.ParseTaskIn(text); !s.set(d, v, ok) {
			return begins(kernel.MemcgTask, text)
		}
		return took(kernel.MemcgTask)
	case kernel.MemcgCounter:
		c := l.read.Counter
		d.r.Memcg.Counters[c.Name], d.r.Memcg.Has[c.Name] = c, true
		d.enter(report.SectionMemcg)
		return took(kernel.MemcgCounter)
	}
	return taken{}
}

// set keeps the paths of a line, whose parts may come as lines of their own. It is false where more
// belongs to the line.
func (*memcgSection) set(d *openReport, v kernel.TaskIn, ok bool) (whole bool) {
	d.enter(report.SectionMemcg)
	m := &d.r.Memcg
	if v.HasTask {
		m.Task, m.HasTask = v.Task, true
	}
	if v.HasLimit {
		m.Limit, m.HasLimit = v.Limit, true
	}
	return ok && (v.HasLimit || !v.HasTask)
}

// begin takes the beginning of the line with the paths, torn apart before the first of them.
func (*memcgSection) begin(d *openReport, text string) taken {
	for _, words := range [...]string{"Task in ", "Memory limit reached of cgroup "} {
		if strings.TrimRight(text, " ") == words[:len(words)-1] {
			d.enter(report.SectionMemcg)
			return begins(kernel.MemcgTask, words)
		}
	}
	return taken{}
}

func (s *memcgSection) resume(d *openReport, _ kernel.Kind, joined string) verdict {
	v, ok := kernel.ParseTaskIn(joined)
	switch {
	case !ok:
		return notMine
	case s.set(d, v, ok) && v.HasLimit:
		return mine
	}
	return more
}
