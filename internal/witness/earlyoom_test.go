// SPDX-License-Identifier: Apache-2.0

package witness

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/oomtrail/oomtrail/parser/report"
)

// earlyoomFact is a decision of earlyoom. A rss of -1 is not known.
func earlyoomFact(signal string, pid int64, comm string, rss int64) Fact {
	f := Fact{Kind: Decision, Outcome: OutcomeAnnounced, Hold: earlyoomHold, Reason: "low_memory", Signal: signal, Keys: pidOf(pid, comm)}
	if rss >= 0 {
		f.RSS = report.Some(rss * mib)
	}
	return f
}

func (f Fact) user(uid int64) Fact {
	f.UserID = report.Some(uid)
	return f
}

func (f Fact) scored(score int64, cmdline string) Fact {
	f.Score, f.CommandLine = report.Some(score), cmdline
	return f
}

func (f Fact) adjusted(adj int64) Fact {
	f.ScoreAdj = report.Some(adj)
	return f
}

func outcome(o string) Fact { return Fact{Kind: Outcome, Outcome: o} }

var earlyoomSamples = []sample{
	{"0.1 to 0.12", "Killing process 4410 (ruby2.5)", []Fact{earlyoomFact("SIGKILL", 4410, "ruby2.5", -1)}},
	{"1.0, whose name is another's", "Killing process 4410 ruby2.5", []Fact{earlyoomFact("SIGKILL", 4410, "", -1)}},
	{"1.1", "Killing process: tail, pid: 7378, badness: 156, VmRSS: 4962 MiB", []Fact{earlyoomFact("SIGKILL", 7378, "tail", -1)}},
	{"1.2", "Killing process 'a', pid: 1' with signal 15, pid: 7378, badness: 156, VmRSS: 4962 MiB", []Fact{earlyoomFact("SIGTERM", 7378, "a', pid: 1", 4962)}},
	{"1.3-rc1", `killing process 7378 "tail" with signal 9: badness 156, VmRSS 4962 MiB`, []Fact{earlyoomFact("SIGKILL", 7378, "tail", 4962)}},
	{"1.3", `sending SIGTERM to process 7378 "tail": badness 156, VmRSS 4962 MiB`, []Fact{earlyoomFact("SIGTERM", 7378, "tail", 4962)}},
	{"1.4 to 1.7", `sending SIGTERM to process 20417 uid 1000 "java": badness 902, VmRSS 11873 MiB`, []Fact{earlyoomFact("SIGTERM", 20417, "java", 11873).user(1000)}},
	{
		"1.7 from git", "sending SIGTERM to process 20417 uid 1000 \"java\": badness 902, VmRSS 11873 MiB\nprocess 20417 cmdline \"java -jar x\"",
		[]Fact{earlyoomFact("SIGTERM", 20417, "java", 11873).user(1000)},
	},
	{
		"1.8", `sending SIGKILL to process 4410 uid 0 "python3": oom_score 1201, VmRSS 30511 MiB, cmdline "python3 -c "a""`,
		[]Fact{earlyoomFact("SIGKILL", 4410, "python3", 30511).user(0).scored(1201, `python3 -c "a"`)},
	},
	{
		"1.9", `sending SIGKILL to process 4410 uid 0 "python3": oom_score 1201, oom_score_adj -100, VmRSS 30511 MiB, cmdline "python3 train.py --batch 4096"`,
		[]Fact{earlyoomFact("SIGKILL", 4410, "python3", 30511).user(0).scored(1201, "python3 train.py --batch 4096").adjusted(-100)},
	},
	{
		"a name and a command line that look like the line", `sending SIGTERM to process 12 uid 1000 "x": oom_score ": oom_score 700, oom_score_adj 0, VmRSS 5 MiB, cmdline "x": oom_score 1, oom_score_adj 1, VmRSS 1 MiB, cmdline ""`,
		[]Fact{earlyoomFact("SIGTERM", 12, `x": oom_score `, 5).user(1000).scored(700, `x": oom_score 1, oom_score_adj 1, VmRSS 1 MiB, cmdline "`).adjusted(0)},
	},
	{"a name with a newline", "sending SIGTERM to process 12 uid 1000 \"x\ny\": badness 1, VmRSS 5 MiB", []Fact{earlyoomFact("SIGTERM", 12, "", -1).user(1000)}},
	{
		"with what memory there was",
		"mem avail:   500 of  7950 MiB ( 6.29%), swap free:   10 of 1024 MiB ( 0.98%)\n" +
			`sending SIGTERM to process 20417 uid 1000 "java": badness 902, VmRSS 11873 MiB`,
		[]Fact{func() Fact {
			f := earlyoomFact("SIGTERM", 20417, "java", 11873).user(1000)
			f.Available, f.SwapUsed, f.SwapTotal = report.Some(500*mib), report.Some(1014*mib), report.Some(1024*mib)
			return f
		}()},
	},
	{
		"long after it said what memory there was",
		"mem avail:   500 of  7950 MiB ( 6.29%), swap free:   10 of 1024 MiB ( 0.98%)\n\n" +
			`sending SIGTERM to process 20417 uid 1000 "java": badness 902, VmRSS 11873 MiB`,
		[]Fact{earlyoomFact("SIGTERM", 20417, "java", 11873).user(1000)},
	},
	{
		"1.3 to 1.7, done", "sending SIGTERM to process 12 \"a\": badness 1, VmRSS 5 MiB\nescalating to SIGKILL after 0.1 seconds\nprocess exited after 0.3 seconds",
		[]Fact{earlyoomFact("SIGTERM", 12, "a", 5), {Kind: Outcome, Outcome: OutcomeEscalated, Signal: "SIGKILL"}, outcome(OutcomeDone)},
	},
	{
		"1.8 and later, done", "sending SIGTERM to process 12 uid 0 \"a\": oom_score 1, VmRSS 5 MiB, cmdline \"a\"\nprocess 12 exited after 0.412 seconds",
		[]Fact{earlyoomFact("SIGTERM", 12, "a", 5).user(0).scored(1, "a"), {Kind: Outcome, Outcome: OutcomeDone, Keys: pidOf(12, "")}},
	},
	{
		"1.8 and later, in vain", "sending SIGKILL to process 12 uid 0 \"a\": oom_score 1, VmRSS 5 MiB, cmdline \"a\"\nprocess 12 did not exit\nkill failed: Timer expired",
		[]Fact{earlyoomFact("SIGKILL", 12, "a", 5).user(0).scored(1, "a"), outcome(OutcomeFailed)},
	},
	{
		"1.5 and later, a dry run", "sending SIGTERM to process 12 uid 0 \"a\": badness 1, VmRSS 5 MiB\ndryrun, not actually sending any signal",
		[]Fact{earlyoomFact("SIGTERM", 12, "a", 5).user(0), outcome(OutcomeDryRun)},
	},
	{
		"1.2, in vain", "Killing process 'a' with signal 9, pid: 12, badness: 1, VmRSS: 5 MiB\nkill() failed: Operation not permitted. Sleeping 1 second",
		[]Fact{earlyoomFact("SIGKILL", 12, "a", 5), outcome(OutcomeFailed)},
	},
	{
		"1.1, in vain", "Killing process: a, pid: 12, badness: 1, VmRSS: 5 MiB\nuserspace_kill: kill() failed, sleeping 1 second: Operation not permitted",
		[]Fact{earlyoomFact("SIGKILL", 12, "a", -1), outcome(OutcomeFailed)},
	},
	{
		"1.0, in vain", "Killing process 12 (a)\nCould not kill process: Operation not permitted",
		[]Fact{earlyoomFact("SIGKILL", 12, "a", -1), outcome(OutcomeFailed)},
	},
}

