// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"testing"

	"github.com/oomtrail/oomtrail/parser/report"
)

func TestParseHugepages(t *testing.T) {
	const line = "Node 1 hugepages_total=4 hugepages_free=3 hugepages_surp=2 hugepages_size=2048kB"
	if got, ok := ParseHugepages(line); !ok || got != (report.Hugepages{Node: 1, Total: 4, Free: 3, Surplus: 2, SizeKB: 2048}) {
		t.Errorf("got %+v, %v", got, ok)
	}
	for n := range line {
		if got, ok := ParseHugepages(line[:n]); ok {
			t.Fatalf("ParseHugepages(%q) = %+v, want no", line[:n], got)
		}
	}
}
