// SPDX-License-Identifier: Apache-2.0

package html

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/internal/column"
	"github.com/oomtrail/oomtrail/internal/kill"
	"github.com/oomtrail/oomtrail/internal/page"
	"github.com/oomtrail/oomtrail/internal/plain"
	"github.com/oomtrail/oomtrail/internal/timeline"
	"github.com/oomtrail/oomtrail/parser"
	"github.com/oomtrail/oomtrail/parser/record"
)

// list adds the kills of a log to a listing, and returns them.
func list(t *testing.T, l *Listing, log string, o parser.Options) (kills []kill.Kill) {
	t.Helper()
	eachPage(t, strings.NewReader(log), o, func(p *page.Page) {
		k := p.Kill
		k.Number = l.Len() + 1
		l.Add(&k, l.Make(&k))
		k.Event, k.Diagnosis = nil, nil
		kills = append(kills, k)
	})
	return kills
}

// checkList reports what is wrong with a page of kills.
func checkList(t *testing.T, file []byte, kills []kill.Kill) *node {
	t.Helper()
	checkTexts(t, file)
	root := read(t, file)
	checkStructure(t, root)
	checkPolicy(t, root)
	checkClasses(t, root)
	if len(kills) == 0 {
		return root
	}
	columns := column.Shown(kill.Columns(kills, time.UTC), column.Table, kills)
	rows := section(root, "The kills").all("tbody")[0].all("tr")
	if len(rows) != len(kills) {
		t.Fatalf("%d rows, %d kills", len(rows), len(kills))
	}
	for i, row := range rows {
		cells := append(row.all("th"), row.all("td")...)
		if len(cells) != len(columns) {
			t.Fatalf("%d cells, %d columns", len(cells), len(columns))
		}
		for j := range columns {
			want := columns[j].Cell(&kills[i])
			if len(want) < mostText && cells[j].words() != page.Untied(want) {
				t.Errorf("%s of kill %d is %q, want %q", columns[j].Name, kills[i].Number, cells[j].words(), want)
			}
		}
	}
	pages := map[string]bool{}
	for _, details := range root.all("details") {
		for _, inside := range details.all("div") { // a link opens what it leads into
			pages["#"+inside.attrs["id"]] = true
		}
	}
	for _, link := range root.all("a") {
		if !pages[link.attrs["href"]] {
			t.Errorf("a link to %s, which is not there", link.attrs["href"])
		}
	}
	checkTimeline(t, root, kills)
	return root
}

// checkTimeline reads a timeline back.
func checkTimeline(t *testing.T, root *node, kills []kill.Kill) {
	t.Helper()
	when := timeline.Of(kills, time.UTC)
	picture := root.class("timeline")
	if when == nil || len(picture) == 0 {
		if when != nil || len(picture) > 0 || len(kills) > 1 && !strings.Contains(root.words(), "There is no timeline") {
			t.Error("a timeline where there is none to be, or none and no word of it")
		}
		return
	}
	plots := picture[0].class("plot")[1:] // behind that of the axis
	lanes := when.Lanes
	if len(lanes) > 1 {
		lanes = append([]timeline.Lane{when.All}, lanes...)
	}
	if len(plots) != len(lanes) {
		t.Fatalf("%d lanes, want %d", len(plots), len(lanes))
	}
	tallest := when.All.Tallest()
	for i, plot := range plots {
		marks := plot.all("g")
		if len(marks) != len(lanes[i].Cells) {
			t.Fatalf("%d marks in lane %s, want %d", len(marks), lanes[i].Name, len(lanes[i].Cells))
		}
		for j, mark := range marks {
			c := &lanes[i].Cells[j]
			drawn, want := map[string]int{}, map[string]int{"m-kill": c.Kills, "m-other": c.Others}
			high := 0.0
			for _, rect := range mark.all("rect") {
				if got := number(t, rect.attrs["x"]); got < 0 || got > 100*float64(c.Column)/timeline.Columns+0.006 || got < 100*float64(c.Column)/timeline.Columns-0.006 {
					t.Errorf("a mark at %v %%, want column %d", got, c.Column)
				}
				if top := number(t, rect.attrs["y"]); top < 0 {
					t.Errorf("a mark at %v, above its lane", top)
				}
				high += number(t, rect.attrs["height"])
				drawn[rect.attrs["class"]]++
			}
			if tallest <= mostApart && fmt.Sprint(drawn["m-kill"], drawn["m-other"]) != fmt.Sprint(want["m-kill"], want["m-other"]) {
				t.Errorf("%v, want %v", drawn, want)
			}
			if c.Events() == tallest && tallest > mostApart && (high < laneHigh-3 || high > laneHigh) {
				t.Errorf("the tallest is %v pixels high", high)
			}
			if words := mark.all("title")[0].words(); c.Kills > 1 && !strings.HasPrefix(words, plain.Count(c.Kills, "kill")) {
				t.Errorf("a mark of %d kills says %q", c.Kills, words)
			}
		}
	}
	for i, row := range root.all("figure")[0].all("tbody") {
		t.Errorf("a table %d in the figure: %s", i, row.words())
	}
	rows := section(root, "When").all("tbody")[0].all("tr")
	if len(rows) != len(when.Lanes) {
		t.Fatalf("%d rows, %d lanes", len(rows), len(when.Lanes))
	}
	for i, row := range rows {
		cells := row.all("td")
		if cells[0].words() != strconv.Itoa(when.Lanes[i].Kills) {
			t.Errorf("%s kills of %s, want %d", cells[0].words(), when.Lanes[i].Name, when.Lanes[i].Kills)
		}
		if desc := picture[0].all("desc")[0].words(); !strings.Contains(desc, events(when.Lanes[i].Kills, when.Lanes[i].Others)) {
			t.Errorf("the picture's words lack lane %d: %s", i, desc)
		}
	}
}

