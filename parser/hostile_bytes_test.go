// SPDX-License-Identifier: Apache-2.0

package parser

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"
)

// odd are pieces of names: whole characters of each length, halves of them, what looks like
// escapes, and bytes that must be escaped.
var odd = []string{"a", "é", "€", "😀", "\xc3", "\xe2\x82", "\xf0\x9f\x98", "\xff", "\x01", "\x7f", "\x1b[31m", `\x01`, `\x`, `\`, `"`, "\u202e", "\u0301", "\ufffd", " ", "/", "oom-kill", "illed process ", "\n"}

// hostileName returns a name of n bytes or a few more, half of them alike, as it takes to have
// every cut fall on every byte of a character.
func hostileName(r *rand.Rand, n int) string {
	var b strings.Builder
	same := odd[r.IntN(len(odd))]
	for b.Len() < n {
		if r.IntN(2) == 0 {
			b.WriteString(same)
		} else {
			b.WriteString(odd[r.IntN(len(odd))])
		}
	}
	return b.String()
}

// TestHostileBytes: whatever bytes names have, and wherever they are cut to keep a bound, every
// text of a record is valid UTF-8 and printable, and its JSON says the same.
func TestHostileBytes(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	records := 0
	for n := range 700 {
		path := "/" + strings.ReplaceAll(hostileName(r, n), "\n", "")
		if r.IntN(4) == 0 {
			path = "/machine.slice/machine-" + strings.ReplaceAll(fmt.Sprintf("%q", hostileName(r, n%60)), `"`, "") + ".scope"
		}
		comm := hostileName(r, n%16)
		comm = comm[:min(len(comm), 15)]
		word := strings.NewReplacer(" ", "", "\n", "", "/", "").Replace(hostileName(r, n%100))
		lines := []string{
			comm + " invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), nodemask=(null), order=0, oom_score_adj=0",
			"CPU: 1 PID: 11 Comm: " + comm + " Not tainted 4.14." + word + " #1", "Hardware name: " + word, "Call Trace:",
			"Task in " + path + " killed as a result of limit of " + path, "memory: usage 32560kB, limit 32768kB, failcnt 19", "Memory cgroup stats for " + path + ": cache:0KB",
			taskHead, rowA[:len(rowA)-1] + comm, strings.Replace(chosenB, "=/a,task_memcg=/a,task=b", "="+path+",task_memcg="+path+",task="+comm, 1),
			killed(memcgWords, 12, comm), "Tasks in " + path + " are going to be killed due to memory.oom.group set", killed(memcgWords, 13, comm),
			"Kernel panic - not syncing: Out of memory: system-wide panic_on_oom is enabled", "oom_reaper: unable to reap pid:12 (" + comm + ")",
		}
		for i, line := range lines {
			lines[i] = fmt.Sprintf("%d,%d,%d,-;%s\n", level(line), i+1, 100_000_000+i, escapeKmsg(line))
		}
		if r.IntN(3) == 0 {
			lines[9] = "" // Task in, and no oom-kill: line
		}
		for _, rec := range readText(t, Options{MemoryStat: MemoryStatAll, IncludeOriginal: true, HostName: word, HostID: word}, strings.Join(lines, "")) {
			records++
			checkText(t, rec)
		}
	}
	if records < 2000 {
		t.Errorf("only %d records: this shows little", records)
	}
}

// checkText demands that all that a record says is text, and that its JSON is the same.
func checkText(t *testing.T, rec *Record) {
	t.Helper()
	var got map[string]any
	if err := json.Unmarshal(rec.AppendJSON(nil), &got); err != nil {
		t.Fatal(err)
	}
	for name, text := range got {
		if s, ok := text.(string); ok && strings.Contains(s, "\ufffd") && !strings.Contains(rec.Text(name)+rec.Body, "\ufffd") {
			t.Errorf("%s has characters in JSON that are none: %q", name, s)
		}
	}
	check := func(name, text string) {
		if !utf8.ValidString(text) {
			t.Errorf("%s is no UTF-8: %q", name, text)
		}
		if cut := strings.Index(text, "…"); cut >= 0 && (brokenEscape(text[:cut]) || strings.HasPrefix(text[cut:], "…x0")) {
			t.Errorf("%s is cut inside an escape: %q", name, text)
		}
	}
	for a := range rec.Attrs() {
		check("a name", a.Name)
		check(a.Name, a.Value.String())
		if a.Name == "oom.tasks.top" && !json.Valid([]byte(a.Value.String())) {
			t.Errorf("%s is no JSON: %q", a.Name, a.Value.String())
		}
	}
	check("the body", rec.Body)
}

// brokenEscape reports whether text ends inside \xNN.
func brokenEscape(text string) bool {
	i := strings.LastIndex(text, `\x`)
	return i >= 0 && len(text)-i < 4
}
