// SPDX-License-Identifier: Apache-2.0

package html

import (
	"crypto/sha256"
	"encoding/base64"
	"flag"
	"math"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/oomtrail/oomtrail/internal/kill"
	"github.com/oomtrail/oomtrail/internal/page"
	"github.com/oomtrail/oomtrail/parser"
	"github.com/oomtrail/oomtrail/parser/report"
)

var update = flag.Bool("update", false, "write the golden pages anew")

// TestGolden: three pages are as they were looked at.
func TestGolden(t *testing.T) {
	for name, capture := range map[string]string{"pod": "6.12/e_k8s_systemd", "host": "7.2/a_global_anon", "group": "6.12/f_oomgroup"} {
		t.Run(name, func(t *testing.T) {
			log, err := os.Open("../../testdata/captures/" + capture + "/kmsg.raw")
			if err != nil {
				t.Fatal(err)
			}
			defer log.Close()
			var last []byte
			eachPage(t, log, parser.Options{Transport: parser.FormatKmsg}, func(p *page.Page) { last = Explain(p) })
			file := "testdata/" + name + ".html"
			if *update {
				if err := os.WriteFile(file, last, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if string(last) != string(want) {
				t.Errorf("differs from %s (go test ./internal/html -update writes it anew); got\n%s", file, last)
			}
		})
	}
}

// TestFigures: each figure on a page that the record has is the record's, and is written as it is;
// each part of the bar is as wide as its share; the processes are the report's.
func TestFigures(t *testing.T) {
	fields := map[string]int{}
	bars := 0
	eachLog(t, func(t *testing.T, p *page.Page, file []byte) {
		root := read(t, file)
		for _, data := range root.all("data") {
			value, field := data.attrs["value"], data.attrs["data-field"]
			if field == "" {
				continue
			}
			v, ok := p.Kill.Record.Get(field)
			if !ok || v.String() != value {
				t.Errorf("%s is %s on the page, %q (%v) in the record", field, value, v.String(), ok)
			}
			if n := v.Int64(); strings.HasSuffix(data.words(), "B") && data.words() != kill.Size(n) {
				t.Errorf("%s is written %q, want %q", field, data.words(), kill.Size(n))
			}
			fields[field]++
		}
		if p.Bar != nil {
			bars++
			checkBar(t, p, root)
		}
		if p.Processes != nil {
			checkProcesses(t, p, root)
		}
	})
	for field, least := range map[string]int{
		"oom.cgroup_memory.usage": 50, "oom.cgroup_memory.limit": 50, "oom.cgroup_memory.failcnt": 50, "oom.host_memory.total": 20, "oom.host_memory.free": 20,
		"oom.host_swap.total": 20, "oom.victim.memory.rss": 80, "oom.victim.memory.anon": 80, "oom.cgroup_stat.kernel": 10, "oom.evicted.usage": 1, "oom.pressure.current": 1,
	} {
		if fields[field] < least {
			t.Errorf("%s is on %d pages, want %d", field, fields[field], least)
		}
	}
	if bars < 80 {
		t.Errorf("%d bars", bars)
	}
}

// number reads a number, with a % or without.
func number(t *testing.T, s string) float64 {
	t.Helper()
	n, err := strconv.ParseFloat(strings.TrimSuffix(s, "%"), 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// checkBar reads the bar of a page back.
func checkBar(t *testing.T, p *page.Page, root *node) {
	t.Helper()
	picture := root.all("figure")[0].all("svg")[0]
	whole := float64(max(p.Bar.Sum(), p.Bar.Total))
	at := 0.0
	parts := slices.DeleteFunc(slices.Clone(p.Bar.Parts), func(part page.Part) bool { return part.Bytes == 0 })
	drawn := picture.all("svg")
	if len(drawn) != len(parts) {
		t.Fatalf("%d parts are drawn, %d are there", len(drawn), len(parts))
	}
	for i, part := range parts {
		if got, want := number(t, drawn[i].attrs["width"]), 100*float64(part.Bytes)/whole; math.Abs(got-want) > 0.006 {
			t.Errorf("%s is %v %% wide, want %v", part.Name, got, want)
		}
		if got := number(t, drawn[i].attrs["x"]); math.Abs(got-at) > 0.006 {
			t.Errorf("%s is at %v %%, want %v", part.Name, got, at)
		}
		at += 100 * float64(part.Bytes) / whole
		if labels := drawn[i].all("text"); part.Kind == page.PartVictim && (len(labels) != 2 || labels[0].words() != part.Name || labels[1].words() != kill.Size(part.Bytes)) {
			t.Error("the victim has no name in the bar")
		}
	}
	if got, want := number(t, picture.all("line")[0].attrs["x1"]), 100*float64(p.Bar.Total)/whole; math.Abs(got-want) > 0.006 {
		t.Errorf("the limit is at %v %%, want %v", got, want)
	}
	rows := root.all("figure")[0].all("tbody")[0].all("tr")
	if len(rows) != len(p.Bar.Parts) {
		t.Fatalf("%d rows, %d parts", len(rows), len(p.Bar.Parts))
	}
	for i, part := range p.Bar.Parts {
		if data := rows[i].all("data")[0]; data.attrs["value"] != strconv.FormatInt(part.Bytes, 10) || data.words() != kill.Size(part.Bytes) || !strings.Contains(rows[i].words(), part.Means()) || part.Means() == "" {
			t.Errorf("the row of %s is %q", part.Name, rows[i].words())
		}
	}
}

// checkProcesses reads the table of the largest processes back.
func checkProcesses(t *testing.T, p *page.Page, root *node) {
	t.Helper()
	rows := section(root, p.Processes.Title).all("tbody")[0].all("tr")
	if len(rows) != len(p.Processes.Rows) {
		t.Fatalf("%d rows, %d processes", len(rows), len(p.Processes.Rows))
	}
	size, known := p.Kill.Event.Report.PageSize()
	killed := 0
	for _, row := range rows {
		cells := row.all("td")
		pid, err := strconv.ParseInt(cells[len(cells)-1].words(), 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		task := p.Kill.Event.Report.Tasks.ByPID(pid)
		if task == nil {
			t.Fatalf("the report has no process %d", pid)
		}
		if pages := task.Values[report.ColRSS]; known && pages >= 0 && cells[1].all("data")[0].attrs["value"] != strconv.FormatInt(pages*size, 10) {
			t.Errorf("process %d: %s, want %d pages", pid, cells[1].all("data")[0].attrs["value"], pages)
		}
		if row.attrs["class"] == "killed" {
			killed++
			if v := p.Kill.Event.Victim(); v != nil && v.PID != pid && !v.Group && task != p.Kill.Event.Report.Tasks.ByPID(v.PID) && !slices.ContainsFunc(p.Victims, func(o page.Victim) bool { return o.PID == pid }) {
				t.Errorf("process %d is marked", pid)
			}
		}
	}
	if v := p.Kill.Event.Victim(); v != nil && killed == 0 && p.Kill.Event.Report.Tasks.ByPID(v.PID) != nil {
		t.Error("the victim is not marked")
	}
}

// TestGauge: where only the victim's share is known, that is drawn, and the limit where it is
// passed; of another killer's kill it is said what the victim held.
func TestGauge(t *testing.T) {
	for file, want := range map[string]string{
		"cases/F27.log": "▼ killed: app (4242), which held 69.1 MiB, over 100 % of 64 MiB", "witnesses/earlyoom-term/journal.json": "killed: batch (434), which held 228 MiB",
	} {
		log, err := os.Open("../../testdata/" + file)
		if err != nil {
			t.Fatal(err)
		}
		defer log.Close()
		eachPage(t, log, parser.Options{}, func(p *page.Page) {
			root := read(t, Explain(p))
			if got := root.class("flag"); len(got) != 1 || got[0].words() != want {
				t.Errorf("%s: %d flags, want %q", file, len(got), want)
			}
			if g := p.Gauge; g != nil {
				picture := root.all("figure")[0].all("svg")[0]
				if part := picture.all("svg"); len(part) != 1 || part[0].attrs["width"] != "100.00%" || part[0].all("text")[0].words() != "app (4242)" {
					t.Error("the victim is not drawn")
				}
				if got, want := number(t, picture.all("line")[0].attrs["x1"]), 100*float64(g.Limit.V)/float64(g.Held); math.Abs(got-want) > 0.006 {
					t.Errorf("the limit is at %v, want %v", got, want)
				}
			}
		})
	}
}

// section returns the section with a title.
func section(root *node, title string) *node {
	for _, s := range root.all("section") {
		if s.all("h2")[0].words() == title {
			return s
		}
	}
	return &node{}
}

// TestPagesAgree: what the page of a terminal says of what happened, why and what to do stands on
// this one too, the limit's level is marked, and all lines of the report are there with their kind.
func TestPagesAgree(t *testing.T) {
	hits := 0
	eachLog(t, func(t *testing.T, p *page.Page, file []byte) {
		root := read(t, file)
		text := root.words()
		said := append(append(append([]string{p.News.When}, p.News.Sentences...), p.Now...), p.Findings...)
		if p.Why != nil {
			said = append(said, p.Why.Summary)
		}
		for _, f := range p.Amounts {
			said = append(said, f.Note)
		}
		for _, words := range said {
			if !strings.Contains(text, strings.TrimSpace(page.Untied(words))) {
				t.Errorf("lacks %q", words)
			}
		}
		for _, rung := range p.Ladder {
			if rung.Hit {
				hits++
				if hit := root.class("hit"); len(hit) != 1 || !strings.HasPrefix(hit[0].words(), rung.Name) {
					t.Errorf("%d levels are marked", len(hit))
				}
			}
		}
		lines := root.class("text")
		if len(lines) != len(p.Lines) {
			t.Fatalf("%d lines, want %d", len(lines), len(p.Lines))
		}
		for i, line := range p.Lines {
			if lines[i].words() != line.Text {
				t.Errorf("line %d is %q, want %q", i, lines[i].words(), line.Text)
			}
			if line.Kind == "" && p.Reported {
				t.Errorf("line %d has no kind", i)
			}
		}
		if p.Reported && int64(len(p.Lines)) != p.Kill.Event.Report.LineCount {
			t.Errorf("%d lines, the report has %d", len(p.Lines), p.Kill.Event.Report.LineCount)
		}
	})
	if hits < 60 {
		t.Errorf("%d levels were hit", hits)
	}
}

// TestStructure: who cannot see a page can read it. Headings are in order, no section is empty,
// names that elements refer to are there once, pictures have words or are hidden, cells have heads.
func TestStructure(t *testing.T) {
	eachLog(t, func(t *testing.T, _ *page.Page, file []byte) { checkStructure(t, read(t, file)) })
}

// checkStructure reports what would keep somebody who cannot see a page from reading it.
func checkStructure(t *testing.T, root *node) {
	t.Helper()
	html := root.all("html")[0]
	if html.attrs["lang"] != "en" || len(root.all("main")) != 1 || len(root.all("h1")) != 1 || len(root.all("title")) == 0 || root.all("title")[0].words() == "" {
		t.Error("no language, landmark, title or heading")
	}
	ids := map[string]bool{}
	for _, n := range root.all("") {
		if id := n.attrs["id"]; id != "" {
			if ids[id] {
				t.Errorf("two elements are %s", id)
			}
			ids[id] = true
		}
	}
	level := 0
	for _, n := range root.all("") {
		for _, id := range strings.Fields(n.attrs["aria-labelledby"]) {
			if !ids[id] {
				t.Errorf("%s refers to %s", n.name, id)
			}
		}
		switch n.name {
		case "h1", "h2", "h3", "h4":
			now := int(n.name[1] - '0')
			if now > level+1 {
				t.Errorf("%s after h%d", n.name, level)
			}
			level = now
		case "section":
			if len(n.children) < 2 || strings.TrimSpace(n.words()) == strings.TrimSpace(n.children[0].words()) {
				t.Errorf("the section %q is empty", n.words())
			}
		case "th":
			if n.attrs["scope"] == "" {
				t.Errorf("a head without a scope: %q", n.words())
			}
		case "table", "ul", "ol", "dl":
			if len(n.all("td"))+len(n.all("li"))+len(n.all("dd")) == 0 {
				t.Errorf("an empty %s", n.name)
			}
		case "text", "strong", "summary", "a", "dd", "dt", "li":
			if strings.TrimSpace(n.words()) == "" {
				t.Errorf("an empty %s", n.name)
			}
		case "svg":
			if n.attrs["role"] == "img" && (len(n.all("title")) == 0 || len(n.all("desc")) != 1) {
				t.Error("a picture without words")
			}
		}
		if n.attrs["tabindex"] != "" && n.attrs["aria-label"] == "" {
			t.Errorf("a part without a name that keys reach: %s", n.name)
		}
	}
	for _, row := range root.all("tbody") {
		for _, r := range row.all("tr") {
			if len(r.all("td"))+len(r.all("th")) == 0 {
				t.Error("an empty row")
			}
		}
	}
	for _, picture := range root.children {
		checkPictures(t, picture, false)
	}
}

// checkPictures reports a picture that has no words, is not hidden, and is in none that has.
func checkPictures(t *testing.T, n *node, inside bool) {
	t.Helper()
	if n.name == "svg" {
		if !inside && n.attrs["role"] != "img" && n.attrs["aria-hidden"] != "true" {
			t.Error("a picture that is read as nothing")
		}
		inside = true
	}
	for _, c := range n.children {
		checkPictures(t, c, inside)
	}
}

// TestPolicy: a browser uses the page's own style sheet, by its hash, and nothing else. Nothing in
// the page asks for more.
func TestPolicy(t *testing.T) {
	eachLog(t, func(t *testing.T, _ *page.Page, file []byte) { checkPolicy(t, read(t, file)) })
}

func checkPolicy(t *testing.T, root *node) {
	t.Helper()
	sheets := root.all("style")
	sum := sha256.Sum256([]byte(sheets[0].words()))
	want := "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; form-action 'none'"
	head := root.all("head")[0].all("meta")
	if len(sheets) != 1 || head[1].attrs["http-equiv"] != "Content-Security-Policy" || head[1].attrs["content"] != want {
		t.Errorf("policy %q, want %q", head[1].attrs["content"], want)
	}
	checkMarkup(t, root)
}

// The elements and attributes that a page has. None runs or loads anything.
var (
	elements = strings.Fields("html head meta title style body main footer article section header p h1 h2 h3 h4 a g figure svg desc rect line text table thead tbody tr th td div dl dt dd ol ul li code small span strong data details summary")
	allowed  = strings.Fields("lang charset http-equiv content name id class scope rowspan colspan role tabindex aria-label aria-labelledby aria-hidden value data-field " +
		"href xmlns viewBox x dx y x1 x2 y1 y2 width height text-anchor")
)

// checkMarkup reports markup that no page has.
func checkMarkup(t *testing.T, root *node) {
	t.Helper()
	for _, n := range root.all("") {
		if !slices.Contains(elements, n.name) {
			t.Errorf("an element %s", n.name)
		}
		for name := range n.attrs {
			if !slices.Contains(allowed, name) {
				t.Errorf("%s has an attribute %s", n.name, name)
			}
			if href := n.attrs["href"]; name == "href" && (n.name != "a" || !regexp.MustCompile(`^#kill-[0-9]+$`).MatchString(href)) {
				t.Errorf("%s leads to %s", n.name, href)
			}
		}
	}
}

// TestContrast: each text stands out from what it is on, by 4.5 to 1 or more, as WCAG 2.2 computes
// it; each part of a picture from the page, by 3 to 1 or more, or it has an edge or a name.
func TestContrast(t *testing.T) {
	byName := map[string]color{}
	for _, c := range colors {
		byName[c.name] = c
	}
	check := func(text, on string, least float64) {
		a, b := byName[text], byName[on]
		if a.name == "" || b.name == "" {
			t.Errorf("no color %q or %q", text, on)
			return
		}
		for _, pair := range [][2]string{{a.light, b.light}, {a.dark, b.dark}} {
			if got := contrast(t, pair[0], pair[1]); got < least {
				t.Errorf("%s (%s) on %s (%s): %.2f, want %v", text, pair[0], on, pair[1], got, least)
			}
		}
	}
	for _, on := range []string{"page", "killed-panel"} {
		check("ink", on, 4.5)
		check("dim", on, 4.5)
		check("killed", on, 4.5)
	}
	check("cache", "page", 4.5) // links
	parts := 0
	for _, look := range looks {
		parts++
		check(look+"-on", look, 4.5)
		if look != "free" && look != "rest" { // their names stand in the table beside them
			check(look, "page", 3)
		}
	}
	if parts != int(page.NumPartKinds) {
		t.Error(parts)
	}
	if got := contrast(t, "#767676", "#ffffff"); math.Abs(got-4.54) > 0.01 {
		t.Errorf("the contrast is computed as %v, want 4.54", got)
	}
}

// contrast is how much two colors differ, 1 to 21.
func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	light := func(c string) (sum float64) {
		for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
			n, err := strconv.ParseUint(c[1+2*i:3+2*i], 16, 8)
			if err != nil {
				t.Fatal(err)
			}
			v := float64(n) / 255
			if v <= 0.04045 {
				v /= 12.92
			} else {
				v = math.Pow((v+0.055)/1.055, 2.4)
			}
			sum += weight * v
		}
		return sum
	}
	x, y := light(a), light(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// TestStyle: each color that a rule uses is there, each is used, and each class of a page is in a
// rule or is a word for programs.
func TestStyle(t *testing.T) {
	style := Style()
	used := map[string]bool{}
	for _, found := range regexp.MustCompile(`var\(--([a-z-]+)\)`).FindAllStringSubmatch(style, -1) {
		used[found[1]] = true
		if !slices.ContainsFunc(colors, func(c color) bool { return c.name == found[1] }) {
			t.Errorf("no color %s", found[1])
		}
	}
	for _, c := range colors {
		if !used[c.name] {
			t.Errorf("nothing has the color %s", c.name)
		}
	}
	if strings.ContainsAny(style, "<&") || strings.Contains(style, "url(") || strings.Contains(style, "@import") {
		t.Error("the style sheet loads something, or is markup")
	}
	eachLog(t, func(t *testing.T, _ *page.Page, file []byte) { checkClasses(t, read(t, file)) })
}

func checkClasses(t *testing.T, root *node) {
	t.Helper()
	for _, n := range root.all("") {
		for _, class := range strings.Fields(n.attrs["class"]) {
			if !strings.Contains(Style(), "."+class) && class != "rung" {
				t.Errorf("no rule for the class %s", class)
			}
		}
	}
}
