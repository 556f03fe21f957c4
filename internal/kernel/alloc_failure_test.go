// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"testing"

	"github.com/oomtrail/oomtrail/parser/report"
)

func TestParseAllocFailure(t *testing.T) {
	for _, c := range []struct {
		line string
		want AllocFailure
	}{
		{"swapper: page allocation failure. order:1, mode:0x20", AllocFailure{"swapper", Some(1)}},                         // to 2.6.39
		{"kworker/0:1: page allocation failure: order:2, mode:0x104020", AllocFailure{"kworker/0:1", Some(2)}},             // 3.2
		{"x: y: page allocation failure: order:0, mode:0x2204010(GFP_NOWAIT)", AllocFailure{"x: y", Some(0)}},              // 4.6
		{"hog: page allocation failure: order:0", AllocFailure{"hog", report.Int{}}},                                       // 4.9's first piece
		{"hog: page allocation stalls for 10008ms, order:0, mode:0x14280ca(…)", AllocFailure{"hog", Some(0)}},              // 4.10
		{"insmod: vmalloc error: size 4096, page order 9, failed to allocate pages", AllocFailure{"insmod", report.Int{}}}, // 5.14
		{"hog-nodump: page allocation failure: order:0, mode:0x140dca(GFP_HIGHUSER_MOVABLE|__GFP_COMP|__GFP_ZERO), nodemask=(null),cpuset=/,mems_allowed=0", AllocFailure{"hog-nodump", Some(0)}},
		{"SLUB: Unable to allocate memory on node -1, gfp=0x20(GFP_ATOMIC)", AllocFailure{}},
		{"sysrq: Show Memory", AllocFailure{}},
		{"SysRq : Show Memory", AllocFailure{}},
	} {
		if got, ok := ParseAllocFailure(c.line); !ok || got != c.want {
			t.Errorf("%q: got %+v %v", c.line, got, ok)
		}
		if kind := Classify(c.line); kind != AllocFailureLine {
			t.Errorf("%q is %v", c.line, kind)
		}
	}
	for _, line := range []string{"", "page allocation failure: order:0", "a sentence about the kernel: page allocation failure: order:0", "sysrq: Show Blocked State", "a: b: c: d"} {
		if got, ok := ParseAllocFailure(line); ok {
			t.Errorf("%q: got %+v", line, got)
		}
	}
}
