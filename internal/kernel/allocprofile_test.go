// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"testing"

	"github.com/oomtrail/oomtrail/parser/report"
)

func TestParseAllocation(t *testing.T) {
	for _, c := range []struct {
		name, line string
		want       report.Allocation
	}{
		{"6.10", "    16777216     4096 mm/slub.c:2304 func:alloc_slab_page", report.Allocation{Bytes: 16777216, Calls: 4096, Site: "mm/slub.c:2304", Module: "", Func: "alloc_slab_page"}},
		{"6.11 module", "        4096        1 drivers/net/x.c:12 [virtio_net] func:probe", report.Allocation{Bytes: 4096, Calls: 1, Site: "drivers/net/x.c:12", Module: "virtio_net", Func: "probe"}},
		{"6.12", "    16.0 MiB     4096 mm/slub.c:2304 func:alloc_slab_page", report.Allocation{Bytes: 16 << 20, Calls: 4096, Site: "mm/slub.c:2304", Module: "", Func: "alloc_slab_page"}},
		{"6.12 rounded", "    1.23 GiB       12 mm/a-b.c:1 [ext4] func:f", report.Allocation{Bytes: 1320702443, Calls: 12, Site: "mm/a-b.c:1", Module: "ext4", Func: "f"}},
		{"whole unit", "     456 KiB        2 mm/x.c:3 func:g", report.Allocation{Bytes: 456 << 10, Calls: 2, Site: "mm/x.c:3", Module: "", Func: "g"}},
		{"none", "         0 B        0 mm/x.c:3 func:g", report.Allocation{Bytes: 0, Calls: 0, Site: "mm/x.c:3", Module: "", Func: "g"}},
		{"negative", "       -4096       -1 mm/x.c:3 func:g", report.Allocation{Bytes: -4096, Calls: -1, Site: "mm/x.c:3", Module: "", Func: "g"}},
	} {
		if got, ok := ParseAllocation(c.line); !ok || got != c.want {
			t.Errorf("%s: ParseAllocation(%q) = %+v, %v, want %+v", c.name, c.line, got, ok, c.want)
		}
	}
	for _, line := range []string{"", "16777216", "16777216 4096", "16777216 4096 mm/slub.c:2304", "16777216 4096 mm/slub.c func:f", "16777216 4096 mm/slub.c:23 func:",
		"16.0 4096 mm/slub.c:1 func:f", "16.0 MB 1 mm/slub.c:1 func:f", "1 1 mm/slub.c:1 [x func:f", "9999999 PiB 1 a:1 func:f",
		"1.2345 MiB 1 a:1 func:f", "1 1 a:1 func:f g", "1 1 :1 func:f"} {
		if got, ok := ParseAllocation(line); ok {
			t.Errorf("ParseAllocation(%q) = %+v, want no", line, got)
		}
	}
}

func TestIsAllocationsHead(t *testing.T) {
	for line, want := range map[string]bool{"Memory allocations:": true, "Memory allocations (profiling is currently turned on):": true,
		"Memory allocations (profiling is currently turned off):": true, "Memory allocations": false, "": false} {
		if got := IsAllocationsHead(line); got != want {
			t.Errorf("IsAllocationsHead(%q) = %v", line, got)
		}
	}
}
