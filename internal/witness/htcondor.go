// SPDX-License-Identifier: Apache-2.0

package witness

import (
	"strings"
	"time"

	"github.com/oomtrail/oomtrail/parser/report"
)

// HTCondor is the writer of what HTCondor's starter says, in its own log or in that of a job.
const HTCondor = "htcondor"

var htcondorProgram = program{
	name:  HTCondor,
	units: []string{"condor.service"},
	triggers: []string{
		"s gone o", // Job has gone over …
		"out-of-m", // … an out-of-memory event.
	},
	new: Func(readHTCondor).New,
}

var (
	htcondorNames  = []string{"condor_starter", "condor_shadow", "condor_schedd"}
	htcondorAuthor = daemon{names: htcondorNames, comms: htcondorNames}
)

// readHTCondor reads why the starter of a job stopped it (src/condor_starter.V6.1/vanilla_proc.cpp
// of HTCondor): the kernel killed in the job's cgroup. No line has what it could be joined by.
func readHTCondor(l *Line) (f Fact) {
	if !htcondorAuthor.may(l) {
		return f
	}
	msg := cutCondorHead(l.Text)
	f = Fact{Kind: Observation, Writer: HTCondor, Killer: Kernel}
	msg = strings.TrimPrefix(msg, "Job was held due to OOM event: ") // to 9
	if msg == "Job has encountered an out-of-memory event." {
		return f
	}
	for _, form := range [...]struct{ before, between, after string }{
		{"Job has gone over memory limit of ", " megabytes. Peak usage: ", " megabytes."}, // to 9
		{"Job has gone over cgroup memory limit of ", " megabytes. Last measured usage: ", " megabytes.  Consider resubmitting with a higher request_memory."},
	} {
		values, ok := between(msg, form.before, form.after)
		limit, used, cut := strings.Cut(values, form.between)
		max, ok1 := wholeNumber(limit)
		usage, ok2 := wholeNumber(used)
		if ok && cut && ok1 && ok2 && max < 1<<40 && usage < 1<<40 {
			f.Limit, f.Usage, f.Reason = report.Some(max*mib), report.Some(usage*mib), "limit"
			return f
		}
	}
	return Fact{}
}

// cutCondorHead cuts "05/02/26 10:00:01 (pid:4242) " of a daemon's log, or the indent of a job's.
func cutCondorHead(s string) string {
	s = strings.TrimSpace(s)
	const stamp = "01/02/06 15:04:05"
	if len(s) < len(stamp) {
		return s
	}
	if _, err := time.Parse(stamp, s[:len(stamp)]); err != nil {
		return s
	}
	s = strings.TrimLeft(s[len(stamp):], " ")
	if rest, ok := strings.CutPrefix(s, "(pid:"); ok {
		if _, rest, ok = cutNumber(rest); ok {
			return strings.TrimPrefix(rest, ") ")
		}
	}
	return s
}
