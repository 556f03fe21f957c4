// SPDX-License-Identifier: Apache-2.0

package witness

import (
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/parser/report"
)

func talosFact(kind, cgroup string) Fact {
	return Fact{
		Kind: Decision, Outcome: OutcomeAnnounced, Hold: 5 * time.Second, Signal: "SIGKILL",
		VictimKind: kind, Keys: Keys{Cgroup: cgroup},
	}
}

const talosPod = `{"component": "controller-runtime", "controller": "runtime.OOMController", "cgroup": "/sys/fs/cgroup/kubepods/besteffort/pod0c1d2e3f-4a5b-6c7d-8e9f-0a1b2c3d4e5f"}`

var talosSamples = []sample{
	{
		"1.12 and 1.13, a pod", "[talos] OOM controller triggered {\"component\": \"controller-runtime\", \"controller\": \"runtime.OOMController\"}\n" +
			"[talos] Sending SIGKILL to cgroup " + talosPod + "\n" +
			`[talos] victim processes: {"component": "controller-runtime", "controller": "runtime.OOMController", "processes": [4410, 4411]}`,
		[]Fact{talosFact(VictimPod, "/kubepods/besteffort/pod0c1d2e3f-4a5b-6c7d-8e9f-0a1b2c3d4e5f")},
	},
	{
		"as talosctl dmesg prints it", "user: warning: [2026-03-02T10:11:12.131415161Z]: [talos] Sending SIGKILL to cgroup " + talosPod,
		[]Fact{talosFact(VictimPod, "/kubepods/besteffort/pod0c1d2e3f-4a5b-6c7d-8e9f-0a1b2c3d4e5f")},
	},
	{
		"a container", `[talos] Sending SIGKILL to cgroup {"controller": "runtime.OOMController", "cgroup": "/sys/fs/cgroup/kubepods/pod0c1d2e3f-4a5b-6c7d-8e9f-0a1b2c3d4e5f/4f2a9be0c7d1835e6f90a1b2c3d4e5f60718293a4b5c6d7e8f9001122334455a"}`,
		[]Fact{talosFact(VictimContainer, "/kubepods/pod0c1d2e3f-4a5b-6c7d-8e9f-0a1b2c3d4e5f/4f2a9be0c7d1835e6f90a1b2c3d4e5f60718293a4b5c6d7e8f9001122334455a")},
	},
	{
		"of the system", `[talos] Sending SIGKILL to cgroup {"controller": "runtime.OOMController", "cgroup": "/sys/fs/cgroup/podruntime/etcd"}`,
		[]Fact{talosFact(VictimCgroup, "/podruntime/etcd")},
	},
	{
		"nobody was there", "[talos] Sending SIGKILL to cgroup " + talosPod + "\n" + `[talos] victim processes: {"controller": "runtime.OOMController", "processes": []}`,
		[]Fact{talosFact(VictimPod, "/kubepods/besteffort/pod0c1d2e3f-4a5b-6c7d-8e9f-0a1b2c3d4e5f"), outcome(OutcomeFailed)},
	},
	{
		"in vain", "[talos] failed to send SIGKILL " + talosPod,
		[]Fact{{Kind: Outcome, Outcome: OutcomeFailed, Keys: Keys{Cgroup: "/kubepods/besteffort/pod0c1d2e3f-4a5b-6c7d-8e9f-0a1b2c3d4e5f"}}},
	},
}

func TestTalos(t *testing.T) {
	checkSamples(t, "talos", Author{}, kmsgOf(report.OriginUser), talosSamples)
	checkSamples(t, "talos", Author{}, report.Stamp{Format: report.Dmesg}, talosSamples)
	for _, s := range talosSamples {
		if got := factsOf(s.text, Author{}, kmsgOf(report.OriginKernel)); len(got) > 0 {
			t.Errorf("%s, by the kernel: %+v", s.version, got)
		}
	}
}

func TestTalosSaysNothing(t *testing.T) {
	checkNothing(
		t, Author{Program: "kernel"},
		"[talos] Sending SIGKILL to cgroup",
		`[talos] Sending SIGKILL to cgroup {"controller": "runtime.OOMController", "cgroup": "/sys/fs/cgroup/a"`,
		`[talos] Sending SIGKILL to cgroup {"controller": "runtime.OOMController"}`,
		`[talos] Sending SIGKILL to cgroup {"controller": "x", "cgroup": "/sys/fs/cgroup/a"}`,
		`[talos] victim processes: {"controller": "runtime.OOMController", "processes": [12]}`,
		`[talos] victim processes: {"controller": "runtime.OOMController"}`,
		`[talos] no eligible cgroup to kill {"controller": "runtime.OOMController"}`,
		`Sending SIGKILL to cgroup {"controller": "runtime.OOMController", "cgroup": "/sys/fs/cgroup/a"}`,
	)
}

// TestTalosOfAUser reads the line by `logger -t talos`: a host with a journal has no Talos.
func TestTalosOfAUser(t *testing.T) {
	for _, a := range []Author{
		{Program: "talos", Comm: "logger", Unit: "session-2.scope", Transport: "syslog", Trusted: true},
		{Program: "kernel", Comm: "talos", Transport: "journal"},
		{Unit: "user@1000.service"},
	} {
		if got := factsOf("[talos] Sending SIGKILL to cgroup "+talosPod, a, report.Stamp{}); len(got) > 0 {
			t.Errorf("%+v: %+v", a, got)
		}
	}
}
