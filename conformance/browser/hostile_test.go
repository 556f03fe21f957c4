// SPDX-License-Identifier: Apache-2.0

package browser

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// payloads want to run, to load or to lead away. Each that runs sets window.ran; each that loads
// asks leak.test.
var payloads = []string{
	`<script>ran=1</script>`, `</title><script>ran=1</script>`, `</style><script>ran=1</script>`, `--><script>ran=1</script>`, `]]><script>ran=1</script>`,
	`<img src=x onerror=ran=1>`, `"><svg onload=ran=1>`, `'><svg/onload=ran=1>`, `<svg><script>ran=1</script></svg>`, `<body onload=ran=1>`, `<details open ontoggle=ran=1>`,
	`<input autofocus onfocus=ran=1>`, `<iframe srcdoc="<script>parent.ran=1</script>">`, `<iframe src=javascript:parent.ran=1>`, `<object data=javascript:ran=1>`,
	`<math><mtext><script>ran=1</script>`, `<noscript><p title="</noscript><img src=x onerror=ran=1>">`, `<template><script>ran=1</script></template>`,
	`<img src=http://leak.test/a>`, `<link rel=stylesheet href=http://leak.test/b>`, `<style>@import url(http://leak.test/c)</style>`, `<style>body{background:url(http://leak.test/d)}</style>`,
	`<meta http-equiv=refresh content="0;url=http://leak.test/e">`, `<base href=http://leak.test/>`, `<iframe src=http://leak.test/f></iframe>`, `<video src=http://leak.test/g autoplay>`,
	`<link rel=prefetch href=http://leak.test/h>`, `<link rel=preconnect href=http://leak.test>`, `<form action=http://leak.test/i><button autofocus>`, `<a href=http://leak.test/j ping=http://leak.test/k>x</a>`,
	`<p style="background:url(http://leak.test/l)">`, `<svg><image href=http://leak.test/m /></svg>`, `<svg><use href=http://leak.test/n#x /></svg>`, `<script src=http://leak.test/o></script>`,
	"<scr\x00ipt>ran=1</script>", `&lt;script&gt;ran=1&lt;/script&gt;`, `&#60;img src=x onerror=ran=1&#62;`, `${ran=1}`, `{{constructor.constructor("ran=1")()}}`, `javascript:ran=1`,
	"\u202e<script>ran=1</script>", `＜script＞ran=1＜/script＞`, `+ADw-script+AD4-ran=1+ADw-/script+AD4-`, `\u003cscript\u003eran=1\u003c/script\u003e`, `\x3cscript\x3eran=1`,
}

// hostileLog is a report in which a cgroup has that name, and processes as much of it as the kernel
// gives them: fifteen bytes.
func hostileLog(name string) string {
	return strings.NewReplacer("NAME", name, "COMM", name[:min(15, len(name))]).Replace(`6,1,1000001,-;COMM invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0
4,2,1000002,-;CPU: 1 PID: 42 Comm: COMM Not tainted 6.12.1 #1
6,3,1000003,-;memory: usage 102400kB, limit 102400kB, failcnt 19
6,4,1000004,-;Memory cgroup stats for /NAME:
6,5,1000005,-;anon 94371840
6,6,1000006,-;file 5242880
6,7,1000007,-;kernel 4194304
6,8,1000008,-;Tasks state (memory values in pages):
6,9,1000009,-;[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name
6,10,1000010,-;[     42]     0    42    93850    12958   110592        0             0 COMM
6,11,1000011,-;[     43]     0    43    93850     7680   110592        0             0 COMM
6,12,1000012,-;oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=/NAME,task_memcg=/NAME/NAME,task=COMM,pid=42,uid=0
3,13,1000013,-;Memory cgroup out of memory: Killed process 42 (COMM) total-vm:375400kB, anon-rss:51200kB, file-rss:632kB, shmem-rss:4kB, UID:0 pgtables:108kB oom_score_adj:0
`)
}

