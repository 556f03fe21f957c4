// SPDX-License-Identifier: Apache-2.0

package format

import (
	"testing"

	"github.com/oomtrail/oomtrail/parser/report"
)

// TestParallelShell: the host that pdsh puts before a line is the line's host, and goes.
func TestParallelShell(t *testing.T) {
	const text = "Out of memory: Killed process 1 (a) total-vm:1kB"
	for in, host := range map[string]string{
		"node01: [  100.000007] " + text:                            "node01",
		"10.0.0.7: [  100.000007] " + text:                          "10.0.0.7",
		"rack-2.example.org: <3>[  100.000007] " + text:             "rack-2.example.org",
		"node01: Jun 10 09:15:24 node01 kernel: " + text:            "node01",
		"gw: 2026-06-10T09:15:24.000001+00:00 n7 kernel: " + text:   "n7",
		"node01: Jun 10 09:15:24 n7 kernel: [  100.000007] " + text: "n7",
	} {
		got := decodeAll(report.Auto, in)
		if len(got) != 1 || string(got[0].Text) != text || string(got[0].Host) != host || got[0].Origin != report.OriginUnknown {
			t.Errorf("%q: %q of host %q, origin %v", in, texts(got), got[0].Host, got[0].Origin)
		}
	}
	for _, in := range []string{
		"a: [9.000001] x invoked oom-killer: order=0", "kernel: x", "Normal: 1*4kB (U) = 4kB", "node01: " + text, "systemd[1]: [  100.000007] x",
		"app: Jun 10 09:15:24 it said " + text, "kern.log: [  100.000007] x", ": [  100.000007] x", "node01:", "node01: ",
	} {
		if got := decodeAll(report.Auto, in); len(got) == 1 && len(got[0].Host) > 0 {
			t.Errorf("%q has the host %q", in, got[0].Host)
		}
	}
	got := decodeAll(report.Auto, "node01: Jun 10 09:15:24 node01 sshd[812]: "+text)
	if len(got) != 1 || got[0].Origin != report.OriginUser {
		t.Errorf("a program's line: %+v", got)
	}
}
