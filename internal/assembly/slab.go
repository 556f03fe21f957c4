// SPDX-License-Identifier: Apache-2.0

package assembly

import (
	"github.com/oomtrail/oomtrail/internal/kernel"
	"github.com/oomtrail/oomtrail/parser/report"
)

// slabSection reads the table of unreclaimable slab caches: docs/formats.md, section 4.9.
type slabSection struct{}

func (*slabSection) take(d *openReport, l line) taken {
	if l.kind() == kernel.Slab {
		d.enter(report.SectionSlab)
		return took(kernel.Slab)
	}
	if l.read == nil {
		return taken{}
	}
	v, ok := kernel.ParseSlabCache(l.text)
	if !ok {
		return taken{}
	}
	if !d.full() {
		v.Name = d.text.keep(v.Name)
		d.r.Slab = append(d.r.Slab, v)
	}
	return took(kernel.Slab)
}

// resume has nothing to do: no row is printed in pieces.
func (*slabSection) resume(*openReport, kernel.Kind, string) verdict { return notMine }
