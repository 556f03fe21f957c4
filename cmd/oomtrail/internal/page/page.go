// Package page writes a kill as a page for the person on call: what happened, to whom, how much of what,
// who else was large, why, and what to do now.
package page

import (
	"github.com/oomtrail/oomtrail/parser/assembly"
	"github.com/oomtrail/oomtrail/parser/diagnosis"
	"github.com/oomtrail/oomtrail/parser/record"
)

// Kill is what a page is made of: an event, the record of it, and its diagnosis.
type Kill struct {
	Event     *assembly.Event
	Record    *record.Record
	Diagnosis *diagnosis.Diagnosis // nil where nothing is to be explained (the reaper gave up)
}

// Options say how a page looks.
type Options struct {
	// Color marks headings and the victim; for terminals only.
	Color bool
	// Full lists every process, and every finding with its figures.
	Full bool
}

// Append appends the page of a kill, ended by an empty line unless tables follow.
func Append(dst []byte, k Kill, o Options) []byte {
	p := page{text: dst, Options: o, Kill: k, report: k.Event.Report}
	p.what()
	p.who()
	p.amounts()
	p.largest()
	p.why()
	p.now()
	p.notes()
	if !o.Full {
		p.line("")
	}
	return p.text
}

// AppendTables appends the rest of what a kill's report holds. The report is best whole by then: a group's
// victims come after its page.
func AppendTables(dst []byte, r *record.Record, report *assembly.Report, o Options) []byte {
	p := page{text: dst, Options: o, Kill: Kill{Record: r}, report: report}
	p.victims()
	p.asker()
	p.stats()
	p.zones()
	p.slab()
	p.line("")
	return p.text
}

// page is a page being written.
type page struct {
	Kill
	Options
	report *assembly.Report
	text   []byte
}
