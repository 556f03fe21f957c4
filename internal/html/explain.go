// SPDX-License-Identifier: Apache-2.0

package html

import (
	"slices"
	"strconv"

	"github.com/oomtrail/oomtrail/internal/kill"
	"github.com/oomtrail/oomtrail/internal/page"
	"github.com/oomtrail/oomtrail/internal/plain"
	"github.com/oomtrail/oomtrail/parser/report"
)

// Explain returns a file that explains kills, one below the other.
func Explain(pages ...*page.Page) []byte {
	title := ""
	if len(pages) > 0 {
		title = Title(pages[0])
	}
	return document(title, func(w *writer) {
		for _, p := range pages {
			w.kill(p)
		}
	})
}

// Title returns the title of the file of a kill.
func Title(p *page.Page) string {
	if len(p.News.Sentences) == 0 {
		return ""
	}
	return short(p.News.Sentences[0], longTitle)
}

// File returns the file of what [Article] returned, as [Explain] does.
func File(title string, article []byte) []byte {
	return document(title, func(w *writer) { w.out = append(w.out, article...) })
}

// Article is what [Explain] shows of one kill, for a page that has the [Style]. It has no id that
// [Listing.Part] has: both may stand on one page.
func Article(p *page.Page) []byte {
	w := &writer{prefix: "page-"}
	w.kill(p)
	return w.out
}

// kill writes all that is known of a kill, the most important first.
func (w *writer) kill(p *page.Page) {
	head := w.id("news")
	w.open("article", "aria-labelledby", head)
	w.element("p", p.News.When, "class", "dim")
	for i, sentence := range p.News.Sentences {
		if i == 0 {
			w.element(w.heading(0), sentence, "id", head, "class", "news")
		} else {
			w.element("p", sentence)
		}
	}
	switch {
	case p.Bar != nil:
		w.memory(p.Bar)
	case p.Gauge != nil:
		w.gauge(p.Gauge)
	default:
		w.flag(p)
	}
	w.why(p)
	w.now(p.Now)
	w.processes(p.Processes)
	w.victims(p.Victims)
	w.ladder(p.Ladder)
	w.amounts(p.Amounts)
	w.who(p)
	w.zones(p.Zones)
	w.findings(p.Findings)
	w.elsewhere(p.Elsewhere)
	w.notes(p)
	w.details(p)
	w.close("article")
}

// section writes a section with a heading.
func (w *writer) section(title string, body func()) {
	id := w.id("section")
	w.open("section", "aria-labelledby", id)
	w.element(w.heading(1), title, "id", id)
	body()
	w.close("section")
}

// why writes the cause.
func (w *writer) why(p *page.Page) {
	switch {
	case p.Why == nil:
	case !p.Reported:
		w.section("Why", func() { w.element("p", "Reason: "+p.Why.Summary+".") })
	default:
		w.section("Why", func() {
			w.element("p", p.Why.Summary)
			w.element("p", p.Why.Verdict(), "class", "dim")
		})
	}
}

// now writes what to do.
func (w *writer) now(sentences []string) {
	if len(sentences) == 0 {
		return
	}
	w.section("What now", func() { w.list("ol", sentences) })
}

func (w *writer) findings(sentences []string) {
	if len(sentences) == 0 {
		return
	}
	w.section("What else the report shows", func() { w.list("ul", sentences) })
}

// list writes sentences as a list.
func (w *writer) list(element string, sentences []string) {
	w.open(element)
	for _, sentence := range sentences {
		w.element("li", sentence)
	}
	w.close(element)
}

func (w *writer) elsewhere(text string) {
	if text != "" {
		w.section("What you see elsewhere", func() { w.element("p", text) })
	}
}

// notes writes what the page cannot know.
func (w *writer) notes(p *page.Page) {
	if len(p.Notes) == 0 && p.Reported {
		return
	}
	w.section("Note", func() {
		for _, note := range p.Notes {
			w.element("p", note.Text)
		}
		if !p.Reported {
			w.open("p")
			w.text("All lines about it: ")
			w.element("code", "oomtrail why FILE")
			w.close("p")
		}
	})
}

// who writes who the victim was, and what is known of the record.
func (w *writer) who(p *page.Page) {
	if len(p.Who)+len(p.Origin) == 0 {
		return
	}
	w.section("Who", func() {
		w.open("dl")
		for _, facts := range [...][]page.Fact{p.Who, p.Origin} {
			for i := range facts {
				w.fact(&facts[i])
			}
		}
		w.close("dl")
	})
}

// fact writes a fact in a list of them.
func (w *writer) fact(f *page.Fact) {
	w.element("dt", f.Name)
	w.open("dd")
	if f.AsIs {
		w.element("code", f.Text)
	} else {
		w.text(f.Text)
	}
	if f.Means != "" {
		w.text(" ")
		w.element("small", f.Means)
	}
	w.close("dd")
}

