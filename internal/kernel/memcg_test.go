// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"regexp"
	"strings"
	"testing"
)

func TestParseTaskIn(t *testing.T) {
	both := func(task, limit string) TaskIn {
		return TaskIn{Task: task, HasTask: true, Limit: limit, HasLimit: true}
	}
	for _, c := range []struct {
		name, line string
		want       TaskIn
	}{
		{"3.10", "Task in /docker/4304 killed as a result of limit of /docker/4304", both("/docker/4304", "/docker/4304")},
		{"4.14 parent", "Task in /a/b/c killed as a result of limit of /a", both("/a/b/c", "/a")},
		{"4.20 root", "Task in /a killed as a result of limit of /", both("/a", "/")},
		{"both root", "Task in / killed as a result of limit of /", both("/", "/")},
		{"3.16 first half", "Task in /a/b", TaskIn{Task: "/a/b", HasTask: true}},
		{"3.16 second half", " killed as a result of limit of /a", TaskIn{Limit: "/a", HasLimit: true}},
		{"4.4 no victim", "Memory limit reached of cgroup /a b", TaskIn{Limit: "/a b", HasLimit: true}},
		{"4.4 too long", "Task in <name too long> killed as a result of limit of /a", TaskIn{Limit: "/a", HasLimit: true}},
		{"limit too long", "Task in /a killed as a result of limit of (name too long)", TaskIn{Task: "/a", HasTask: true}},
		{"error", "Task in (error) killed as a result of limit of (error)", TaskIn{}},
		{"error alone", "Memory limit reached of cgroup (error)", TaskIn{}},
		{"blanks and colons", "Task in /a: x/b, c killed as a result of limit of /a: x", both("/a: x/b, c", "/a: x")},
		{"words in the task's name", "Task in /ct/a killed as a result of limit of /ct/z killed as a result of limit of /ct",
			both("/ct/a killed as a result of limit of /ct/z", "/ct")},
		{"words in both names",
			"Task in /x killed as a result of limit of /y killed as a result of limit of /x killed as a result of limit of /y",
			both("/x killed as a result of limit of /y", "/x killed as a result of limit of /y")},
		{"two readings", "Task in /e killed as a result of limit of /c killed as a result of limit of /e killed as a result of limit of /c",
			both("/e killed as a result of limit of /c", "/e killed as a result of limit of /c")},
		{"neighbour's name", "Task in /ab killed as a result of limit of /a", TaskIn{Task: "/ab", HasTask: true}},
		{"cut in the limit", "Task in /docker/4304 killed as a result of limit of /docker/43", TaskIn{Task: "/docker/4304", HasTask: true}},
		{"words in the name of 3.16's first half", "Task in /x/y killed as a result of limit of z", TaskIn{Task: "/x/y killed as a result of limit of z", HasTask: true}},
		{"cut in the words", "Task in /docker/4304 killed as a res", TaskIn{}},
		{"cut after the words", "Task in /docker/4304 killed as a result of limit of ", TaskIn{Task: "/docker/4304", HasTask: true}},
	} {
		got, ok := ParseTaskIn(c.line)
		if !ok || got != c.want {
			t.Errorf("%s: ParseTaskIn(%q) = %+v, %v, want %+v", c.name, c.line, got, ok, c.want)
		}
	}
	for _, line := range []string{"", "Task in ", "Task in progress", "Tasks in /a are going to be killed due to memory.oom.group set",
		"killed as a result of limit of /a", " killed as a result of limit of ", "Memory limit reached of cgroup ", "Memory limit reached"} {
		if got, ok := ParseTaskIn(line); ok {
			t.Errorf("ParseTaskIn(%q) = %+v, want no", line, got)
		}
	}
}

// Of two readings that both can be true none is taken.
func TestParseTaskInAmbiguous(t *testing.T) {
	const words = " killed as a result of limit of "
	line := "Task in /c/e" + words + "/c" + words + "/c/e" + words + "/c"
	if got, ok := ParseTaskIn(line); !ok || got != (TaskIn{}) {
		t.Errorf("ParseTaskIn(%q) = %+v, %v, want neither path", line, got, ok)
	}
}

// A line longer than any path is refused rather than searched for all its readings.
func TestParseTaskInTooLong(t *testing.T) {
	line := "Task in /" + strings.Repeat(" killed as a result of limit of /", 40000)
	if got, ok := ParseTaskIn(line); ok {
		t.Errorf("got %d bytes of task", len(got.Task))
	}
}