// TestLists: the list of each log has the cells of the table, and its timeline the counts.
func TestLists(t *testing.T) {
	pictures, links := 0, 0
	for _, name := range logs(t) {
		log, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(strings.TrimPrefix(name, "../../testdata/"), func(t *testing.T) {
			var l Listing
			kills := list(t, &l, string(log), parser.Options{})
			root := checkList(t, l.File(), kills)
			pictures += len(root.class("timeline"))
			links += len(root.all("a"))
			for i := range l.kills {
				if l.kills[i].Record.Text(original) != "" {
					t.Error("the list holds the lines of the report")
				}
			}
			if len(kills) <= mostPages && len(root.all("a")) != len(kills) {
				t.Errorf("%d links, %d kills", len(root.all("a")), len(kills))
			}
		})
	}
	if pictures < 10 || links < 100 {
		t.Errorf("%d timelines, %d links", pictures, links)
	}
}

// TestGroupHasOnePage: what died with its group is on the page of the first victim.
func TestGroupHasOnePage(t *testing.T) {
	log, err := os.ReadFile("../../testdata/captures/6.12/f_oomgroup/kmsg.raw")
	if err != nil {
		t.Fatal(err)
	}
	var l Listing
	kills := list(t, &l, string(log), parser.Options{})
	root := checkList(t, l.File(), kills)
	if n := len(root.all("article")); n != 1 || len(kills) < 3 {
		t.Errorf("%d pages of %d kills", n, len(kills))
	}
	for _, link := range root.all("a") {
		if link.attrs["href"] != "#kill-1" {
			t.Error(link.attrs["href"])
		}
	}
}

// TestHostileLists: names of units, hosts and processes are texts in a list and in a timeline.
func TestHostileLists(t *testing.T) {
	for _, name := range hostile {
		l := Listing{Notes: []string{name}}
		log := hostileLog(name)
		kills := list(t, &l, log+strings.ReplaceAll(log, "-;", "0,-;"), parser.Options{Transport: parser.FormatKmsg})
		checkList(t, l.File(), kills)
		l = Listing{}
		var all []kill.Kill
		for i := range 3 {
			rec := &record.Record{Body: name, Time: time.Unix(int64(i), 0)}
			for i := range record.Fields {
				rec = rec.With(record.Attr{Name: record.Fields[i].Name, Value: record.StringValue(name)})
			}
			k := kill.Kill{Number: i + 1, Record: rec}
			l.Add(&k, l.Make(&k))
			all = append(all, k)
		}
		checkList(t, l.File(), all)
		checkTexts(t, Counts("Kills by "+name, []string{name}, []column.Column[string]{{Title: "NAME", Name: "name", Value: func(s *string) any { return *s }}}, []string{name}, func(*string) float64 { return 1 }))
	}
}

// made is a kill of a unit on a host.
func made(number int, at time.Time, unit, host string) kill.Kill {
	r := &record.Record{Time: at}
	for _, a := range [][2]string{{"event.name", record.EventKill}, {"systemd.unit.name", unit}, {"host.name", host}, {"process.title", "java"}} {
		r = r.With(record.Attr{Name: a[0], Value: record.StringValue(a[1])})
	}
	return kill.Kill{Number: number, Record: r}
}

