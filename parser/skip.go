// SPDX-License-Identifier: Apache-2.0

package parser

import (
	"github.com/oomtrail/oomtrail/internal/assembly"
	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/internal/scan"
	"github.com/oomtrail/oomtrail/parser/report"
)

// Search looks for the lines that have to be read. The zero value is that of [Options] without
// Sigkill.
type Search struct {
	// Deaths adds the words of lines about deaths by SIGKILL: see [Options.Sigkill].
	Deaths bool
}

// MayMatter reports whether b could hold a line that begins a report, names a kill, or says
// something of one. b is a line, or any bytes that hold lines. It allocates nothing.
//
// With no report open, a line without such a word need not be fed: see [Parser.Skip].
func (s Search) MayMatter(b []byte) bool { return scan.TriggerKeys(s.Deaths).Index(b) >= 0 }

// Keys returns the words that [Search.MayMatter] looks for, of eight ASCII characters each. It is
// true of what holds one of them, and of nothing else. They serve a search in another language.
func (s Search) Keys() []string { return scan.Triggers(s.Deaths) }

// MayContainOOM is [Search.MayMatter] of the zero Search.
func MayContainOOM(b []byte) bool { return Search{}.MayMatter(b) }

// TriggerKeys is [Search.Keys] of the zero Search.
func TriggerKeys() []string { return Search{}.Keys() }

// Needs reports whether a line has to be fed: a report is open, or [Search.MayMatter] is true of
// the line. It allocates nothing.
func (p *Parser) Needs(line []byte) bool { return p.asm.Open() || p.search().MayMatter(line) }

// search returns what the parser looks for.
func (p *Parser) search() Search { return Search{Deaths: p.opt.Sigkill} }

// Skip says that lines were left out that the parser does not need (see [Parser.Needs]): what is
// missing there of the kernel's numbering was not lost. With a report open nothing may be left out,
// and Skip does nothing.
//
// [Parser.ReadBlock] skips by itself. A host that has single events calls Skip and feeds the last
// line that it left out before it feeds the next one that is needed. Formats that split records at
// newlines make a piece of a foreign record look like a line of its own, and only the line before
// shows what it is. Where that line was not seen, a kill is neither verified nor complete.
func (p *Parser) Skip() { p.asm.Skip() }

// MayBelong reports whether a line looks like one of the middle of a report, which [MayContainOOM]
// may deny: a row of a table, a value of memory.stat, a frame of the stack. A host that reads lines
// out of their order keeps such lines until the head comes. The answer is of the line alone, so
// that it is true of other lines too.
//
// Of a batch out of the middle of a report nearly all lines are a report's. To look at three of
// them, the first, the middle and the last one, is enough to know such a batch.
func MayBelong(line []byte) (may bool) {
	format.NewDecoder(report.Auto).Decode(firstLine(line), func(l *format.Line) { may = may || assembly.MayBelong(l.Text) })
	return may
}
