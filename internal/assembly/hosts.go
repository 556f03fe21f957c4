// SPDX-License-Identifier: Apache-2.0

package assembly

import "github.com/oomtrail/oomtrail/internal/format"

// maxHosts bounds the reports that stay open while lines of other hosts are read.
const maxHosts = 16

// placeOfHost places a line among the reports that are not of other hosts.
func (a *Assembler) placeOfHost(l *format.Line, whole bool) Outcome {
	l.Host = word(l.Host)
	hidden := a.hideOtherHosts(l)
	out := a.place(l, whole)
	if len(hidden) > 0 {
		a.reports.open = append(hidden, a.reports.open...)
	}
	return out
}

// hideOtherHosts takes the reports of other hosts than the line's off the list, so that a file into
// which several hosts write mixes none of them up. The caller puts them back after the line.
func (a *Assembler) hideOtherHosts(l *format.Line) (hidden []*openReport) {
	var own []*openReport
	for i, d := range a.reports.open {
		if !d.fromOtherHost(l) {
			if len(hidden) > 0 {
				own = append(own, d)
			}
			continue
		}
		if len(hidden) == 0 {
			own = append(own, a.reports.open[:i]...)
		}
		hidden = append(hidden, d)
	}
	if len(hidden) == 0 {
		return nil
	}
	a.reports.open = own
	for len(hidden) > maxHosts {
		a.close(hidden[0])
		hidden = hidden[1:]
	}
	return hidden
}

// fromOtherHost reports whether the line shows that it is of another host than the report.
func (d *openReport) fromOtherHost(l *format.Line) bool {
	return len(l.Host) > 0 && d.r.First.Host != "" && d.r.First.Host != string(l.Host)
}
