// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"testing"

	"github.com/oomtrail/oomtrail/parser/report"
)

func TestParseCounter(t *testing.T) {
	for _, c := range []struct {
		line string
		want report.Counter
	}{
		{"memory: usage 65536kB, limit 65536kB, failcnt 19", report.Counter{Name: report.CounterMemory, UsageKB: Some(65536), LimitKB: Some(65536), Failcnt: Some(19)}},
		{"memory+swap: usage 0kB, limit 9007199254740988kB, failcnt 0", report.Counter{Name: report.CounterMemsw, UsageKB: Some(0), LimitKB: report.Int{}, Failcnt: Some(0)}},
		{"memory+swap: usage 1024kB, limit 2048kB, failcnt 7", report.Counter{Name: report.CounterMemsw, UsageKB: Some(1024), LimitKB: Some(2048), Failcnt: Some(7)}},
		{"kmem: usage 12kB, limit 18014398509481983kB, failcnt 0", report.Counter{Name: report.CounterKmem, UsageKB: Some(12), LimitKB: report.Int{}, Failcnt: Some(0)}},
		{"kmem: usage 12kB, limit 9007199254740991kB, failcnt 0", report.Counter{Name: report.CounterKmem, UsageKB: Some(12), LimitKB: report.Int{}, Failcnt: Some(0)}},
		{"memory: usage 12kB, limit 9007199254740976kB, failcnt 0", report.Counter{Name: report.CounterMemory, UsageKB: Some(12), LimitKB: report.Int{}, Failcnt: Some(0)}},
		{"memory: usage 12kB, limit 9007199254740928kB, failcnt 0", report.Counter{Name: report.CounterMemory, UsageKB: Some(12), LimitKB: report.Int{}, Failcnt: Some(0)}},
		{"memory: usage 12kB, limit 8589934588kB, failcnt 0", report.Counter{Name: report.CounterMemory, UsageKB: Some(12), LimitKB: report.Int{}, Failcnt: Some(0)}},
		{"memory: usage 12kB, limit 9007199254740927kB, failcnt 0", report.Counter{Name: report.CounterMemory, UsageKB: Some(12), LimitKB: Some(9007199254740927), Failcnt: Some(0)}},
		{"swap: usage 0kB, limit 0kB, failcnt 18446744073709551", report.Counter{Name: report.CounterSwap, UsageKB: Some(0), LimitKB: Some(0), Failcnt: Some(18446744073709551)}},
		{"swap: usage 0kB, limit 0kB, failcnt 0\r", report.Counter{Name: report.CounterSwap, UsageKB: Some(0), LimitKB: Some(0), Failcnt: Some(0)}},
		{"memory: usage -1kB, limit 0kB, failcnt 0", report.Counter{Name: report.CounterMemory, UsageKB: report.Int{}, LimitKB: Some(0), Failcnt: Some(0)}},
		{"memory: usage 18446744073709551612kB, limit 18446744073709551612kB, failcnt 18446744073709551615", report.Counter{Name: report.CounterMemory}},
		{"memory: usage 65536kB, limit 65536k", report.Counter{Name: report.CounterMemory, UsageKB: Some(65536), LimitKB: report.Int{}, Failcnt: report.Int{}}},
		{"memory: usage 65536kB, limit 65536kB, failcnt", report.Counter{Name: report.CounterMemory, UsageKB: Some(65536), LimitKB: Some(65536), Failcnt: report.Int{}}},
		{"memory: usage 65536kB, limit 65536kB, failcnt x", report.Counter{Name: report.CounterMemory, UsageKB: Some(65536), LimitKB: Some(65536), Failcnt: report.Int{}}},
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
