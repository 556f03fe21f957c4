// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/oomtrail/oomtrail/parser/report"
)

// memoryLines has one line of each kind that memcg*.go, meminfo.go, zone.go, buddy.go, totals.go,
// allocprofile.go and slab.go read.
var memoryLines = []string{
	"Task in /a/b c killed as a result of limit of /a",
	"Task in /a/b c",
	" killed as a result of limit of /a",
	"Memory limit reached of cgroup /a",
	"memory: usage 65536kB, limit 65536kB, failcnt 19",
	"memory+swap: usage 0kB, limit 9007199254740988kB, failcnt 0",
	"Memory cgroup stats for /test: cache:49632KB rss:-1056KB rss_huge:0KB shmem:0KB inactive_anon:0KB unevictable:0KB",
	"Memory cgroup stats for /system.slice/app, weird=1.service:",
	"Memory cgroup stats: cache:4KB",
	"anon 4096",
	"Memory cgroup min protection 1024kB -- low protection 2048kB",
	"Mem-Info:",
	"active_anon:439000 inactive_anon:2100 isolated_anon:0",
	" unevictable:0 dirty:1 writeback:2 unstable:3",
	"Free pages:       12345kB (1024kB HighMem)",
	"Active:1 inactive:2 dirty:3 writeback:4 unstable:5 free:6 slab:7 mapped-file:8 mapped-anon:9 pagetables:10",
	"CPU    0: Hot: hi:  186, btch:  31 usd: 162   Cold: hi:   62, btch:  15 usd:  55",
	"Node 0 active_anon:1kB isolated(anon):6kB shmem_thp: 12kB unstable:16kB pages_scanned:17 all_unreclaimable? no Balloon:0kB",
	"Node 0 DMA free:764kB min:100kB low:124kB high:148kB reserved_highatomic:0KB free_pcp:0kB local_pcp:0kB free_cma:0kB",
	"lowmem_reserve[]: 0 1802 -1 1802",
	"protections[]: 0 0 0",
	wholeBuddy,
	"HighMem: empty",
	"Node 0 hugepages_total=0 hugepages_free=0 hugepages_surp=0 hugepages_size=2048kB",
	"2905 total pagecache pages",
	"Swap cache stats: add 1, delete 2, find 3/4",
	"Free swap  = 123kB",
	"482173 pages RAM",
	"Memory allocations:",
	"    16.0 MiB     4096 mm/slub.c:2304 [ext4] func:alloc_slab_page",
	"Unreclaimable slab info:",
	"kmalloc-8k                512KB        544KB",
}

// readAll gives s to every function that reads a line of the cgroup block or of Mem-Info, and
// returns what they say. A rest that does not get shorter fails the test.
func readAll(t testing.TB, s string) string {
	var b strings.Builder
	say := func(what string, v any, ok bool) {
		if ok {
			fmt.Fprintf(&b, "%s %+v\n", what, v)
		}
	}
	task, ok := ParseTaskIn(s)
	say("task", task, ok)
	counter, ok := ParseCounter(s)
	say("counter", counter, ok)
	path, hasPath, rest, ok := ParseStatsHead(s)
	say("stats", [...]any{path, hasPath}, ok)
	for stat, tail, ok := NextStat(rest); ok; stat, tail, ok = NextStat(rest) {
		mustShrink(t, rest, tail)
		say("figure", stat, true)
		rest = tail
	}
	stat, ok := ParseStat(s)
	say("stat", stat, ok)
	protection, ok := ParseProtection(s)
	say("protection", protection, ok)
	say("head", "", IsMemInfoHead(s))
	say("pageset", "", isPageset(s))
	if IsCounters(s) {
		sayPairs(t, say, s)
	}
	head, rest, ok := ParseNodeOrZone(s)
	say("zone", head, ok)
	sayPairs(t, say, rest)
	values, ok := ParseLowmemReserve(s, nil)
	say("reserve", values, ok)
	head, items, total, ok := ParseBuddy(s, nil)
	say("buddy", [...]any{head, items, total}, ok)
	huge, ok := ParseHugepages(s)
	say("hugepages", huge, ok)
	figure, ok := ParseTotal(s)
	say("total", [...]any{figure.Name, figure.Value}, ok)
	say("allocations", "", IsAllocationsHead(s))
	allocation, ok := ParseAllocation(s)
	say("allocation", allocation, ok)
	say("slab head", "", IsSlabHead(s))
	cache, ok := ParseSlabCache(s)
	say("slab", cache, ok)
	return b.String()
}

func sayPairs(t testing.TB, say func(string, any, bool), s string) {
	for v, tail, ok := NextPair(s); ok; v, tail, ok = NextPair(s) {
		mustShrink(t, s, tail)
		say("pair", v, true)
		s = tail
	}
}

func mustShrink(t testing.TB, s, tail string) {
	if len(tail) >= len(s) {
		t.Fatalf("%q left %q", s, tail)
	}
}

