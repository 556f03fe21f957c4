package assembly

import "github.com/oomtrail/oomtrail/parser/transport"

// Unordered notes that the lines before and those to come may stand in another order.
func (a *Assembler) Unordered() {
	for _, d := range a.open {
		d.disorder()
	}
}

func (d *draft) disorder() { d.r.Disordered, d.gapless = true, false }

// order notes where the kernel wrote lines before others of the report that came earlier. One line alone shows nothing: a name in it can
// look like a stamp.
func (d *draft) order(l *transport.Line) {
	last := &d.r.Last
	switch {
	case l.HasSequence:
		if last.HasSequence && l.Sequence < last.Sequence {
			d.disorder()
		}
	case !l.HasUptime:
	case l.Uptime >= d.highest[0]:
		d.highest[0], d.highest[1], d.behind = l.Uptime, d.highest[0], 0
	case l.Uptime >= d.highest[1]:
		d.highest[1], d.behind = l.Uptime, 0
	default:
		if d.behind++; d.behind > 1 {
			d.disorder()
		}
	}
}
