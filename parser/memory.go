// SPDX-License-Identifier: Apache-2.0

package parser

import "unsafe"

// Memory returns how many bytes the parser holds: its state, its open reports, and the buffers that
// it keeps for the next ones.
func (p *Parser) Memory() int {
	const rounding = 128 // of the parser and its evidence in the heap
	n := rounding + int(unsafe.Sizeof(*p)) + p.asm.Memory() + p.decoder.Memory() + p.builder.Memory() + p.readers.Memory()
	if p.own {
		n += p.evidence.Memory()
	}
	return n
}

// ReportMemory returns how many bytes of [Parser.Memory] belong to reports, and to what other
// programs said, which grow with their lines. It is cheap.
func (p *Parser) ReportMemory() int {
	n := p.asm.Memory()
	if p.own {
		n += p.evidence.memory
	}
	return n
}

// forget drops the references to the input, which may be much larger than a line.
func (p *Parser) forget() {
	p.decoder.Forget()
	p.asm.Forget()
}

// Shed makes open reports give up their tables. They go on to their end, and their records say so:
// oom.report.truncated names the tables, oom.report.complete is false.
func (p *Parser) Shed() {
	p.asm.Shed()
	if p.own {
		p.evidence.Shed()
	}
	p.Trim()
}

// Trim frees the buffers that serve only the next report.
func (p *Parser) Trim() {
	p.records, p.result.Records = nil, nil // the newest result is its caller's
	p.asm.Trim()
	p.decoder.Trim()
	p.builder.Trim()
}
