// SPDX-License-Identifier: Apache-2.0

package witness

import (
	"strings"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/parser/report"
)

// readDeaths reads lines as one stream, with deaths, and returns the facts but Context.
func readDeaths(t *testing.T, author Author, lines ...string) (facts []Fact) {
	t.Helper()
	r := Readers{Deaths: true}
	start := time.Date(2026, 5, 2, 10, 0, 1, 0, time.UTC)
	for i, line := range lines {
		l := Line{Text: line, Author: author, At: report.Stamp{Wall: start.Add(time.Duration(i) * time.Second)}}
		r.Read(&l, func(f *Fact) {
			if f.Kind != Context {
				facts = append(facts, f.Clone())
			}
		})
	}
	return facts
}

func TestSupervisors(t *testing.T) {
	for _, c := range []struct {
		line, writer string
		pid          int64
	}{
		{"[2026-05-02 10:00:01 +0000] [7] [ERROR] Worker (pid:19) was sent SIGKILL! Perhaps out of memory?", "gunicorn", 19},
		{"[2026-05-02 10:00:01 +0200] [7] [WARNING] Worker with pid 19 was terminated due to signal 9", "gunicorn", 19},
		{"Worker (pid:19) was sent SIGKILL! Perhaps out of memory?", "gunicorn", 19},
		{"[2026-05-02 10:00:01,912: ERROR/MainProcess] Process 'ForkPoolWorker-2' pid:21 exited with 'signal 9 (SIGKILL)'", "celery", 21},
		{"2026-05-02 10:00:01.912 UTC [1] LOG:  server process (PID 4410) was terminated by signal 9: Killed", "postgresql", 4410},
		{"2026-05-02 10:00:01.912 CEST [1] LOG:  autovacuum worker process (PID 4410) was terminated by signal 9: Killed", "postgresql", 4410},
		{`LOG:  background worker "logical replication worker" (PID 88) was terminated by signal 9`, "postgresql", 88},
		{"[02-May-2026 10:00:01] WARNING: [pool www] child 88 exited on signal 9 (SIGKILL) after 213.100201 seconds from start", "php-fpm", 88},
		{"[WARNING] [pool www] child 88 exited on signal 9 (SIGKILL) after 213.100201 seconds from start", "php-fpm", 88},
		{"2026/05/02 10:00:01 [alert] 7#7: worker process 21 exited on signal 9", "nginx", 21},
		{"2026/05/02 10:00:01 [alert] 7#7: cache manager process 21 exited on signal 9\r", "nginx", 21},
		{"2026-05-02 10:00:01,912 INFO exited: worker (terminated by SIGKILL; not expected)", "supervisord", 0},
	} {
		facts := readDeaths(t, Author{Container: true}, c.line)
		if len(facts) != 1 {
			t.Errorf("%s: %d facts, want 1", c.line, len(facts))
			continue
		}
		f := facts[0]
		if f.Kind != Death || f.Writer != c.writer || f.Keys.VPID != c.pid || f.Keys.HasVPID != (c.pid > 0) ||
			f.Keys.HasPID || f.Reason != "" || f.Verified || f.Signal != sigkill || f.Text != c.line {
			t.Errorf("%s: %+v", c.line, f)
		}
	}
}

