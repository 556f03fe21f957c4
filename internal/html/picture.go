// SPDX-License-Identifier: Apache-2.0

package html

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/oomtrail/oomtrail/internal/kill"
	"github.com/oomtrail/oomtrail/internal/page"
	"github.com/oomtrail/oomtrail/parser/report"
)

// looks are the names of the parts' colors.
var looks = [page.NumPartKinds]string{
	page.PartVictim: "victim", page.PartProcess: "process", page.PartProcesses: "processes", page.PartHugetlb: "hugetlb", page.PartShared: "shared",
	page.PartCache: "cache", page.PartLocked: "locked", page.PartKernel: "kernel", page.PartSwap: "swap", page.PartFree: "free", page.PartRest: "rest",
}

// memory draws what held the memory that ran out, and lists it below.
func (w *writer) memory(b *page.Bar) {
	w.open("figure")
	v := &b.Parts[0]
	switch {
	case v.Kind == page.PartVictim:
		w.open("p", "class", "flag")
		w.text("▼ killed: " + v.Name + ", which held ")
		w.bytes(v.Bytes)
		w.text(", " + b.Percent(v) + " of " + b.OfWhole())
		w.close("p")
	case b.Note != "":
		w.element("p", b.Note, "class", "flag")
	}
	if most := b.Most(); most != nil && (v.Kind == page.PartVictim || most.Kind != page.PartProcesses) {
		w.open("p", "class", "most")
		switch {
		case most.Bytes > b.Total/2:
			w.text("Most was held by ")
		case v.Kind == page.PartVictim:
			w.text("More was held by ")
		default:
			w.text("The largest part: ")
		}
		w.text(most.Name + ": ")
		w.bytes(most.Bytes)
		w.text(", " + b.Percent(most))
		w.close("p")
	}
	w.bar(b)
	w.parts(b)
	w.close("figure")
}

// The heights of a picture, in pixels: of the bar, and of all.
const (
	barHeight = 48
	allHeight = 72
)

// bar draws a bar: each part as wide as its share, its name in it, and a line where the limit is.
func (w *writer) bar(b *page.Bar) {
	whole := max(b.Sum(), b.Total)
	limit := kill.Size(b.Total) + " " + b.Whole
	title, desc := w.id("title"), w.id("desc")
	w.open("svg", "role", "img", "aria-labelledby", title+" "+desc, "height", strconv.Itoa(allHeight), "xmlns", "http://www.w3.org/2000/svg")
	w.element("title", "What held the memory: "+limit, "id", title)
	w.element("desc", describe(b), "id", desc)
	at := int64(0)
	for i := range b.Parts {
		p := &b.Parts[i]
		if p.Bytes <= 0 {
			continue
		}
		look, width := looks[p.Kind], percent(p.Bytes, whole)
		w.open("svg", "x", percent(at, whole), "width", width, "height", strconv.Itoa(barHeight))
		w.element("title", p.Name+", "+kill.Size(p.Bytes)+": "+p.Means())
		w.empty("rect", "class", "p-"+look, "width", "100%", "height", "100%")
		w.empty("rect", "class", "gap", "width", "100%", "height", "100%")
		from := "0"
		if i == 0 && b.Total < whole/2 {
			from = percent(b.Total, p.Bytes) // behind the line of the limit
		}
		for i, text := range [...]string{p.Name, kill.Size(p.Bytes)} {
			if p.Kind == page.PartVictim || fits(text, p.Bytes, whole) {
				w.element("text", text, "class", [...]string{"name ", ""}[i]+"p-"+look+"-on", "x", from, "dx", "6", "y", strconv.Itoa(20+18*i))
			}
		}
		w.close("svg")
		at += p.Bytes
	}
	x := percent(b.Total, whole)
	w.empty("line", "class", "limit", "x1", x, "x2", x, "y1", "-4", "y2", strconv.Itoa(barHeight+6))
	anchor := "end"
	if b.Total < whole/2 { // there is more room behind the line
		anchor = "start"
	}
	w.element("text", limit, "x", x, "y", strconv.Itoa(allHeight-4), "text-anchor", anchor)
	w.close("svg")
}

