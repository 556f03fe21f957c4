// SPDX-License-Identifier: Apache-2.0

package kernel

import "testing"

func TestKindNames(t *testing.T) {
	seen := map[string]Kind{}
	for k := Other; k < numKinds; k++ {
		if other, dup := seen[k.String()]; dup || k.String() == "" {
			t.Errorf("kinds %d and %d are both %q", k, other, k)
		}
		seen[k.String()] = k
	}
}

func TestConstraintNames(t *testing.T) {
	for c, want := range map[Constraint]string{ConstraintUnknown: "", ConstraintNone: "none", ConstraintCpuset: "cpuset",
		ConstraintMemoryPolicy: "memory_policy", ConstraintMemcg: "memcg"} {
		if c.String() != want {
			t.Errorf("%d is %q, want %q", c, c, want)
		}
	}
}
