// SPDX-License-Identifier: Apache-2.0

package witness

import (
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/parser/report"
)

func nohangFact(signal string, k Keys) Fact {
	return Fact{Kind: Decision, Outcome: OutcomeAnnounced, Hold: nohangHold, Reason: "low_memory", Signal: signal, Keys: k}
}

// nohangVictim is the decision about the process of [nohangStatus].
func nohangVictim() Fact {
	f := nohangFact("SIGTERM", pidOf(20417, "tail"))
	f.Keys.Cgroup, f.RSS = "/system.slice/ingest.service", report.Some(4962*mib)
	return f
}

func nohangKilled(signal string, k Keys) Fact {
	f := nohangFact(signal, k)
	f.Kind, f.Outcome, f.Hold = Kill, OutcomeDone, 0
	return f
}

// nohangStatus is what 0.2 writes before it acts.
const nohangStatus = `Memory status that requires corrective actions:
  MemAvailable [300 MiB, 3.8 %] <= soft_threshold_min_mem [400 MiB, 5.0 %]
  SwapFree [5 MiB, 0.5 %] <= soft_threshold_min_swap [100 MiB, 10.0 %]
Found 212 tasks with non-zero oom_score (except init and self) in 30ms
TOP printed in 34ms; process with highest badness:
  PID: 20417, name: tail, badness: 902
Recheck memory levels...
Victim status (found in 2ms):
  PID:       20417, name: tail, state: R (running), EUID: 1000, SID: 812 (bash), lifetime: 3s
  badness:   902, oom_score:  902, oom_score_adj:  0
  Vm, MiB:   Size: 5000, RSS: 4962 (Anon: 4960, File: 2, Shmem: 0), Swap: 0
  cgroup_v1:
  cgroup_v2: /system.slice/ingest.service
`

var nohangSamples = []sample{
	{
		"0.2 and 0.3, died", nohangStatus + "Implementing a corrective action:\n  Sending SIGTERM to the victim\nOK; total response time: 40ms\nThe victim died in 0.12s",
		[]Fact{nohangVictim(), outcome(OutcomeDone)},
	},
	{
		"0.2 and 0.3, its own log file", nohangStatus + "2026-05-02 10:00:00,123: Implementing a corrective action:\n  Sending SIGTERM to the victim\n2026-05-02 10:00:00,456: The victim died in 0.12s",
		[]Fact{nohangVictim(), outcome(OutcomeDone)},
	},
	{
		"0.2 and 0.3, in one entry", "Implementing a corrective action:⏎  Sending SIGKILL to the victim\nThe victim became a zombie in 0.01s",
		[]Fact{nohangFact("SIGKILL", Keys{}), outcome(OutcomeDone)},
	},
	{
		"0.2 and 0.3, does not respond", nohangStatus + "  Sending SIGTERM to the victim\nThe victim doesn't respond on corrective action in 0.25s",
		[]Fact{nohangVictim(), {Kind: Outcome, Outcome: OutcomeFailed, Hold: nohangHold}},
	},
	{
		"0.2 and 0.3, was gone", nohangStatus + "  Sending SIGTERM to the victim\nSelected process died before corrective action",
		[]Fact{nohangVictim(), outcome(OutcomeFailed)},
	},
	{
		"0.2 and 0.3, not allowed", nohangStatus + "  Sending SIGTERM to the victim\nCannot send a signal: PermissionError",
		[]Fact{nohangVictim(), outcome(OutcomeFailed)},
	},
	{
		"0.2 and 0.3, the victim of before", nohangStatus + "New victim is cached victim 12 (python3)\n  Sending SIGKILL to the victim",
		[]Fact{nohangFact("SIGKILL", pidOf(12, "python3"))},
	},
	{
		"a victim that was named long before", nohangStatus + "\n\n  Sending SIGTERM to the victim",
		[]Fact{nohangFact("SIGTERM", Keys{})},
	},
	{
		"one line for each kill", nohangStatus + "  Sending SIGTERM to the victim\n  Sending SIGTERM to the victim",
		[]Fact{nohangVictim(), nohangFact("SIGTERM", Keys{})},
	},
	{
		"0.1", "  Victim is tail, pid: 20417, badness: 902, VmRSS: 4962 MiB, VmSwap: 0 MiB\n  Sending SIGTERM to the victim; OK; response time: 12 ms",
		[]Fact{nohangKilled("SIGTERM", pidOf(20417, "tail"))},
	},
	{
		"0.1, was gone", "  Victim is tail, pid: 20417, badness: 902, VmRSS: 4962 MiB, VmSwap: 0 MiB\n  Sending SIGTERM to the victim; no such process; response time: 12 ms",
		[]Fact{{Kind: Decision, Outcome: OutcomeFailed, Reason: "low_memory", Signal: "SIGTERM", Keys: pidOf(20417, "tail")}},
	},
	{
		"between 0.1 and 0.2", "Implement a corrective action:\n  Send SIGTERM to the victim; total response time: 12 ms",
		[]Fact{nohangKilled("SIGTERM", Keys{})},
	},
}

func TestNohang(t *testing.T) { checkDaemon(t, "nohang", &nohangAuthor, nohangSamples) }

func TestNohangSaysNothing(t *testing.T) {
	checkNothing(
		t, nohangAuthor.author(),
		"  PID: 20417, name: tail, badness: 902",
		"Executing the command: systemctl restart x",
		"Recheck memory levels...",
		"The victim died in the search process: FileNotFoundError",
		"victim (PID: 12, Name: x) badness (3) < min_badness (10); nothing to do; response time: 5ms",
		"[ OK ] Sending SIGTERM to tail",
		"Sending a letter to the victim",
		"Sending SIGTERM to the victim of a theft",
		"Send SIGHUP to the victim",
		"Thresholds is not exceeded now",
	)
	var a report.Stamp
	if isSoonAfter(&a, &a, time.Minute) {
		t.Error("lines without time are no minute apart")
	}
}
