// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"regexp"
	"testing"

	"github.com/oomtrail/oomtrail/parser/report"
)

// statsOf reads all figures of a one-line stats line.
func statsOf(rest string) (stats []report.Stat, tail string) {
	for {
		v, next, ok := NextStat(rest)
		if !ok {
			return stats, rest
		}
		stats, rest = append(stats, v), next
	}
}

func TestParseStatsHead(t *testing.T) {
	for _, c := range []struct {
		name, line, path string
		hasPath          bool
		rest             string
	}{
		{"5.3", "Memory cgroup stats for /system.slice/app, weird=1.service:", "/system.slice/app, weird=1.service", true, ""},
		{"4.19", "Memory cgroup stats for /test: cache:4KB rss:-8KB", "/test", true, " cache:4KB rss:-8KB"},
		{"rhel7 no path", "Memory cgroup stats: cache:4KB", "", false, " cache:4KB"},
		{"no path, no figures", "Memory cgroup stats:", "", false, ""},
		{"k8s name with colons", "Memory cgroup stats for /kubepods.slice:cri-containerd:ab: cache:4KB", "/kubepods.slice:cri-containerd:ab", true, " cache:4KB"},
		{"name like a figure", "Memory cgroup stats for /a: cache:0KB: cache:4KB", "/a: cache:0KB", true, " cache:4KB"},
		{"name like a figure, 5.3", "Memory cgroup stats for /a: cache:0KB:", "/a: cache:0KB", true, ""},
		{"name with for", "Memory cgroup stats for /a for /b:", "/a for /b", true, ""},
		{"too long", "Memory cgroup stats for (name too long):", "", false, ""},
		{"too long 3.16", "Memory cgroup stats for <name too long>: cache:4KB", "", false, " cache:4KB"},
		{"cut in a figure", "Memory cgroup stats for /a: cache:4KB rss:12", "/a", true, " cache:4KB rss:12"},
		{"cut in a key", "Memory cgroup stats for /a: cache:4KB rs", "/a", true, " cache:4KB rs"},
	} {
		path, hasPath, rest, ok := ParseStatsHead(c.line)
		if !ok || path != c.path || hasPath != c.hasPath || rest != c.rest {
			t.Errorf("%s: ParseStatsHead(%q) = %q, %v, %q, %v, want %q, %v, %q", c.name, c.line, path, hasPath, rest, ok, c.path, c.hasPath, c.rest)
		}
	}
	for _, line := range []string{"", "Memory cgroup", "Memory cgroup stats are fine", "Memory cgroup stats of: a:1KB",
		"Memory cgroup stats for ", "Memory cgroup stats for /a/b", "Memory cgroup stats for /a: ca", "Memory cgroup stats for /a: cache:1"} {
		if path, _, _, ok := ParseStatsHead(line); ok {
			t.Errorf("ParseStatsHead(%q) = %q, want no", line, path)
		}
	}
}

func TestNextStat(t *testing.T) {
	stats, tail := statsOf(" cache:49632KB rss:-12KB rss_huge:0KB workingset_refault_vendor:4KB swap:1")
	want := []report.Stat{{Name: "cache", Value: 49632 * 1024, Key: report.StatCache, Known: true}, {Name: "rss", Value: -12 * 1024, Key: report.StatRSS, Known: true}, {Name: "rss_huge", Value: 0, Key: report.StatOther, Known: true}, {Name: "workingset_refault_vendor", Value: 4096, Key: report.StatOther, Known: false}}
	if len(stats) != len(want) || tail != " swap:1" {
		t.Fatalf("got %v and tail %q, want %v", stats, tail, want)
	}
	for i := range want {
		if stats[i] != want[i] {
			t.Errorf("figure %d: got %v, want %v", i, stats[i], want[i])
		}
	}
	for _, rest := range []string{"", " ", " cache", " cache:", " cache:1", " cache:1K", " cache:1KBx", " :1KB", " ca che:1KB", " cache:9223372036854775807KB"} {
		if v, tail, ok := NextStat(rest); ok || tail != rest {
			t.Errorf("NextStat(%q) = %v, %q, %v, want no and the tail untouched", rest, v, tail, ok)
		}
	}
}

func TestParseStat(t *testing.T) {
	oracle := regexp.MustCompile(`^[a-z0-9_]+ \d{1,20}$`)
	for _, line := range []string{"anon 4096", "anon 18446744073709551615", "file 0", "hierarchical_memory_limit 9223372036854771712", "thp_swpout_fallback 1", "total_rss 5"} {
		if v, ok := ParseStat(line); !ok || v.Name == "" {
			t.Errorf("ParseStat(%q) = %v, %v, want a figure", line, v, ok)
		}
	}
	for _, line := range []string{"", " ", "anon", "anon ", "anon -1", "anon 1kB", "anon  1", "Anon 1", " anon 1", "anon 1 2", "an-on 1", "9 9", "anon 18446744073709551615"} {
		if v, ok := ParseStat(line); ok != oracle.MatchString(line) {
			t.Errorf("ParseStat(%q) = %v, %v, want %v", line, v, ok, !ok)
		}
	}
	for line, want := range map[string]report.Stat{
		"pgfault 1187840": {Name: "pgfault", Value: 1187840, Key: report.StatOther, Known: true}, "anon 4096": {Name: "anon", Value: 4096, Key: report.StatAnon, Known: true}, "anew 123456789012": {Name: "anew", Value: 123456789012, Key: report.StatOther, Known: false},
		"x 1": {Name: "x", Value: 1, Key: report.StatOther, Known: false}, "slab 12345678": {Name: "slab", Value: 12345678, Key: report.StatSlab, Known: true}, "slab 1234567": {Name: "slab", Value: 1234567, Key: report.StatSlab, Known: true},
	} {
		if v, ok := ParseStat(line); !ok || v != want {
			t.Errorf("%s: got %v", line, v)
		}
	}
}
