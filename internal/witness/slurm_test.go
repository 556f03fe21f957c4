// SPDX-License-Identifier: Apache-2.0

package witness

import (
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/parser/report"
)

func slurmFact(step string) Fact {
	return Fact{
		Kind: Decision, Outcome: OutcomeAnnounced, Hold: 5 * time.Second, Signal: "SIGKILL", Reason: "limit",
		VictimKind: VictimJobStep, Keys: Keys{SlurmStep: step},
	}
}

var slurmSamples = []sample{
	{"until 20.02, a job", "error: Job 77120 exceeded memory limit (33554432 > 16777216), being killed", []Fact{slurmFact("77120")}},
	{"until 20.02, a step", "slurmstepd: error: Step 77120.0 exceeded memory limit (33554432 > 16777216), being killed", []Fact{slurmFact("77120.0")}},
	{"20.11 and later", "slurmstepd: error: StepId=77120.batch exceeded memory limit (33554432 > 16777216), being killed", []Fact{slurmFact("77120.batch")}},
	{"virtual memory", "slurmstepd: error: StepId=77120.extern exceeded virtual memory limit (33554432 > 16777216), being killed", []Fact{slurmFact("77120.extern")}},
	{"slurmd's log", "[2026-05-02T10:00:00.123] [77120.0] error: StepId=77120.0 exceeded memory limit (33554432 > 16777216), being killed", []Fact{slurmFact("77120.0")}},
}

func TestSlurm(t *testing.T) {
	checkDaemon(t, "slurm", &slurmAuthor, slurmSamples)
	// The format takes the time of slurmd's log for that of dmesg -T.
	got := factsOf("[77120.0] error: StepId=77120.0 exceeded memory limit (2 > 1), being killed", Author{}, report.Stamp{Format: report.Dmesg})
	if len(got) != 1 || got[0].Keys.SlurmStep != "77120.0" {
		t.Errorf("%+v", got)
	}
}

func TestSlurmSaysNothing(t *testing.T) {
	checkNothing(
		t, slurmAuthor.author(),
		"slurmstepd: error: *** STEP 77120.0 ON n1 CANCELLED AT 2026-05-02T10:00:00 DUE TO TIME LIMIT ***",
		"slurmstepd: error: Exceeded job memory limit at some point.",
		"slurmstepd: error: StepId=77120.0 exceeded memory limit (many > 16777216), being killed",
		"slurmstepd: error: StepId=../.. exceeded memory limit (2 > 1), being killed",
		"slurmstepd: error: StepId= exceeded memory limit (2 > 1), being killed",
		"[x] error: StepId=1.0 exceeded disk limit (2 > 1), being killed",
	)
	checkNothing(t, Author{}, "StepId=77120.0 exceeded memory limit (33554432 > 16777216), being killed")
}
