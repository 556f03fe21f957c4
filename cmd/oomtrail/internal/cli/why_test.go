// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/oomtrail/oomtrail/cmd/oomtrail/internal/filter"
	"github.com/oomtrail/oomtrail/cmd/oomtrail/internal/input"
	"github.com/oomtrail/oomtrail/cmd/oomtrail/internal/story"
	"github.com/oomtrail/oomtrail/parser"
)

// storiesOf returns the stories of logs that are read one after another.
func storiesOf(t *testing.T, logs ...string) []story.Story {
	t.Helper()
	opt := parser.Options{IncludeOriginal: true}
	var c story.Collector
	evidence, err := c.Evidence(opt)
	if err != nil {
		t.Fatal(err)
	}
	opt.Evidence, opt.Sigkill = evidence, true
	for _, log := range logs {
		if err := parser.ReadAll(strings.NewReader(log), opt, func(rec *parser.Record) error { c.Take(rec); return nil }); err != nil {
			t.Fatal(err)
		}
	}
	return c.Stories()
}

// filterOf asks for a process, unless pid is 0, and for a unit.
func filterOf(t *testing.T, pid int64, unit string) *filter.Filter {
	t.Helper()
	of := new(filter.Filter)
	if pid != 0 {
		of.PID(pid)
	}
	i := slices.IndexFunc(filter.Subjects, func(s filter.Subject) bool { return s.Name == "unit" })
	if err := of.Add(&filter.Subjects[i], unit); err != nil {
		t.Fatal(err)
	}
	return of
}

// victim is whom a story is about.
func victim(s *story.Story) string {
	for _, name := range []string{"systemd.unit.name", "container.id", "k8s.pod.name"} {
		if v := s.Record.Text(name); v != "" {
			return v
		}
	}
	return s.Record.Text("process.title")
}