// TestManyKills: ten thousand kills make a file that a browser can show: the timeline has all of
// them in marks that are bounded, the table the last, and the newest a page. It says so.
func TestManyKills(t *testing.T) {
	l := Listing{}
	start := time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	const all = 10000
	for i := range all {
		k := made(i+1, start.Add(time.Duration(i*i%99991)*time.Minute), fmt.Sprintf("unit-%d.service", i%40), "node-1")
		l.Add(&k, l.Make(&k))
	}
	if n := len(l.newest); n >= 2*mostPages {
		t.Errorf("%d pages are kept", n)
	}
	l.SortByTime()
	file := l.File()
	root := read(t, file)
	checkStructure(t, root)
	picture := root.class("timeline")[0]
	if n := len(picture.all("g")); n > timeline.Columns*(timeline.MostLanes+1) || n < 1000 {
		t.Errorf("%d marks", n)
	}
	if len(file) > 3<<20 {
		t.Errorf("a file of %d bytes", len(file))
	}
	if rows := len(section(root, "The kills").all("tbody")[0].all("tr")); rows != mostRows {
		t.Errorf("%d rows", rows)
	}
	if pages := len(root.all("article")); pages != mostPages || len(root.all("a")) != mostPages {
		t.Errorf("%d pages, %d links", pages, len(root.all("a")))
	}
	sum := 0
	for _, row := range section(root, "When").all("tbody")[0].all("tr") {
		n, err := strconv.Atoi(row.all("td")[0].words())
		if err != nil {
			t.Fatal(err)
		}
		sum += n
	}
	if sum != all {
		t.Errorf("%d kills in the timeline", sum)
	}
	for _, want := range []string{"10,000 kills, 2026-05-01 00:00:00 to ", "The table has the last 2,000. 8,000 before them", "all others", "oomtrail explain --kill N"} {
		if !strings.Contains(root.words(), want) {
			t.Errorf("lacks %q", want)
		}
	}
	// The newest by time have the pages, in whatever order they came.
	at := make([]time.Time, 0, all)
	for i := range all {
		at = append(at, start.Add(time.Duration(i*i%99991)*time.Minute))
	}
	slices.SortFunc(at, time.Time.Compare)
	for _, link := range root.all("a") {
		n, _ := strconv.Atoi(link.words())
		if when := start.Add(time.Duration((n-1)*(n-1)%99991) * time.Minute); when.Before(at[all-mostPages]) {
			t.Errorf("kill %d of %s has a page", n, when)
		}
	}
}

// TestPagesAreBounded: pages of megabytes are left out, the oldest first, and so is one that alone
// is too large.
func TestPagesAreBounded(t *testing.T) {
	var l Listing
	start := time.Unix(1e9, 0)
	add := func(size int) {
		k := made(l.Len()+1, start.Add(time.Duration(l.Len())*time.Hour), "a.service", "")
		page := l.Make(&k)
		page.article = []byte("<article><p>" + strings.Repeat("x", size) + "</p></article>")
		l.Add(&k, page)
	}
	for range 30 {
		add(1 << 20)
	}
	if l.bytes > 2*mostBytes+1<<20 {
		t.Errorf("%d bytes are kept", l.bytes)
	}
	root := read(t, l.File())
	if pages := len(root.all("article")); pages != 7 || root.all("a")[0].words() != "24" {
		t.Errorf("%d pages, the first of %s", pages, root.all("a")[0].words())
	}
	add(2 * mostBytes)
	root = read(t, l.File())
	if len(root.all("article")) != 0 || len(root.all("tr")) < 31 {
		t.Errorf("%d pages", len(root.all("article")))
	}
}

// TestSummary: the sentences above a list.
func TestSummary(t *testing.T) {
	start := time.Date(2026, 5, 1, 6, 0, 0, 0, time.UTC)
	several := func(kills ...kill.Kill) string {
		var l Listing
		for i := range kills {
			kills[i].Number = i + 1
			l.Add(&kills[i], Made{})
		}
		return strings.Join(append([]string{l.headline()}, l.summary(timeline.Of(l.kills, time.UTC))...), " | ")
	}
	other := made(0, start, "b.service", "")
	other.Record = other.Record.With(record.Attr{Name: "event.name", Value: record.StringValue(record.EventEviction)})
	boot := made(0, time.Time{}, "a.service", "")
	boot.Record.HasUptime, boot.Record.Uptime = true, 5e6
	for want, got := range map[string]string{
		"No out-of-memory kill was found":                   several(),
		"1 kill, 2026-05-01 06:00:00 (UTC)":                 several(made(0, start, "a.service", "")),
		"1 kill":                                            several(made(0, time.Time{}, "a.service", "")),
		"No kill, 1 other event, 2026-05-01 06:00:00 (UTC)": several(other),
		"2 kills and 1 other event, 2026-05-01 06:00:00 to 06:00:59 (UTC) | Killed most often: a.service, 2 of 2 kills. | On 2 hosts: h1 (1), h2 (1). | Most within a minute: 2 kills, from 2026-05-01 06:00:00 on.": several(
			made(0, start, "a.service", "h1"), other, made(0, start.Add(59*time.Second), "a.service", "h2")),
		"2 kills, 2026-05-01 06:00:00 (UTC) | There is no timeline: the log has dates of fewer than two of them, and the times since boot are not all of one boot of one machine.": several(
			made(0, start, "a.service", ""), made(0, time.Time{}, "b.service", "")),
		"3 kills, 2026-05-01 06:00:00 to 07:00:00 (UTC) | The log does not say when 1 of them happened. They are in the table, not in the timeline.": several(
			made(0, start, "a.service", ""), made(0, time.Time{}, "b.service", ""), made(0, start.Add(time.Hour), "c.service", "")),
		"2 kills | There is no timeline: the log does not say when they were.":                                                                                                      several(made(0, time.Time{}, "a.service", ""), made(0, time.Time{}, "b.service", "")),
		"2 kills | Killed most often: a.service, 2 of 2 kills. | Most within a minute: 2 kills, from boot + 5.0 s on. | The log has no dates: times count from the machine's boot.": several(boot, boot),
	} {
		if got != want {
			t.Errorf("%s\nwant\n%s", got, want)
		}
	}
}
