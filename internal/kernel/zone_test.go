// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"slices"
	"testing"

	"github.com/oomtrail/oomtrail/parser/report"
)

// zoneLines has one node or zone line of each form of sections 4.4 and 4.5.
var zoneLines = []struct{ name, line, head, pairs string }{
	{"2.6.9", "DMA free:7640kB min:20kB low:40kB high:60kB active:0kB inactive:0kB present:16384kB", "DMA",
		"free=7640k min=20k low=40k high=60k active=0k inactive=0k present=16384k"},
	{"2.6.18", "Node 0 Normal free:764kB min:380kB low:472kB high:568kB active:690kB inactive:10kB present:15992kB pages_scanned:12 all_unreclaimable? yes",
		"0 Normal", "free=764k min=380k low=472k high=568k active=690k inactive=10k present=15992k pages_scanned=12p all_unreclaimable=1b"},
	{"2.6.28", "Node 1 DMA32 free:1kB min:2kB low:3kB high:4kB active_anon:5kB inactive_anon:6kB active_file:7kB inactive_file:8kB unevictable:9kB present:10kB pages_scanned:0 all_unreclaimable? no",
		"1 DMA32", "free=1k min=2k low=3k high=4k active_anon=5k inactive_anon=6k active_file=7k inactive_file=8k unevictable=9k present=10k pages_scanned=0p all_unreclaimable=0b"},
	{"2.6.32", "HighMem free:1kB min:2kB low:3kB high:4kB active_anon:5kB inactive_anon:6kB active_file:7kB inactive_file:8kB unevictable:9kB isolated(anon):10kB isolated(file):11kB present:12kB mlocked:13kB dirty:14kB writeback:15kB mapped:16kB shmem:17kB slab_reclaimable:18kB slab_unreclaimable:19kB kernel_stack:20kB pagetables:21kB unstable:22kB bounce:23kB writeback_tmp:24kB pages_scanned:25 all_unreclaimable? no",
		"HighMem", "free=1k min=2k low=3k high=4k active_anon=5k inactive_anon=6k active_file=7k inactive_file=8k unevictable=9k isolated(anon)=10k isolated(file)=11k present=12k mlocked=13k dirty=14k writeback=15k mapped=16k shmem=17k slab_reclaimable=18k slab_unreclaimable=19k kernel_stack=20k pagetables=21k unstable=22k bounce=23k writeback_tmp=24k pages_scanned=25p all_unreclaimable=0b"},
	{"4.8 node", "Node 0 active_anon:1kB inactive_anon:2kB active_file:3kB inactive_file:4kB unevictable:5kB isolated(anon):6kB isolated(file):7kB mapped:8kB dirty:9kB writeback:10kB shmem:11kB shmem_thp: 12kB shmem_pmdmapped: 13kB anon_thp: 14kB writeback_tmp:15kB unstable:16kB pages_scanned:17 all_unreclaimable? no",
		"0 ", "active_anon=1k inactive_anon=2k active_file=3k inactive_file=4k unevictable=5k isolated(anon)=6k isolated(file)=7k mapped=8k dirty=9k writeback=10k shmem=11k shmem_thp=12k shmem_pmdmapped=13k anon_thp=14k writeback_tmp=15k unstable=16k pages_scanned=17p all_unreclaimable=0b"},
	{"5.10 zone", "Node 0 DMA free:764kB min:100kB low:124kB high:148kB reserved_highatomic:0KB active_anon:0kB inactive_anon:14976kB active_file:0kB inactive_file:0kB unevictable:0kB writepending:0kB present:15992kB managed:15908kB mlocked:0kB pagetables:28kB bounce:0kB free_pcp:0kB local_pcp:0kB free_cma:0kB",
		"0 DMA", "free=764k min=100k low=124k high=148k reserved_highatomic=0k active_anon=0k inactive_anon=14976k active_file=0k inactive_file=0k unevictable=0k writepending=0k present=15992k managed=15908k mlocked=0k pagetables=28k bounce=0k free_pcp=0k local_pcp=0k free_cma=0k"},
	{"6.17 node", "Node 12 active_anon:1kB shmem_thp:2kB kernel_stack:3kB pagetables:4kB sec_pagetables:5kB all_unreclaimable? yes Balloon:6kB",
		"12 ", "active_anon=1k shmem_thp=2k kernel_stack=3k pagetables=4k sec_pagetables=5k all_unreclaimable=1b Balloon=6k"},
	{"6.18 zone", "Node 0 Movable free:1kB boost:2kB min:3kB low:4kB high:5kB reserved_highatomic:6KB free_highatomic:7KB active_anon:8kB writepending:9kB zspages:10kB present:11kB free_cma:12kB",
		"0 Movable", "free=1k boost=2k min=3k low=4k high=5k reserved_highatomic=6k free_highatomic=7k active_anon=8k writepending=9k zspages=10k present=11k free_cma=12k"},
	{"7.1 node", "Node 0 active_anon:1kB all_unreclaimable? no Balloon:0kB gpu_active:2kB gpu_reclaim:3kB",
		"0 ", "active_anon=1k all_unreclaimable=0b Balloon=0k gpu_active=2k gpu_reclaim=3k"},
	{"device", "Node 0 Device free:0kB min:0kB", "0 Device", "free=0k min=0k"},
	{"torn off its node", " DMA free:1kB min:2kB", "DMA", "free=1k min=2k"},
	{"cut in a number", "Node 0 DMA free:764kB min:10", "0 DMA", "free=764k"},
	{"cut in a unit", "Node 0 DMA free:764kB min:100k", "0 DMA", "free=764k"},
	{"cut behind a blank", "Node 0 active_anon:764kB shmem_thp: 10", "0 ", "active_anon=764k"},
	{"cut in pages_scanned", "Node 0 DMA free:764kB pages_scanned:1", "0 DMA", "free=764k"},
	{"cut in the first", "Node 0 active_anon:7", "0 ", ""},
}

