// SPDX-License-Identifier: Apache-2.0

package kernel

import "testing"

func TestIsMemInfoHead(t *testing.T) {
	for line, want := range map[string]bool{"Mem-Info:": true, "Mem-info:": true, "Mem-info:\r": true, "mem-info:": false, "Mem-Info: x": false, "": false} {
		if got := IsMemInfoHead(line); got != want {
			t.Errorf("IsMemInfoHead(%q) = %v", line, got)
		}
	}
}
