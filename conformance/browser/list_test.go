// SPDX-License-Identifier: Apache-2.0

package browser

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// witnessed are the journals of real deaths on several days and by several killers.
func witnessed(t *testing.T) []string {
	t.Helper()
	logs, err := filepath.Glob(top + "/testdata/witnesses/*/journal.json")
	if err != nil || len(logs) < 20 {
		t.Fatalf("%d journals: %v", len(logs), err)
	}
	for i := range logs {
		logs[i] = strings.TrimPrefix(logs[i], top+"/")
	}
	return logs
}

// lists are the pages of many kills.
func lists(t *testing.T) map[string][]string {
	t.Helper()
	logs := witnessed(t)
	return map[string][]string{
		"dated":   append([]string{"-o", "html"}, logs...),
		"undated": {"-o", "html", "testdata/captures/6.12/o_burst/kmsg.raw"},
		"many":    {"-o", "html", "testdata/captures/6.12"},
		"hostile": {"-o", "html", "testdata/captures/6.12/n_hostile_comm/kmsg.raw"},
		"none":    {"-o", "html", "testdata/logs/negative-prose.log"},
		"top":     append([]string{"top", "--by", "unit", "-o", "html"}, logs...),
		"top pod": {"top", "--by", "process", "-o", "html", "testdata/captures/6.12"},
	}
}

// TestLists: everybody can use the pages of many kills, on every screen and on paper; and they load
// nothing and run nothing.
func TestLists(t *testing.T) {
	all := lists(t)
	for _, name := range keys(all) {
		t.Run(name, func(t *testing.T) {
			b := open(t, 1280, 800)
			b.show(file(t, command(t, all[name]...)))
			b.picture("list-" + name)
			if name == "many" || name == "hostile" {
				b.usable(func(string) {})
			} else {
				b.accessible()
			}
			b.report("in a window of 1280", b.findings("wide()"))
			b.do(chromedp.EmulateViewport(360, 740))
			b.report("in a window of 360", b.findings("wide()"))
			b.picture("list-" + name + "-narrow")
			b.do(chromedp.EmulateViewport(718, 1000))
			b.media("print", "light")
			b.report("on paper", b.findings("wide()"))
			b.quiet()
		})
	}
}

// TestListIsTheRecords: the list has a row for each record, in which stand the record's victim and
// number, and the timeline counts the same kills.
func TestListIsTheRecords(t *testing.T) {
	logs := witnessed(t)
	b := open(t, 1280, 800)
	b.show(file(t, command(t, append([]string{"-o", "html"}, logs...)...)))
	rows := eval[[][]string](b, `[...document.querySelectorAll("h2")].find(h => h.textContent === "The kills").parentElement.querySelectorAll("tbody tr").values().map(
		r => [...r.cells].map(c => c.textContent.trim())).toArray()`)
	kills := 0
	for _, r := range records(t, logs...) {
		kills++
		found := false
		for _, row := range rows {
			found = found || strings.Contains(strings.Join(row, " "), fmt.Sprintf("%s (%s)", r["process.title"], r["process.pid"])) || r["process.pid"] == nil && strings.Contains(strings.Join(row, " "), fmt.Sprint(r["systemd.unit.name"]))
		}
		if !found {
			t.Errorf("no row has %s (%s) in %s", r["process.title"], r["process.pid"], r["systemd.unit.name"])
		}
	}
	lanes := eval[[][]string](b, `[...document.querySelectorAll("h2")].find(h => h.textContent === "When").parentElement.querySelectorAll("tbody tr").values().map(
		r => [...r.cells].map(c => c.textContent.trim())).toArray()`)
	counted := 0
	for _, lane := range lanes {
		n := 0
		fmt.Sscan(lane[1], &n) // then it is 0
		counted += n
	}
	marks := eval[int](b, `document.querySelectorAll("svg.timeline .m-kill").length`)
	if kills < 15 || len(rows) < kills || counted != kills || marks != 2*kills {
		t.Errorf("%d kills, %d rows, %d in the lanes, %d marks, which stand for each kill in its lane and above all", kills, len(rows), counted, marks)
	}
}

// TestListLeadsToTheKill: the number of a kill leads to its page, by the mouse and by the keyboard,
// and the page opens.
func TestListLeadsToTheKill(t *testing.T) {
	b := open(t, 1280, 800)
	b.show(file(t, command(t, append([]string{"-o", "html"}, witnessed(t)...)...)))
	for i, press := range []func(){
		func() { b.do(chromedp.Click(chromedp.CSS("tbody th a"))) },
		func() {
			b.exec(`[...document.querySelectorAll("tbody th a")].at(-1).focus()`)
			b.do(chromedp.KeyEvent(kb.Enter))
		},
	} {
		press()
		shown := eval[string](b, `new Promise(done => setTimeout(() => {
			const d = document.querySelector(location.hash), box = d.getBoundingClientRect();
			done(!d.checkVisibility() || !d.querySelector("article") ? "it is closed" : box.top < 0 || box.top > innerHeight - 40 ? "it is out of sight at " + box.top : "");
		}, 100))`)
		if shown != "" {
			t.Errorf("link %d: %s", i, shown)
		}
	}
	b.quiet()
}

// TestLargeList: a list of ten thousand kills opens, and its page has not ten thousand pages.
func TestLargeList(t *testing.T) {
	line := "Nov 29 %02d:%02d:%02d node-%d kernel: [%d.000000] Out of memory: Killed process %d (java) total-vm:900000kB, anon-rss:800000kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:1800kB oom_score_adj:0\n"
	var log strings.Builder
	for i := range 10_000 {
		fmt.Fprintf(&log, line, i/3600, i/60%60, i%60, i%7, 1000+i, 1000+i)
	}
	name := filepath.Join(t.TempDir(), "kern.log")
	if err := os.WriteFile(name, []byte(log.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	page := command(t, "-o", "html", name)
	if len(page) > 16<<20 {
		t.Errorf("a page of %d bytes", len(page))
	}
	b := open(t, 1280, 800)
	b.show(file(t, page))
	if title := eval[string](b, `document.querySelector("h1").textContent`); !strings.HasPrefix(title, "10,000 kills") {
		t.Errorf("the page says %q", title)
	}
	if n := eval[int](b, `document.querySelectorAll("*").length`); n > 100_000 {
		t.Errorf("%d elements", n)
	}
	b.exec(look)
	b.report("ten thousand", b.findings("structure()"))
	b.picture("list-large")
	b.quiet()
}
