// SPDX-License-Identifier: Apache-2.0

package format

import (
	"fmt"
	"strings"
	"testing"

	"github.com/oomtrail/oomtrail/parser/report"
)

// TestVendorPrefixes: what a maker's kernel puts around timestamp and text is taken off.
func TestVendorPrefixes(t *testing.T) {
	for _, tt := range []struct{ name, log, want string }{
		{"Huawei", "<3>[63651.068572s][pid:2912,cpu3,sh]text", "dmesg unknown 3 63651068572 -  \"text\""},
		{"Huawei with a time", "<3>[63651.068572s][2022:04:05 12:34:56][pid:2912,cpu3,kworker/3:1]text", "dmesg unknown 3 63651068572 -  \"text\""},
		{"Huawei without a priority", "[   12.345678s][pid:1,cpu0,swapper/0] text", "dmesg unknown -1 12345678 -  \" text\""},
		{"Samsung", "<6>[   12.345678]  [3:             sh: 2912] text", "dmesg unknown 6 12345678 -  \"text\""},
		{"Samsung with a level", "<6>[   12.345678] I[0:      swapper/0:    1]  dump_stack+0x1/0x2", "dmesg unknown 6 12345678 -  \" dump_stack+0x1/0x2\""},
		{"MediaTek", "<4>[   12.345678]  (3)[2912:sh]text", "dmesg unknown 4 12345678 -  \"text\""},
		{"MediaTek, interrupts off", "[   12.345678] -(3)[2912:a:b]text", "dmesg unknown -1 12345678 -  \"text\""},
		{"UNISOC", "[   12.345678] c3 text", "dmesg unknown -1 12345678 -  \"text\""},
		{"UNISOC with a task", "[   12.345678] c3  2912 (sh) text", "dmesg unknown -1 12345678 -  \"text\""},
		{"a wall time beside the kernel's", "<3>[63651.068572 / 07-22 10:13:44.440] text", "dmesg unknown 3 63651068572 -  \"text\""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := strings.Join(storeLines(tt.log, report.SourceNone), "; "); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

// TestNoVendorPrefix: names and lines of the kernel's own that begin like a prefix stay as they
// are.
func TestNoVendorPrefix(t *testing.T) {
	for _, text := range []string{
		"[1:a:2]  invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0",
		"c3 invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0", "c3 cpuset=/ mems_allowed=0",
		"(3)[2:a] invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0",
		"[  512]     0   512     9776      412      22        0             0 systemd-journal",
		" [<ffffffff81124447>] dump_stack+0x19/0x1b", "[3: sh] text", "c text", "call", "-- text", "(text)", "...",
		"I/O error, dev sda, sector 1", "[2022:04:05 12:34:56] text",
	} {
		want := text
		for _, stamp := range []string{"[   12.345678] ", "<4>[   12.345678] "} {
			lines := storeLines("[   12.345677] usb\n[   12.345677] usb\n[   12.345677] usb\n"+stamp+text, report.SourceNone)
			if got := lines[len(lines)-1]; !strings.Contains(got, " 12345678 ") || !strings.HasSuffix(got, fmt.Sprintf("  %q", want)) {
				t.Errorf("%q makes %s", stamp+text, got)
			}
		}
	}
}
