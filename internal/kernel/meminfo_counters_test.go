// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"strings"
	"testing"
)

// TestCounters has the global counters of every form of section 4.3.
func TestCounters(t *testing.T) {
	for _, c := range []struct{ name, line, want string }{
		{"2.6.9 free", "Free pages:       12345kB (1024kB HighMem)", "Free pages=12345k"},
		{"2.6.9", "Active:1 inactive:2 dirty:3 writeback:4 unstable:5 free:6 slab:7 mapped:8 pagetables:9",
			"active=1p inactive=2p dirty=3p writeback=4p unstable=5p free=6p slab=7p mapped=8p pagetables=9p"},
		{"rhel5", "Active:1 inactive:2 dirty:3 writeback:4 unstable:5 free:6 slab:7 mapped-file:8 mapped-anon:9 pagetables:10",
			"active=1p inactive=2p dirty=3p writeback=4p unstable=5p free=6p slab=7p mapped-file=8p mapped-anon=9p pagetables=10p"},
		{"2.6.24 first", "Active:1 inactive:2 dirty:3 writeback:4 unstable:5", "active=1p inactive=2p dirty=3p writeback=4p unstable=5p"},
		{"2.6.24 second", " free:6 slab:7 mapped:8 pagetables:9 bounce:0", "free=6p slab=7p mapped=8p pagetables=9p bounce=0p"},
		{"2.6.28 first", "Active_anon:1 active_file:2 inactive_anon:3", "active_anon=1p active_file=2p inactive_anon=3p"},
		{"2.6.28 second", " inactive_file:4 unevictable:5 dirty:6 writeback:7 unstable:8",
			"inactive_file=4p unevictable=5p dirty=6p writeback=7p unstable=8p"},
		{"2.6.32 first", "active_anon:439000 inactive_anon:2100 isolated_anon:0", "active_anon=439000p inactive_anon=2100p isolated_anon=0p"},
		{"2.6.32 second", " active_file:310 inactive_file:295 isolated_file:0", "active_file=310p inactive_file=295p isolated_file=0p"},
		{"2.6.32 third", " unevictable:0 dirty:1 writeback:2 unstable:3", "unevictable=0p dirty=1p writeback=2p unstable=3p"},
		{"2.6.32 fourth", " free:13100 slab_reclaimable:4 slab_unreclaimable:5", "free=13100p slab_reclaimable=4p slab_unreclaimable=5p"},
		{"2.6.32 fifth", " mapped:1 shmem:2 pagetables:3 bounce:4", "mapped=1p shmem=2p pagetables=3p bounce=4p"},
		{"3.8 last", " free_cma:0", "free_cma=0p"},
		{"4.1 last", " free:13100 free_pcp:60 free_cma:0", "free=13100p free_pcp=60p free_cma=0p"},
		{"4.1 fourth", " slab_reclaimable:4400 slab_unreclaimable:6100", "slab_reclaimable=4400p slab_unreclaimable=6100p"},
		{"5.8 third", " unevictable:0 dirty:0 writeback:12", "unevictable=0p dirty=0p writeback=12p"},
		{"5.15 misc", " kernel_misc_reclaimable:0", "kernel_misc_reclaimable=0p"},
		{"6.1 fifth", " mapped:800 shmem:210 pagetables:4100", "mapped=800p shmem=210p pagetables=4100p"},
		{"6.1 sixth", " sec_pagetables:0 bounce:0", "sec_pagetables=0p bounce=0p"},
		{"without the blank", "active_file:310 inactive_file:295 isolated_file:0", "active_file=310p inactive_file=295p isolated_file=0p"},
		{"whole record", "active_anon:1 inactive_anon:2 isolated_anon:3\n active_file:4 inactive_file:5 isolated_file:6",
			"active_anon=1p inactive_anon=2p isolated_anon=3p active_file=4p inactive_file=5p isolated_file=6p"},
	} {
		if !IsCounters(c.line) {
			t.Errorf("%s: IsCounters(%q) = false", c.name, c.line)
		}
		if got, tail := pairsOf(c.line); got != c.want || strings.TrimSpace(tail) != "" && c.name != "2.6.9 free" {
			t.Errorf("%s: got %s, tail %q\nwant %s", c.name, got, tail, c.want)
		}
	}
	for _, line := range []string{"", " ", "active_anon", "active_anon:", "active_anon:x", "active_anon:1kB inactive_anon:2kB", "active_anon 1",
		"free: yes", "Node 0 active_anon:1kB", "memory: usage 1kB", "Free pages: 12", "free_pcp:1", "active_anon:1x"} {
		if IsCounters(line) {
			t.Errorf("IsCounters(%q) = true", line)
		}
	}
}

// A line that is cut anywhere gives only figures of the whole line, but for the very last one of
// it.
func TestWholeCounters(t *testing.T) {
	for line, want := range map[string]string{
		"active_anon:43 inactive_anon:210":                "active_anon=43p",
		"Active_anon:1 active_file:2 inactive_anon:30":    "active_anon=1p active_file=2p inactive_anon=30p",
		" unevictable:0 dirty:1 writeback:2 unst":         "unevictable=0p dirty=1p writeback=2p",
		" unevictable:0 dirty:1 writeback:2":              "unevictable=0p dirty=1p writeback=2p",
		" free:13100 slab_reclaimable:4":                  "free=13100p",
		" mapped:1 shmem:2":                               "mapped=1p",
		" mapped:1 shmem:2 pagetables:3":                  "mapped=1p shmem=2p pagetables=3p",
		"Free pages:       12345kB (1024kB HighMem)":      "Free pages=12345k",
		"active_anon:1":                                   "",
		"":                                                "",
		" ":                                               "",
		"active_anon:1 inactive_anon:2 isolated_anon:3\r": "active_anon=1p inactive_anon=2p isolated_anon=3p",
	} {
		if got, _ := pairsOf(WholeCounters(line)); got != want {
			t.Errorf("WholeCounters(%q): %s, want %s", line, got, want)
		}
	}
}