// TestNoDeaths holds lines that look like deaths by SIGKILL and are none, or are somebody else's
// words.
func TestNoDeaths(t *testing.T) {
	for _, line := range []string{
		"[2026-05-02 10:00:01 +0000] [7] [ERROR] Worker (pid:19) was sent SIGTERM!",
		"[2026-05-02 10:00:01 +0000] [7] [ERROR] Worker (pid:19) was sent SIGKILL! Perhaps out of memory? I think not",
		"[2026-05-02 10:00:01 +0000] [7] [WARNING] Worker with pid 19 was terminated due to signal 15",
		"[2026-05-02 10:00:01 +0000] [7] [WARNING] Worker with pid 19 was terminated due to signal 90",
		"[7] Worker (pid:19) was sent SIGKILL! Perhaps out of memory?",
		"how to fix: Worker (pid:19) was sent SIGKILL! Perhaps out of memory?",
		"Worker (pid:-19) was sent SIGKILL! Perhaps out of memory?",
		"Worker (pid:99999999999) was sent SIGKILL! Perhaps out of memory?",
		"[2026-05-02 10:00:01,912: ERROR/MainProcess] Process 'ForkPoolWorker-2' pid:21 exited with 'signal 15 (SIGTERM)'",
		"[2026-05-02 10:00:01,912: INFO/MainProcess] Process 'x' pid:21 exited with 'signal 9 (SIGKILL)'",
		"billiard.exceptions.WorkerLostError: Worker exited prematurely: signal 9 (SIGKILL) Job: 0.",
		"2026-05-02 10:00:01.912 UTC [1] LOG:  server process (PID 4410) was terminated by signal 6: Aborted",
		"2026-05-02 10:00:01.912 UTC [9] LOG:  statement: select 'server process (PID 4410) was terminated by signal 9: Killed'",
		"2026-05-02 10:00:01.912 UTC [9] LOG:  statement: select server process (PID 4410) was terminated by signal 9: Killed",
		"\tLOG:  x' (PID 4410) was terminated by signal 9: Killed",
		"LOG:  server process (PID 4410) was terminated by signal 9: Killed LOG:  duration: 1 ms",
		"[02-May-2026 10:00:01] WARNING: [pool www] child 88 exited on signal 11 (SIGSEGV) after 2.100201 seconds from start",
		"[02-May-2026 10:00:01] NOTICE: [pool www] child 88 exited with code 0 after 2.100201 seconds from start",
		"2026/05/02 10:00:01 [alert] 7#7: worker process 21 exited on signal 11 (core dumped)",
		"2026/05/02 10:00:01 [notice] 7#7: worker process 21 exited with code 0",
		"2026/05/02 10:00:01 [error] 7#7: *3 open() \"/worker process 21 exited on signal 9\" failed",
		"2026-05-02 10:00:01,912 INFO exited: worker (exit status 137; not expected)",
		"2026-05-02 10:00:01,912 INFO stopped: worker (terminated by SIGTERM)",
		"2026-05-02 10:00:01,912 INFO spawned: 'worker' with pid 88",
		"grep 'exited: worker (terminated by SIGKILL; not expected)' supervisord.log",
		"DAMN ! worker 1 (pid: 88) died, killed by signal 9 :( trying respawn ...",
		"stress-ng: info: worker 68864 got signal 9",
		"make: *** [Makefile:7: all] Error 137",
		"x86_64-linux-gnu-g++: fatal error: Killed signal terminated program cc1plus",
		"script returned exit code 137",
	} {
		for _, f := range readDeaths(t, Author{}, line) {
			t.Errorf("%s: %+v", line, f)
		}
	}
}

func TestGunicornTimeout(t *testing.T) {
	timeout := "[2026-05-02 10:00:01 +0000] [7] [CRITICAL] WORKER TIMEOUT (pid:19)"
	died := "[2026-05-02 10:00:03 +0000] [7] [ERROR] Worker (pid:19) was sent SIGKILL! Perhaps out of memory?"
	for _, c := range []struct {
		name  string
		lines []string
		want  string
	}{
		{"its own kill", []string{timeout, died}, "worker_timeout"},
		{"no decision", []string{died}, ""},
		{"another worker", []string{strings.Replace(timeout, "19", "20", 1), died}, ""},
		{"long before", []string{strings.Replace(timeout, "10:00", "09:50", 1), died}, ""},
		{"after the death", []string{died, timeout}, ""},
		{"a second death of the pid", []string{timeout, died, died}, "worker_timeout"},
	} {
		facts := readDeaths(t, Author{}, c.lines...)
		if len(facts) == 0 || facts[0].Reason != c.want {
			t.Errorf("%s: %+v, want reason %q", c.name, facts, c.want)
		}
		for _, f := range facts[min(1, len(facts)):] {
			if f.Reason != "" {
				t.Errorf("%s: the second death has the reason %q", c.name, f.Reason)
			}
		}
	}
}

