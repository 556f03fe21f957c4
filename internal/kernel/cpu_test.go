// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"testing"

	"github.com/oomtrail/oomtrail/parser/report"
)

func TestParseCPU(t *testing.T) {
	const buildID = "1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d"
	for _, c := range []struct {
		line string
		want report.CPU
	}{
		{"Pid: 2701, comm: java Not tainted 2.6.24-1-686 #1", report.CPU{PID: Some(2701), Comm: "java", Release: "2.6.24-1-686", Version: "#1"}},
		{"Pid: 3719, comm: ndsd Tainted: G               ---------------  T 2.6.32-504.el6.x86_64 #1",
			report.CPU{PID: Some(3719), Comm: "ndsd", Taint: "GT", Release: "2.6.32-504.el6.x86_64", Version: "#1"}},
		{"CPU: 0 PID: 2020 Comm: a.out Not tainted 3.10.105 #7", report.CPU{CPU: Some(0), PID: Some(2020), Comm: "a.out", Release: "3.10.105", Version: "#7"}},
		{"CPU: 1 PID: 4242 Comm: java Kdump: loaded Not tainted 3.10.0-1062.el7.x86_64 #1",
			report.CPU{CPU: Some(1), PID: Some(4242), Comm: "java", Kdump: true, Release: "3.10.0-1062.el7.x86_64", Version: "#1"}},
		{"CPU: 3 PID: 9 Comm: CPU 0/KVM Tainted: G        W  OE     4.15.0-108-generic #109-Ubuntu",
			report.CPU{CPU: Some(3), PID: Some(9), Comm: "CPU 0/KVM", Taint: "GWOE", Release: "4.15.0-108-generic", Version: "#109-Ubuntu"}},
		{"CPU: 0 PID: 7 Comm: x Tainted: P      D    O      5.4.0-29-generic #33-Ubuntu",
			report.CPU{CPU: Some(0), PID: Some(7), Comm: "x", Taint: "PDO", Release: "5.4.0-29-generic", Version: "#33-Ubuntu"}},
		{"CPU: 0 PID: 7 Comm: x Not tainted 5.15.85 #1 " + buildID,
			report.CPU{CPU: Some(0), PID: Some(7), Comm: "x", Release: "5.15.85", Version: "#1", BuildID: buildID}},
		{"CPU: 1 PID: 18 Comm: sh Not tainted 6.1.0-13-amd64 #1  Debian 6.1.176-1",
			report.CPU{CPU: Some(1), PID: Some(18), Comm: "sh", Release: "6.1.0-13-amd64", Version: "#1", Package: "Debian 6.1.176-1"}},
		{"CPU: 1 UID: 1000 PID: 340 Comm: burst-0.0 Not tainted 6.12.107+deb13-cloud-amd64 #1  Debian 6.12.107-1",
			report.CPU{CPU: Some(1), UID: Some(1000), PID: Some(340), Comm: "burst-0.0", Release: "6.12.107+deb13-cloud-amd64", Version: "#1", Package: "Debian 6.12.107-1"}},
		{"CPU: 0 UID: 4294967294 PID: 5 Comm: hog Not tainted 6.17.0 #1 PREEMPT(voluntary)  ",
			report.CPU{CPU: Some(0), UID: Some(4294967294), PID: Some(5), Comm: "hog", Release: "6.17.0", Version: "#1", Preempt: "PREEMPT(voluntary)"}},
		{"CPU: 0 UID: 0 PID: 5 Comm: hog Not tainted 7.2.13-amd64 #1 PREEMPT_{RT,(lazy)}  Debian 7.2.13-1 " + buildID,
			report.CPU{CPU: Some(0), UID: Some(0), PID: Some(5), Comm: "hog", Release: "7.2.13-amd64", Version: "#1", Preempt: "PREEMPT_{RT,(lazy)}", Package: "Debian 7.2.13-1", BuildID: buildID}},
		{"CPU: 0 UID: 0 PID: 5 Comm: hog Not tainted 7.0.0 #1  Debian 7.0-1 NONE ",
			report.CPU{CPU: Some(0), UID: Some(0), PID: Some(5), Comm: "hog", Release: "7.0.0", Version: "#1", Preempt: "NONE", Package: "Debian 7.0-1"}},
		// A comm that looks like what follows it.
		{"CPU: 0 PID: 7 Comm: x Not tainted 1 Not tainted 6.1.0 #2", report.CPU{CPU: Some(0), PID: Some(7), Comm: "x Not tainted 1", Release: "6.1.0", Version: "#2"}},
		{"CPU: 0 PID: 7 Comm:  Not tainted 6.1.0 #2", report.CPU{CPU: Some(0), PID: Some(7), Release: "6.1.0", Version: "#2"}},
		// Cut lines: the pid stands, the rest as far as it is whole.
		{"CPU: 0 PID: 7 Comm: foo", report.CPU{CPU: Some(0), PID: Some(7)}},
		{"CPU: 0 PID: 7 Comm: foo Not tainted 6.1.0-1", report.CPU{CPU: Some(0), PID: Some(7)}},
	} {
		if got, ok := ParseCPU(c.line); !ok || got != c.want {
			t.Errorf("%q\n got %+v %v\nwant %+v", c.line, got, ok, c.want)
		}
	}
}

func TestParseCPUHostileComm(t *testing.T) {
	for _, comm := range hostileComms {
		for _, kdump := range []string{"", "Kdump: loaded "} {
			line := "CPU: 1 UID: 0 PID: 340 Comm: " + comm + " " + kdump + "Tainted: G        W          6.12.1 #1"
			got, ok := ParseCPU(line)
			want := report.CPU{CPU: Some(1), UID: Some(0), PID: Some(340), Comm: comm, Kdump: kdump != "", Taint: "GW", Release: "6.12.1", Version: "#1"}
			if !ok || got != want {
				t.Errorf("%q\n got %+v %v", line, got, ok)
			}
		}
	}
}

func TestParseCPURefuses(t *testing.T) {
	for _, line := range []string{"", "CPU: 0", "CPU: 0 PID: x Comm: y Not tainted 6.1 #1", "CPU    0: hi:    0, btch:   1 usd:   0",
		"CPU: Intel GenuineIntel", "Pid: 1", "CPU: 99999999999999999999 PID: 1 Comm: x Not tainted 6.1 #1"} {
		if v, ok := ParseCPU(line); ok {
			t.Errorf("%q: got %+v", line, v)
		}
	}
}

func TestCutCPU(t *testing.T) {
	for _, c := range realLines {
		if c.kind != CPULine {
			continue
		}
		want, _ := ParseCPU(c.text)
		for i := range c.text {
			got, ok := ParseCPU(c.text[:i])
			if ok && (got.PID != want.PID || got.CPU != want.CPU || got.UID != want.UID ||
				got.Comm != "" && (got.Comm != want.Comm || got.Kdump != want.Kdump || got.Taint != want.Taint || got.Release != want.Release)) {
				t.Errorf("%q: got %+v", c.text[:i], got)
			}
		}
	}
}
