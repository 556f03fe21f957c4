// SPDX-License-Identifier: Apache-2.0

// Package textpage writes a kill as a page for the person on call, for a terminal and for a ticket.
// All that it says is in [page.Page].
package textpage

import (
	"github.com/oomtrail/oomtrail/internal/kill"
	"github.com/oomtrail/oomtrail/internal/page"
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

// Of makes the page of a kill. Its report is best whole by then: see [page.Of].
func Of(k kill.Kill, o Options) Page {
	of := page.Of(k, page.Options{All: o.All})
	news := writer{Options: o}
	news.news(of)
	w := writer{Options: o}
	if of.Reported {
		w.reported(of)
	} else {
		w.told(of)
	}
	w.line("")
	return Page{News: news.text, Rest: w.text}
}

// writer is a page being written.
type writer struct {
	Options
	text []byte
}

// news says in a sentence or two what happened, and below it when and where.
func (w *writer) news(p *page.Page) {
	for _, sentence := range p.News.Sentences {
		w.alarm("", sentence)
	}
	w.paragraph("", "", p.News.When)
}

// alarm writes a sentence of which a reader has to take note, wrapped.
func (w *writer) alarm(indent, s string) {
	start := len(w.text)
	w.paragraph(indent, indent, s)
	wrapped := string(w.text[start : len(w.text)-1])
	w.text = w.text[:start]
	w.line(w.colored(red, wrapped))
}

// reported writes what the kernel's report says.
func (w *writer) reported(p *page.Page) {
	switch {
	case p.Bar != nil:
		w.bar(p.Bar)
	case p.Gauge != nil:
		w.line("")
		w.line(meter(p.Gauge.Share) + "  " + p.Gauge.Text())
	}
	if p.Why != nil {
		w.heading("Why")
		w.paragraph(indent, indent, p.Why.Summary)
		w.paragraph(indent, indent, p.Why.Verdict())
	}
	w.list("What now", p.Now)
	w.facts("Who", p.Who)
	w.facts("How much", p.Amounts)
	w.processes(p.Processes)
	w.list("What else the report shows", p.Findings)
	if p.Elsewhere != "" {
		w.heading("What you see elsewhere")
		w.paragraph(indent, indent, p.Elsewhere)
	}
	w.notes(p.Notes)
	if w.Verbose {
		w.details(p)
	}
}

// told writes what another program than the kernel says.
func (w *writer) told(p *page.Page) {
	w.facts("Who", p.Who)
	w.heading("Why")
	if p.Why != nil {
		w.row("reason", p.Why.Summary)
	}
	w.rows(p.Amounts)
	w.line("")
	w.paragraph(indent, indent, "All lines about it: oomtrail why FILE")
}

// list writes sentences, each with a dash before it; nothing without any.
func (w *writer) list(title string, sentences []string) {
	if len(sentences) == 0 {
		return
	}
	w.heading(title)
	for _, sentence := range sentences {
		w.paragraph(indent+"- ", indent+"  ", sentence)
	}
}

// facts writes a section of facts; nothing without any.
func (w *writer) facts(title string, facts []page.Fact) {
	if len(facts) > 0 {
		w.heading(title)
		w.rows(facts)
	}
}

func (w *writer) rows(facts []page.Fact) {
	for i := range facts {
		if f := &facts[i]; f.AsIs {
			w.rowAsIs(f.Name, f.Text)
		} else {
			w.row(f.Name, f.Text)
		}
	}
}

// notes writes what the page cannot know.
func (w *writer) notes(notes []page.Note) {
	headed := false
	for _, note := range notes {
		if note.Detail && !w.Verbose {
			continue
		}
		if !headed {
			w.heading("Note")
			headed = true
		}
		w.paragraph(indent, indent, note.Text)
	}
}