// fits reports whether a label has room in a part of the bar, at the width that the page has on a
// screen. On a narrower one it is cut off at the part's end; the table has it whole.
func fits(label string, part, whole int64) bool {
	const bar, letter, margin = 900, 8, 12
	return float64(part)/float64(whole)*bar >= float64(letter*utf8.RuneCountInString(label)+margin)
}

// describe says what a bar shows.
func describe(b *page.Bar) string {
	words := make([]string, len(b.Parts))
	for i := range b.Parts {
		p := &b.Parts[i]
		words[i] = p.Name + " " + kill.Size(p.Bytes)
		if p.Kind == page.PartVictim {
			words[i] += " (killed)"
		}
	}
	return strings.Join(words, ", ") + "."
}

// percent is a part of a whole as SVG has it.
func percent(part, whole int64) string {
	return strconv.FormatFloat(max(0, min(100, 100*float64(part)/float64(max(1, whole)))), 'f', 2, 64) + "%"
}

// parts lists the parts of a bar, each with what it is.
func (w *writer) parts(b *page.Bar) {
	w.table("What held the memory", []string{"What held it", "#Memory", "#Share", "What it is"}, func() {
		for i := range b.Parts {
			p := &b.Parts[i]
			w.row(p.Kind == page.PartVictim)
			w.open("th", "scope", "row", "class", "part")
			w.swatch(looks[p.Kind])
			w.text(p.Name)
			if p.PID > 0 {
				w.element("small", " "+strconv.FormatInt(p.PID, 10))
			}
			if p.Kind == page.PartVictim {
				w.element("span", " killed", "class", "tag")
			}
			w.close("th")
			w.size(report.Some(p.Bytes))
			w.element("td", b.Percent(p), "class", "n")
			w.element("td", p.Means(), "class", "means")
			w.close("tr")
		}
	})
}

// swatch draws a color of the bar.
func (w *writer) swatch(look string) {
	w.open("svg", "class", "swatch", "aria-hidden", "true", "viewBox", "0 0 10 10")
	w.empty("rect", "class", "p-"+look, "width", "10", "height", "10")
	w.close("svg")
}

// gauge draws how much of what there was the victim held.
func (w *writer) gauge(g *page.Gauge) {
	total := g.Limit.V
	flag := "▼ killed: " + g.Name + ", which held " + kill.Size(g.Held) + ", " + g.Percent() + " of " + g.Whole
	if !g.Limit.OK || total <= 0 {
		w.element("p", flag, "class", "flag")
		return
	}
	b := &page.Bar{Total: total, Whole: "limit", Parts: []page.Part{{Kind: page.PartVictim, Name: short(g.Name, 30), Bytes: g.Held}}}
	if rest := total - g.Held; rest > 0 {
		b.Parts = append(b.Parts, page.Part{Kind: page.PartRest, Name: "not in the report", Bytes: rest})
	}
	w.open("figure")
	w.element("p", flag, "class", "flag")
	w.bar(b)
	w.close("figure")
}

// flag says who was killed and what that held, where no picture does.
func (w *writer) flag(p *page.Page) {
	k := &p.Kill
	held, ok := k.Used()
	if !ok || !k.IsKill() || k.OneProcess() == "" {
		return
	}
	w.open("p", "class", "flag")
	w.text("killed: " + k.OneProcess() + ", which held ")
	w.bytes(held)
	w.close("p")
}

// share draws how much of how much a fact is of.
func (w *writer) share(f *page.Fact) {
	if !f.Used.OK || !f.Of.OK || f.Of.V <= 0 {
		return
	}
	w.open("svg", "height", "10", "aria-hidden", "true")
	w.empty("rect", "class", "frame", "width", "100%", "height", "8")
	w.empty("rect", "class", "p-cache", "width", percent(f.Used.V, f.Of.V), "height", "8")
	w.close("svg")
	words := "none used"
	if f.Used.V > 0 {
		words = page.Percent(float64(f.Used.V)/float64(f.Of.V)) + " used"
	}
	w.element("small", words)
}

