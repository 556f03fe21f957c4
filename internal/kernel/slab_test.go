// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"testing"

	"github.com/oomtrail/oomtrail/parser/report"
)

func TestParseSlabCache(t *testing.T) {
	for _, c := range []struct {
		line string
		want report.SlabCache
	}{
		{"kmalloc-8k                512KB        544KB", report.SlabCache{Name: "kmalloc-8k", UsedKB: 512, TotalKB: 544}},
		{"a_cache_with_a_long_name(1:2)     1234567890KB 12345678901KB", report.SlabCache{Name: "a_cache_with_a_long_name(1:2)", UsedKB: 1234567890, TotalKB: 12345678901}},
		{"x 18446744073709551612KB         -1KB", report.SlabCache{Name: "x", UsedKB: -4, TotalKB: -1}},
		{"two words                  0KB          4KB", report.SlabCache{Name: "two words", UsedKB: 0, TotalKB: 4}},
	} {
		if got, ok := ParseSlabCache(c.line); !ok || got != c.want {
			t.Errorf("ParseSlabCache(%q) = %+v, %v, want %+v", c.line, got, ok, c.want)
		}
		for n := range c.line {
			if got, ok := ParseSlabCache(c.line[:n]); ok {
				t.Errorf("ParseSlabCache(%q) = %+v, want no", c.line[:n], got)
			}
		}
	}
	for _, line := range []string{"", "KB KB KB", "1KB 2KB", " 1KB 2KB", "x 1KB", "x 1KB 99999999999999999999KB"} {
		if got, ok := ParseSlabCache(line); ok {
			t.Errorf("ParseSlabCache(%q) = %+v, want no", line, got)
		}
	}
}

func TestIsSlabHead(t *testing.T) {
	for line, want := range map[string]bool{"Unreclaimable slab info:": true, "Name                      Used          Total": true,
		"excessive unreclaimable slab but cannot dump stats": true, "Name Used Total": false, "": false} {
		if got := IsSlabHead(line); got != want {
			t.Errorf("IsSlabHead(%q) = %v", line, got)
		}
	}
}