func TestEarlyoom(t *testing.T) { checkDaemon(t, "earlyoom", &earlyoomAuthor, earlyoomSamples) }

func TestEarlyoomSaysNothing(t *testing.T) {
	checkNothing(
		t, earlyoomAuthor.author(),
		"earlyoom 1.7",
		"mem total: 7950 MiB, user mem total: 7600 MiB, swap total: 1024 MiB",
		"sending SIGTERM when mem avail <= 10.00% and swap free <= 10.00%,",
		"        SIGKILL when mem avail <=  5.00% and swap free <=  5.00%",
		"sending SIGTERM when mem <= 10.00% and swap <= 10.00%,",
		"mem avail:  5259 of  7950 MiB (66.15%), swap free: 1024 of 1024 MiB (100.00%)",
		"low memory! at or below SIGTERM limits: mem 10.00%, swap 10.00%",
		"Low Memory! At or below sigterm limits (mem: 10 %, swap: 10 %)",
		"Could not find a process to kill. Sleeping 1 second.",
		"killing whole process group 12 (-g flag is active)",
		"process 12 did not exit",
		"sending 0 (no-op signal) to process 12 uid 0 \"earlyoom\": badness 1, VmRSS 5 MiB",
		"sending SIGHUP to process 12 uid 0 \"a\": badness 1, VmRSS 5 MiB",
		"sending SIGTERM to process 0 uid 0 \"a\": badness 1, VmRSS 5 MiB",
		"sending SIGTERM to process -12 uid 0 \"a\": badness 1, VmRSS 5 MiB",
		"Killing process group",
		"Invoking oom killer: done",
	)
	// Words that others have too are earlyoom's only where the line says so.
	for _, line := range []string{"Killing process 4410 ruby2.5", "Killing process 4410 (ingest) with signal SIGKILL."} {
		checkNothing(t, Author{}, line)
	}
}