func TestSupervisord(t *testing.T) {
	spawned := "2026-05-02 10:00:01,912 INFO spawned: 'worker' with pid 88"
	killing := "2026-05-02 10:00:11,912 WARN killing 'worker' (88) with SIGKILL"
	stopped := "2026-05-02 10:00:12,912 INFO stopped: worker (terminated by SIGKILL)"
	exited := "2026-05-02 10:00:12,912 INFO exited: worker (terminated by SIGKILL; not expected)"
	for _, c := range []struct {
		name   string
		lines  []string
		pid    int64
		reason string
	}{
		{"its own stop", []string{spawned, killing, stopped}, 88, "stop_timeout"},
		{"its own stop, cut", []string{killing, stopped}, 88, "stop_timeout"},
		{"without its decision", []string{spawned, stopped}, 88, ""},
		{"by another", []string{spawned, exited}, 88, ""},
		{"two of one name", []string{spawned, strings.Replace(spawned, "88", "89", 1), exited}, 0, ""},
		{"restarted", []string{spawned, strings.Replace(exited, "terminated by SIGKILL", "exit status 1", 1),
			strings.Replace(spawned, "88", "89", 1), exited}, 89, ""},
	} {
		facts := readDeaths(t, Author{}, c.lines...)
		if len(facts) != 1 || facts[0].Reason != c.reason || facts[0].Keys.VPID != c.pid {
			t.Errorf("%s: %+v, want pid %d and reason %q", c.name, facts, c.pid, c.reason)
		}
	}
}

func TestSudo(t *testing.T) {
	const head = "   alice : TTY=pts/0 ; PWD=/home/alice ; USER=root ; COMMAND="
	for _, c := range []struct {
		command string
		pids    []int64
		unit    string
	}{
		{"/usr/bin/kill -9 4410", []int64{4410}, ""},
		{"/bin/kill -KILL 4410 4411", []int64{4410, 4411}, ""},
		{"/bin/kill -s SIGKILL -- 4410", []int64{4410}, ""},
		{"/bin/kill --signal=9 4410", []int64{4410}, ""},
		{"/bin/kill 4410", nil, ""},
		{"/bin/kill -15 4410", nil, ""},
		{"/bin/kill -9 -4410", nil, ""},
		{"/bin/kill -9 -1", nil, ""},
		{"/bin/kill -l 9", nil, ""},
		{"/usr/bin/killall -9 java", nil, ""},
		{"/usr/bin/pkill -9 java", nil, ""},
		{"/bin/sh -c kill -9 4410", nil, ""},
		{"/usr/bin/systemctl kill -s KILL ingest", nil, "ingest.service"},
		{"/usr/bin/systemctl kill --signal=SIGKILL --kill-whom=main ingest.service", nil, "ingest.service"},
		{"/usr/bin/systemctl kill ingest", nil, ""},
		{"/usr/bin/systemctl restart ingest", nil, ""},
		{"/usr/bin/systemctl kill --user -s KILL ingest", nil, ""},
	} {
		facts := readDeaths(t, Author{Program: "sudo"}, head+c.command)
		want := len(c.pids)
		if c.unit != "" {
			want = 1
		}
		if len(facts) != want {
			t.Errorf("%s: %+v, want %d facts", c.command, facts, want)
			continue
		}
		for i, f := range facts {
			if f.Kind != Sent || f.Verified || f.Keys.Unit != c.unit || c.unit == "" && (!f.Keys.HasPID || f.Keys.PID != c.pids[i]) {
				t.Errorf("%s: %+v", c.command, f)
			}
		}
	}
	for _, c := range []struct {
		author Author
		line   string
	}{
		{Author{Program: "app"}, head + "/bin/kill -9 4410"},
		{Author{Program: "sudo", Container: true}, head + "/bin/kill -9 4410"},
		{Author{Program: "sudo", Comm: "logger"}, head + "/bin/kill -9 4410"},
		{Author{Program: "sudo"}, "alice : command not allowed ; TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/kill -9 4410"},
		{Author{Program: "sudo"}, "alice : TTY=pts/0 ; PWD=/tmp/ ; COMMAND=/bin/kill -9 1 ; USER=root ; COMMAND=/bin/ls"},
	} {
		if facts := readDeaths(t, c.author, c.line); len(facts) != 0 {
			t.Errorf("%s: %+v", c.line, facts)
		}
	}
}
