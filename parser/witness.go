// SPDX-License-Identifier: Apache-2.0

package parser

import (
	"bytes"
	"cmp"
	"strconv"
	"unsafe"

	"github.com/oomtrail/oomtrail/internal/assembly"
	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/internal/kernel"
	"github.com/oomtrail/oomtrail/internal/scan"
	"github.com/oomtrail/oomtrail/internal/verdict"
	"github.com/oomtrail/oomtrail/internal/witness"
	"github.com/oomtrail/oomtrail/parser/record"
	"github.com/oomtrail/oomtrail/parser/report"
)

// testify takes what a line of another program than the kernel's report says.
func (p *Parser) testify(l *format.Line) {
	e := p.evidence
	speaks := scan.WitnessKeys(p.opt.Sigkill).Index(l.Text) >= 0
	if !speaks && (!e.keeps || e.holds) || p.opt.Trust == TrustKernel && l.Origin != OriginKernel {
		return
	}
	if speaks {
		p.decoder.DateText(l)
	}
	h, at := p.host(l.Host), stampOf(l)
	if !speaks {
		if h.AdvanceTo(&at, p.stream); !h.HasEvents() {
			return
		}
	} else {
		p.readers.Deaths = p.opt.Sigkill
		line := witness.Line{Text: view(l.Text), Author: authorOf(l), At: at}
		said := false
		p.readers.Read(&line, func(f *witness.Fact) {
			said = true
			f.Input = p.opt.Input
			p.outcome = p.outcome.And(assembly.Outcome(kernel.Userspace))
			if p.isElsewhere(f) {
				node := e.hostOfNode(f.Node)
				node.Fact(f, p.stream)
				p.records = e.appendRecords(p.records, node)
				h = p.host(l.Host) // a new host may take the place of another one
				return
			}
			h.Fact(f, p.stream)
		})
		if line.Kept > 0 {
			p.outcome = p.outcome.And(assembly.Outcome(kernel.Userspace))
			h.Keep(&at, p.stream, line.Kept)
		}
		if !said { // its time counts as that of any line
			h.AdvanceTo(&at, p.stream)
		}
	}
	p.takeVerdicts(h)
}

// hearKernel notes that the log has lines of the kernel: a death that none of them explains then is
// another than one that nobody could explain. It reports whether the line is one.
func (p *Parser) hearKernel(l *format.Line) bool {
	says := l.Origin == OriginKernel || l.Origin == OriginUnknown && l.Process == 0 &&
		(string(l.Tag) == witness.Kernel || l.Format == report.Kmsg || l.Format == report.Dmesg && l.HasUptime)
	if !says || l.Contained {
		return false
	}
	p.host(l.Host).Saw(witness.Kernel)
	return true
}

// maxHeard bounds the lines that hearSkipped decodes.
const maxHeard = 64

// hearSkipped looks for a line of the kernel in lines that are left out. One is enough: it decodes
// those that hold the kernel's name until one is the kernel's.
func (p *Parser) hearSkipped(lines []byte) {
	if !p.opt.Sigkill {
		return
	}
	if p.decoder.Format() == report.JournalJSON {
		p.learnSkipped(lines)
	}
	for p.heard < maxHeard {
		at := bytes.Index(lines, []byte(witness.Kernel))
		if at < 0 {
			return
		}
		start := bytes.LastIndexByte(lines[:at], '\n') + 1
		line, rest, _ := bytes.Cut(lines[start:], []byte{'\n'})
		p.heard++
		format.NewDecoder(p.opt.Transport).Trust(p.opt.TrustedSource).DecodeLine(bytes.Clone(line), func(l *format.Line) {
			if p.hearKernel(l) {
				p.heard = maxHeard
			}
		})
		lines = rest
	}
}

// isElsewhere reports whether a fact is about another host than that of its line: a program that
// exports the events of Kubernetes speaks of all nodes. Such a fact keeps nothing of its line's
// host.
func (p *Parser) isElsewhere(f *witness.Fact) bool {
	host := cmp.Or(f.At.Host, p.opt.HostName)
	if f.Node == "" || record.SameHost(host, f.Node) {
		return false
	}
	f.At.Host, f.At.BootID, f.At.MachineID, f.At.Uptime, f.At.HasUptime = f.Node, "", "", 0, false
	return true
}

// takeVerdicts makes the records of what became of facts.
func (p *Parser) takeVerdicts(h *verdict.Host) {
	p.records = p.evidence.appendRecords(p.records, h)
	p.evidence.count()
	p.evidence.relieve()
	if p.records = p.evidence.takeLeft(p.records); len(p.records) > 0 {
		p.result.Records = p.records
	}
}

// host returns the host of a line that names it so.
func (p *Parser) host(name []byte) *verdict.Host {
	switch {
	case p.evidence.one:
		return p.evidence.host(ofOneHost)
	case p.opt.EvidenceHost != "":
		return p.evidence.host([]byte(p.opt.EvidenceHost))
	}
	if len(name) == 0 {
		name = []byte(p.opt.HostName)
	}
	if len(name) == 0 && !p.own && !p.evidence.unnamed {
		name = strconv.AppendInt([]byte{0}, int64(p.stream), 10) // no host has such a name
	}
	return p.evidence.host(name)
}

// counts reports whether an event of the kernel is a record: other programs may have had a part in
// it.
func (p *Parser) counts(e *report.Event, rec *Record) bool {
	if e.Kind != report.EventKill {
		return true
	}
	h := p.host([]byte(e.At.Host))
	ruling := h.Kernel(e, rec.Text("log.record.uid"), p.stream, rec)
	p.takeVerdicts(h)
	return ruling == verdict.Counts
}

// stampOf returns what the format says about a line. Its texts are valid as long as the line's.
func stampOf(l *format.Line) report.Stamp {
	at, ok := l.LogTime()
	return report.Stamp{
		Number: l.Number, Position: l.Position, Format: l.Format, Origin: l.Origin,
		Uptime: l.Uptime, HasUptime: l.HasUptime, Wall: l.Wall, Assumed: l.Assumed, Text: view(l.Stamp),
		LogTime: at, HasLogTime: ok, Printed: l.Printed, Sequence: l.Sequence, HasSequence: l.HasSequence,
		Host: view(l.Host), BootID: view(l.BootID), MachineID: view(l.MachineID), Caller: view(l.Caller),
		Contained: l.Contained,
	}
}

// view returns a string of bytes that do not change while it is in use.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
