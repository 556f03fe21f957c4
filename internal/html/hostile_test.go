// SPDX-License-Identifier: Apache-2.0

package html

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/oomtrail/oomtrail/internal/kill"
	"github.com/oomtrail/oomtrail/internal/page"
	"github.com/oomtrail/oomtrail/parser"
	"github.com/oomtrail/oomtrail/parser/record"
	"github.com/oomtrail/oomtrail/parser/report"
)

// hostile are names that want to be more than names. A name is at most fifteen bytes in a kernel's
// line, but nothing says that a log is a kernel's.
var hostile = []string{
	`<script>alert(1)</script>`, `</title><script>x`, `</style><img src=x onerror=alert(1)>`, `"><svg onload=alert(1)>`, `' onmouseover='alert(1)`,
	`<!--`, `-->`, `<![CDATA[`, `]]>`, `<?xml version="1.0"?>`, `&lt;script&gt;`, `&#60;b&#62;`, `&`, `javascript:alert(1)`, `<a href="javascript:x">`,
	`<base href=//evil>`, `<meta http-equiv=refresh content=0>`, `<iframe srcdoc=x>`, `<style>*{display:none}</style>`, `</svg></figure></main>`,
	"\u202egnp.exe", "\u2066a\u2069", "\u200b", "\ufeff", "\x00nul", "a\x1b[31mred", "\xff\xfe", "\xc0\xbc", "\ud7ff\ue000", "\u2028line", "\u0085", "\u00a0tied",
	"\ufdd0", "{{.}}", "${x}", "`x`", `\`, "<\x00script>", "＜script＞", "%3Cscript%3E", "+ADw-script+AD4-",
}

// checkHostile reports a page of one kill in which a name became more than a text.
func checkHostile(t *testing.T, file []byte) {
	t.Helper()
	checkTexts(t, file)
	if n := len(read(t, file).all("html")[0].all("main")[0].all("article")); n != 1 {
		t.Errorf("%d articles", n)
	}
}

// checkTexts reports a page in which a name became more than a text.
func checkTexts(t *testing.T, file []byte) {
	t.Helper()
	if !utf8.Valid(file) {
		t.Error("bytes that are no text")
	}
	for _, r := range string(file) {
		if r != '\n' && !unicode.IsPrint(r) {
			t.Errorf("a character %U that cannot be seen", r)
			break
		}
	}
	root := read(t, file)
	checkMarkup(t, root)
	if n := bytes.Count(file, []byte("<style>")); n != 1 {
		t.Errorf("%d style sheets", n)
	}
}

// hostileLog is a report whose names are all the same one.
func hostileLog(name string) string {
	return strings.ReplaceAll(`6,1,1000001,-;NAME invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0
4,2,1000002,-;CPU: 1 PID: 42 Comm: NAME Not tainted 6.12.1 #1
6,3,1000003,-;memory: usage 102400kB, limit 102400kB, failcnt 19
6,4,1000004,-;Memory cgroup stats for /NAME:
6,5,1000005,-;anon 94371840
6,6,1000006,-;file 5242880
6,7,1000007,-;kernel 4194304
6,8,1000008,-;Tasks state (memory values in pages):
6,9,1000009,-;[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name
6,10,1000010,-;[     42]     0    42    93850    12958   110592        0             0 NAME
6,11,1000011,-;[     43]     0    43    93850     7680   110592        0             0 NAME
6,12,1000012,-;oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=/NAME,task_memcg=/NAME/NAME,task=NAME,pid=42,uid=0
3,13,1000013,-;Memory cgroup out of memory: Killed process 42 (NAME) total-vm:375400kB, anon-rss:51200kB, file-rss:632kB, shmem-rss:4kB, UID:0 pgtables:108kB oom_score_adj:0
`, "NAME", name)
}

// TestHostileNames: names of processes and cgroups, and the lines themselves, are texts on a page
// and nothing else.
func TestHostileNames(t *testing.T) {
	shown := 0
	for _, name := range hostile {
		for _, format := range []report.Format{parser.FormatKmsg, parser.FormatAuto} {
			eachPage(t, strings.NewReader(hostileLog(name)), parser.Options{Transport: format}, func(p *page.Page) {
				file := Explain(p)
				checkHostile(t, file)
				if strings.Contains(name, "script>") && strings.Contains(read(t, file).words(), name) {
					shown++
				}
			})
		}
	}
	if shown < 4 {
		t.Errorf("%d names with markup are shown as they are", shown)
	}
}

// TestHostileAttributes: whatever a record holds is a text.
func TestHostileAttributes(t *testing.T) {
	for _, name := range hostile {
		rec := &record.Record{Body: name}
		for i := range record.Fields {
			rec = rec.With(record.Attr{Name: record.Fields[i].Name, Value: record.StringValue(name)})
		}
		p := page.Of(kill.Kill{Record: rec}, page.Options{})
		if len(p.Who) < 4 || len(p.Amounts) < 4 {
			t.Fatalf("%d names, %d figures", len(p.Who), len(p.Amounts))
		}
		checkHostile(t, Explain(p))
		checkHostile(t, Explain(everything(name)))
	}
}

// everything is a page whose every text is the same.
func everything(s string) *page.Page {
	figure := page.Figure{Name: s, Text: s, Value: record.StringValue(s), Field: s, Means: s}
	fact := page.Fact{Name: s, Text: s, Means: s, Figures: []page.Figure{figure, figure}, Note: s}
	path := fact
	path.AsIs, path.Figures = true, nil
	return &page.Page{
		News: page.News{Sentences: []string{s, s}, When: s}, Reported: true,
		Bar: &page.Bar{Total: 100, Whole: s, Parts: []page.Part{{Name: s, Bytes: 60}, {Kind: page.PartProcess, Name: s, Bytes: 40}}},
		Why: &page.Why{Summary: s, Cause: s, Meaning: s, Confidence: s + "x"}, Now: []string{s}, Who: []page.Fact{fact, path}, Amounts: []page.Fact{fact, path},
		Ladder:    []page.Rung{{Name: s, What: s, Full: s, Hit: true, Victim: true, Skipped: 3}, {Name: s, What: s}},
		Processes: &page.Processes{Title: s, Rows: []page.Process{{Name: s, Killed: true, Apart: true}}, HasSwap: true, HasAdj: true}, Findings: []string{s}, Elsewhere: s,
		Notes: []page.Note{{Text: s}}, Victims: []page.Victim{{Name: s, Group: true}}, Asker: []page.Fact{fact, path}, Stats: []page.Figure{figure},
		Zones: []page.Zone{{Name: s}}, Slab: []page.Figure{figure}, Allocations: []page.Allocation{{Func: s, Site: s}}, Origin: []page.Fact{fact},
		Lines: []page.Line{{Number: 1, Kind: s, Text: s}},
	}
}

// TestHuge: a name of a megabyte and a report of many lines make a page that a browser can show:
// of lines the first and the last, and how many are left out.
func TestHuge(t *testing.T) {
	huge := strings.Repeat("<b>", 1<<20/3)
	p := everything(huge)
	file := Explain(p)
	checkHostile(t, file)
	if len(file) > 4<<20 {
		t.Errorf("a page of %d bytes", len(file))
	}
	if title := read(t, file).all("title")[0].words(); len(title) > 200 {
		t.Errorf("a title of %d bytes", len(title))
	}
	p = everything("x")
	p.Lines = make([]page.Line, 100000)
	file = Explain(p)
	if got := len(read(t, file).class("lines")[0].all("tr")); got != 1+firstLines+lastLines+1 {
		t.Errorf("%d lines", got)
	}
	if !bytes.Contains(file, []byte("… 95000 lines are left out here …")) {
		t.Error("it is not said how many lines are left out")
	}
	eachPage(t, strings.NewReader(strings.ReplaceAll(hostileLog("a"), "oom_memcg=/a", "oom_memcg=/a"+strings.Repeat("/b", 1<<18))), parser.Options{Transport: parser.FormatKmsg}, func(p *page.Page) {
		if len(p.Ladder) > 40 {
			t.Errorf("%d levels", len(p.Ladder))
		}
		checkHostile(t, Explain(p))
	})
}

// TestHostileLogs: no log of the corpus of hostile ones makes markup.
func TestHostileLogs(t *testing.T) {
	for _, name := range logs(t) {
		log, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		log = bytes.ReplaceAll(log, []byte("hog"), []byte("<i>"))
		log = bytes.ReplaceAll(log, []byte("kB"), []byte("kB\x00"))
		eachPage(t, bytes.NewReader(log), parser.Options{}, func(p *page.Page) { checkHostile(t, Explain(p)) })
	}
}
