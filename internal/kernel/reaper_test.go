// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"testing"

	"github.com/oomtrail/oomtrail/parser/report"
)

func TestParseReaper(t *testing.T) {
	for _, comm := range hostileComms {
		for line, want := range map[string]report.Reaper{
			"oom_reaper: reaped process 19289 (" + comm + "), now anon-rss:1kB, file-rss:2kB, shmem-rss:4kB": {
				Process: report.Process{PID: 19289, Comm: comm}, AnonRSSKB: Some(1), FileRSSKB: Some(2), ShmemRSSKB: Some(4)},
			"oom_reaper: reaped process 19289 (" + comm + "), now anon-rss:1kB, file-rss:2": {Process: report.Process{PID: 19289, Comm: comm}, AnonRSSKB: Some(1)},
			"oom_reaper: unable to reap pid:7 (" + comm + ")":                               {Process: report.Process{PID: 7, Comm: comm}, Failed: true},
			"oom_reaper: giving up pid:7 (" + comm + ")":                                    {Process: report.Process{PID: 7, Comm: comm}, Failed: true},
		} {
			if got, ok := ParseReaper(line); !ok || got != want {
				t.Errorf("%q: got %+v %v", line, got, ok)
			}
			if kind := Classify(line); kind != ReaperLine {
				t.Errorf("%q is %v", line, kind)
			}
		}
	}
	for _, line := range []string{"", "oom_reaper: ", "oom_reaper: reaped process 9", "oom_reaper: reaped process 9 (x)", "oom_reaper: unable to reap pid:7",
		"Unable to start OOM reaper 12. Continuing regardless", "x: oom_reaper: giving up pid:7 (x)"} {
		if v, ok := ParseReaper(line); ok {
			t.Errorf("%q: got %+v", line, v)
		}
	}
}
