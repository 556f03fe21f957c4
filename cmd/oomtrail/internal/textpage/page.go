// SPDX-License-Identifier: Apache-2.0

// Package textpage writes a kill as a page for the person on call: what happened, to whom, how much of
// what, who else was large, why, and what to do now.
package textpage

import (
	"github.com/oomtrail/oomtrail/internal/kill"
	"github.com/oomtrail/oomtrail/parser/report"
)

// Options say how a page looks.
type Options struct {
	// Color marks headings and the victim; for terminals only.
	Color bool
	// Width is that of the terminal, in columns; 0 where there is none.
	Width int
	// All lists every process, not only the largest.
	All bool
	// Verbose adds what few need: zones, memory.stat, slab, who asked for memory, and what an
	// unverified record lacks.
	Verbose bool
}

// Page is a kill as a page: its news, and all else. What is between the two, such as a count of
// equal pages, is the caller's.
type Page struct {
	// News says what happened, and when.
	News []byte
	// Rest begins with an empty line and ends with one: how full it was, why, what now, and then
	// the details.
	Rest []byte
}

// Of makes the page of a kill. Its report is best whole by then: a group's victims come after the
// first one's line, and all stand on one page.
func Of(k kill.Kill, o Options) Page {
	if k.Event == nil {
		return ofRecord(k, o)
	}
	news := begin(k, o)
	news.what()
	p := begin(k, o)
	p.picture()
	p.why()
	p.now()
	p.who()
	p.amounts()
	p.largest()
	p.findings()
	p.exitCode()
	p.notes()
	if o.Verbose {
		p.victims()
		p.asker()
		p.stats()
		p.zones()
		p.slab()
	}
	p.line("")
	return Page{News: news.text, Rest: p.text}
}

// page is a page being written.
type page struct {
	kill.Kill
	Options
	report *report.Report // the kernel's, nil where another program tells of it
	text   []byte
}

// begin returns an empty page.
func begin(k kill.Kill, o Options) *page {
	p := &page{Options: o, Kill: k}
	if k.Event != nil {
		p.report = k.Event.Report
	}
	return p
}
