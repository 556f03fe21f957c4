// SPDX-License-Identifier: Apache-2.0

package kernel

import "testing"

func TestParseSuppressed(t *testing.T) {
	for _, c := range []struct {
		line string
		want Suppressed
		oom  bool
		kind Kind
	}{
		{"oom_kill_process: 17 callbacks suppressed", Suppressed{"oom_kill_process", 17}, true, SuppressedLine},
		{"__ratelimit: 3 callbacks suppressed", Suppressed{"__ratelimit", 3}, false, SuppressedLine},
		{"printk: 5 messages suppressed.", Suppressed{"printk", 5}, false, SuppressedLine},
		{"warn_alloc: 1 callbacks suppressed", Suppressed{"warn_alloc", 1}, false, SuppressedLine},
		{"net_ratelimit: 34 callbacks suppressed", Suppressed{"net_ratelimit", 34}, false, Other},
	} {
		got, ok := ParseSuppressed(c.line)
		if !ok || got != c.want || got.OfOOM() != c.oom {
			t.Errorf("%q: got %+v %v", c.line, got, ok)
		}
		if kind := Classify(c.line); kind != c.kind {
			t.Errorf("%q is %v", c.line, kind)
		}
	}
	for _, line := range []string{"", ": 1 callbacks suppressed", "x: callbacks suppressed", "net: 5 messages suppressed.", "oom kill: 1 callbacks suppressed",
		"systemd-journald: 5 output lines suppressed due to ratelimiting"} {
		if got, ok := ParseSuppressed(line); ok {
			t.Errorf("%q: got %+v", line, got)
		}
	}
}
