// SPDX-License-Identifier: Apache-2.0

package witness

import (
	"strings"
	"time"

	"github.com/oomtrail/oomtrail/parser/report"
)

// slurmProgram reads Slurm's own limit. slurmstepd polls what a step's processes use, and kills the
// step that uses more than it asked for (src/common/slurm_jobacct_gather.c). The line comes before
// the kill, in the job's output and in slurmd's log. The unit of its sizes depends on the version,
// which no line says: they are left out.
//
//	slurmstepd: error: Job N exceeded memory limit (N > N), being killed
//	slurmstepd: error: Step N.N exceeded memory limit (N > N), being killed
//	20.11+  slurmstepd: error: StepId=N.STEP exceeded memory limit (N > N), being killed
//
// "virtual memory limit" stands there where that was exceeded. In slurmd's log a time and the step
// in brackets stand before "error:".
var slurmProgram = program{name: "slurm", author: &slurmAuthor, triggers: []string{"), being"}, new: Func(readSlurm).New}

var slurmAuthor = daemon{
	names:      []string{"slurmstepd", "slurmd"},
	comms:      []string{"slurmstepd"},
	units:      []string{"slurmstepd.scope", "slurmd.service"},
	transports: []string{"syslog", "stdout"},
}

// slurmText returns what slurmstepd says in a line, and whether it may have written it.
func slurmText(l *Line) (text string, ok, verified bool) {
	text = strings.TrimRight(l.Text, " \r\n")
	own := *l
	if rest, ok := cutSlurmd(text); ok {
		if text = rest; own.At.Format == report.Dmesg { // which its "[TIME]" looks like
			own.At.Format = report.None
		}
	} else if rest, ok := strings.CutPrefix(text, "slurmstepd: error: "); ok {
		text = rest
	} else if l.Author.Program == "" {
		return "", false, false
	}
	ok, verified = slurmAuthor.wrote(&own)
	return strings.TrimPrefix(text, "error: "), ok, verified
}

func readSlurm(l *Line) Fact {
	text, ok, verified := slurmText(l)
	if !ok {
		return Fact{}
	}
	v := values{rest: text}
	f := Fact{
		Kind: Decision, Writer: "slurm", Outcome: OutcomeAnnounced, Hold: 5 * time.Second,
		Signal: sigkill, Reason: "limit", VictimKind: VictimJobStep, Verified: verified,
	}
	switch {
	case v.optional("StepId="), v.optional("Step "), v.optional("Job "), v.optional("JobId="):
	default:
		return Fact{}
	}
	f.Keys.SlurmStep = v.until(" exceeded ")
	v.optional("virtual ")
	v.word("memory limit (")
	v.number()
	v.word(" > ")
	v.number()
	v.word("), being killed")
	if !v.ends() || !isSlurmStep(f.Keys.SlurmStep) {
		return Fact{}
	}
	return f
}

// cutSlurmd cuts what slurmd's log puts before a step's error: "[TIME] [STEP] error: ". The format
// may have cut the time.
func cutSlurmd(text string) (rest string, ok bool) {
	before, rest, ok := strings.Cut(text, "] error: ")
	if !ok || before == "" || before[0] != '[' {
		return "", false
	}
	return rest, isSlurmStep(before[strings.LastIndexByte(before, '[')+1:])
}

// isSlurmStep reports whether s is a job or a step of it: "77120", "77120.0", "77120.batch",
// "77120_3.extern".
func isSlurmStep(s string) bool {
	for i := range len(s) {
		c := s[i]
		if c-'0' > 9 && (c|0x20 < 'a' || c|0x20 > 'z') && c != '.' && c != '_' && c != '+' {
			return false
		}
	}
	return s != "" && s[0]-'0' <= 9
}
