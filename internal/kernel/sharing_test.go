// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"testing"

	"github.com/oomtrail/oomtrail/parser/report"
)

func TestParseSharing(t *testing.T) {
	for _, comm := range hostileComms {
		for _, line := range []string{
			"Kill process 9 (" + comm + ") sharing same memory",
			"oom killer 7 (victim) has mm pinned by 9 (" + comm + ")",
			"oom killer 7 (" + comm + ") has mm pinned by 9 (" + comm + ")",
		} {
			if got, ok := ParseSharing(line); !ok || got != (report.Process{PID: 9, Comm: comm}) {
				t.Errorf("%q: got %+v %v", line, got, ok)
			}
			if kind := Classify(line); kind != SharingLine {
				t.Errorf("%q is %v", line, kind)
			}
		}
	}
	for _, line := range []string{"", "Kill process 9 (x)", "oom killer 7 (x) has mm pinned by 9", "oom killer 7 has mm pinned by 9 (x)"} {
		if v, ok := ParseSharing(line); ok {
			t.Errorf("%q: got %+v", line, v)
		}
	}
}
