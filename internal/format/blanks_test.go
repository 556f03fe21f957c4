// SPDX-License-Identifier: Apache-2.0

package format

import (
	"testing"

	"github.com/oomtrail/oomtrail/parser/report"
)

// TestPadding: a space at the end of each line goes once a line has shown it, and a name's own
// stays.
func TestPadding(t *testing.T) {
	for _, c := range []struct{ in, want []string }{
		{[]string{"Task in /A killed as a result of limit of /A ", "row a "}, []string{"Task in /A killed as a result of limit of /A", "row a"}},
		{[]string{"Memory cgroup out of memory: Kill process 1 (java) score 854 or sacrifice child ", "a  "}, []string{"Memory cgroup out of memory: Kill process 1 (java) score 854 or sacrifice child", "a "}},
		{[]string{"a ", "java invoked oom-killer: gfp_mask=0x201da, order=0, oom_score_adj=0 ", "b "}, []string{"a ", "java invoked oom-killer: gfp_mask=0x201da, order=0, oom_score_adj=0", "b"}},
		{[]string{"Killed process 1 (java) total-vm:1kB, anon-rss:2kB, file-rss:3kB ", "b "}, []string{"Killed process 1 (java) total-vm:1kB, anon-rss:2kB, file-rss:3kB", "b"}},
		{[]string{"Task in /A killed as a result of limit of /B ", "[ 1] 0 1 1 1 1 0 a "}, []string{"Task in /A killed as a result of limit of /B ", "[ 1] 0 1 1 1 1 0 a "}},
		{[]string{"CPU: 0 UID: 1000 PID: 579 Comm: x) total-vm:1kB Not tainted 7.2.13 #1 PREEMPT(lazy)  Debian 7.2.13-1 ", "b "}, []string{"CPU: 0 UID: 1000 PID: 579 Comm: x) total-vm:1kB Not tainted 7.2.13 #1 PREEMPT(lazy)  Debian 7.2.13-1 ", "b "}},
		{[]string{"[ 1] 0 1 1 1 1 0 ) total-vm:1kB ", "b "}, []string{"[ 1] 0 1 1 1 1 0 ) total-vm:1kB ", "b "}},
	} {
		var in []string
		for _, line := range c.in {
			in = append(in, "[    1.000000] "+line)
		}
		for i, l := range decodeAll(report.Auto, in...) {
			if string(l.Text) != c.want[i] {
				t.Errorf("%q is read as %q, want %q", c.in[i], l.Text, c.want[i])
			}
		}
	}
}

// TestTabs: tabs between the columns are spaces, those of a name are its own.
func TestTabs(t *testing.T) {
	for in, want := range map[string]string{
		"[   6560]  1000  6560 \t2736  \t649\t57344    \t0         \t0 zsh":    "[   6560]  1000  6560  2736   649 57344     0          0 zsh",
		"[6560]\t1000\t6560\t2736\t649\t57344\t0\t-998\ta\tb":                  "[6560] 1000 6560 2736 649 57344 0 -998 a\tb",
		"[4242]  1000  4242   898879   127313  2678784    \t0         \t0 fox": "[4242]  1000  4242   898879   127313  2678784     0          0 fox",
		"[ 6560] 1000 6560 2736 649 1 2\t3\t4":                                 "[ 6560] 1000 6560 2736 649 1 2\t3\t4",
		"[ pid ]\tuid\ttgid\ttotal_vm":                                         "[ pid ] uid tgid total_vm",
		"[ 6560] 1000 6560 2736 649 57344 0 0 a\tb":                            "[ 6560] 1000 6560 2736 649 57344 0 0 a\tb",
		"[ 6560] 1000 6560 2736 649 57344 0 0 4\t5":                            "[ 6560] 1000 6560 2736 649 57344 0 0 4\t5",
		"Killed process 1 (a\tb)":                                              "Killed process 1 (a\tb)",
		"[<0>] x\ty":                                                           "[<0>] x\ty",
		"Free swap = 12kB":                                                     "Free swap  = 12kB",
		"Free swap  = 12kB":                                                    "Free swap  = 12kB",
		"Total swap = 12kB":                                                    "Total swap = 12kB",
	} {
		if got := decodeAll(report.Auto, "[    1.000000] "+in); len(got) != 1 || string(got[0].Text) != want {
			t.Errorf("%q is read as %q, want %q", in, texts(got), want)
		}
	}
}
