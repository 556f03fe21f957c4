// SPDX-License-Identifier: Apache-2.0

package browser

import (
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// shown are the logs whose pages are looked at: each kind of memory that runs out, each kind of
// place, what other killers write, and reports that lack something.
var shown = []struct {
	name string
	args []string
	// bar is set where the log shows what held the memory, axe where the page has parts that those
	// before it have not.
	bar, axe bool
}{
	{"pod", []string{"--root", "testdata/node/root", "testdata/captures/6.12/e_k8s_systemd/kmsg.raw"}, true, true},
	{"host", []string{"testdata/captures/7.2/a_global_anon/kmsg.raw"}, true, true},
	{"group", []string{"testdata/captures/6.12/f_oomgroup/kmsg.raw"}, true, true},
	{"docker", []string{"testdata/captures/6.12/e_docker_systemd/kmsg.raw"}, true, false},
	{"service", []string{"testdata/captures/6.12/e_service/kmsg.raw"}, true, false},
	{"tmpfs", []string{"testdata/captures/6.12/b_global_tmpfs_write/kmsg.raw"}, true, false},
	{"hugetlb", []string{"testdata/captures/6.12/s_hugetlb/kmsg.raw"}, true, false},
	{"swap", []string{"testdata/captures/6.12/p_memcg_swap/kmsg.raw"}, true, false},
	{"v1", []string{"testdata/captures/5.10/d_memcg_v1@v1/kmsg.raw"}, true, false},
	{"nodes", []string{"testdata/captures/5.10/a_global_2nodes/kmsg.raw"}, true, false},
	{"mbind", []string{"testdata/captures/6.12/h_mbind/kmsg.raw"}, false, false},
	{"no table", []string{"testdata/captures/6.12/k_dump_tasks0/kmsg.raw"}, true, true},
	{"long path", []string{"testdata/captures/6.12/n_long_cgpath/kmsg.raw"}, true, false},
	{"sysrq", []string{"testdata/captures/6.12/i_sysrq_f/kmsg.raw"}, false, false},
	{"panic", []string{"testdata/captures/6.12/l_panic2_global/kmsg.raw"}, false, false},
	{"el7", []string{"testdata/format-samples/el7-global.dmesg.log"}, true, false},
	{"kill line", []string{"testdata/logs/grep-killed.log"}, false, true},
	{"earlyoom", []string{"testdata/witnesses/earlyoom-term/journal.json"}, false, false},
	{"oomd", []string{"testdata/witnesses/oomd-pressure/journal.json"}, false, true},
	{"kubelet", []string{"testdata/witnesses/kubernetes-evict/journal.json"}, false, true},
}

// eachShown calls fn with the page of each log, in a window of a computer.
func eachShown(t *testing.T, fn func(b *tab, i int)) {
	t.Helper()
	for i := range shown {
		t.Run(shown[i].name, func(t *testing.T) {
			b := open(t, 1280, 800)
			b.show(file(t, command(t, append([]string{"explain", "-v", "-o", "html"}, shown[i].args...)...)))
			fn(b, i)
		})
	}
}

// TestExplain: everybody can use the page of a kill, on every screen and on paper; and it loads
// nothing and runs nothing.
func TestExplain(t *testing.T) {
	eachShown(t, func(b *tab, i int) {
		b.picture("explain-" + shown[i].name)
		if shown[i].axe {
			b.accessible()
		} else {
			b.usable(func(string) {})
		}
		b.media("screen", "dark")
		b.picture("explain-" + shown[i].name + "-dark")
		b.media("screen", "light")
		b.report("in a window of 1280", b.findings("wide()"))
		b.do(chromedp.EmulateViewport(360, 740))
		b.report("in a window of 360", b.findings("wide()"))
		b.picture("explain-" + shown[i].name + "-narrow")
		b.quiet()
	})
}

// bar is a picture of what held the memory, as it is on the screen.
type bar struct {
	Flag   string
	Bottom float64
	Limit  float64
	Parts  []struct {
		Title, Label string
		Victim, Cut  bool
		Share, Left  float64
	}
}

// TestBar: the bar is as long as the figures say, and before anybody scrolls it says who was killed
// and how much that held.
func TestBar(t *testing.T) {
	bars := 0
	eachShown(t, func(b *tab, i int) {
		b.exec(look)
		for _, width := range [...]int64{1280, 360} {
			b.do(chromedp.EmulateViewport(width, 740))
			all := eval[*bar](b, "look.bar(document)")
			if all == nil {
				if shown[i].bar {
					b.Error("the page has no bar")
				}
				return
			}
			bars++
			if all.Bottom > 740 {
				b.Errorf("in a window of %d the bar ends at %.0f: it has to be scrolled to", width, all.Bottom)
			}
			if all.Flag == "" && shown[i].name != "panic" { // which killed nobody
				b.Error("nothing above the bar says who was killed")
			}
			values := eval[[]float64](b, `[...(document.querySelector("figure table")?.querySelectorAll("tbody data") || [])].map(d => +d.value).filter(v => v > 0)`)
			whole := 0.0
			for _, v := range values {
				whole += v
			}
			left := 0.0
			for j, p := range all.Parts {
				if len(values) != 0 && len(values) != len(all.Parts) {
					b.Fatalf("%d parts, %d figures", len(all.Parts), len(values))
				}
				if len(values) != 0 && math.Abs(p.Share-values[j]/whole) > 0.005+math.Max(0, 1-all.Limit) {
					b.Errorf("the part %q has %.3f of the bar, its figure is %.3f of all", p.Title, p.Share, values[j]/whole)
				}
				if math.Abs(p.Left-left) > 0.005 {
					b.Errorf("the part %q begins at %.3f, not at %.3f", p.Title, p.Left, left)
				}
				left += p.Share
				if p.Victim && width == 1280 && p.Share > 0.15 && (p.Label == "" || p.Cut) {
					b.Errorf("the victim has %.2f of the bar, and its label %q is cut: %v", p.Share, p.Label, p.Cut)
				}
			}
			if left > 1.005 || all.Limit < 0.85 || all.Limit > 1.005 {
				b.Errorf("the bar is %.3f wide, its limit at %.3f", left, all.Limit)
			}
		}
	})
	if bars < 20 {
		t.Errorf("%d bars", bars)
	}
}

// TestFigures: the numbers that a person reads on the page are those of the record.
func TestFigures(t *testing.T) {
	total := 0
	eachShown(t, func(b *tab, i int) {
		b.exec(look)
		all := records(b.T, shown[i].args...)
		without := shown[i].name == "panic" || shown[i].name == "kubelet"
		if without != (len(all) == 0) {
			b.Fatalf("this log has %d kills", len(all))
		}
		if without { // its page has no record of one
			return
		}
		record := all[len(all)-1]
		figures := eval[[]struct{ Field, Value, Text string }](b, "look.figures(document)")
		seen := map[string]bool{}
		for _, f := range figures {
			if trouble := misread(f.Text, f.Value); trouble != "" {
				b.Errorf("%s %q: %s", f.Field, f.Text, trouble)
			}
			if f.Field == "" {
				continue
			}
			seen[f.Field] = true
			if got, want := f.Value, fmt.Sprint(record[f.Field]); got != want {
				b.Errorf("%s is %s on the page, %s in the record", f.Field, got, want)
			}
		}
		total += len(seen)
		for _, field := range [...]string{"oom.victim.memory.rss", "oom.cgroup_memory.limit", "oom.cgroup_memory.usage", "oom.host_memory.total"} {
			if record[field] != nil && record["oom.killer"] == "kernel" && !seen[field] {
				b.Errorf("the page does not have %s", field)
			}
		}
		// The news names the victim.
		if title, name := eval[string](b, `document.querySelector("h1").textContent`), fmt.Sprint(record["process.title"]); record["process.title"] != nil && !strings.Contains(title, name) {
			b.Errorf("the page says %q, the victim is %s", title, name)
		}
	})
	if total < 150 {
		t.Errorf("%d figures of records were read", total)
	}
}

// sizeText is a size as pages print it.
var sizeText = regexp.MustCompile(`^(-?\d+(?:\.\d)?) (B|KiB|MiB|GiB|TiB|PiB|EiB)$`)

// misread says how a number for people differs from the exact one.
func misread(text, value string) string {
	m := sizeText.FindStringSubmatch(text)
	if m == nil {
		return ""
	}
	exact, err := json.Number(value).Float64()
	if err != nil {
		return "a size whose value is " + value
	}
	unit := math.Pow(1024, float64(strings.Index("B  KiBMiBGiBTiBPiBEiB", m[2])/3))
	number, _ := strconv.ParseFloat(m[1], 64) // what the pattern lets through is a number
	step := 1.0
	if number < 100 { // then one decimal is printed, unless it is 0
		step = 0.1
	}
	if math.Abs(number-exact/unit) > step*0.5001 && !(exact < 0 && number == 0) {
		return "its value is " + value
	}
	return ""
}

// TestKeyboard: without a mouse one comes to all that can be opened, sees where one is, and opens
// the lines of the report.
func TestKeyboard(t *testing.T) {
	b := open(t, 1280, 800)
	b.show(file(t, command(t, "explain", "-v", "-o", "html", "testdata/captures/6.12/e_k8s_systemd/kmsg.raw")))
	stops := b.walk()
	summaries := 0
	for _, stop := range stops {
		if strings.HasPrefix(stop, "summary") {
			summaries++
		}
	}
	if want := 3; summaries < want {
		t.Fatalf("the focus stops at %q: %d can be opened, want %d", stops, summaries, want)
	}
	before := eval[string](b, `String([...document.querySelectorAll("td.text")].filter(e => e.checkVisibility()).length)`)
	b.exec(`[...document.querySelectorAll("summary")].at(-1).focus()`)
	b.do(chromedp.KeyEvent(kb.Enter))
	after := eval[string](b, `[...document.querySelectorAll("td.text")].filter(e => e.checkVisibility()).map(e => e.textContent).join("\n")`)
	if before != "0" || !strings.Contains(after, "Memory cgroup out of memory: Killed process 160 (app-main)") {
		t.Errorf("%s lines before, then %q", before, after)
	}
	if got := strings.Count(after, "\n") + 1; got != 98 {
		t.Errorf("%d lines", got)
	}
	b.accessible()
	b.quiet()
}

// TestPrint: a page goes on paper, on white, all of it.
func TestPrint(t *testing.T) {
	b := open(t, 1280, 800)
	b.show(file(t, command(t, "explain", "-o", "html", "testdata/captures/7.2/a_global_anon/kmsg.raw")))
	b.media("print", "dark")
	if color := eval[string](b, "getComputedStyle(document.body).backgroundColor"); color != "rgb(255, 255, 255)" {
		t.Errorf("paper of %s", color)
	}
	b.media("", "light")
	pdf := run(b, chromedp.PrintToPDF(chromedp.PDFPaper(chromedp.PaperA4), chromedp.PDFPrintBackground()))
	if pages := strings.Count(string(pdf), "/Type /Page\n"); pages < 1 || pages > 5 {
		t.Errorf("%d pages in %d bytes", pages, len(pdf))
	}
	// As wide as A4 with its margins: nothing is cut off on the right.
	b.do(chromedp.EmulateViewport(718, 1000))
	b.media("print", "light")
	b.exec(look)
	b.report("on paper", b.findings("wide()"))
	if cut := eval[string](b, `[...document.querySelectorAll(".scroll")].filter(e => e.scrollWidth > e.clientWidth + 1).map(e => e.getAttribute("aria-label")).join(", ")`); cut != "" {
		t.Errorf("on paper these are cut off: %s", cut)
	}
	b.quiet()
}