// headText renders a head as "node zone".
func headText(v NodeOrZone) string {
	if !v.Node.OK {
		return v.Zone
	}
	return string(appendNumber(nil, v.Node.V)) + " " + v.Zone
}

func appendNumber(b []byte, n int64) []byte {
	if n >= 10 {
		b = appendNumber(b, n/10)
	}
	return append(b, byte('0'+n%10))
}

func TestParseNodeOrZone(t *testing.T) {
	for _, c := range zoneLines {
		head, rest, ok := ParseNodeOrZone(c.line)
		if !ok || headText(head) != c.head {
			t.Errorf("%s: head %q, %v, want %q", c.name, headText(head), ok, c.head)
		}
		if got, _ := pairsOf(rest); got != c.pairs {
			t.Errorf("%s: got  %s\nwant %s", c.name, got, c.pairs)
		}
	}
	for _, line := range []string{"", "Node", "Node ", "Node 0", "Node 0 ", "Node 0 DMA", "Node 0 DMA: 1*4kB = 4kB", "Node 0 DMA per-cpu:", "Node x DMA free:1kB",
		"Node 0 hugepages_total=0", "Node 0 active", "DMA freely:1kB", "Swap free:1kB", "Node 0 Foo free:1kB", "Node 99999999999999999999 DMA free:1kB"} {
		if head, _, ok := ParseNodeOrZone(line); ok {
			t.Errorf("ParseNodeOrZone(%q) = %+v, want no", line, head)
		}
	}
}

// However a node or zone line is cut, it gives only figures of the whole line.
func TestCutZoneLines(t *testing.T) {
	for _, c := range zoneLines {
		_, rest, _ := ParseNodeOrZone(c.line)
		whole := pairSlice(rest)
		for n := range c.line {
			_, rest, ok := ParseNodeOrZone(c.line[:n])
			if !ok {
				continue
			}
			got := pairSlice(rest)
			if len(got) > len(whole) || !slices.Equal(got, whole[:len(got)]) {
				t.Fatalf("%s cut to %q: %v", c.name, c.line[:n], got)
			}
		}
	}
}

func pairSlice(s string) (pairs []report.Pair) {
	for {
		v, tail, ok := NextPair(s)
		if !ok {
			return pairs
		}
		pairs, s = append(pairs, v), tail
	}
}

// isPageset reports whether s is any line about pagesets.
func isPageset(s string) bool {
	if head, rest := cutNodeAndZone(s); head.Zone != "" {
		return isPerCPU(rest)
	}
	return isCPUPageset(s)
}

func TestIsPageset(t *testing.T) {
	for _, line := range []string{
		"DMA per-cpu:", "Node 0 DMA per-cpu:", "Node 0 HighMem per-cpu: empty",
		"cpu 0 hot: low 2, high 6, batch 1", "cpu 1 cold: low 0, high 2, batch 1", "cpu 0 hot: high 186, batch 31 used:23",
		"CPU    0: Hot: hi:  186, btch:  31 usd: 162   Cold: hi:   62, btch:  15 usd:  55",
		"CPU    0: hi:    0, btch:   1 usd:   0", "CPU 1234: hi:  186, btch:  31 usd:   0",
	} {
		if !isPageset(line) {
			t.Errorf("isPageset(%q) = false", line)
		}
	}
	for _, line := range []string{"", "CPU", "CPU: 1 PID: 2 Comm: x Not tainted 5.10 #1", "CPU    0: ", "CPU 0 hi:", "cpu hot", "cpu 0 warm: x",
		"Node 0 DMA free:1kB", "Node 0 per-cpu:", "per-cpu:", "Node 0 DMA per-cpu"} {
		if isPageset(line) {
			t.Errorf("isPageset(%q) = true", line)
		}
	}
}

func TestParseLowmemReserve(t *testing.T) {
	for _, c := range []struct {
		line string
		want []int64
	}{
		{"lowmem_reserve[]: 0 1802 1802 1802", []int64{7, 0, 1802, 1802, 1802}},
		{"protections[]: 0 0 0", []int64{7, 0, 0, 0}},
		{"lowmem_reserve[]: 0 -1 2", []int64{7, 0, -1, 2}},
		{"lowmem_reserve[]:", []int64{7}},
		{"lowmem_reserve[]: 0 1 \r", []int64{7, 0, 1}},
	} {
		if got, ok := ParseLowmemReserve(c.line, []int64{7}); !ok || !slices.Equal(got, c.want) {
			t.Errorf("ParseLowmemReserve(%q) = %v, %v, want %v", c.line, got, ok, c.want)
		}
	}
	for _, line := range []string{"", "lowmem_reserve[]", "lowmem_reserve: 1", " lowmem_reserve[]: 1",
		"lowmem_reserve[]: 0 12x", "lowmem_reserve[]: 0 kmalloc-8k 1KB"} {
		if got, ok := ParseLowmemReserve(line, nil); ok || got != nil {
			t.Errorf("ParseLowmemReserve(%q) = %v, want no", line, got)
		}
	}
}
