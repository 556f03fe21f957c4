// SPDX-License-Identifier: Apache-2.0

package assembly

import (
	"strings"

	"github.com/oomtrail/oomtrail/internal/kernel"
	"github.com/oomtrail/oomtrail/parser/report"
)

// traceSection reads the stack trace: docs/formats.md, section 2.3.
type traceSection struct{}

func (s *traceSection) take(d *openReport, l line) taken {
	switch {
	case l.read == nil:
		if kernel.IsPlainTrace(l.text) {
			return s.keep(d, l.text)
		}
		return taken{}
	case l.read.Kind == kernel.Trace:
		d.enter(report.SectionTrace)
		return took(kernel.Trace)
	}
	if t := d.memcg.begin(d, l.text); t.verdict != notMine {
		return t
	}
	if !kernel.IsTrace(l.text) {
		return taken{}
	}
	return s.keep(d, l.text)
}

// keep notes a line of the stack, and keeps it where lines are kept and there is room.
func (*traceSection) keep(d *openReport, text string) taken {
	d.enter(report.SectionTrace)
	if d.lines.keep && !d.full() {
		d.r.Trace = append(d.r.Trace, d.text.keep(strings.TrimSpace(text)))
	}
	return took(kernel.Trace)
}

// resume has nothing to do: no line of the stack is printed in pieces.
func (*traceSection) resume(*openReport, kernel.Kind, string) verdict { return notMine }