func TestParseCounter(t *testing.T) {
	for _, c := range []struct {
		line string
		want Counter
	}{
		{"memory: usage 65536kB, limit 65536kB, failcnt 19", Counter{Name: CounterMemory, UsageKB: Some(65536), LimitKB: Some(65536), Failcnt: Some(19)}},
		{"memory+swap: usage 0kB, limit 9007199254740988kB, failcnt 0", Counter{Name: CounterMemsw, UsageKB: Some(0), LimitKB: Int{}, Failcnt: Some(0)}},
		{"memory+swap: usage 1024kB, limit 2048kB, failcnt 7", Counter{Name: CounterMemsw, UsageKB: Some(1024), LimitKB: Some(2048), Failcnt: Some(7)}},
		{"kmem: usage 12kB, limit 18014398509481983kB, failcnt 0", Counter{Name: CounterKmem, UsageKB: Some(12), LimitKB: Int{}, Failcnt: Some(0)}},
		{"kmem: usage 12kB, limit 9007199254740991kB, failcnt 0", Counter{Name: CounterKmem, UsageKB: Some(12), LimitKB: Int{}, Failcnt: Some(0)}},
		{"memory: usage 12kB, limit 9007199254740976kB, failcnt 0", Counter{Name: CounterMemory, UsageKB: Some(12), LimitKB: Int{}, Failcnt: Some(0)}},
		{"memory: usage 12kB, limit 9007199254740928kB, failcnt 0", Counter{Name: CounterMemory, UsageKB: Some(12), LimitKB: Int{}, Failcnt: Some(0)}},
		{"memory: usage 12kB, limit 8589934588kB, failcnt 0", Counter{Name: CounterMemory, UsageKB: Some(12), LimitKB: Int{}, Failcnt: Some(0)}},
		{"memory: usage 12kB, limit 9007199254740927kB, failcnt 0", Counter{Name: CounterMemory, UsageKB: Some(12), LimitKB: Some(9007199254740927), Failcnt: Some(0)}},
		{"swap: usage 0kB, limit 0kB, failcnt 18446744073709551", Counter{Name: CounterSwap, UsageKB: Some(0), LimitKB: Some(0), Failcnt: Some(18446744073709551)}},
		{"swap: usage 0kB, limit 0kB, failcnt 0\r", Counter{Name: CounterSwap, UsageKB: Some(0), LimitKB: Some(0), Failcnt: Some(0)}},
		{"memory: usage -1kB, limit 0kB, failcnt 0", Counter{Name: CounterMemory, UsageKB: Int{}, LimitKB: Some(0), Failcnt: Some(0)}},
		{"memory: usage 18446744073709551612kB, limit 18446744073709551612kB, failcnt 18446744073709551615", Counter{Name: CounterMemory}},
		{"memory: usage 65536kB, limit 65536k", Counter{Name: CounterMemory, UsageKB: Some(65536), LimitKB: Int{}, Failcnt: Int{}}},
		{"memory: usage 65536kB, limit 65536kB, failcnt", Counter{Name: CounterMemory, UsageKB: Some(65536), LimitKB: Some(65536), Failcnt: Int{}}},
		{"memory: usage 65536kB, limit 65536kB, failcnt x", Counter{Name: CounterMemory, UsageKB: Some(65536), LimitKB: Some(65536), Failcnt: Int{}}},
	} {
		if got, ok := ParseCounter(c.line); !ok || got != c.want {
			t.Errorf("ParseCounter(%q) = %+v, %v, want %+v", c.line, got, ok, c.want)
		}
	}
	for _, line := range []string{"", "memory: usage", "memory: usage 12", "memory: usage 12k",
		"disk: usage 12kB, limit 0kB, failcnt 0", "memory: usage 99999999999999999999kB", "x memory: usage 1kB, limit 1kB, failcnt 1"} {
		if got, ok := ParseCounter(line); ok {
			t.Errorf("ParseCounter(%q) = %+v, want no", line, got)
		}
	}
}

func TestParseProtection(t *testing.T) {
	got, ok := ParseProtection("Memory cgroup min protection 1024kB -- low protection 0kB")
	if want := (Protection{MinKB: 1024}); !ok || got != want {
		t.Errorf("got %+v, %v, want %+v", got, ok, want)
	}
	for _, line := range []string{"Memory cgroup min protection 1024kB -- low protection 0k", "Memory cgroup min protection 1024",
		"Memory cgroup min protection kB -- low protection 0kB", ""} {
		if got, ok := ParseProtection(line); ok {
			t.Errorf("ParseProtection(%q) = %+v, want no", line, got)
		}
	}
}

// statsOf reads all figures of a one-line stats line.
func statsOf(rest string) (stats []Stat, tail string) {
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
	want := []Stat{{Name: "cache", Value: 49632 * 1024, Key: StatCache, Known: true}, {Name: "rss", Value: -12 * 1024, Key: StatRSS, Known: true}, {Name: "rss_huge", Value: 0, Key: StatOther, Known: true}, {Name: "workingset_refault_vendor", Value: 4096, Key: StatOther, Known: false}}
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
	for line, want := range map[string]Stat{
		"pgfault 1187840": {Name: "pgfault", Value: 1187840, Key: StatOther, Known: true}, "anon 4096": {Name: "anon", Value: 4096, Key: StatAnon, Known: true}, "anew 123456789012": {Name: "anew", Value: 123456789012, Key: StatOther, Known: false},
		"x 1": {Name: "x", Value: 1, Key: StatOther, Known: false}, "slab 12345678": {Name: "slab", Value: 12345678, Key: StatSlab, Known: true}, "slab 1234567": {Name: "slab", Value: 1234567, Key: StatSlab, Known: true},
	} {
		if v, ok := ParseStat(line); !ok || v != want {
			t.Errorf("%s: got %v", line, v)
		}
	}
}
