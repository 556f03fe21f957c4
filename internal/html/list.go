// SPDX-License-Identifier: Apache-2.0

package html

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/oomtrail/oomtrail/internal/column"
	"github.com/oomtrail/oomtrail/internal/kill"
	"github.com/oomtrail/oomtrail/internal/page"
	"github.com/oomtrail/oomtrail/internal/plain"
	"github.com/oomtrail/oomtrail/internal/timeline"
)

// A listing has the pages of the newest kills, in at most so many bytes, and a row for each of the
// last kills. The timeline has all of them.
const (
	mostPages = 50
	mostRows  = 2000
	mostBytes = 8 << 20
)

// Listing is a page of many kills: when they were, a table of them, and all that is known of the
// newest. The zero value is empty.
type Listing struct {
	// Location is the zone in which times are shown; nil is UTC.
	Location *time.Location
	// Notes are what is to be said of the kills, or of why there are none: paragraphs, whose lines
	// stay as they are.
	Notes []string

	kills  []kill.Kill // as they are listed, without their reports
	newest []listed    // those that may get a page
	bytes  int         // of their pages
	made   int         // how many pages were made
}

// Made is the page of a kill.
type Made struct {
	headline string
	article  []byte
	// report is the id of the report. member is set for a victim that died with its group.
	report string
	member bool
}

// listed is a kill of the list with its page.
type listed struct {
	Made
	number int
	at     time.Time
}

// Make makes the page of a kill. Its report has to be whole, and may be used again after it.
func (l *Listing) Make(k *kill.Kill) Made {
	l.made++
	w := &writer{prefix: "k" + strconv.Itoa(l.made) + "-", level: 2}
	p := page.Of(*k, page.Options{})
	w.kill(p)
	made := Made{article: w.out, report: k.Record.Text("oom.report.id")}
	if len(p.News.Sentences) > 0 {
		made.headline = short(p.News.Sentences[0], 240)
	}
	if k.Event != nil {
		victim := k.Event.Victim()
		made.member = victim != nil && victim.Group
	}
	return made
}

// original has the lines of a report, up to 32,000 bytes.
const original = "log.record.original"

// Add adds a kill behind those before it, with its page. The kill's number has to be its own.
func (l *Listing) Add(k *kill.Kill, made Made) {
	rec := k.Record
	if rec.Text(original) != "" { // the page has the lines
		rec = rec.Without(original)
	}
	l.kills = append(l.kills, kill.Kill{Number: k.Number, Source: k.Source, Record: rec})
	l.newest = append(l.newest, listed{made, k.Number, k.Time()})
	if l.bytes += len(made.article); len(l.newest) == 2*mostPages || l.bytes > 2*mostBytes {
		l.forget()
	}
}

// forget keeps the newest only.
func (l *Listing) forget() {
	slices.SortStableFunc(l.newest, func(a, b listed) int {
		if !a.at.IsZero() && !b.at.IsZero() && !a.at.Equal(b.at) {
			return b.at.Compare(a.at)
		}
		return cmp.Compare(b.number, a.number)
	})
	n := 0
	for l.bytes = 0; n < min(mostPages, len(l.newest)); n++ {
		if l.bytes+len(l.newest[n].article) > mostBytes {
			break
		}
		l.bytes += len(l.newest[n].article)
	}
	clear(l.newest[n:])
	l.newest = l.newest[:n]
}

// Len is how many kills there are.
func (l *Listing) Len() int { return len(l.kills) }

// SortByTime puts the kills in order; those without a time come last.
func (l *Listing) SortByTime() { kill.SortByTime(l.kills) }

// File returns the listing as a file.
func (l *Listing) File() []byte {
	return document(l.headline(), l.body)
}

// asIs writes paragraphs whose lines stay as they are.
func (w *writer) asIs(notes []string) {
	for _, note := range notes {
		w.open("p", "class", "as-is")
		for i, line := range strings.Split(note, "\n") {
			if i > 0 {
				w.out = append(w.out, '\n')
			}
			w.text(line)
		}
		w.close("p")
	}
}

func (l *Listing) location() *time.Location {
	if l.Location == nil {
		return time.UTC
	}
	return l.Location
}

// List returns a list of kills for a page that has the [Style] and a heading of its own: how many
// there are, who was killed most, a timeline, and a row for each. link returns where the number of
// a kill leads.
func List(kills []kill.Kill, location *time.Location, link func(number int) string) []byte {
	l := Listing{Location: location, kills: kills}
	w := &writer{level: 1}
	w.element(w.heading(0), l.headline())
	l.overview(w)
	w.section("The kills", func() { l.table(w, kills, link) })
	return w.out
}

// overview writes what a person would look for first.
func (l *Listing) overview(w *writer) {
	when := timeline.Of(l.kills, l.location())
	for _, sentence := range l.summary(when) {
		w.element("p", sentence)
	}
	w.asIs(l.Notes)
	if when != nil {
		w.section("When", func() { w.timeline(when) })
	}
}