// Every line is read by one function at least, and a carriage return behind it changes nothing but
// names.
func TestEveryMemoryLineIsRead(t *testing.T) {
	for _, line := range memoryLines {
		said := readAll(t, line)
		if said == "" {
			t.Errorf("nobody reads %q", line)
		}
		if strings.Contains(line, " in /") || strings.HasSuffix(line, "of /a") || strings.HasPrefix(line, "Memory limit") {
			continue
		}
		if got := readAll(t, line+"\r"); got != said {
			t.Errorf("with a carriage return %q says\n%s, without\n%s", line, got, said)
		}
	}
}

// A cut line says no figure with a unit that the whole line does not say.
func TestCutMemoryLines(t *testing.T) {
	figure := regexp.MustCompile(`\d+[kK]B`)
	said := regexp.MustCompile(`Value:(\d+) Unit:1|(?:LimitKB|UsageKB):\{V:(\d+) OK:true`)
	for _, line := range memoryLines {
		whole := map[string]bool{}
		for _, f := range figure.FindAllString(line, -1) {
			whole[strings.TrimRight(f, "kKB")] = true
		}
		for n := range line {
			for _, m := range said.FindAllStringSubmatch(readAll(t, line[:n]), -1) {
				if v := m[1] + m[2]; !whole[v] {
					t.Fatalf("%q says %s", line[:n], v)
				}
			}
		}
	}
}

// FuzzMemoryLines gives any bytes to every reader of the cgroup block and Mem-Info, and compares
// with the patterns of the format's specification.
func FuzzMemoryLines(f *testing.F) {
	for _, line := range memoryLines {
		f.Add(line)
		f.Add(line[:len(line)*2/3])
	}
	for _, c := range zoneLines {
		f.Add(c.line)
	}
	for _, line := range []string{"anon 4096", "file 0", "a 12345678", "pgfault 123456789", "x y 1", "slab 00000000000000000001", "_ 9223372036854775808", "zswp 1 "} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, s string) {
		readAll(t, s)
		checkOracles(t, s)
		checkZone(t, s)
		checkStat(t, s)
	})
}

// checkStat holds a figure of memory.stat against what it says when it is read from its first byte
// to its last.
func checkStat(t *testing.T, s string) {
	line := trimEnd(s)
	n := keyLen(line)
	var value int64
	tail, ok := "-", n > 0 && n < len(line) && line[n] == ' '
	if ok {
		value, tail, ok = takeInt(line[n+1:])
		ok = ok && line[n+1] != '-'
	}
	ok = ok && tail == ""
	if v, got := ParseStat(s); got != ok || ok && (v.Name != line[:n] || v.Value != value || v.Key != StatNamed(line[:n])) {
		t.Errorf("%q says %+v, %v, byte by byte %q %d, %v", s, v, got, line[:max(n, 0)], value, ok)
	}
}

// checkZone holds the kind of a line about a node, zone or processor against what each of its
// readers says for itself.
func checkZone(t *testing.T, s string) {
	want := Other
	_, hugepages := ParseHugepages(s)
	_, _, _, buddy := ParseBuddy(s, nil)
	head, _, zone := ParseNodeOrZone(s)
	switch {
	case isPageset(s):
		want = Pageset
	case hugepages:
		want = HugepagesLine
	case buddy:
		want = Buddy
	case zone && head.Zone == "":
		want = NodeLine
	case zone:
		want = ZoneLine
	}
	got, r := Other, Reading{Kind: HugepagesLine}
	if hugepagesForm.read(&r, s) || zoneForm.read(&r, s) {
		got = r.Kind
	}
	if got != want {
		t.Errorf("%q is a line of %v, its readers say %v", s, got, want)
	}
}

// oracles are the patterns of the specification's appendix, each with the reader of the same line.
var oracles = []struct {
	pattern *regexp.Regexp
	reads   func(s string) bool
}{
	{regexp.MustCompile(`^(?:memory|memory\+swap|swap|kmem): usage \d{1,18}kB, limit \d{1,18}kB, failcnt \d{1,18}$`),
		func(s string) bool { v, ok := ParseCounter(s); return ok && v.Failcnt.OK }},
	{regexp.MustCompile(`^Memory cgroup stats(?: for .*?)?:(?: [a-z_]+:-?\d{1,15}KB)*$`),
		func(s string) bool { _, _, _, ok := ParseStatsHead(s); return ok }},
	{regexp.MustCompile(`^[a-z0-9_]+ \d{1,18}$`), func(s string) bool { _, ok := ParseStat(s); return ok }},
	{regexp.MustCompile(`^Task in /.* killed as a result of limit of /.*$`), func(s string) bool { _, ok := ParseTaskIn(s); return ok }},
	{regexp.MustCompile(`^(?:Node \d{1,18} )?(?:DMA32|DMA|Normal|HighMem|Movable|Device) free:\d+kB(?: boost:\d+kB)? min:\d+kB low:\d+kB high:\d+kB(?: [a-z_]+(?:\([a-z]+\))?\??:? ?(?:\d+(?:[kK]B)?|yes|no))*$`),
		func(s string) bool { _, _, ok := ParseNodeOrZone(s); return ok }},
	{regexp.MustCompile(`^(?:Node \d{1,18} )?(?:DMA32|DMA|Normal|HighMem|Movable|Device): (?:\d{1,18}\*\d{1,18}kB (?:\([A-Z]+\) )?)+= \d{1,18}kB$`),
		func(s string) bool { _, _, total, ok := ParseBuddy(s, nil); return ok && total.OK }},
	{regexp.MustCompile(`^ *\d{1,3}(?:\.\d{1,2})?(?: (?:[KMGTP]i)?B)? +\d{1,18} [^ :\[]+:\d{1,18} (?:\[[^ \]]+\] )?func:[^ ]+$`),
		func(s string) bool {
			_, ok := ParseAllocation(s)
			return ok || !regexp.MustCompile(`^ *\d+ |^ *[0-9.]+ (?:B|[KMGTP]iB) `).MatchString(s)
		}},
	{regexp.MustCompile(`^\S.{16,}? +\d{1,18}KB +\d{1,18}KB$`), func(s string) bool { _, ok := ParseSlabCache(s); return ok }},
}

