// SPDX-License-Identifier: Apache-2.0

package assembly

import "testing"

// TestMayBelongAllocatesNothing: hosts ask it about each line of a batch.
func TestMayBelongAllocatesNothing(t *testing.T) {
	for line, want := range map[string]bool{
		"[    340]  1000   340     3241     1774     57344        0             0 burst-0.0": true,
		"Node 0 DMA free:60kB min:50kB low:62kB high:75kB":                                   true,
		"anon 4096": true,
		"usb 1-1: new full-speed USB device number 2 using xhci_hcd": false,
	} {
		text, may := []byte(line), false
		n := testing.AllocsPerRun(50, func() { may = MayBelong(text) })
		if may != want || n != 0 {
			t.Errorf("%q: %v with %v allocations, want %v and none", line, may, n, want)
		}
	}
}
