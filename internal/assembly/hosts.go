// SPDX-License-Identifier: Apache-2.0

package assembly

import "github.com/oomtrail/oomtrail/internal/format"

// maxHosts bounds the reports that stay open while lines of other hosts are read.
const maxHosts = 16

// setAside takes the reports of other hosts than the line's out of sight, so that a file into which several hosts write mixes none
// of them up. The caller puts them back behind the line.
func (a *Assembler) setAside(l *format.Line) (others []*openReport) {
	if !a.hasOthers(l) {
		return nil
	}
	var own []*openReport
	for _, d := range a.open {
		if d.ofOther(l) {
			others = append(others, d)
		} else {
			own = append(own, d)
		}
	}
	a.open = own
	for len(others) > maxHosts {
		a.close(others[0])
		others = others[1:]
	}
	return others
}

func (a *Assembler) hasOthers(l *format.Line) bool {
	for _, d := range a.open {
		if d.ofOther(l) {
			return true
		}
	}
	return false
}

// ofOther reports whether the carrier shows that the line is of another host than the report.
func (d *openReport) ofOther(l *format.Line) bool {
	return len(l.Host) > 0 && d.r.First.Host != "" && d.r.First.Host != string(l.Host)
}