// checkOracles fails where a pattern of the specification takes a line that its reader does not.
func checkOracles(t *testing.T, s string) {
	if strings.ContainsAny(s, "\n\r\t") {
		return
	}
	for _, o := range oracles {
		if o.pattern.MatchString(s) && !o.reads(s) {
			t.Errorf("%s matches %q, its reader does not", o.pattern, s)
		}
	}
}

// The readers give the figures that the pattern "kv" of the specification finds.
func TestPairsOracle(t *testing.T) {
	kv := regexp.MustCompile(`([A-Za-z_]+(?:\([a-z]+\))?)(?:: ?|\? )(\d+|yes|no)([kK]B)?`)
	for _, c := range zoneLines {
		if strings.HasPrefix(c.name, "cut") {
			continue
		}
		_, rest, _ := ParseNodeOrZone(c.line)
		var got, want []string
		for _, p := range pairSlice(rest) {
			got = append(got, fmt.Sprint(p.Name, p.Value, p.Unit))
		}
		for _, m := range kv.FindAllStringSubmatch(c.line, -1) {
			unit := report.UnitPages
			switch {
			case m[2] == "yes":
				m[2], unit = "1", report.UnitBool
			case m[2] == "no":
				m[2], unit = "0", report.UnitBool
			case m[3] != "":
				unit = report.UnitKB
			}
			want = append(want, fmt.Sprint(m[1], m[2], " ", unit))
		}
		if strings.Join(got, ";") != strings.Join(want, ";") {
			t.Errorf("%s:\ngot  %v\nwant %v", c.name, got, want)
		}
	}
}

func BenchmarkMemoryLines(b *testing.B) {
	var items [16]report.BuddyItem
	var reserve [8]int64
	for _, c := range []struct {
		name, line string
		read       func(s string)
	}{
		{"TaskIn", "Task in /docker/4304 killed as a result of limit of /docker/4304", func(s string) { ParseTaskIn(s) }},
		{"Counter", "memory: usage 65536kB, limit 65536kB, failcnt 19", func(s string) { ParseCounter(s) }},
		{"StatsLine", memoryLines[6], func(s string) {
			_, _, rest, ok := ParseStatsHead(s)
			for ok {
				_, rest, ok = NextStat(rest)
			}
		}},
		{"Stat", "workingset_refault_anon 1187840", func(s string) { ParseStat(s) }},
		{"Counters", "active_anon:439000 inactive_anon:2100 isolated_anon:0", func(s string) {
			for ok := IsCounters(s); ok; {
				_, s, ok = NextPair(s)
			}
		}},
		{"Zone", zoneLines[5].line, func(s string) {
			_, rest, ok := ParseNodeOrZone(s)
			for ok {
				_, rest, ok = NextPair(rest)
			}
		}},
		{"LowmemReserve", "lowmem_reserve[]: 0 1802 1802 1802", func(s string) { ParseLowmemReserve(s, reserve[:0]) }},
		{"Buddy", wholeBuddy, func(s string) { ParseBuddy(s, items[:0]) }},
		{"Hugepages", "Node 0 hugepages_total=0 hugepages_free=0 hugepages_surp=0 hugepages_size=2048kB", func(s string) { ParseHugepages(s) }},
		{"Total", "482173 pages RAM", func(s string) { ParseTotal(s) }},
		{"Allocation", "    16.0 MiB     4096 mm/slub.c:2304 [ext4] func:alloc_slab_page", func(s string) { ParseAllocation(s) }},
		{"SlabCache", "kmalloc-8k                512KB        544KB", func(s string) { ParseSlabCache(s) }},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(int64(len(c.line)))
			b.ReportAllocs()
			for range b.N {
				c.read(c.line)
			}
		})
	}
}
