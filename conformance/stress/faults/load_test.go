// SPDX-License-Identifier: Apache-2.0

package faults

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/conformance/frontends/backends"
)

// inARow is a node that reads @DIR@/kern.log, passes all of it on and has the processor behind the
// receiver.
var inARow = strings.NewReplacer(
	"    storage: file_storage\n    report_timeout", "    storage: file_storage\n    emit: all\n    report_timeout",
	"\nexporters:\n", "\nprocessors:\n  oom_kill:\n    mode: only\n    report_timeout: 1s\nexporters:\n",
	"      exporters: [otlp_http]", "      processors: [oom_kill]\n      exporters: [otlp_http]",
).Replace(fileToBackend)

var paths = []struct{ name, config string }{
	{"receiver", fileToBackend},
	{"receiver and processor in a row", inARow},
}

// TestBurst: kills by the thousand from many cgroups, each of which has one report that the rate
// limiter let through and nothing but kill lines after it.
func TestBurst(t *testing.T) {
	cgroups, each := times(100, 1000), 10
	for _, frontend := range paths {
		t.Run(frontend.name, func(t *testing.T) {
			t.Parallel()
			server, dir := backends.StartVictoriaLogs(t), t.TempDir()
			p := collector(t, dir, server.URL, frontend.config)
			k := NewKernLog("n")
			var lines [][]byte
			for i := range cgroups {
				k.Cgroup = fmt.Sprintf("/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod%08x_0a5e_4d4f_8c3a_5e0e7c1e2f10.slice", i)
				lines = append(lines, k.Kill(ofCgroup)...)
				for range each - 1 {
					lines = append(lines, k.Kill(bare)...)
				}
			}
			p.Start(t)
			p.Ready(t, patience)
			began := time.Now()
			log := join(lines)
			write(t, filepath.Join(dir, "kern.log"), log)
			Await(t, server, byName, k.Kills, 0)
			took := time.Since(began)
			row := settle(t, p, server, byName, k.Kills, 0)
			row.Scenario = fmt.Sprintf("burst from %d cgroups, %s", cgroups, frontend.name)
			row.Note = fmt.Sprintf("%d MiB of log in %.1f s, %s", len(log)>>20, took.Seconds(), peak(p))
			if row.Repeated != 0 {
				t.Errorf("%d records came twice", row.Repeated)
			}
			report(t, p, row, 0)
		})
	}
}

// TestDay: the log of a day, with kills now and then, in a minute or less.
func TestDay(t *testing.T) {
	for _, frontend := range paths {
		t.Run(frontend.name, func(t *testing.T) {
			t.Parallel()
			server, dir := backends.StartVictoriaLogs(t), t.TempDir()
			p := collector(t, dir, server.URL, frontend.config)
			log := filepath.Join(dir, "kern.log")
			p.Start(t)
			k := NewKernLog("n")
			writeDay(t, log, k, times(10, 60), times(20, 2000), func(int) {})
			row := settle(t, p, server, byName, k.Kills, 0)
			row.Scenario = "24 hours of log at once, " + frontend.name
			row.Note = fmt.Sprintf("%d MiB of log, %s", size(t, log)>>20, peak(p))
			if row.Repeated != 0 {
				t.Errorf("%d records came twice", row.Repeated)
			}
			report(t, p, row, 0)
		})
	}
}

// writeDay writes 24 hours of log: each hour so many kills and, between them, so many other lines.
// Before each hour something may happen.
func writeDay(t *testing.T, log string, k *KernLog, kills, idle int, before func(hour int)) {
	t.Helper()
	k.Now = time.Now().Add(-24 * time.Hour)
	for hour := range 24 {
		before(hour)
		for range kills {
			write(t, log, append(k.Idle(idle), k.Any()...)...)
			k.pass(time.Hour / time.Duration(kills))
		}
	}
}

// pass lets time go by.
func (k *KernLog) pass(d time.Duration) { k.Now, k.Uptime = k.Now.Add(d), k.Uptime+d }

func size(t *testing.T, path string) int64 {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}

// TestClockSteps: the wall clock of the log goes back and forth by hours, also within reports; the
// kernel's own goes on.
func TestClockSteps(t *testing.T) {
	for _, frontend := range paths {
		t.Run(frontend.name, func(t *testing.T) {
			t.Parallel()
			server, dir := backends.StartVictoriaLogs(t), t.TempDir()
			p := collector(t, dir, server.URL, frontend.config)
			p.Start(t)
			log, k := filepath.Join(dir, "kern.log"), NewKernLog("n")
			steps := []time.Duration{-3 * time.Hour, 26 * time.Hour, -24 * time.Hour, -time.Second, 10 * time.Minute, -9 * time.Minute}
			for i := range times(30, 300) {
				for at, line := range k.Any() {
					if at%37 == 36 {
						// The stamp that rsyslog writes is the clock's, and the clock is set.
						stamp, rest, _ := strings.Cut(string(line), " ")
						was, err := time.Parse("2006-01-02T15:04:05.000000-07:00", stamp)
						if err != nil {
							t.Fatal(err)
						}
						line = []byte(was.Add(steps[i%len(steps)]).Format("2006-01-02T15:04:05.000000-07:00") + " " + rest)
					}
					write(t, log, line)
				}
				k.Now = k.Now.Add(steps[i%len(steps)])
			}
			row := settle(t, p, server, byName, k.Kills, 0)
			row.Scenario = "wall clock of the log set back and forth, " + frontend.name
			row.Note = peak(p)
			if row.Repeated != 0 {
				t.Errorf("%d records came twice", row.Repeated)
			}
			report(t, p, row, 0)
		})
	}
}
