// SPDX-License-Identifier: Apache-2.0

package html

import (
	"strconv"
	"strings"
	"time"

	"github.com/oomtrail/oomtrail/internal/plain"
	"github.com/oomtrail/oomtrail/internal/timeline"
)

// The sizes of a timeline, in pixels.
const (
	laneRoom  = 32 // of a lane, with what is above it
	laneHigh  = 26 // of the tallest mark
	markHigh  = 12 // of the mark of one event, at most
	barLeast  = 7  // of a bar
	lanesGap  = 8  // below the lane of all
	axisRoom  = 36
	markWidth = "0.7%" // of the plot, which has 120 columns
)

// The parts of its width: the names, and behind them the plot.
const (
	nameWidth  = 27.0 // percent
	countEnd   = 32.0
	plotAt     = 34.0
	plotWidth  = 64.0
	nameLength = 30 // bytes
)

// timeline draws when kills were: a lane for each workload, a mark for each kill.
func (w *writer) timeline(t *timeline.Timeline) {
	lanes := t.Lanes
	height := len(lanes)*laneRoom + axisRoom
	if len(lanes) > 1 {
		height += laneRoom + lanesGap
	}
	title, desc := w.id("title"), w.id("desc")
	w.open("figure")
	w.open("div", "class", "scroll", "role", "group", "tabindex", "0", "aria-label", "Timeline")
	w.open("svg", "class", "timeline", "role", "img", "aria-labelledby", title+" "+desc, "height", strconv.Itoa(height), "xmlns", "http://www.w3.org/2000/svg")
	w.element("title", "When the kills were, by "+t.Subject, "id", title)
	w.element("desc", t.Text(t.From)+" to "+t.Text(t.To)+t.Zone()+". "+inWords(t), "id", desc)
	w.ticks(t, height)
	tallest, y := t.All.Tallest(), 0
	if len(lanes) > 1 {
		w.lane(t, &t.All, tallest, y)
		y += laneRoom + lanesGap
	}
	for i := range lanes {
		w.lane(t, &lanes[i], tallest, y)
		y += laneRoom
	}
	w.close("div")
	w.element("p", caption(t, tallest), "class", "dim")
	w.close("figure")
	w.fold("The timeline as a table", func() { w.laneTable(t) })
}

// inWords says what a timeline shows.
func inWords(t *timeline.Timeline) string {
	words := make([]string, len(t.Lanes))
	for i := range t.Lanes {
		l := &t.Lanes[i]
		words[i] = short(l.Name, 80) + ": " + events(l.Kills, l.Others)
	}
	return strings.Join(words, "; ") + "."
}

// mostApart is the most events of a cell that are drawn one by one.
const mostApart = 4

// caption says how to read a timeline.
func caption(t *timeline.Timeline, tallest int) string {
	text := "Each mark is a kill; those within " + t.Cover() + " stand on each other."
	if tallest > mostApart {
		text = "A mark has all kills within " + t.Cover() + ": the tallest stands for " + plain.Thousands(tallest) + "."
	}
	if t.All.Others > 0 {
		text += " Grey ones are no kills: evictions, panics, and what is not known to have killed."
	}
	return text
}

// of is a share of the plot's width.
func of(share float64) string { return strconv.FormatFloat(100*share, 'f', 2, 64) + "%" }

func width(percent float64) string { return strconv.FormatFloat(percent, 'f', -1, 64) + "%" }

// ticks draws the axis.
func (w *writer) ticks(t *timeline.Timeline, height int) {
	w.open("svg", "class", "plot", "x", width(plotAt), "width", width(plotWidth), "height", strconv.Itoa(height))
	bottom := strconv.Itoa(height - axisRoom)
	var before time.Time
	for _, at := range t.Ticks {
		x := of(t.Share(at))
		w.empty("line", "class", "tick", "x1", x, "x2", x, "y1", "0", "y2", bottom)
		label, date := t.Label(at, before)
		before = at
		w.element("text", label, "class", "axis", "x", x, "y", strconv.Itoa(height-axisRoom+14), "text-anchor", "middle")
		if date != "" {
			w.element("text", date, "class", "axis", "x", x, "y", strconv.Itoa(height-axisRoom+29), "text-anchor", "middle")
		}
	}
	w.close("svg")
}