// deaths are logs of one death each, and the cause.
var deaths = map[string]struct {
	lines []string
	cause string
	sure  string
}{
	"the kernel": {[]string{
		"2026-05-02T10:00:01.000000+00:00 web-1 kernel: [ 1000.000001] oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=ingest.service,mems_allowed=0,oom_memcg=/system.slice/ingest.service,task_memcg=/system.slice/ingest.service,task=ingest,pid=4410,uid=998",
		"2026-05-02T10:00:01.000100+00:00 web-1 kernel: [ 1000.000101] Memory cgroup out of memory: Killed process 4410 (ingest) total-vm:66532kB, anon-rss:65204kB, file-rss:0kB, shmem-rss:0kB, UID:998 pgtables:168kB oom_score_adj:0",
		"2026-05-02T10:00:01.100000+00:00 web-1 systemd[1]: ingest.service: A process of this unit has been killed by the OOM killer.",
		"2026-05-02T10:00:01.200000+00:00 web-1 systemd[1]: ingest.service: Main process exited, code=killed, status=9/KILL",
		"2026-05-02T10:00:01.300000+00:00 web-1 systemd[1]: ingest.service: Failed with result 'oom-kill'.",
	}, "kernel_oom", ""},
	"a memory killer": {[]string{
		"2026-05-02T10:00:01.000000+00:00 web-1 systemd-oomd[690]: Killed /system.slice/ingest.service due to memory pressure for /system.slice being 74.18% > 60.00% for > 30s with reclaim activity",
		"2026-05-02T10:00:01.100000+00:00 web-1 systemd[1]: ingest.service: systemd-oomd killed 4 process(es) in this unit.",
		"2026-05-02T10:00:01.200000+00:00 web-1 systemd[1]: ingest.service: Main process exited, code=killed, status=9/KILL",
	}, "memory_killer", ""},
	"a stop": {[]string{
		"2026-05-02T10:00:01.000000+00:00 web-1 systemd[1]: ingest.service: State 'stop-sigterm' timed out. Killing.",
		"2026-05-02T10:00:01.100000+00:00 web-1 systemd[1]: ingest.service: Killing process 4410 (ingest) with signal SIGKILL.",
		"2026-05-02T10:00:01.200000+00:00 web-1 systemd[1]: ingest.service: Main process exited, code=killed, status=9/KILL",
		"2026-05-02T10:00:01.300000+00:00 web-1 systemd[1]: ingest.service: Failed with result 'timeout'.",
	}, "sent", "certain"},
	"systemctl kill by sudo": {[]string{
		"2026-05-02T10:00:00.900000+00:00 web-1 sudo[88]:    alice : TTY=pts/0 ; PWD=/home/alice ; USER=root ; COMMAND=/usr/bin/systemctl kill -s KILL ingest",
		"2026-05-02T10:00:01.100000+00:00 web-1 systemd[1]: ingest.service: Sent signal SIGKILL to main process 4410 (ingest) on client request.",
		"2026-05-02T10:00:01.200000+00:00 web-1 systemd[1]: ingest.service: Main process exited, code=killed, status=9/KILL",
	}, "sent", "certain"},
	"gunicorn": {[]string{
		"[2026-05-02 10:00:01 +0000] [7] [CRITICAL] WORKER TIMEOUT (pid:19)",
		"[2026-05-02 10:00:02 +0000] [7] [ERROR] Worker (pid:19) was sent SIGKILL! Perhaps out of memory?",
	}, "supervisor", "likely"},
	"supervisord": {[]string{
		"2026-05-02 10:00:01,912 INFO spawned: 'worker' with pid 88",
		"2026-05-02 10:00:11,912 WARN killing 'worker' (88) with SIGKILL",
		"2026-05-02 10:00:12,912 INFO stopped: worker (terminated by SIGKILL)",
	}, "supervisor", "likely"},
	"nobody says": {[]string{
		"2026-05-02T10:00:01.200000+00:00 web-1 systemd[1]: ingest.service: Main process exited, code=killed, status=9/KILL",
	}, "unknown", ""},
	"audit": {[]string{
		`type=SYSCALL msg=audit(1777716001.444:8812): arch=c000003e syscall=62 success=yes exit=0 a0=1f3c a1=9 a2=0 a3=0 items=0 ppid=4100 pid=4188 auid=1000 uid=0 gid=0 euid=0 suid=0 fsuid=0 egid=0 sgid=0 fsgid=0 tty=pts0 ses=7 comm="kill" exe="/usr/bin/kill" key="sigkill"`,
		`type=OBJ_PID msg=audit(1777716001.444:8812): opid=7996 oauid=1000 ouid=998 oses=7 ocomm="app-main"`,
	}, "sent", "certain"},
}

// strengthens reports whether a story without a line says another cause than before, or is surer of
// it. The killer's own record is sure of its kill; that a death came of it is another statement.
func strengthens(s, before *story.Story) bool {
	sure := []string{"", story.Possible, story.Likely, story.Certain}
	if s.Cause != before.Cause && !isOrderOfEviction(s, before) {
		return s.Cause != "unknown"
	}
	return s.Record.Text("event.name") == before.Record.Text("event.name") &&
		slices.Index(sure, s.Sure) > slices.Index(sure, before.Sure)
}

// isOrderOfEviction reports whether a story says of an eviction that the kubelet, or containerd on
// its order, sent the signal: the one step from a cause to another that is the same with less said.
func isOrderOfEviction(s, before *story.Story) bool {
	sender := s.Record.Text("oom.sender.name")
	return before.Cause == "evicted" && s.Cause == "sent" && (sender == "kubelet" || sender == "containerd")
}