// did says what a page did that it must not: a script that ran, what it asked for, where it went.
func (b *tab) did() string {
	b.Helper()
	ran := eval[bool](b, `"ran" in window && window.ran === 1`)
	_, leaked := outside.took()
	var what []string
	if ran {
		what = append(what, "a script ran")
	}
	for _, l := range leaked {
		if strings.Contains(l, "leak.test") {
			what = append(what, "it asked for "+l)
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.dialogs) > 0 {
		what = append(what, "it showed a dialog")
	}
	return strings.Join(what, ", ")
}

// TestHostile: no name in a log becomes more than a text in a browser.
func TestHostile(t *testing.T) {
	dir := t.TempDir()
	b := open(t, 1280, 800)
	elements := map[string]bool{}
	whole := 0 // pages that show the name as it is
	for i, payload := range payloads {
		log := filepath.Join(dir, fmt.Sprint(i, ".kmsg"))
		if err := os.WriteFile(log, []byte(hostileLog(payload)), 0o644); err != nil {
			t.Fatal(err)
		}
		for _, args := range hostileCommands {
			b.show(file(t, command(t, append(args[:len(args):len(args)], "--format", "kmsg", log)...)))
			if did := b.did(); did != "" {
				t.Errorf("%s, %q: %s", args[0], payload, did)
			}
			if !eval[bool](b, `/pid 42\b|\(42\)|^1 kill/.test(document.body.textContent) && location.protocol === "file:"`) {
				t.Errorf("%s, %q: the page shows no kill: %q", args[0], payload, b.text("body")[:200])
			}
			if eval[bool](b, fmt.Sprintf("document.body.textContent.includes(%q)", payload)) {
				whole++
			}
			if away := eval[string](b, `[...document.querySelectorAll("[href]")].map(e => e.getAttribute("href")).find(href => !/^#[a-z]+-\d+$/.test(href)) || ""`); away != "" {
				t.Errorf("%s, %q: a link to %s", args[0], payload, away)
			}
			for _, name := range eval[[]string](b, `[...new Set([...document.querySelectorAll("*")].flatMap(e => [e.localName, ...e.getAttributeNames().map(a => "@" + a)]))]`) {
				elements[name] = true
			}
		}
	}
	if whole < 2*len(payloads) {
		t.Errorf("%d pages show the name", whole)
	}
	// What pages are made of. None of it can run or load anything.
	if got := strings.Join(keys(elements), " "); !harmless.MatchString(got) {
		t.Errorf("pages are made of %s", got)
	}
	b.quiet()
}

// hostileCommands make pages of a log.
var hostileCommands = [][]string{{"explain", "-v", "-o", "html"}, {"-o", "html"}, {"top", "--by", "cgroup", "-o", "html"}}

// harmless are elements and attributes of pages. That links stay on the page is checked apart.
var harmless = regexp.MustCompile(`^(@(href|aria-(hidden|label|labelledby|describedby)|charset|class|colspan|content|data-field|datetime|desc|for|height|http-equiv|id|lang|name|offset|open|role|rowspan|scope|tabindex|text-anchor|transform|value|viewBox|width|d?x|x[12]|xmlns|y[12]?|r|cx|cy|d|points)( |$)|` +
	`(a|article|b|body|br|caption|circle|code|data|dd|desc|details|div|dl|dt|figcaption|figure|footer|g|h[1-4]|head|header|hr|html|li|line|main|meta|nav|ol|p|path|polyline|rect|section|small|span|strong|style|summary|svg|table|tbody|td|text|th|thead|time|title|tr|tspan|ul)( |$))+$`)

// TestPolicy: were a name to become markup, the policy of the page would not let it run or load.
// Without the policy the same page does both, so that this test can see it.
func TestPolicy(t *testing.T) {
	page := command(t, "explain", "-o", "html", "testdata/captures/6.12/e_k8s_systemd/kmsg.raw")
	b := open(t, 1280, 800)
	outside.took()
	for _, payload := range payloads {
		if strings.Contains(payload, "http-equiv=refresh") || strings.Contains(payload, "</title>") || strings.Contains(payload, "</style>") || strings.Contains(payload, "--") {
			continue // a page may send its reader on by a refresh whatever its policy is; TestHostile has them all
		}
		b.show(file(t, bytes.Replace(page, []byte("</main>"), []byte(payload+"</main>"), 1)))
		if did := b.did(); did != "" {
			t.Errorf("%q: %s", payload, did)
		}
	}
	policy := regexp.MustCompile(`<meta http-equiv="Content-Security-Policy"[^>]*>`)
	if n := len(policy.FindAll(page, -1)); n != 1 {
		t.Fatalf("%d policies", n)
	}
	bare := policy.ReplaceAll(page, nil)
	for payload, want := range map[string]string{`<script>ran=1</script>`: "a script ran", `<img src=http://leak.test/a>`: "it asked for GET leak.test/a"} {
		b.show(file(t, bytes.Replace(bare, []byte("</main>"), []byte(payload+"</main>"), 1)))
		if did := b.did(); did != want {
			t.Errorf("without a policy %q did %q, not %q: this test sees nothing", payload, did, want)
		}
	}
}
