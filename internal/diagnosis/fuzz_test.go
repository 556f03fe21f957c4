// SPDX-License-Identifier: Apache-2.0

package diagnosis_test

import (
	"strings"
	"testing"
	"unicode"

	"github.com/oomtrail/oomtrail/parser/report"
)

// FuzzDiagnosis checks that no log makes a diagnosis that breaks its bounds: texts under 1 KiB,
// printable, one sentence each, and none that a search for the kernel's words finds.
func FuzzDiagnosis(f *testing.F) {
	f.Add(cgroupReport("/system.slice/nginx.service", hogStats, hogRows...))
	f.Add(cgroupReport("/"+strings.Repeat("\xff", 900), "anon 0;file 0;shmem -1;kernel 99999999999999999", strings.Replace(hogRows[0], " app", " Killed process ", 1)))
	f.Add(hostReport(plainAllocation, slabCounters, zones+"\n"+swapless+"\nUnreclaimable slab info:\nName   Used  Total\n"+strings.Repeat("x", 300)+" 1KB 9223372036854775807KB", appRow))
	f.Add(hostReport("gfp_mask=0xdc0(GFP_KERNEL|__GFP_ZERO), order=3, oom_score_adj=0", smallCounters, zones, appRow))
	f.Add(strings.Replace(hostReport(plainAllocation, fullCounters, zones, appRow), "CONSTRAINT_NONE,nodemask=(null)", "CONSTRAINT_MEMORY_POLICY,nodemask=0-99,,7-", 1))
	name := strings.Repeat("name-", 100)
	names := func(report.Workload) report.Names {
		return report.Names{Namespace: name, Pod: name, Container: name, ComposeProject: name, ComposeService: name, JobName: name, TaskName: name, Machine: name}
	}
	f.Fuzz(func(t *testing.T, log string) {
		for _, d := range append(read(t, log), readNaming(t, log, names)...) {
			if n := len(d.Summary) + len(d.Advice); n >= 1024 || d.Summary == "" || d.Advice == "" {
				t.Errorf("%d bytes: %q %q", n, d.Summary, d.Advice)
			}
			for _, text := range []string{d.Summary, d.Advice} {
				for _, r := range text {
					if !unicode.IsPrint(r) {
						t.Errorf("%q is not printable", text)
					}
				}
				if !strings.HasSuffix(text, ".") || strings.Contains(text, "Killed process") || strings.Contains(text, "invoked oom-killer") {
					t.Errorf("%q", text)
				}
			}
		}
	})
}