// TestWhyWeakens removes each line in turn: the cause stays, or is unknown, or the story is gone.
// It never becomes another cause, nor surer.
func TestWhyWeakens(t *testing.T) {
	for name, d := range deaths {
		whole := storiesOf(t, strings.Join(d.lines, "\n")+"\n")
		if len(whole) != 1 || whole[0].Cause != d.cause || d.sure != "" && whole[0].Sure != d.sure {
			t.Errorf("%s: %d stories, want one of cause %s, %s", name, len(whole), d.cause, d.sure)
			for i := range whole {
				t.Logf("%+v %v", whole[i], whole[i].Record.Body)
			}
			continue
		}
		for i := range d.lines {
			rest := slices.Delete(slices.Clone(d.lines), i, i+1)
			for _, s := range storiesOf(t, strings.Join(rest, "\n")+"\n") {
				if strengthens(&s, &whole[0]) {
					t.Errorf("%s without line %d: %s (%s), was %s (%s)", name, i, s.Cause, s.Sure, d.cause, whole[0].Sure)
				}
			}
		}
	}
}

// TestWhyWeakensReal does the same with what real machines wrote.
func TestWhyWeakensReal(t *testing.T) {
	journals, err := filepath.Glob("../../../../testdata/witnesses/*/journal.json")
	if err != nil || len(journals) == 0 {
		t.Fatal(err, "no journals")
	}
	for _, file := range journals {
		log, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		whole := map[string][]story.Story{} // a unit may have had two deaths
		for _, s := range storiesOf(t, string(log)) {
			whole[victim(&s)] = append(whole[victim(&s)], s)
		}
		lines := bytes.SplitAfter(log, []byte{'\n'})
		for i, line := range lines {
			if !bytes.Contains(line, []byte("ill")) && !bytes.Contains(line, []byte("oom")) {
				continue
			}
			rest := string(bytes.Join(slices.Delete(slices.Clone(lines), i, i+1), nil))
			left := maps.Clone(whole)
			for _, s := range storiesOf(t, rest) {
				of := victim(&s)
				j := slices.IndexFunc(left[of], func(before story.Story) bool { return !strengthens(&s, &before) })
				if j >= 0 && len(whole[of]) > 1 {
					left[of] = slices.Delete(slices.Clone(left[of]), j, j+1)
				}
				if j < 0 && len(whole[of]) > 0 {
					t.Errorf("%s without line %d: %s (%s), left of %d are %d", file, i+1, s.Cause, s.Sure, len(whole[of]), len(left[of]))
				}
			}
		}
	}
}

// TestWhyOfSeveralFiles: the journal says that a process died, audit.log, which is read after it,
// who sent the signal. The pid joins them.
func TestWhyOfSeveralFiles(t *testing.T) {
	journal := `{"__REALTIME_TIMESTAMP":"1777716001500000","_HOSTNAME":"web-1","_TRANSPORT":"journal","_PID":"1","_UID":"0","_COMM":"systemd","SYSLOG_IDENTIFIER":"systemd","PRIORITY":"7","MESSAGE":"ingest.service: Killing process 7996 (app-main) with signal SIGKILL.","UNIT":"ingest.service"}
{"__REALTIME_TIMESTAMP":"1777723201500000","_HOSTNAME":"web-1","_TRANSPORT":"journal","_PID":"1","_UID":"0","_COMM":"systemd","SYSLOG_IDENTIFIER":"systemd","PRIORITY":"4","MESSAGE":"other.service: Main process exited, code=killed, status=9/KILL","UNIT":"other.service","EXIT_STATUS":"9"}
`
	audit := strings.Join(deaths["audit"].lines, "\n") + "\n"
	stories := storiesOf(t, journal, audit)
	if len(stories) != 2 {
		t.Fatalf("%d stories, want 2", len(stories))
	}
	s := &stories[0]
	if s.Cause != "sent" || len(s.Lines) != 2 {
		t.Errorf("%s with %d lines, want sent with 2", s.Cause, len(s.Lines))
	}
	if stories[1].Cause != "unknown" {
		t.Errorf("the other death: %s", stories[1].Cause)
	}
}

