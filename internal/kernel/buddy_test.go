// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/oomtrail/oomtrail/parser/report"
)

const wholeBuddy = "Node 0 DMA: 1*4kB (M) 2*8kB (UE) 0*16kB 2*32kB (UME) 1*4096kB (H) = 4180kB"

// buddyText renders what ParseBuddy read.
func buddyText(head NodeOrZone, items []report.BuddyItem, total report.Int) string {
	var b strings.Builder
	b.WriteString(headText(head))
	for _, v := range items {
		fmt.Fprintf(&b, " %d*%d%s", v.Count, v.SizeKB, v.Types)
	}
	if total.OK {
		fmt.Fprintf(&b, " = %d", total.V)
	}
	return b.String()
}

func TestParseBuddy(t *testing.T) {
	for _, c := range []struct{ name, line, want string }{
		{"3.8 and later", wholeBuddy, "0 DMA 1*4M 2*8UE 0*16 2*32UME 1*4096H = 4180"},
		{"to 3.7", "Node 0 Normal: 1*4kB 2*8kB 0*16kB = 20kB", "0 Normal 1*4 2*8 0*16 = 20"},
		{"no NUMA", "DMA: 1*4kB 0*8kB = 4kB", "DMA 1*4 0*8 = 4"},
		{"2.6.9 empty", "HighMem: empty", "HighMem"},
		{"below zero", "DMA: 18446744073709551615*4kB 1*8kB = 18446744073709551612kB", "DMA -1*4 1*8"},
		{"64k pages", "Node 1 DMA: 5*64kB (U) 0*128kB = 320kB", "1 DMA 5*64U 0*128 = 320"},
		{"cut in the sum", "DMA: 1*4kB 0*8kB = 4", "DMA 1*4 0*8"},
		{"cut in a size", "DMA: 1*4kB 0*8", "DMA 1*4"},
		{"cut in the letters", "DMA: 1*4kB (U) 7*8kB (UM", "DMA 1*4U 7*8"},
	} {
		head, items, total, ok := ParseBuddy(c.line, nil)
		if got := buddyText(head, items, total); !ok || got != c.want {
			t.Errorf("%s: ParseBuddy(%q) = %s, %v, want %s", c.name, c.line, got, ok, c.want)
		}
	}
	for _, line := range []string{"", "Node 0 DMA:", "Node 0 DMA: ", "DMA: x", "DMA: 1*4", "DMA free:1kB", "Node 0 Foo: 1*4kB = 4kB"} {
		if head, items, total, ok := ParseBuddy(line, nil); ok {
			t.Errorf("ParseBuddy(%q) = %s, want no", line, buddyText(head, items, total))
		}
	}
	kept := []report.BuddyItem{{Count: 9}}
	if _, items, _, _ := ParseBuddy("DMA: 1*4kB = 4kB", kept); len(items) != 2 || items[0].Count != 9 {
		t.Errorf("dst was not appended to: %v", items)
	}
}

// However a buddy list is cut, it gives only items of the whole list.
func TestCutBuddy(t *testing.T) {
	_, whole, _, _ := ParseBuddy(wholeBuddy, nil)
	for n := range wholeBuddy {
		_, items, total, ok := ParseBuddy(wholeBuddy[:n], nil)
		if !ok {
			continue
		}
		if total.OK {
			t.Fatalf("%q has a sum", wholeBuddy[:n])
		}
		for i, v := range items {
			if v.Types == "" {
				v.Types = whole[i].Types
			}
			if v != whole[i] {
				t.Fatalf("%q: item %d is %v, want %v", wholeBuddy[:n], i, v, whole[i])
			}
		}
	}
}

func TestBuddyOracle(t *testing.T) {
	line := regexp.MustCompile(`^(?:Node (?P<nid>\d+) )?(?P<zone>DMA32|DMA|Normal|HighMem|Movable|Device): (?P<list>(?:\d+\*\d+kB (?:\([A-Z]+\) )?)+)= (?P<total>\d+)kB$`)
	item := regexp.MustCompile(`(\d+)\*(\d+)kB (?:\(([A-Z]+)\) )?`)
	for _, text := range []string{wholeBuddy, "DMA: 1*4kB 0*8kB = 4kB", "Node 3 Movable: 0*4kB (I) = 0kB"} {
		m := line.FindStringSubmatch(text)
		head, items, total, ok := ParseBuddy(text, nil)
		if m == nil || !ok || head.Zone != m[2] || fmt.Sprint(total.V) != m[4] {
			t.Fatalf("%q: %+v %v against %q", text, head, total, m)
		}
		var want []string
		for _, i := range item.FindAllStringSubmatch(m[3], -1) {
			want = append(want, i[1]+"*"+i[2]+i[3])
		}
		var got []string
		for _, v := range items {
			got = append(got, fmt.Sprintf("%d*%d%s", v.Count, v.SizeKB, v.Types))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q: got %v, want %v", text, got, want)
		}
	}
}
