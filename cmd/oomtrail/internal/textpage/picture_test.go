// SPDX-License-Identifier: Apache-2.0

package textpage_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/oomtrail/oomtrail/cmd/oomtrail/internal/textpage"
	"github.com/oomtrail/oomtrail/internal/diagnosis"
	"github.com/oomtrail/oomtrail/internal/kill"
	"github.com/oomtrail/oomtrail/parser"
	"github.com/oomtrail/oomtrail/parser/report"
)

// pagesOf calls each with the page of each event of a log, made with each of the options.
func pagesOf(t *testing.T, log string, format report.Format, each func(*report.Event, string), options ...textpage.Options) {
	t.Helper()
	diagnoser := diagnosis.Diagnoser{Names: func(w report.Workload) report.Names {
		if w.ContainerID == "101" {
			return report.Names{ContainerName: "101"}
		}
		return report.Names{}
	}}
	err := parser.ReadReports(strings.NewReader(log), parser.Options{Transport: format}, parser.Handler{Event: func(e *report.Event, r *parser.Record) error {
		d := diagnoser.Diagnose(e.Report, e.Victim())
		for _, o := range options {
			p := textpage.Of(kill.Kill{Event: e, Record: r, Diagnosis: &d}, o)
			each(e, string(p.News)+string(p.Rest))
		}
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
}

// TestPicture: of every capture that shows what held memory, the bar has all its characters, and
// each that stands in it is explained below, once.
func TestPicture(t *testing.T) {
	logs, err := filepath.Glob("../../../../testdata/captures/*/*/kmsg.raw")
	if err != nil || len(logs) < 20 {
		t.Fatal(len(logs), err)
	}
	bar := regexp.MustCompile(`(?m)^\[(\S{50})\]  \S+ [KMG]iB (limit|of usable RAM|on the allowed nodes|limit of memory and swap)\n((?:.*\S.*\n)+)\n`)
	drawn := 0
	for _, file := range logs {
		log, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		pagesOf(t, string(log), parser.FormatKmsg, func(e *report.Event, text string) {
			found := bar.FindStringSubmatch(text)
			if found == nil {
				if e.Victim() != nil && !e.Report.Manual && e.Report.Seen.Has(report.SectionMemInfo) {
					t.Errorf("%s: no picture:\n%s", file, text)
				}
				return
			}
			drawn++
			for _, mark := range "#123+hsclkw.?" {
				named := len(regexp.MustCompile(`(?m)(^|  )`+regexp.QuoteMeta(string(mark))+` \S`).FindAllString(found[3], -1))
				if in := strings.ContainsRune(found[1], mark); in && named != 1 || !in && named != 0 {
					t.Errorf("%s: %q is named %d times:\n%s", file, mark, named, found[0])
				}
			}
		}, textpage.Options{})
	}
	if drawn < 20 {
		t.Errorf("%d pictures", drawn)
	}
}

// reported is a report with a table, whose figures are in pages and KiB; the cgroup's limit is 100
// MiB.
func reported(stat string, rows ...string) string {
	lines := []string{"app invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0",
		"CPU: 1 PID: 11 Comm: app Not tainted 6.1.0 #1", "memory: usage 102400kB, limit 102400kB, failcnt 19", "Memory cgroup stats for /a:"}
	lines = append(append(lines, strings.Split(stat, "\n")...), "Tasks state (memory values in pages):",
		"[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name")
	lines = append(append(lines, rows...), "oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=/a,task_memcg=/a,task=java,pid=42,uid=0",
		"Memory cgroup out of memory: Killed process 42 (java) total-vm:375400kB, anon-rss:51200kB, file-rss:632kB, shmem-rss:4kB, UID:0 pgtables:108kB oom_score_adj:0")
	return "[  100.000001] " + strings.Join(lines, "\n[  100.000001] ") + "\n"
}

// TestDivision: the largest processes are drawn as far as their figures can be part of the whole.
func TestDivision(t *testing.T) {
	const row = "[     %s]     0    %s    93850    %s   110592        0             0 %s"
	task := func(pid, pages, name string) string {
		return strings.NewReplacer("%s]", pid+"]", "0    %s    9", "0    "+pid+"    9", "%s   1", pages+"   1", "0 %s", "0 "+name).Replace(row)
	}
	java := task("42", "12958", "java")
	for name, c := range map[string]struct{ log, want string }{
		"all is known": {reported("anon 94371840\nfile 5242880\nshmem 1048576\nkernel 4194304", java, task("43", "7680", "worker"), task("44", "1280", "sidecar"), task("45", "256", "tiny")),
			"[#########################111111111111111222+++cckk]  100 MiB limit\n" +
				"# java 50 MiB (50 %)  1 worker 30 MiB  2 sidecar 5 MiB\n+ other processes 5 MiB  c page cache 4 MiB  k kernel 4 MiB\n"},
		"rows that share more than there is": {reported("anon 62914560\nfile 41943040\nshmem 41943040\nkernel 0", java, task("43", "12800", "postgres"), task("44", "12800", "postgres")),
			"[#########################+++++ssssssssssssssssssss]  100 MiB limit\n# java 50 MiB (50 %)  + other processes 10 MiB  s shared memory, tmpfs 40 MiB\n"},
		"counters that add up to too much": {reported("anon 94371840\nfile 52428800\nkernel 4194304", java), "[##########..........]  51 %: the victim held 50.6 MiB of 100 MiB\n"},
		"little is known":                  {reported("anon 4194304", java), "[##########..........]  51 %: the victim held 50.6 MiB of 100 MiB\n"},
	} {
		t.Run(name, func(t *testing.T) {
			pagesOf(t, c.log, parser.FormatAuto, func(_ *report.Event, text string) {
				if !strings.Contains(text, "\n\n"+c.want+"\n") {
					t.Errorf("got\n%s\nwant\n%s", text, c.want)
				}
			}, textpage.Options{})
		})
	}
}

// TestPlenty: memory that was free did not run out.
func TestPlenty(t *testing.T) {
	for file, want := range map[string]string{"F09": "An allocation found no memory on the memory nodes that its cpuset allows, and\nthe kernel killed containerd", "F21": "An allocation found no memory on the host, and the kernel killed"} {
		log, err := os.ReadFile("../../../../testdata/cases/" + file + ".log")
		if err != nil {
			t.Fatal(err)
		}
		pagesOf(t, string(log), parser.FormatAuto, func(_ *report.Event, text string) {
			if !strings.HasPrefix(text, want) || strings.Contains(strings.Split(text, "Why")[0], "ran out") || strings.Contains(text, "allows ran out") {
				t.Errorf("%s: got\n%s", file, text)
			}
		}, textpage.Options{})
	}
}

// TestWidths: text fits a terminal of 60 columns, and fills none of 200.
func TestWidths(t *testing.T) {
	log, err := os.ReadFile("../../../../testdata/captures/6.12/e_user_slice/kmsg.raw")
	if err != nil {
		t.Fatal(err)
	}
	widths := map[int]int{0: 78, 20: 40, 60: 60, 80: 80, 100: 100, 200: 100}
	for given, most := range widths {
		for _, color := range []bool{false, true} {
			pagesOf(t, string(log), parser.FormatKmsg, func(_ *report.Event, text string) {
				text = regexp.MustCompile("\x1b\\[[0-9;]*m").ReplaceAllString(text, "")
				for line := range strings.Lines(text) {
					isPath := strings.HasPrefix(line, "  cgroup") || strings.HasPrefix(line, "  limit of")
					if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > max(most, 60) && !isPath {
						t.Errorf("width %d: %d columns: %s", given, n, line)
					}
				}
			}, textpage.Options{Width: given, Color: color, Verbose: true, All: true})
		}
	}
}