func TestWhyCommand(t *testing.T) {
	const file = "../../../../testdata/witnesses/stop-timeout/journal.json"
	for _, c := range []struct {
		args  []string
		out   []string
		notes []string
	}{
		{[]string{file}, []string{"ingest.service", "why: a program sent SIGKILL (sent). Certain.", "State 'stop-sigterm' timed out. Killing.", "status=9/KILL"}, nil},
		{[]string{"--unit", "ingest", file}, []string{"why: a program sent"}, nil},
		{[]string{"--unit", "other", file}, nil, []string{"no such death by SIGKILL in the input, which shows 1 other", "ContainerStatusUnknown"}},
		{[]string{"--pid", "1", file}, nil, []string{"no such death"}},
		{[]string{"--pod", "shop/cart-0", file}, nil, []string{"no such death"}},
		{[]string{"--container", "web", file}, nil, []string{"no such death"}},
		{[]string{"../../../../testdata/witnesses/kill-9/journal.json"}, []string{"why: the log does not show what sent SIGKILL (unknown).", "auditctl -a always,exit", "journalctl -k"}, nil},
		{[]string{"../../../../testdata/witnesses/client-request/journal.json"}, []string{"on client request.", "Who asked systemd to kill"}, nil},
		{[]string{"../../../../testdata/witnesses/kernel-child/journal.json"}, []string{"kernel_oom", "Certain.", "Killed process"}, nil},
		{[]string{"../../../../testdata/witnesses/exit-137/journal.json"}, nil, []string{"no such death by SIGKILL"}},
	} {
		var out, notes bytes.Buffer
		if code := run(append([]string{"why"}, c.args...), strings.NewReader(""), &out, &notes); code != exitOK {
			t.Errorf("%v: exit code %d: %s", c.args, code, notes.String())
		}
		for _, want := range c.out {
			if !strings.Contains(out.String(), want) {
				t.Errorf("%v lacks %q:\n%s", c.args, want, out.String())
			}
		}
		if c.out == nil && out.Len() > 0 {
			t.Errorf("%v: printed %s", c.args, out.String())
		}
		for _, want := range c.notes {
			if !strings.Contains(notes.String(), want) {
				t.Errorf("%v lacks the note %q:\n%s", c.args, want, notes.String())
			}
		}
	}
	var out, notes bytes.Buffer
	if code := run([]string{"why", "--pid", "-4"}, strings.NewReader(""), &out, &notes); code != exitUsage {
		t.Errorf("--pid -4: exit code %d", code)
	}
	for _, args := range [][]string{{"--pid", "0"}, {"--unit", ""}, {"--pod="}, {"--container", ""}} {
		if code := run(append([]string{"why"}, args...), strings.NewReader(""), &out, &notes); code != exitUsage {
			t.Errorf("%q: exit code %d", args, code)
		}
	}
}

// TestExplainNamesOtherDeaths: where the kernel killed nothing, explain says what 137 was here.
func TestExplainNamesOtherDeaths(t *testing.T) {
	var out, notes bytes.Buffer
	run([]string{"explain", "../../../../testdata/witnesses/stop-timeout/journal.json"}, strings.NewReader(""), &out, &notes)
	for _, want := range []string{"no out-of-memory kill", "137", "the input shows 1 death by SIGKILL: 1 sent", "ingest.service", "oomtrail why"} {
		if !strings.Contains(notes.String(), want) {
			t.Errorf("the note lacks %q:\n%s", want, notes.String())
		}
	}
}

// TestWhySupposes: a signal and a death that nothing joins stay two, and each cause is what its own
// lines say; the signal is named where it is near.
func TestWhySupposes(t *testing.T) {
	audit := strings.Join(deaths["audit"].lines, "\n") + "\n"
	for at, want := range map[string]int{"10:00:01.500000": 1, "10:00:02.900000": 1, "10:00:09.500000": 0, "09:59:01.500000": 0} {
		stories := storiesOf(t, audit, "2026-05-02T"+at+"+00:00 web-1 systemd[1]: ingest.service: Main process exited, code=killed, status=9/KILL\n")
		if len(stories) != 2 {
			t.Fatalf("%s: %d stories, want 2", at, len(stories))
		}
		for i := range stories {
			s := &stories[i]
			if s.Record.Text("systemd.unit.name") == "" {
				continue
			}
			var out bytes.Buffer
			if err := story.Print(&out, stories); err != nil {
				t.Fatal(err)
			}
			if s.Cause != "unknown" || len(s.Perhaps) != want || strings.Contains(out.String(), "possibly the same:") != (want > 0) {
				t.Errorf("%s: cause %s, %d signals nearby, want unknown and %d:\n%s", at, s.Cause, len(s.Perhaps), want, out.String())
			}
		}
	}
}

