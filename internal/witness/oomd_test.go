// SPDX-License-Identifier: Apache-2.0

package witness

import (
	"testing"

	"github.com/oomtrail/oomtrail/parser/report"
)

// kmsgOf is a record of /dev/kmsg whose facility says that a user process wrote it.
func kmsgOf(o report.Origin) report.Stamp { return report.Stamp{Format: report.Kmsg, Origin: o} }

var oomdSamples = []sample{
	{
		"0.2 and later", "oomd kill: 61.20 44.05 17.90 workload.slice/batch-12.service 8589934592 ruleset:[memory pressure] detectorgroup:[pressure above 60] killer:kill_by_pg_scan v2",
		[]Fact{oomdFact("/workload.slice/batch-12.service", 8589934592)},
	},
	{
		"0.1", "oomd kill: 10.00 60.00 600.00 workload.slice/x  1999 detector:swap,12345MB killer:kill_by_size",
		[]Fact{oomdFact("/workload.slice/x", 1999)},
	},
	{
		"a cgroup with blanks", "oomd kill: 61.20 44.05 17.90 a b 12 ruleset:[x] killer: 5 ruleset:[r] detectorgroup:[d] killer:kill_by_pg_scan v2",
		[]Fact{oomdFact("/a b", 12)},
	},
	{
		"a dry run", "oomd kill: 61.20 44.05 17.90 a.slice/b 5 ruleset:[r] detectorgroup:[d] killer:(dry)kill_by_pg_scan v2",
		[]Fact{func() Fact {
			f := oomdFact("/a.slice/b", 5)
			f.Kind, f.Outcome, f.Signal = Decision, OutcomeDryRun, ""
			return f
		}()},
	},
}

func oomdFact(cgroup string, usage int64) Fact {
	return Fact{
		Kind: Kill, Outcome: OutcomeDone, Signal: "SIGKILL", VictimKind: VictimCgroup, Reason: "rule",
		Usage: report.Some(usage), Keys: Keys{Cgroup: cgroup},
	}
}

// TestOomd: oomd writes with facility 1. What has facility 0 is the kernel's, which has no such
// words.
func TestOomd(t *testing.T) {
	checkSamples(t, "oomd", Author{}, kmsgOf(report.OriginUser), oomdSamples)
	checkSamples(t, "oomd", Author{Program: "kernel", Transport: "kernel", Trusted: true}, report.Stamp{Origin: report.OriginUser}, oomdSamples)
	for _, s := range oomdSamples {
		if got := factsOf(s.text, Author{}, kmsgOf(report.OriginKernel)); len(got) > 0 {
			t.Errorf("%s, by the kernel: %+v", s.version, got)
		}
		if got := factsOf(s.text, Author{Program: "cat"}, report.Stamp{}); len(got) > 0 {
			t.Errorf("%s, by another program: %+v", s.version, got)
		}
	}
}

func TestOomdSaysNothing(t *testing.T) {
	checkNothing(
		t, Author{Program: "oomd"},
		"oomd kill: ",
		"oomd kill: 1.00 2.00 3.00",
		"oomd kill: a b c d 5 ruleset:[r] detectorgroup:[d] killer:k v2",
		"oomd kill: 1.00 2.00 3.00 / 5 ruleset:[r] detectorgroup:[d] killer:k v2",
		"oomd kill: 1.00 2.00 3.00 a.slice five ruleset:[r] detectorgroup:[d] killer:k v2",
		"oomd kill: 1.00 2.00 3.00 a.slice 5 ruleset:[r] detectorgroup:[d]",
		"[Log.cpp:114] 50.85 49.35 30.53 a.slice 6905962496 ruleset:[r] detectorgroup:[d] killer:k v2",
		"systemd-oomd killed 5 process(es) in this unit.",
	)
}
