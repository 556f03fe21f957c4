// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"testing"

	"github.com/oomtrail/oomtrail/parser/report"
)

func TestParseSkip(t *testing.T) {
	for _, comm := range hostileComms {
		for _, m := range messages {
			line := m.words + "OOM victim 12 (" + comm + ") is already exiting. Skip killing the task"
			if got, ok := ParseSkip(line); !ok || got != (report.Process{PID: 12, Comm: comm}) {
				t.Errorf("%q: got %+v %v", line, got, ok)
			}
			if kind := Classify(line); kind != SkipLine {
				t.Errorf("%q is %v", line, kind)
			}
		}
	}
	for _, line := range []string{"", "OOM victim 12 (x) is already exiting. Skip killing the task", "Out of memory: OOM victim 12 (x) is already exiting.",
		"Out of memory: OOM victim x (x) is already exiting. Skip killing the task"} {
		if v, ok := ParseSkip(line); ok {
			t.Errorf("%q: got %+v", line, v)
		}
	}
}
