// SPDX-License-Identifier: Apache-2.0

package assembly

import (
	"strings"

	"github.com/oomtrail/oomtrail/internal/kernel"
	"github.com/oomtrail/oomtrail/parser/report"
)

// headSection reads the lines between the invocation and the stack trace: docs/formats.md, sections
// 1 and 2. The invocation itself opens the report: see [Assembler.takeInvocation].
type headSection struct{}

func (s *headSection) take(d *openReport, l line) taken {
	r, kind := d.r, l.kind()
	switch kind {
	case kernel.Other:
		return s.takeUnnamed(d, l)
	case kernel.CPULine:
		text := d.text.keep(l.text)
		v, ok := kernel.ParseCPU(text)
		if !ok {
			return begins(kind, text)
		}
		s.setCPU(d, v)
		if v.Release == "" {
			return begins(kind, text)
		}
	case kernel.CpusetLine:
		v, ok := kernel.ParseCpuset(d.text.keep(l.text), r.Invocation.Comm)
		if !ok {
			return taken{}
		}
		r.Cpuset = v
		d.enter(report.SectionCpuset)
	case kernel.Hardware:
		_, r.Hardware, _ = strings.Cut(d.text.keep(l.text), ": ")
	case kernel.Workqueue:
		r.Workqueue = d.text.keep(l.text)
		if strings.Contains(l.text, "moom_callback") {
			r.Manual = true
		}
	}
	return took(kind)
}

// takeUnnamed takes a frame of the stack. Kernels to 2.6.23 print frames right after the
// invocation, and after the CPU line some print no "Call Trace:".
func (s *headSection) takeUnnamed(d *openReport, l line) taken {
	switch {
	case l.read == nil:
		return taken{}
	case d.in == report.SectionCPU:
		return d.trace.take(d, l)
	case !kernel.IsIndentedFrame(l.text):
		return taken{}
	}
	return d.trace.keep(d, l.text)
}

func (s *headSection) resume(d *openReport, kind kernel.Kind, joined string) verdict {
	if kind == kernel.CPULine {
		v, ok := kernel.ParseCPU(joined)
		if !ok || v.Release == "" {
			return notMine
		}
		s.setCPU(d, v)
		return mine
	}
	v, ok := kernel.ParseInvocation(joined)
	switch {
	case ok && v.Complete:
		d.r.Invocation = v
		return mine
	case ok && strings.HasSuffix(strings.TrimRight(joined, " "), ","): // after a comma a whole piece ends
		d.r.Invocation = v
		return more
	}
	return notMine
}

func (s *headSection) setCPU(d *openReport, v report.CPU) {
	d.r.CPU = v
	s.correctTrigger(d.r)
	d.enter(report.SectionCPU)
}

// correctTrigger mends the trigger's name where its head was lost with what was split off at a
// newline in it, or was taken for a prefix of the line's, or where a prefix was taken for its head.
// The CPU line has it in its middle, and so for certain.
func (*headSection) correctTrigger(r *report.Report) {
	if inv, cpu := &r.Invocation, &r.CPU; inv.HasComm && (isTail(inv.Comm, cpu.Comm) || isTail(cpu.Comm, inv.Comm)) {
		inv.Comm = cpu.Comm
	}
}

// isTail reports whether tail is the end of whole, after no letter or digit.
func isTail(tail, whole string) bool {
	head, ok := strings.CutSuffix(whole, tail)
	if !ok || head == "" {
		return false
	}
	c := head[len(head)-1]
	return c != '_' && (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'z')
}