// TestEarlyoomAsItRan reads what versions of earlyoom wrote about one process of 300 MiB. They were
// built from their tags and ran in a pid namespace of their own, where that process was the
// largest. truth.tsv has its pid, its name, and the signal that wait(2) said it died of: "-" where
// it lived.
func TestEarlyoomAsItRan(t *testing.T) {
	truth, err := os.ReadFile(filepath.Join("testdata", "earlyoom", "truth.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	runs := 0
	for row := range strings.Lines(string(truth)) {
		column := strings.Split(strings.TrimSuffix(row, "\n"), "\t")
		version, name, signal := column[0], column[2], column[3]
		pid, _ := strconv.ParseInt(column[1], 10, 64)
		log, err := os.ReadFile(filepath.Join("testdata", "earlyoom", version+".log"))
		if err != nil {
			t.Fatal(err)
		}
		facts := factsOf(strings.TrimSpace(string(log)), earlyoomAuthor.author(), report.Stamp{})
		if len(facts) == 0 || facts[0].Kind != Decision {
			t.Errorf("%s: %+v", version, facts)
			continue
		}
		kill, died := facts[0], true
		for _, f := range facts[1:] {
			died = f.Kind == Outcome && f.Outcome == OutcomeDone
		}
		if died != (signal != "-") || died && kill.Signal != signal || kill.Keys.PID != pid {
			t.Errorf("%s: died %t of %s, pid %d, want %s, pid %d", version, died, kill.Signal, kill.Keys.PID, signal, pid)
		}
		if kill.Keys.Comm != name && (kill.Keys.Comm != "" || version != "1.0-kill") {
			t.Errorf("%s: name %q, want %q", version, kill.Keys.Comm, name)
		}
		if size := kill.RSS; size.OK && (size.V < 300*mib || size.V > 305*mib) {
			t.Errorf("%s: %d bytes, want 300 MiB", version, size.V)
		}
		runs++
	}
	if runs < 15 {
		t.Errorf("%d runs", runs)
	}
}
