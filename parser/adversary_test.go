// SPDX-License-Identifier: Apache-2.0

package parser

import (
	"fmt"
	"strings"
	"testing"

	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/parser/report"
)

// kmsg renders kernel text as records of /dev/kmsg, numbered from 1 on: a line that begins with "+N
// " comes N numbers later than its turn, one with "-" starts to count anew.
func kmsg(lines ...string) string {
	var log strings.Builder
	seq := 0
	for i, line := range lines {
		seq++
		var skip int
		if n, _ := fmt.Sscanf(line, "+%d ", &skip); n == 1 {
			_, line, _ = strings.Cut(line, " ")
			seq += skip
		}
		if rest, ok := strings.CutPrefix(line, "-"); ok {
			line, seq = rest, 1
		}
		fmt.Fprintf(&log, "%d,%d,%d,-;%s\n", level(line), seq, 100_000_000+i, strings.ReplaceAll(line, "\n", `\x0a`))
	}
	return log.String()
}

// readText returns the records of a log.
func readText(t testing.TB, o Options, log string) []*Record {
	t.Helper()
	var records []*Record
	err := ReadAll(strings.NewReader(log), o, func(r *Record) error {
		records = append(records, r)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return records
}

// TestChosenButNotKilled: where the kernel's numbering shows that nothing was lost and no kill line
// came, nobody was killed.
func TestChosenButNotKilled(t *testing.T) {
	report := []string{invocation, cpuLine, callTrace, counter, banner, taskHead, rowA, rowB, chosenB}
	next := []string{strings.Replace(invocation, "a invoked", "c invoked", 1)}
	const none, kill = "oom.no_victim", "oom.kill"
	for _, tc := range []struct {
		name    string
		more    []string
		want    string
		missing string
	}{
		{"the next report begins", next, none, ""},
		{"another line, and the next report", append([]string{"usb 1-1: new device"}, next...), none, ""},
		{"a record was lost", []string{"+1 " + next[0]}, kill, "kill"},
		{"the machine started anew", []string{"-Linux version 6.12.1", next[0]}, kill, "kill"},
		{"the log ends", nil, kill, "kill"},
	} {
		records := readText(t, Options{}, kmsg(append(report[:len(report):len(report)], tc.more...)...))
		if len(records) == 0 {
			t.Fatalf("%s: no record", tc.name)
		}
		if r := records[0]; r.Text("event.name") != tc.want || r.Text("oom.report.missing") != tc.missing {
			t.Errorf("%s: %s, missing %q", tc.name, r.Text("event.name"), r.Text("oom.report.missing"))
		}
	}
}

// TestKillLineOfAnotherLevel: through syslog(2) and dmesg a newline in a foreign record, such as
// the name of a program with an executable stack, makes a line of its own. The kernel prints each
// kill line at level err, and what names it so at others.
func TestKillLineOfAnotherLevel(t *testing.T) {
	fake := "[  100.000000] " + killed(hostWords, 1, "init") + "\n"
	for _, log := range []string{
		"<4>[  100.000000] process '/tmp/a\n<4>" + fake,
		"kern  :warn  : [  100.000000] process '/tmp/a\nkern  :warn  : " + fake,
	} {
		if records := readText(t, Options{}, log); len(records) != 0 {
			t.Errorf("a record of nobody's kill: %q", log)
		}
		if records := readText(t, Options{}, strings.NewReplacer("<4>", "<3>", ":warn ", ":err  ").Replace(log)); len(records) != 1 {
			t.Errorf("%d records of a kill", len(records))
		}
	}
}

// TestReportsOfTwoBoots: a kill after a reset is not the end of the report that the reset cut
// short.
func TestReportsOfTwoBoots(t *testing.T) {
	log := "[ 5000.000000] " + invocation + "\n[ 5000.000001] " + cpuLine + "\n[ 5000.000002] " + callTrace + "\n" +
		"[    0.000000] Linux version 6.12.1\n[   30.000000] " + killed(memcgWords, 77, "x") + "\n"
	records := readText(t, Options{}, log)
	if got, want := summary(records), "oom.unresolved a kill\noom.kill 77 x cgroup invocation\n"; got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

// TestTrustOfAWholeReport: a record is verified only when all lines that it tells of are.
func TestTrustOfAWholeReport(t *testing.T) {
	const kernel, unknown, user = report.OriginKernel, report.OriginUnknown, report.OriginUser
	lines := []string{invocation, cpuLine, callTrace, counter, banner, taskHead, rowA, rowB, chosenB, killed(memcgWords, 12, "b")}
	for _, tc := range []struct {
		trust      Trust
		head, kill report.Origin
		want       string
	}{
		{TrustAuto, kernel, kernel, "verified"}, {TrustAuto, unknown, kernel, "unverified"}, {TrustAuto, kernel, unknown, "unverified"},
		{TrustAny, user, kernel, "unverified"}, {TrustAny, kernel, user, "unverified"}, {TrustAuto, user, kernel, "verified"},
	} {
		p, err := New(Options{Trust: tc.trust})
		if err != nil {
			t.Fatal(err)
		}
		var records []*Record
		for i, line := range lines {
			l := format.Line{Text: []byte(line), Origin: tc.head, Facility: -1, Level: -1}
			if i == len(lines)-1 {
				l.Origin = tc.kill
			}
			records = append(records, p.FeedLine(&l).Records...)
		}
		if records = append(records, p.Flush()...); len(records) != 1 || records[0].Text("oom.trust") != tc.want {
			t.Errorf("%+v: %d records: %s", tc, len(records), summary(records))
		}
	}
}

// TestTwoHostsInOneFile: reports of two hosts whose lines alternate in one file are kept apart.
func TestTwoHostsInOneFile(t *testing.T) {
	report := func(host, name, path string, pid int) (lines []string) {
		own := strings.NewReplacer("a invoked", name+" invoked", "Comm: a", "Comm: "+name, "oom_memcg=/a,task_memcg=/a",
			fmt.Sprintf("oom_memcg=%s,task_memcg=%s", path, path), "pid=12", fmt.Sprint("pid=", pid))
		for _, line := range []string{invocation, cpuLine, callTrace, counter, banner, taskHead, rowA, strings.ReplaceAll(rowB, "12", fmt.Sprint(pid)), chosenB, killed(memcgWords, pid, "b")} {
			lines = append(lines, "Nov 21 10:00:00 "+host+" kernel: [  100.000000] "+own.Replace(line)+"\n")
		}
		return lines
	}
	one, two := report("h1", "aa", "/one", 12), report("h2", "bb", "/two", 13)
	var log strings.Builder
	for i := range one {
		log.WriteString(one[i] + two[i])
	}
	const want = "oom.kill 12 b cgroup /one aa\noom.kill 13 b cgroup /two bb\n"
	if got := summary(readText(t, Options{}, log.String())); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}
