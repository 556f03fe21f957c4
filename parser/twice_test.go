// SPDX-License-Identifier: Apache-2.0

package parser

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

// killAt is a kill line without a report.
func killAt(second, pid int) string {
	return fmt.Sprintf("[%5d.000000] Memory cgroup out of memory: Killed process %d (a) total-vm:4096kB, anon-rss:1024kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:44kB oom_score_adj:0", second, pid)
}

// TestToldOnce: the same kill line is told once, however much stands between, as long as no more
// than a thousand kills do; one with another stamp, or of another host, is another kill.
func TestToldOnce(t *testing.T) {
	burst := func(n int) (lines []string) {
		for i := range n {
			lines = append(lines, killAt(1000+10*i, 1000+i))
		}
		return lines
	}
	bare := func(line string) string { return line[strings.Index(line, "] ")+2:] }
	tests := []struct {
		name  string
		lines []string
		kills int
	}{
		{"again, behind nine hundred", append(append([]string{killAt(9, 5)}, burst(900)...), killAt(9, 5)), 901},
		{"the whole burst again", append(burst(900), burst(900)...), 900},
		{"forgotten", append(append([]string{killAt(9, 5)}, burst(5000)...), killAt(9, 5)), 5002},
		{"another stamp", append(append([]string{killAt(9, 5)}, burst(20)...), killAt(8, 5)), 22},
		{"no stamps", []string{bare(killAt(1, 5)), bare(killAt(1, 6)), bare(killAt(1, 5))}, 2},
		{"two hosts", []string{"Nov 29 09:00:10 a kernel: " + killAt(1, 5), "Nov 29 09:00:10 b kernel: " + killAt(1, 5)}, 2},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p, err := New(Options{})
			if err != nil {
				t.Fatal(err)
			}
			kills, most := 0, 0
			for _, line := range test.lines {
				for _, r := range p.Feed([]byte(line)).Records {
					if r.Text("event.name") == "oom.kill" {
						kills++
					}
				}
				most = max(most, p.Memory())
			}
			for range p.Flush() {
				kills++
			}
			if kills != test.kills {
				t.Errorf("%d kills, want %d", kills, test.kills)
			}
			if most > 512<<10 {
				t.Errorf("the parser held %d bytes", most)
			}
		})
	}
}

// TestCloneRemembersApart: what a copy of a parser was told, the parser itself was not.
func TestCloneRemembersApart(t *testing.T) {
	p, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 5000 {
		p.Feed([]byte(killAt(10*i, i+1)))
	}
	p.Flush()
	again := []byte(killAt(99999, 77))
	count := func(p *Parser) int { return len(p.Feed(again).Records) + len(p.Flush()) }
	c := p.Clone()
	if first, second := count(c), count(c); first != 1 || second != 0 {
		t.Errorf("the copy: %d, then %d records, want 1, then 0", first, second)
	}
	if got := count(p); got != 1 {
		t.Errorf("the parser itself: %d records, want 1", got)
	}
}

// TestCutOffCopy: what was told of a report without its end does not hide the kill that a whole
// copy of it has; behind that, nothing is told again.
func TestCutOffCopy(t *testing.T) {
	report := []string{
		"[  700.000001] app invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0",
		"[  700.000002] CPU: 0 PID: 4 Comm: app Not tainted 6.1.0 #1",
		"[  700.000003] oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,task_memcg=/,task=hog,pid=5,uid=0",
		"[  700.000004] Out of memory: Killed process 5 (hog) total-vm:9kB, anon-rss:8kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:4kB oom_score_adj:0",
	}
	for from := range 3 {
		p, err := New(Options{})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		note := func(records []*Record) {
			for _, r := range records {
				got = append(got, r.Text("event.name"))
			}
		}
		copyOf := func(lines []string) {
			for _, line := range lines {
				note(p.Feed([]byte(line)).Records)
			}
			note(p.CutOff())
		}
		copyOf(report[from:3])
		for range 2 {
			copyOf(report)
			copyOf(report[from:3])
		}
		if n := len(got); n == 0 || n > 2 || got[n-1] != "oom.kill" || n == 2 && got[0] != "oom.unresolved" {
			t.Errorf("from line %d: %q", from, got)
		}
	}
}

// TestHeadComesAgain: a report that is sent anew from its head before its end came is one report,
// also where the two copies come line by line; what was read of it is not told as one without an
// end.
func TestHeadComesAgain(t *testing.T) {
	data, err := os.ReadFile("../testdata/captures/6.12/c_memcg_v2/syslog.raw")
	if err != nil {
		t.Fatal(err)
	}
	report := strings.Split(strings.TrimRight(string(data), "\n"), "\n")
	chosen := slices.IndexFunc(report, func(line string) bool { return strings.Contains(line, "oom-kill:constraint") })
	streams := map[string][]string{}
	for n := 1; n <= chosen; n += 7 {
		streams[fmt.Sprintf("%d lines, then all", n)] = append(report[:n:n], report...)
		var behind []string
		for i := range len(report) + n {
			if i < len(report) {
				behind = append(behind, report[i])
			}
			if i >= n {
				behind = append(behind, report[i-n])
			}
		}
		streams[fmt.Sprintf("%d lines behind", n)] = behind
	}
	for name, lines := range streams {
		t.Run(name, func(t *testing.T) {
			var got []string
			err := ReadAll(strings.NewReader(strings.Join(lines, "\n")), Options{}, func(r *Record) error {
				got = append(got, r.Text("event.name"))
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			if len(got) != 1 || got[0] != "oom.kill" {
				t.Errorf("%q, want one oom.kill", got)
			}
		})
	}
}