// lane draws what befell a workload: its name, how many kills, and a mark at each.
func (w *writer) lane(t *timeline.Timeline, l *timeline.Lane, tallest, y int) {
	room := strconv.Itoa(laneRoom)
	line := strconv.Itoa(laneRoom - 4)
	w.open("svg", "width", width(nameWidth), "y", strconv.Itoa(y), "height", room)
	w.element("title", l.Name)
	w.element("text", short(l.Name, nameLength), "x", "0", "y", line)
	w.close("svg")
	count := plain.Thousands(l.Kills)
	if l.Kills == 0 {
		count = "-"
	}
	w.element("text", count, "class", "name", "x", width(countEnd), "y", strconv.Itoa(y+laneRoom-4), "text-anchor", "end")
	w.open("svg", "class", "plot", "x", width(plotAt), "width", width(plotWidth), "y", strconv.Itoa(y), "height", room)
	w.empty("line", "class", "lane", "x1", "0", "x2", "100%", "y1", room, "y2", room)
	for i := range l.Cells {
		w.cell(t, &l.Cells[i], tallest)
	}
	w.close("svg")
}

// cell draws what happened in one part of the time: few events one by one, more as a bar. The
// tallest of all cells has so many.
func (w *writer) cell(t *timeline.Timeline, c *timeline.Cell, tallest int) {
	w.open("g")
	w.element("title", says(t, c))
	events := float64(c.Events())
	high := events * min(markHigh, laneHigh/float64(tallest))
	if tallest > mostApart { // one is high enough to be seen
		high = barLeast + (laneHigh-barLeast)*(events-1)/float64(tallest-1)
	}
	bottom := float64(laneRoom)
	mark := func(class string, share float64) {
		bottom -= high * share
		w.empty("rect", "class", class, "x", of(float64(c.Column)/timeline.Columns), "width", markWidth, "y", pixels(bottom), "height", pixels(max(1, high*share-1)))
	}
	for _, of := range [...]struct {
		class  string
		events int
	}{{"m-kill", c.Kills}, {"m-other", c.Others}} {
		switch {
		case of.events > 0 && tallest > mostApart:
			mark(of.class, float64(of.events)/events)
		default:
			for range of.events {
				mark(of.class, 1/events)
			}
		}
	}
	w.close("g")
}

func pixels(n float64) string { return strconv.FormatFloat(n, 'f', 1, 64) }

// says says what a mark stands for.
func says(t *timeline.Timeline, c *timeline.Cell) string {
	if c.Events() == 1 {
		return strings.Join([]string{"Kill " + strconv.Itoa(c.Number), c.Process, t.Text(c.First)}, ", ")
	}
	return events(c.Kills, c.Others) + ", numbers " + strconv.Itoa(c.Number) + " to " + strconv.Itoa(c.Until) + ", " + t.Text(c.First) + " to " + t.Text(c.Last)
}

// laneTable writes the figures of a timeline.
func (w *writer) laneTable(t *timeline.Timeline) {
	heads := []string{head(strings.ToUpper(t.Subject)), "#Kills", "First" + t.Zone(), "Last"}
	if t.All.Others > 0 {
		heads = append(heads, "#Other events")
	}
	w.table("The timeline as a table", heads, func() {
		for i := range t.Lanes {
			l := &t.Lanes[i]
			w.open("tr")
			w.element("th", l.Name, "scope", "row")
			w.element("td", strconv.Itoa(l.Kills), "class", "n")
			first, last := "", ""
			if l.Kills > 0 {
				first, last = t.Text(l.First), t.Text(l.Last)
			}
			w.element("td", first)
			w.element("td", last)
			if t.All.Others > 0 {
				w.element("td", strconv.Itoa(l.Others), "class", "n")
			}
			w.close("tr")
		}
	})
}
