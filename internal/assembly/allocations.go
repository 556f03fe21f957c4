// SPDX-License-Identifier: Apache-2.0

package assembly

import (
	"github.com/oomtrail/oomtrail/internal/kernel"
	"github.com/oomtrail/oomtrail/parser/report"
)

// allocationsSection reads the allocation profile: docs/formats.md, section 4.8b.
type allocationsSection struct{}

func (*allocationsSection) take(d *openReport, l line) taken {
	if l.kind() == kernel.AllocProfile {
		d.enter(report.SectionAllocations)
		return took(kernel.AllocProfile)
	}
	if l.read == nil {
		return taken{}
	}
	if _, ok := kernel.ParseAllocation(l.text); !ok {
		return taken{}
	}
	if !d.full() {
		v, _ := kernel.ParseAllocation(d.text.keep(l.text))
		d.r.Allocations = append(d.r.Allocations, v)
	}
	return took(kernel.AllocProfile)
}

// resume has nothing to do: no row is printed in pieces.
func (*allocationsSection) resume(*openReport, kernel.Kind, string) verdict { return notMine }
