// SPDX-License-Identifier: Apache-2.0

package report

import (
	"fmt"
	"strings"
	"testing"
)

// TestNames: each value of an enumeration has a name that no other one has, and a value beyond the
// last has its number.
func TestNames(t *testing.T) {
	for _, e := range []struct {
		values int
		name   func(uint8) fmt.Stringer
	}{
		{int(NumSections), func(v uint8) fmt.Stringer { return Section(v) }},
		{int(EndUnresolved) + 1, func(v uint8) fmt.Stringer { return Ending(v) }},
		{int(ScopeNUMAPolicy) + 1, func(v uint8) fmt.Stringer { return Scope(v) }},
		{int(NumFormats), func(v uint8) fmt.Stringer { return Format(v) }},
		{int(OriginUser) + 1, func(v uint8) fmt.Stringer { return Origin(v) }},
		{int(SourceSyslog) + 1, func(v uint8) fmt.Stringer { return Source(v) }},
		{int(TrustAny) + 1, func(v uint8) fmt.Stringer { return Trust(v) }},
		{int(AssumedZone|AssumedYear|AssumedBootClock) + 1, func(v uint8) fmt.Stringer { return Assumed(v) }},
		{int(NumMemcgCounters), func(v uint8) fmt.Stringer { return MemcgCounterName(v) }},
		{int(UnitBool) + 1, func(v uint8) fmt.Stringer { return Unit(v) }},
		{int(NumTotals), func(v uint8) fmt.Stringer { return TotalName(v) }},
		{int(ConstraintMemcg) + 1, func(v uint8) fmt.Stringer { return Constraint(v) }},
		{int(MessageCpuset) + 1, func(v uint8) fmt.Stringer { return Message(v) }},
		{int(NumColumns), func(v uint8) fmt.Stringer { return Column(v) }},
		{int(EventUnresolved) + 1, func(v uint8) fmt.Stringer { return EventKind(v) }},
	} {
		seen := map[string]bool{}
		for v := range e.values {
			name := e.name(uint8(v)).String()
			if seen[name] || strings.ContainsAny(name, " ") && strings.HasSuffix(name, fmt.Sprint(v)) || name == "" && v > 0 {
				t.Errorf("%T %d is called %q", e.name(0), v, name)
			}
			seen[name] = true
		}
		if name := e.name(uint8(e.values)).String(); !strings.HasSuffix(name, fmt.Sprint(e.values)) {
			t.Errorf("%T: the name %q belongs to no value", e.name(0), name)
		}
	}
}
