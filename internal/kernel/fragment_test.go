// SPDX-License-Identifier: Apache-2.0

package kernel

import "testing"

func TestIsFragment(t *testing.T) {
	for _, line := range []string{",cpuset=", ",cpuset=/,mems_allowed=0", ",mems_allowed=0,oom_memcg=/a", ",oom_memcg=", ",global_oom", ",task_memcg=/a",
		",task=burst-0.0,pid=340,uid=1000", " are going to be killed due to memory.oom.group set"} {
		if !IsFragment(line) || Classify(line) != FragmentLine {
			t.Errorf("%q is %v", line, Classify(line))
		}
	}
	for _, line := range []string{"", ",", ":", "/a", ",task=", " x", "cpuset="} {
		if IsFragment(line) {
			t.Errorf("%q is one", line)
		}
	}
}