// ladder writes the path of a cgroup, a level a rung.
func (w *writer) ladder(rungs []page.Rung) {
	if len(rungs) == 0 {
		return
	}
	title := "Where it ran"
	if slices.ContainsFunc(rungs, func(r page.Rung) bool { return r.Hit }) {
		title += ", and what ran out"
	}
	w.section(title, func() {
		w.open("ol", "class", "ladder")
		for i := range rungs {
			r := &rungs[i]
			if i > 0 {
				w.open("ol")
			}
			w.open("li")
			if r.Skipped > 0 {
				w.element("p", "… "+strconv.Itoa(r.Skipped)+" levels …", "class", "dim")
			}
			w.rung(r)
		}
		for range rungs {
			w.close("ol")
		}
	})
}

// rung writes a level of a path.
func (w *writer) rung(r *page.Rung) {
	class := "rung"
	if r.Hit {
		class = "hit"
	}
	w.open("p", "class", class)
	w.element("code", r.Name)
	w.element("small", " "+r.What)
	if r.Hit {
		words := " this is what ran out"
		if r.Full != "" {
			words += ": " + r.Full
		}
		w.element("span", words, "class", "tag")
	}
	if r.Victim {
		w.element("strong", " the victim ran here")
	}
	w.close("p")
}

// figure writes a number with its exact value beside it, for programs.
func (w *writer) figure(f *page.Figure) {
	attrs := []string{"value", f.Value.String()}
	if f.Field != "" {
		attrs = append(attrs, "data-field", f.Field)
	}
	w.element("data", f.Text, attrs...)
}

// bytes is [writer.figure] for a size that no record has.
func (w *writer) bytes(n int64) {
	w.element("data", kill.Size(n), "value", strconv.FormatInt(n, 10))
}

// size writes the cell of a size, with a dash where it is not known.
func (w *writer) size(n report.Int) {
	w.open("td", "class", "n")
	if n.OK {
		w.bytes(n.V)
	} else {
		w.text("-")
	}
	w.close("td")
}

// amounts writes how much there was, each figure with what it means.
func (w *writer) amounts(facts []page.Fact) {
	if len(facts) == 0 {
		return
	}
	w.section("How much", func() {
		w.table("How much", []string{"Of", "Figure", "#Amount", "What it means"}, func() {
			for i := range facts {
				w.amount(&facts[i])
			}
		})
	})
}

// table writes a table that may be wider than the page. A head that begins with # is of numbers.
func (w *writer) table(label string, heads []string, rows func()) {
	w.scrolled("scroll", label, heads, rows)
}

// scrolled is [writer.table] with the classes of what holds it.
func (w *writer) scrolled(class, label string, heads []string, rows func()) {
	w.open("div", "class", class, "role", "group", "tabindex", "0", "aria-label", label)
	w.open("table")
	w.open("thead")
	w.open("tr")
	for _, head := range heads {
		if head != "" && head[0] == '#' {
			w.element("th", head[1:], "scope", "col", "class", "n")
		} else {
			w.element("th", head, "scope", "col")
		}
	}
	w.close("thead")
	w.open("tbody")
	rows()
	w.close("div")
}

// row begins a row of a table, which is marked where it is of what was killed.
func (w *writer) row(killed bool) {
	if killed {
		w.open("tr", "class", "killed")
	} else {
		w.open("tr")
	}
}

// amount writes the rows of a fact.
func (w *writer) amount(f *page.Fact) {
	rows := max(1, len(f.Figures))
	if f.Note != "" && len(f.Figures) > 0 {
		rows++
	}
	alone := rows == 1 && (len(f.Figures) == 0 || f.Figures[0].Name == f.Name)
	w.open("tr")
	if alone {
		w.open("th", "scope", "row", "colspan", "2")
	} else {
		w.open("th", "scope", "rowgroup", "rowspan", strconv.Itoa(rows))
	}
	w.text(f.Name)
	w.share(f)
	w.close("th")
	for i := range f.Figures {
		if i > 0 {
			w.open("tr")
		}
		figure := &f.Figures[i]
		if !alone {
			w.element("td", figure.Name)
		}
		w.open("td", "class", "n")
		w.figure(figure)
		w.close("td")
		w.element("td", figure.Means, "class", "means")
		w.close("tr")
	}
	switch {
	case len(f.Figures) == 0:
		w.element("td", f.Text, "class", "n")
		w.element("td", f.Means, "class", "means")
		w.close("tr")
	case f.Note != "":
		w.open("tr")
		w.element("td", f.Note, "colspan", "3", "class", "means")
		w.close("tr")
	}
}

// victims writes all who died, where they are several.
func (w *writer) victims(victims []page.Victim) {
	if len(victims) == 0 {
		return
	}
	w.section("The "+strconv.Itoa(len(victims))+" victims of this report", func() {
		w.table("The victims", []string{"#pid", "Name", "#Held", "Why"}, func() {
			for i := range victims {
				v := &victims[i]
				w.open("tr")
				w.element("td", strconv.FormatInt(v.PID, 10), "class", "n")
				w.element("td", v.Name)
				w.size(v.Held)
				why := "chosen by the kernel"
				if v.Group {
					why = "died with its group"
				}
				w.element("td", why, "class", "means")
				w.close("tr")
			}
		})
	})
}

// short is a text of at most room bytes.
func short(text string, room int) string {
	return string(plain.CutMiddle(plain.AppendPrintable(nil, page.Untied(text)), 0, room))
}
