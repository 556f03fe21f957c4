// SPDX-License-Identifier: Apache-2.0

package witness

import (
	"strings"

	"github.com/oomtrail/oomtrail/parser/report"
)

// Slurmstepd is the writer of what Slurm's step daemon says of the kernel's kills, in slurmd's log
// and in the output of the job.
const Slurmstepd = "slurmstepd"

var slurmStepProgram = program{
	name: Slurmstepd, author: &slurmAuthor, triggers: []string{"oom_kill", "oom-kill"},
	new: Func(readSlurmStep).New,
}

// readSlurmStep reads how many kills the kernel's counter has in the cgroup of a step
// (src/plugins/task/cgroup/task_cgroup_memory.c of Slurm, 18.08+). The older "Exceeded step memory
// limit at some point." is no kill, and srun's "task 0: Out Of Memory" says the same again.
func readSlurmStep(l *Line) (f Fact) {
	text, ok, verified := slurmText(l)
	msg, detected := strings.CutPrefix(text, "Detected ")
	n, msg, number := cutNumber(msg)
	if !ok || !detected || !number || n == 0 {
		return f
	}
	for _, word := range [...]string{" oom_kill events in ", " oom_kill event in ", " oom-kill event(s) in "} {
		rest, ok := strings.CutPrefix(msg, word)
		if !ok {
			continue
		}
		i := strings.Index(rest, ". ")
		if i < 0 {
			i = len(strings.TrimSuffix(rest, "."))
		}
		switch rest[i:] {
		case "", ".",
			". Some of your processes may have been killed by the cgroup out-of-memory handler.",
			". Some of the step tasks have been OOM Killed.":
		default:
			return f
		}
		step := strings.TrimSuffix(rest[:i], " cgroup")
		step = strings.TrimPrefix(strings.TrimPrefix(step, "step "), "StepId=") // 18.08 to 20.02; 20.11+
		if !isSlurmStep(step) || !strings.Contains(step, ".") {
			return f
		}
		f = Fact{Kind: Observation, Writer: Slurmstepd, Killer: Kernel, VictimKind: VictimJobStep, Observed: report.Some(n), Verified: verified}
		f.Keys.SlurmStep = step
		return f
	}
	return f
}