// TestWhyOfManyDeaths: more deaths than an evidence holds are all told of.
func TestWhyOfManyDeaths(t *testing.T) {
	const many = 3000
	var log strings.Builder
	for i := range many {
		fmt.Fprintf(&log, "2026-05-02T10:%02d:%02d.000000+00:00 web-1 systemd[1]: job-%d.service: Main process exited, code=killed, status=9/KILL\n", i/60, i%60, i)
	}
	if stories := storiesOf(t, log.String()); len(stories) != many {
		t.Errorf("%d stories, want %d", len(stories), many)
	}
}

// TestWhyOfTooManyDeaths: a log of nothing but deaths fills no memory. The last ones stay, and the
// one that is asked for.
func TestWhyOfTooManyDeaths(t *testing.T) {
	const many, most = 13_000, 10_000
	var log strings.Builder
	for i := range many {
		fmt.Fprintf(&log, "2026-05-02T%02d:%02d:%02d.000000+00:00 web-1 systemd[1]: job-%d.service: Main process exited, code=killed, status=9/KILL\n", i/3600, i/60%60, i%60, i)
	}
	stories, omitted, err := collectStories(&input.Set{Context: t.Context(), Stdin: strings.NewReader(log.String())}, filterOf(t, 0, "job-3"))
	if err != nil {
		t.Fatal(err)
	}
	if len(stories) > most || len(stories)+omitted != many {
		t.Errorf("%d stories, %d omitted, of %d", len(stories), omitted, many)
	}
	if first, last := victim(&stories[0]), victim(&stories[len(stories)-1]); first != "job-3.service" || last != fmt.Sprintf("job-%d.service", many-1) {
		t.Errorf("from %s to %s", first, last)
	}
}

// TestWhyOfRealAudit reads auditd's logs and the journal of a machine where a unit was killed by
// kill -9, and holds sender and target to what a tracepoint saw.
func TestWhyOfRealAudit(t *testing.T) {
	for _, dir := range []string{"audit-raw", "audit-enriched"} {
		read := func(name string) string {
			content, err := os.ReadFile(filepath.Join("../../../../testdata/witnesses", dir, name))
			if err != nil {
				t.Fatal(err)
			}
			return string(content)
		}
		var truth struct {
			Signals []struct {
				Signal   int
				From, To struct{ PID int64 }
			}
		}
		if err := json.Unmarshal([]byte(read("truth.json")), &truth); err != nil || len(truth.Signals) == 0 {
			t.Fatal(dir, err)
		}
		kill := truth.Signals[0]
		for name, logs := range map[string][]string{
			"journal, audit.log": {read("journal.json"), read("audit.log")},
			"audit.log, journal": {read("audit.log"), read("journal.json")},
			"ausearch":           {read("ausearch.txt")},
		} {
			sent := 0
			for _, s := range storiesOf(t, logs...) {
				if s.Cause != "sent" {
					if s.Record.Text("systemd.unit.name") != "ingest.service" || len(s.Perhaps) != 1 {
						t.Errorf("%s, %s: %s, %d signals nearby", dir, name, s.Record.Body, len(s.Perhaps))
					}
					continue
				}
				sent++
				target, _ := s.Record.Get("process.pid")
				from, _ := s.Record.Get("oom.sender.pid")
				if target.Int64() != kill.To.PID || from.Int64() != kill.From.PID || s.Sure != story.Certain {
					t.Errorf("%s, %s: %d sent to %d (%s), want %d to %d", dir, name, from.Int64(), target.Int64(), s.Sure, kill.From.PID, kill.To.PID)
				}
			}
			if sent != 1 {
				t.Errorf("%s, %s: %d signals, want 1", dir, name, sent)
			}
		}
	}
}

