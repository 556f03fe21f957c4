// SPDX-License-Identifier: Apache-2.0

package diagnosis

import (
	"strings"
)

// The findings about the log itself, and about the allocation.
var (
	restrictedAllocation = cause{
		name: "restricted_allocation", meaning: "the allocation could not wait for file systems or disks to free memory",
		finding: func(f *Finding, p phrase) string { return p.meaning + " (" + p.label + ")" },
	}
	repeatedKills = cause{
		name: "repeated_kills", meaning: "the log shows several kills of this cgroup",
		finding: func(f *Finding, p phrase) string {
			return p.value("kills") + " kills of this cgroup are in the log so far"
		},
	}
	rateLimited = cause{
		name: "rate_limited", meaning: "the kernel rate-limited its log: reports are missing",
		finding: func(f *Finding, p phrase) string {
			if !p.has("suppressed") {
				return p.meaning
			}
			return "the kernel rate-limited its log: " + p.value("suppressed") + " reports are missing"
		},
	}
)

// findLog finds what the log itself is about: repetition, suppression, and an allocation that was
// tied.
func (c *analysis) findLog() {
	if c.kills > 1 {
		f := c.add(RepeatedKills, Certain)
		f.number("kills", int64(c.kills))
	}
	if c.r.HeldBack || c.r.Suppressed.V > 0 {
		f := c.add(RateLimited, Likely)
		if c.r.Suppressed.OK {
			f.Confidence = Certain
			f.number("suppressed", c.r.Suppressed.V)
		}
	}
	if names := c.r.Invocation.GFP.Names; names != "" && c.found[0].Cause != Sysrq {
		for _, tied := range [...]string{"GFP_ATOMIC", "GFP_NOWAIT", "GFP_NOIO", "GFP_NOFS"} {
			if strings.HasPrefix(names, tied) {
				f := c.add(RestrictedAllocation, Certain)
				f.Label = tied
				break
			}
		}
	}
}
