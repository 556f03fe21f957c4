// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"strings"
	"testing"
)

// wordLines are lines of each kind that is told by words, and pieces of them.
func wordLines() []string {
	return []string{
		"oom_kill_process: 17 callbacks suppressed", "printk: 3 messages suppressed.",
		"java: page allocation failure: order:4, mode:0x40dc0", "java: page allocation stalls for 10000ms, order:0", "x: vmalloc: allocation failure: 12 bytes",
		"x: vmalloc error: size 4096", "SLUB: Unable to allocate memory on node -1", "sysrq: Show Memory", "SysRq : Show Memory", "__ratelimit: 4 callbacks suppressed",
	}
}

// TestHasWordsMissesNothing: no line that has a kind by its words is passed over, whatever stands
// around it.
func TestHasWordsMissesNothing(t *testing.T) {
	for _, line := range wordLines() {
		if !new(Reading).classifyByWords(line) {
			t.Errorf("%q has no kind: this shows nothing", line)
		}
		for n := range 24 {
			checkWords(t, line+strings.Repeat("x", n))
			checkWords(t, strings.Repeat("y", n)+line)
			checkWords(t, line[min(n, len(line)):])
		}
	}
}

func checkWords(t *testing.T, s string) {
	t.Helper()
	if r := new(Reading); r.classifyByWords(s) && !hasWords(s) {
		t.Errorf("%q is %v, and has no word", s, r.Kind)
	}
}

func FuzzHasWords(f *testing.F) {
	for _, line := range wordLines() {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, s string) {
		checkWords(t, s)
		const words = "oom-killer"
		if got, want := mayInvoke(s), strings.Contains(s[:min(len(s), longestComm+len(" invoked ")+len(words))], words); got != want {
			t.Errorf("%q: %v", s, got)
		}
	})
}
