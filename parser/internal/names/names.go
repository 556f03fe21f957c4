// Package names tells known names by number.
package names

// Table is a list of names, each of which stands in a slot of its own: its length, its middle and its last byte tell where.
type Table struct {
	names []string
	slots [256]uint8 // which name, from 1 on; 0 for none
	// times are the factors with which no two names share a slot.
	times [2]int
}

// New returns the table of at most 255 names. An empty one stands for a number without a name. No two names may have their length,
// middle and last byte in common.
func New(names ...string) *Table {
	t := &Table{names: names}
	for t.times[0] = range len(t.slots) {
		for t.times[1] = range len(t.slots) {
			if t.fill() {
				return t
			}
		}
	}
	panic("names with nothing to tell them apart by")
}

// fill gives each name its slot; it reports whether none is taken twice.
func (t *Table) fill() bool {
	t.slots = [256]uint8{}
	for i, name := range t.names {
		if name == "" {
			continue
		}
		slot := &t.slots[t.slot(name)]
		if *slot != 0 {
			return false
		}
		*slot = uint8(i + 1)
	}
	return true
}

func (t *Table) slot(name string) uint8 {
	return uint8(len(name)*t.times[0] + int(name[len(name)/2])*t.times[1] + int(name[len(name)-1]))
}

// Index returns which of the names text is, or -1.
func (t *Table) Index(text string) int {
	if text == "" {
		return -1
	}
	if i := int(t.slots[t.slot(text)]) - 1; i >= 0 && t.names[i] == text {
		return i
	}
	return -1
}
