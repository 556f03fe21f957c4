// SPDX-License-Identifier: Apache-2.0

package witness

import (
	"strings"
	"testing"

	"github.com/oomtrail/oomtrail/parser/report"
)

// FuzzKillers: no text makes a reader panic, and the pieces of a fact are pieces of the text.
func FuzzKillers(f *testing.F) {
	for _, samples := range [][]sample{systemdOomdSamples, earlyoomSamples, nohangSamples, oomdSamples, talosSamples, lowmemorykillerSamples, lmkdSamples, slurmSamples, pm2Samples} {
		for _, s := range samples {
			f.Add(s.text, "")
			f.Add(s.text, "slurmstepd")
			f.Add(s.text, "earlyoom")
		}
	}
	f.Fuzz(func(t *testing.T, text, program string) {
		for _, fact := range factsOf(text, Author{Program: program}, report.Stamp{}) {
			if fact.Verified {
				t.Errorf("%q is verified", text)
			}
			for _, s := range []string{fact.Keys.Comm, fact.CommandLine, fact.Pressure.Cgroup, fact.Keys.SlurmStep} {
				if !strings.Contains(strings.ReplaceAll(text, "⏎", "\n"), s) {
					t.Errorf("%q is no part of %q", s, text)
				}
			}
			if len(fact.Keys.Comm) > maxComm && fact.Writer != "lmkd" && fact.Writer != "nohang" {
				t.Errorf("%q is longer than a name", fact.Keys.Comm)
			}
		}
	})
}
