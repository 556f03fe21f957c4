// SPDX-License-Identifier: Apache-2.0

package parser

import "unsafe"

// Memory returns how many bytes the parser holds: its state, open reports, and the memory that it keeps for the next ones.
func (p *Parser) Memory() int {
	return int(unsafe.Sizeof(*p)) + p.asm.Memory() + p.decoder.Memory() + p.builder.Memory()
}

// ReportMemory returns how many bytes of [Parser.Memory] reports take: what grows with their lines. It costs little.
func (p *Parser) ReportMemory() int { return p.asm.Memory() }

// forget lets go of the input, whose memory may be much larger than a line.
func (p *Parser) forget() {
	p.decoder.Forget()
	p.asm.Forget()
}

// Shed makes open reports give up their tables, so that little memory is held; they go on to their end, and their records say so:
// oom.report.truncated names what is missing, oom.report.complete is false.
func (p *Parser) Shed() {
	p.asm.Shed()
	p.Trim()
}

// Trim gives up the memory that serves no open report, but the next one.
func (p *Parser) Trim() {
	p.records, p.result.Records = nil, nil // the newest result is its caller's
	p.asm.Trim()
	p.decoder.Trim()
	p.builder.Trim()
}