// TestWhyWeakensUnitOfAProcess removes each line in turn of a journal whose entries show which unit
// the process was in that audit names.
func TestWhyWeakensUnitOfAProcess(t *testing.T) {
	entry := func(ms int, fields string) string {
		return fmt.Sprintf(`{"__REALTIME_TIMESTAMP":"%d","__MONOTONIC_TIMESTAMP":"%d","_BOOT_ID":"0b6d4a1c5e2f4b7a9c8d3e1f2a4b6c8d","_HOSTNAME":"web-1","PRIORITY":"6",%s}`+"\n", 1777716001_000000+ms*1000, 5_000_000+ms*1000, fields)
	}
	lines := []string{
		entry(0, `"_TRANSPORT":"stdout","SYSLOG_IDENTIFIER":"app","_PID":"7996","_COMM":"app-main","_SYSTEMD_UNIT":"ingest.service","_SYSTEMD_INVOCATION_ID":"6e8bd1a0","MESSAGE":"GET / 200"`),
		entry(444, `"_TRANSPORT":"audit","_AUDIT_ID":"8812","_PID":"4188","MESSAGE":"SYSCALL arch=c000003e syscall=62 success=yes exit=0 a0=1f3c a1=9 a2=0 a3=0 items=0 ppid=4100 pid=4188 auid=1000 uid=0 comm=\"kill\" exe=\"/usr/bin/kill\""`),
		entry(445, `"_TRANSPORT":"audit","_AUDIT_ID":"8812","MESSAGE":"OBJ_PID opid=7996 oauid=1000 ouid=998 oses=7 ocomm=\"app-main\""`),
		entry(500, `"_TRANSPORT":"journal","SYSLOG_IDENTIFIER":"systemd","_PID":"1","_UID":"0","_COMM":"systemd","_SYSTEMD_UNIT":"init.scope","UNIT":"ingest.service","INVOCATION_ID":"6e8bd1a0","MESSAGE":"ingest.service: Main process exited, code=killed, status=9/KILL"`),
	}
	whole := storiesOf(t, strings.Join(lines, ""))
	if len(whole) != 1 || whole[0].Cause != "sent" || whole[0].Sure != story.Likely || !filterOf(t, 7996, "ingest").Matches(whole[0].Record, whole[0].Kernel) {
		t.Fatalf("%d stories, want one of a signal, likely: %+v", len(whole), whole)
	}
	for i := range lines {
		for _, s := range storiesOf(t, strings.Join(slices.Delete(slices.Clone(lines), i, i+1), "")) {
			// A story of the process alone is another statement: audit proves that it was killed.
			if ofUnit := s.Record.Text("systemd.unit.name") != ""; ofUnit && s.Cause != "unknown" || !ofUnit && s.Cause != "sent" {
				t.Errorf("without line %d: %s (%s): %s", i, s.Cause, s.Sure, s.Record.Body)
			}
		}
	}
}

// TestWhyPrintsTheTimesOfTheLog: a log with seconds gives no thousandths.
func TestWhyPrintsTheTimesOfTheLog(t *testing.T) {
	const kill = " n1 kernel: Out of memory: Killed process 42 (java) total-vm:375400kB, anon-rss:51200kB, file-rss:632kB, shmem-rss:4kB, UID:0 pgtables:108kB oom_score_adj:0\n"
	for stamp, want := range map[string]string{"2026-05-02T10:00:07+00:00": "\n  10:00:07 kernel: Out", "2026-05-02T10:00:07.250000+00:00": "\n  10:00:07.250 kernel: Out"} {
		if code, out, errOut := call(t, stamp+kill, "why"); code != exitOK || !strings.Contains(out, want) {
			t.Errorf("%s: exit %d, %s, want %q in\n%s", stamp, code, errOut, want, out)
		}
	}
}
