// SPDX-License-Identifier: Apache-2.0

package html

import (
	"strconv"

	"github.com/oomtrail/oomtrail/internal/page"
	"github.com/oomtrail/oomtrail/parser/report"
)

// details writes what few need, each part folded.
func (w *writer) details(p *page.Page) {
	if len(p.Asker) > 0 {
		w.fold("Who asked for memory", func() {
			w.open("dl")
			for i := range p.Asker {
				w.fact(&p.Asker[i])
			}
			w.close("dl")
		})
	}
	w.figures("memory.stat of the cgroup", p.Stats)
	w.figures("Unreclaimable slab: the kernel's own objects", p.Slab)
	if len(p.Allocations) > 0 {
		w.fold("Allocation profile: where the kernel took memory", func() {
			w.table("Allocation profile", []string{"#Memory", "Function", "Place in its source"}, func() {
				for _, a := range p.Allocations {
					w.open("tr")
					w.size(report.Some(a.Bytes))
					w.element("td", a.Func)
					w.element("td", a.Site)
					w.close("tr")
				}
			})
		})
	}
	w.lines(p.Lines)
}

// fold writes a part that is opened by a click.
func (w *writer) fold(title string, body func()) {
	w.open("details")
	w.element("summary", title)
	body()
	w.close("details")
}

// figures writes a table of figures.
func (w *writer) figures(title string, figures []page.Figure) {
	if len(figures) == 0 {
		return
	}
	w.fold(title, func() {
		w.table(title, []string{"Name", "#Amount", "What it means"}, func() {
			for i := range figures {
				f := &figures[i]
				w.open("tr")
				w.element("th", f.Name, "scope", "row")
				w.open("td", "class", "n")
				w.figure(f)
				w.close("td")
				w.element("td", f.Means, "class", "means")
				w.close("tr")
			}
		})
	})
}

// A page has at most so many lines of a report: its first and its last.
const (
	firstLines = 4000
	lastLines  = 1000
)

// lines writes the report's own lines.
func (w *writer) lines(lines []page.Line) {
	if len(lines) == 0 {
		return
	}
	title := "The " + strconv.Itoa(len(lines)) + " lines of the report"
	if len(lines) == 1 {
		title = "The line that says so"
	}
	w.fold(title, func() {
		w.scrolled("scroll lines", title, []string{"Line", "Kind", "Text"}, func() {
			for i := range lines {
				switch hidden := len(lines) - firstLines - lastLines; {
				case hidden <= 0 || i < firstLines || i >= firstLines+hidden:
					w.line(&lines[i])
				case i == firstLines:
					w.open("tr")
					w.element("td", "… "+strconv.Itoa(hidden)+" lines are left out here …", "colspan", "3")
					w.close("tr")
				}
			}
		})
	})
}

func (w *writer) line(l *page.Line) {
	w.row(l.Kind == "kill")
	number := ""
	if l.Number > 0 {
		number = strconv.Itoa(l.Number)
	}
	w.element("td", number, "class", "n")
	w.element("td", l.Kind, "class", "kind")
	w.element("td", l.Text, "class", "text")
	w.close("tr")
}
