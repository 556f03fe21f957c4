// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"fmt"
	"os"
	"regexp"
	"testing"

	"github.com/oomtrail/oomtrail/parser/report"
)

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
	for c, want := range map[report.Constraint]string{report.ConstraintUnknown: "", report.ConstraintNone: "none", report.ConstraintCpuset: "cpuset",
		report.ConstraintMemoryPolicy: "memory_policy", report.ConstraintMemcg: "memcg"} {
		if c.String() != want {
			t.Errorf("%d is %q, want %q", c, c, want)
		}
	}
}

// TestEveryEnumHasNames: no value of an enumeration makes String panic, and none is printed as
// nothing.
func TestEveryEnumHasNames(t *testing.T) {
	for _, enum := range []func(uint8) fmt.Stringer{
		func(v uint8) fmt.Stringer { return Kind(v) },
		func(v uint8) fmt.Stringer { return report.Unit(v) },
		func(v uint8) fmt.Stringer { return report.TotalName(v) },
		func(v uint8) fmt.Stringer { return report.MemcgCounterName(v) },
		func(v uint8) fmt.Stringer { return report.Column(v) },
		func(v uint8) fmt.Stringer { return report.Constraint(v) },
		func(v uint8) fmt.Stringer { return report.Message(v) },
	} {
		seen := map[string]uint8{}
		for v := range 256 {
			name := enum(uint8(v)).String()
			first, dup := seen[name]
			if dup || name == "" && v > 0 {
				t.Errorf("%T: %d and %d are both %q", enum(0), first, v, name)
			}
			seen[name] = uint8(v)
		}
	}
	if got := Kind(99).String(); got != "Kind(99)" {
		t.Errorf("an unknown kind is %q", got)
	}
}

// TestKindsAreDocumented: the section of docs/formats.md that a kind names is there.
func TestKindsAreDocumented(t *testing.T) {
	formats, err := os.ReadFile("../../docs/formats.md")
	if err != nil {
		t.Fatal(err)
	}
	for k := Other + 1; k < numKinds; k++ {
		heading := regexp.MustCompile(`(?m)^#+ ` + regexp.QuoteMeta(kinds[k].spec) + `\.? `)
		if kinds[k].spec == "" || !heading.Match(formats) {
			t.Errorf("%v: docs/formats.md has no section %q", k, kinds[k].spec)
		}
		if kinds[k].form == nil && k != MemcgStat && k != Userspace {
			t.Errorf("%v has no form", k)
		}
	}
}
