// SPDX-License-Identifier: Apache-2.0

package page

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/oomtrail/oomtrail/internal/diagnosis"
	"github.com/oomtrail/oomtrail/internal/kill"
	"github.com/oomtrail/oomtrail/parser"
	"github.com/oomtrail/oomtrail/parser/record"
	"github.com/oomtrail/oomtrail/parser/report"
)

// pagesOf returns the pages of a log.
func pagesOf(t *testing.T, log string) (pages []*Page) {
	t.Helper()
	var diagnoser diagnosis.Diagnoser
	err := parser.ReadReports(strings.NewReader(log), parser.Options{MemoryStat: parser.MemoryStatAll}, parser.Handler{Event: func(e *report.Event, r *parser.Record) error {
		d := diagnoser.Diagnose(e.Report, e.Victim())
		pages = append(pages, Of(kill.Kill{Event: e, Record: r, Diagnosis: &d}, Options{}))
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	return pages
}

// capturePages returns the pages of a capture.
func capturePages(t *testing.T, file string) []*Page {
	t.Helper()
	log, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return pagesOf(t, string(log))
}

// rungs writes a ladder on one line.
func rungs(ladder []Rung) string {
	var words []string
	for _, r := range ladder {
		word := r.Name + " " + r.What
		if r.Skipped > 0 {
			word = fmt.Sprint("… ", r.Skipped, " … ") + word
		}
		if r.Hit {
			word += " HIT " + r.Full
		}
		if r.Victim {
			word += " VICTIM"
		}
		words = append(words, strings.TrimSpace(word))
	}
	return strings.Join(words, " | ")
}

// TestLadder: each level says what it is, and the one that ran out is marked.
func TestLadder(t *testing.T) {
	const captures = "../../testdata/captures/6.12/"
	for capture, want := range map[string]string{
		"e_k8s_cgroupfs_pod/kmsg.raw": "/ the whole host | kubepods cgroup | besteffort all besteffort pods | pod0c1d2e3f-4a5b-6c7d-8e9f-0a1b2c3d4e5f pod 0c1d2e3f-4a5b-6c7d-8e9f-0a1b2c3d4e5f HIT limit 24 MiB | 4f2a",
		"e_service/kmsg.raw":          "/ the whole host | system.slice slice | ",
		"e_user_slice/kmsg.raw":       "/ the whole host | user.slice slice | user-1000.slice all that user 1000 runs HIT limit 24 MiB | ",
		"c_memcg_v2/kmsg.raw":         "/ the whole host | limited cgroup HIT limit 32 MiB VICTIM",
		"a_global_anon/kmsg.raw":      "",
	} {
		if got := rungs(capturePages(t, captures+capture)[0].Ladder); !strings.HasPrefix(got, want) || want == "" && got != "" {
			t.Errorf("%s: %s, want %s", capture, got, want)
		}
	}
	pod := "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod0c1d2e3f_4a5b_6c7d_8e9f_0a1b2c3d4e5f.slice"
	container := pod + "/cri-containerd-" + strings.Repeat("0123456789abcdef", 4) + ".scope"
	for _, c := range []struct{ scope, victim, limit, want string }{
		{"cgroup", container, pod, "/ the whole host | kubepods.slice slice | kubepods-burstable.slice all burstable pods | kubepods-burstable-pod0c1d2e3f_4a5b_6c7d_8e9f_0a1b2c3d4e5f.slice pod 0c1d2e3f-4a5b-6c7d-8e9f-0a1b2c3d4e5f HIT | cri-containerd-" +
			strings.Repeat("0123456789abcdef", 4) + ".scope container 0123456789ab VICTIM"},
		{"host", "/a/b", "", "/ the whole host HIT | a cgroup | b cgroup inside it VICTIM"},
		{"cgroup", "/b/c", "/a", "/ the whole host | a cgroup HIT"},
		{"cgroup", "/ab", "/a", "/ the whole host | a cgroup HIT"},
		{"cgroup", "/a/b", "/", "/ the whole host HIT | a cgroup | b cgroup inside it VICTIM"},
		{"cgroup", "", "/a", "/ the whole host | a cgroup HIT"},
		{"cgroup", "", "", ""},
		{"host", "/", "", ""},
		{"cgroup", "no path", "no path", ""},
		{"cgroup", strings.Repeat("/d", 40), strings.Repeat("/d", 20), "/ the whole host | d cgroup" + strings.Repeat(" | d cgroup inside it", 15) + " | … 3 … d cgroup inside it HIT | … 4 … d cgroup inside it" + strings.Repeat(" | d cgroup inside it", 15) + " VICTIM"},
	} {
		rec := &record.Record{}
		for name, value := range map[string]string{"oom.scope": c.scope, "oom.victim.cgroup": c.victim, "oom.cgroup.path": c.limit} {
			if value != "" {
				rec = rec.With(record.Attr{Name: name, Value: record.StringValue(value)})
			}
		}
		if got := rungs(Of(kill.Kill{Record: rec}, Options{}).Ladder); got != c.want {
			t.Errorf("%s in %s:\n%s, want\n%s", c.victim, c.limit, got, c.want)
		}
	}
}

// TestFiguresHaveMeanings: no figure stands on a page without plain words on what it means, but for
// one that is the name of a thing: a slab cache, or a figure of memory.stat that no list has.
func TestFiguresHaveMeanings(t *testing.T) {
	files, err := filepath.Glob("../../testdata/captures/*/*/kmsg.raw")
	if err != nil || len(files) < 20 {
		t.Fatal(len(files), err)
	}
	figures, inStat := 0, 0
	for _, file := range files {
		for _, p := range capturePages(t, file) {
			for _, fact := range p.Amounts {
				for _, f := range fact.Figures {
					if figures++; f.Means == "" || strings.Contains(f.Means, "`") {
						t.Errorf("%s: %s %s has no meaning", file, f.Name, f.Field)
					}
				}
			}
			for _, f := range p.Stats {
				if inStat++; f.Means == "" {
					t.Errorf("%s: %s has no meaning", file, f.Name)
				}
			}
			for _, f := range p.Origin {
				if f.Means == "" {
					t.Errorf("%s: %s has no meaning", file, f.Name)
				}
			}
			if p.Bar != nil {
				for _, part := range p.Bar.Parts {
					if part.Means() == "" {
						t.Errorf("%s: %s has no meaning", file, part.Name)
					}
				}
			}
		}
	}
	if figures < 500 || inStat < 500 {
		t.Error(figures, inStat)
	}
}

// TestStatUnits: a figure of memory.stat that is no size is not written as one.
func TestStatUnits(t *testing.T) {
	for name, count := range map[string]bool{
		"anon": false, "total_rss": false, "slab": false, "pgfault": true, "total_pgmajfault": true, "workingset_refault_anon": true, "pgscan_kswapd": true, "thp_swpout": true,
		"zswpin": true, "zswap": false, "numa_pages_migrated": true, "never_seen": true, "swapcached": false, "hierarchical_memory_limit": false,
	} {
		if got := statOf(name).count; got != count {
			t.Errorf("%s is counted: %v", name, got)
		}
	}
}

// TestVictimNotInBar: where it is not known on which memory nodes a process has its memory, the bar
// does not guess, and says who was killed.
func TestVictimNotInBar(t *testing.T) {
	p := capturePages(t, "../../testdata/captures/6.12/g_cpuset/kmsg.raw")[0]
	if p.Bar == nil || p.Bar.Parts[0].Kind != PartProcesses || !strings.HasPrefix(p.Bar.Note, "killed: numa-hog,") {
		t.Errorf("%+v", p.Bar)
	}
}