// body writes what the page shows.
func (l *Listing) body(w *writer) {
	w.element(w.heading(0), l.headline())
	l.overview(w)
	if len(l.kills) == 0 {
		return
	}
	pages, on := l.pages()
	w.section("The kills", func() {
		shown := l.kills
		if hidden := len(l.kills) - mostRows; hidden > 0 {
			shown = l.kills[hidden:]
			w.element("p", "The table has the last "+plain.Thousands(mostRows)+". "+plain.Thousands(hidden)+" before them are left out: --since and --until choose, -o csv has all.", "class", "dim")
		}
		l.table(w, shown, func(number int) string {
			if page, ok := on[number]; ok {
				return "#" + anchor(page)
			}
			return ""
		})
	})
	if len(pages) == 0 {
		return
	}
	title := "One by one"
	if len(on) < len(l.kills) {
		title = "The newest one by one"
	}
	w.section(title, func() {
		if len(on) < len(l.kills) {
			w.element("p", "Of the others: oomtrail explain --kill N, with the number of the table.", "class", "dim")
		}
		for _, p := range pages {
			w.folded(p)
		}
	})
}

// headline says how many kills there are, from when to when.
func (l *Listing) headline() string {
	if len(l.kills) == 0 {
		return "No out-of-memory kill was found"
	}
	kills := 0
	var first, last *kill.Kill
	for i := range l.kills {
		k := &l.kills[i]
		if k.IsKill() {
			kills++
		}
		if at := k.Time(); !at.IsZero() {
			if first == nil || at.Before(first.Time()) {
				first = k
			}
			if last == nil || !at.Before(last.Time()) {
				last = k
			}
		}
	}
	text := events(kills, len(l.kills)-kills)
	switch {
	case first == nil:
		return text
	case first.Time().Equal(last.Time()):
		return text + ", " + first.Moment(l.location()) + l.zone(first)
	}
	from, to := first.Moment(l.location()), last.Moment(l.location())
	if day, _, _ := strings.Cut(from, " "); strings.HasPrefix(to, day+" ") {
		to = to[len(day)+1:]
	}
	return text + ", " + from + " to " + to + l.zone(first, last)
}

// zone names the zone of times.
func (l *Listing) zone(of ...*kill.Kill) string {
	return kill.ZoneOf(l.location(), of, func(k **kill.Kill) time.Time { return (*k).Time() })
}

// events counts kills and what else there was.
func events(kills, others int) string {
	switch {
	case others == 0:
		return plain.Count(kills, "kill")
	case kills == 0:
		return "No kill, " + plain.Count(others, "other event")
	}
	return plain.Count(kills, "kill") + " and " + plain.Count(others, "other event")
}

// namedHosts is how many hosts the summary names.
const namedHosts = 5

// summary says what a person would look for: who was killed again and again, where, and what died
// together.
func (l *Listing) summary(when *timeline.Timeline) (sentences []string) {
	kills, name, often := most(l.kills, timeline.Workload)
	if often > 1 {
		sentences = append(sentences, fmt.Sprintf("Killed most often: %s, %s of %s.", name, plain.Thousands(often), plain.Count(kills, "kill")))
	}
	if hosts, text := hostsOf(l.kills); hosts > 1 {
		sentences = append(sentences, text)
	}
	if when == nil {
		if len(l.kills) > 1 {
			sentences = append(sentences, noTimeline(l.kills))
		}
		return sentences
	}
	if when.Burst.Kills > 1 {
		sentences = append(sentences, fmt.Sprintf("Most within a minute: %s, from %s on.", plain.Count(when.Burst.Kills, "kill"), when.Text(when.Burst.First)))
	}
	if when.SinceBoot {
		sentences = append(sentences, "The log has no dates: times count from the machine's boot.")
	}
	if when.Untimed > 0 {
		sentences = append(sentences, fmt.Sprintf("The log does not say when %s of them happened. They are in the table, not in the timeline.", plain.Thousands(when.Untimed)))
	}
	return sentences
}

// noTimeline says why there is none.
func noTimeline(kills []kill.Kill) string {
	for i := range kills {
		if k := &kills[i]; k.Record.HasUptime || !k.Time().IsZero() {
			return "There is no timeline: the log has dates of fewer than two of them, and the times since boot are not all of one boot of one machine."
		}
	}
	return "There is no timeline: the log does not say when they were."
}

// most returns how many kills there are, the name that most of them have, and how many do. Of equal
// ones it is the first.
func most(kills []kill.Kill, of func(*kill.Kill) string) (all int, name string, count int) {
	counts := map[string]int{}
	for i := range kills {
		if k := &kills[i]; k.IsKill() {
			all++
			counts[of(k)]++
		}
	}
	for i := range kills {
		if n := of(&kills[i]); counts[n] > count {
			name, count = n, counts[n]
		}
	}
	return all, name, count
}

