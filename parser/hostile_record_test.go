// SPDX-License-Identifier: Apache-2.0

package parser

import (
	"fmt"
	"strings"
	"testing"

	"github.com/oomtrail/oomtrail/internal/cputime"
)

// TestEnormousNumbers: figures that no machine has make no figure of ours, least of all a wrong or
// a negative one.
func TestEnormousNumbers(t *testing.T) {
	const huge = "9223372036854775807"
	big := func(s string) string {
		return strings.NewReplacer("8302", huge, "32576", huge, "632kB", huge+"kB").Replace(s)
	}
	for _, n := range []string{huge, "4611686018427387904", "9007199254740992"} {
		row := strings.Replace(rowB, " 8302 ", " "+n+" ", 1)
		row = strings.Replace(row, "        0             0 b", " "+n+"             0 b", 1)
		kill := strings.NewReplacer("32576kB", n+"kB", "632kB", n+"kB", "pgtables:108kB", "pgtables:"+n+"kB").Replace(killed(memcgWords, 12, "b"))
		for _, r := range read(t, Options{}, invocation, cpuLine, callTrace, "memory: usage "+n+"kB, limit "+n+"kB, failcnt "+n, statsHead, "anon "+n,
			"active_anon:"+n+" inactive_anon:"+n+" isolated_anon:2", banner, taskHead, rowA, row, big(rowA), chosenB, kill) {
			for a := range r.Attrs() {
				if s := fmt.Sprint(a.Value.Any()); strings.HasPrefix(s, "-") {
					t.Errorf("%s is %s", a.Name, s)
				}
			}
			for _, name := range []string{"oom.victim.memory.rss", "oom.tasks.rss", "oom.victim.share", "oom.victim.memory.swap", "oom.host_memory.anon"} {
				if v, ok := r.Get(name); ok {
					t.Errorf("%s is %v", name, v.Any())
				}
			}
			if strings.Contains(r.Body, "-") || strings.Contains(r.Text("oom.tasks.top"), "-") || strings.Contains(r.Text("oom.diagnosis.summary"), "-") {
				t.Errorf("%s\n%s\n%s", r.Body, r.Text("oom.tasks.top"), r.Text("oom.diagnosis.summary"))
			}
		}
	}
}

// TestLongNames: a name that nobody can have neither makes a record large nor takes long.
func TestLongNames(t *testing.T) {
	const size = 600_000
	for _, word := range []string{`"`, "\x01", "/a", "-a", "kubepods/pod"} {
		for i := range len(longNames("")) {
			cputime.Linear(t, size, func(size int) {
				for _, r := range read(t, Options{MemoryStat: MemoryStatAll}, longNames(strings.Repeat(word, size/len(word)))[i]...) {
					size := len(r.Body)
					for a := range r.Attrs() {
						size += len(a.Name) + len(a.Value.String())
					}
					if size > 40<<10 {
						t.Errorf("%q, %d: a record of %d bytes, %d of them its body", word, i, size, len(r.Body))
					}
				}
			})
			if t.Failed() {
				t.Fatalf("%q, %.200q", word, longNames(word)[i])
			}
		}
	}
}

// longNames are reports with a long name in every place that has one.
func longNames(long string) [][]string {
	return [][]string{
		{invocation, cpuLine, callTrace, counter, banner, taskHead, rowA, rowB + long, chosenB, killed(memcgWords, 12, "b")},
		{invocation, cpuLine, callTrace, "Task in /" + long + " killed as a result of limit of /" + long, counter, banner, taskHead, rowA, rowB, killed(memcgWords, 12, "b")},
		{invocation, cpuLine, callTrace, counter, "Memory cgroup stats for /" + long + ":", "anon 4096", killed(memcgWords, 12, "b")},
		{invocation, cpuLine, callTrace, counter, killed(memcgWords, 12, "b"), "Tasks in /" + long + " are going to be killed due to memory.oom.group set", killed(memcgWords, 13, "b")},
		{invocation + long, cpuLine + long, "Hardware name: " + long, "Workqueue: " + long, callTrace, counter, statsHead, long + " 5", killed(memcgWords, 12, "b")},
		{strings.Replace(invocation, "a invoked", long+" invoked", 1), "Kernel panic - not syncing: Out of memory: " + long},
	}
}