// processes lists the largest processes, each with a bar.
func (w *writer) processes(p *page.Processes) {
	if p == nil {
		return
	}
	heads := []string{"Name", "Memory", "#in RAM"}
	if p.HasSwap {
		heads = append(heads, "#in swap")
	}
	if p.HasAdj {
		heads = append(heads, "#oom_score_adj")
	}
	most := int64(1)
	for i := range p.Rows {
		most = max(most, p.Rows[i].Memory.Pages)
	}
	w.section(p.Title, func() {
		w.table(p.Title, append(heads, "#pid"), func() {
			for i := range p.Rows {
				w.process(p, &p.Rows[i], most)
			}
		})
		w.element("p", "In RAM counts file pages that processes share in each of them. oom_score_adj moves a process up or down in the kernel's choice: -1000 is never, 1000 first.", "class", "dim")
	})
}

// process writes a row of the largest processes, of which the largest has the most pages.
func (w *writer) process(p *page.Processes, r *page.Process, most int64) {
	look := "process"
	if r.Killed {
		look = "victim"
	}
	w.row(r.Killed)
	w.open("th", "scope", "row")
	if r.Apart {
		w.text("… ")
	}
	w.text(r.Name)
	if r.Killed {
		w.element("span", " killed", "class", "tag")
	}
	w.close("th")
	w.open("td", "class", "bar")
	w.open("svg", "height", "18", "aria-hidden", "true")
	w.empty("rect", "class", "p-"+look, "width", percent(r.Memory.Pages, most), "height", "16", "y", "1")
	w.close("td")
	w.pages(r.Memory)
	if p.HasSwap {
		w.pages(r.Swap)
	}
	if p.HasAdj {
		w.element("td", strconv.FormatInt(r.Adj, 10), "class", "n")
	}
	w.element("td", strconv.FormatInt(r.PID, 10), "class", "n")
	w.close("tr")
}

// pages writes the cell of an amount.
func (w *writer) pages(a page.Amount) {
	if a.Bytes.OK {
		w.size(a.Bytes)
	} else {
		w.element("td", a.Text(), "class", "n")
	}
}

// zones draws the memory zones against their marks.
func (w *writer) zones(zones []page.Zone) {
	if len(zones) == 0 {
		return
	}
	w.section("Memory zones against their marks", func() {
		w.element("p", "The kernel divides memory into zones. Below its low mark it starts to free some, up to the high one; below min only the most urgent allocations get any.", "class", "dim")
		w.table("Memory zones", []string{"Node and zone", "Free, and the marks", "#Managed", "#Free", "#Min", "#Low", "#High", "State"}, func() {
			for i := range zones {
				w.zone(&zones[i])
			}
		})
	})
}

// zone writes the row of a zone.
func (w *writer) zone(z *page.Zone) {
	w.open("tr")
	w.element("th", z.Name, "scope", "row")
	w.open("td", "class", "bar")
	if z.Free.OK {
		most := max(z.Free.V, z.High.V+z.High.V/4, z.Min.V+z.Min.V/4, 1)
		w.open("svg", "height", "18", "aria-hidden", "true")
		w.empty("rect", "class", "frame", "width", "100%", "height", "16", "y", "1")
		w.empty("rect", "class", "p-cache", "width", percent(z.Free.V, most), "height", "16", "y", "1")
		for _, mark := range [...]report.Int{z.Min, z.Low, z.High} {
			if mark.OK {
				x := percent(mark.V, most)
				w.empty("line", "class", "mark", "x1", x, "x2", x, "y1", "0", "y2", "18")
			}
		}
		w.close("svg")
	}
	w.close("td")
	for _, n := range [...]report.Int{z.Managed, z.Free, z.Min, z.Low, z.High} {
		w.size(n)
	}
	w.element("td", z.State(), "class", "means")
	w.close("tr")
}