// hostsOf counts the hosts of events, and names them where they are few.
func hostsOf(kills []kill.Kill) (hosts int, sentence string) {
	counts := map[string]int{}
	var names []string
	for i := range kills {
		host := kills[i].Host()
		if host == "" {
			continue
		}
		if counts[host] == 0 {
			names = append(names, host)
		}
		counts[host]++
	}
	sentence = "On " + plain.Thousands(len(names)) + " hosts"
	if len(names) > namedHosts {
		return len(names), sentence + "."
	}
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(counts[b], counts[a]) })
	for i, name := range names {
		names[i] = name + " (" + plain.Thousands(counts[name]) + ")"
	}
	return len(names), sentence + ": " + strings.Join(names, ", ") + "."
}

// pages returns the newest kills that have a page of their own, in the order of the list, and the
// number of the page that each is on. What died with its group is on the page of the first victim.
func (l *Listing) pages() (pages []*listed, on map[int]int) {
	l.forget()
	newest := map[int]*listed{}
	for i := range l.newest {
		newest[l.newest[i].number] = &l.newest[i]
	}
	on = map[int]int{}
	groups := map[string]int{} // the page of each report
	for i := range l.kills {
		p := newest[l.kills[i].Number]
		if p == nil {
			continue
		}
		if first, known := groups[p.report]; known && p.member && p.report != "" {
			on[p.number] = first
			continue
		}
		on[p.number] = p.number
		pages = append(pages, p)
		groups[p.report] = p.number
	}
	return pages, on
}

// anchor is the name of the page of a kill.
func anchor(number int) string { return "kill-" + strconv.Itoa(number) }

// folded writes the page of a kill, to be opened by a click. The anchor stands inside: a browser
// opens what a link leads into, not what it leads to.
func (w *writer) folded(p *listed) {
	w.open("details")
	w.element("summary", "Kill "+strconv.Itoa(p.number)+": "+p.headline)
	w.open("div", "id", anchor(p.number))
	w.out = append(w.out, p.article...) // which [Listing.Make] wrote
	w.close("details")
}

// table writes a row for each kill. Its number leads to where link says, "" for nowhere.
func (l *Listing) table(w *writer, shown []kill.Kill, link func(number int) string) {
	columns := column.Shown(kill.Columns(shown, l.location()), column.Table, shown)
	rows(w, "The kills", columns, shown, func(c *column.Column[kill.Kill], k *kill.Kill) bool {
		if c.Name != "kill" {
			return false
		}
		w.open("th", "scope", "row", "class", "n")
		if to := link(k.Number); to != "" {
			w.element("a", c.Cell(k), "href", to)
		} else {
			w.text(c.Cell(k))
		}
		w.close("th")
		return true
	})
}

// rows writes a table of rows, all their columns. cell may write a cell itself, and then reports
// true.
func rows[T any](w *writer, label string, columns []column.Column[T], rows []T, cell func(*column.Column[T], *T) bool) {
	heads := make([]string, len(columns))
	for i, c := range columns {
		heads[i] = head(c.Title)
		if c.Right {
			heads[i] = "#" + heads[i]
		}
	}
	w.table(label, heads, func() {
		for i := range rows {
			w.open("tr")
			for j := range columns {
				c := &columns[j]
				switch {
				case cell(c, &rows[i]):
				case c.Right:
					w.element("td", c.Cell(&rows[i]), "class", "n")
				case c.Shrink:
					w.element("td", c.Cell(&rows[i]), "class", "shrink")
				default:
					w.element("td", c.Cell(&rows[i]), "class", "whole")
				}
			}
			w.close("tr")
		}
	})
}

// head is the title of a column as a page has it: "Time (UTC)".
func head(title string) string {
	word, rest, _ := strings.Cut(title, " ")
	runes := []rune(strings.ToLower(word))
	if len(runes) > 0 {
		runes[0] = unicode.ToUpper(runes[0])
	}
	return strings.TrimSpace(string(runes) + " " + rest)
}

// Counts returns a file that shows what was counted: rows, with a bar in the column that has a
// share of the whole.
func Counts[T any](title string, notes []string, columns []column.Column[T], counted []T, share func(*T) float64) []byte {
	return document(title, func(w *writer) {
		w.element("h1", title)
		w.asIs(notes)
		if len(counted) == 0 {
			return
		}
		most := 0.0
		for i := range counted {
			most = max(most, share(&counted[i]))
		}
		columns := column.Shown(columns, column.Wide, counted)
		for i := range columns {
			if columns[i].Name == "share" {
				columns[i].Right = false // bars begin at the left
			}
		}
		rows(w, title, columns, counted, func(c *column.Column[T], row *T) bool {
			if c.Name != "share" {
				return false
			}
			w.open("td", "class", "bar share")
			w.open("svg", "height", "18", "aria-hidden", "true")
			w.empty("rect", "class", "m-kill", "width", of(share(row)/most), "height", "16", "y", "1")
			w.close("svg")
			w.element("small", c.Cell(row))
			w.close("td")
			return true
		})
	})
}
