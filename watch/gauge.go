// SPDX-License-Identifier: Apache-2.0

package watch

import "path/filepath"

// Gauge reads one cgroup again and again: its files are opened when they are first read, and stay
// open, which keeps nobody from removing the cgroup. Where memory has run out, a file that is open
// can still be read, and another one may have to wait. It is for one goroutine.
type Gauge struct {
	hierarchy Hierarchy
	path      string
	buf       *Buffer
	files     [gaugeFiles]rawFile
	open      [gaugeFiles]bool
}

// Buffer is what a [Gauge] reads into. Those of one goroutine may share it.
type Buffer [16 << 10]byte

// The files of a gauge, by the names in gaugeNames.
const (
	gaugeUsage = iota
	gaugeStat
	gaugeSwap
	gaugeEvents
	gaugePressure
	gaugeFiles
)

var gaugeNames = [...][gaugeFiles]string{
	1: {"memory.usage_in_bytes", "memory.stat", "memory.memsw.usage_in_bytes", "memory.oom_control", ""},
	2: {"memory.current", "memory.stat", "memory.swap.current", "memory.events", "memory.pressure"},
}

// Gauge opens nothing yet.
func (h Hierarchy) Gauge(path string, buf *Buffer) *Gauge {
	return &Gauge{hierarchy: h, path: path, buf: buf}
}

// Usage reads [Cgroup.Current]. Its errors are those of [Hierarchy.Read].
func (g *Gauge) Usage() (Int, error) {
	b, err := g.read(gaugeUsage)
	if err != nil {
		return Int{}, gone(err)
	}
	return parseSize(b), nil
}

// Cache reads File and Slab of c.
func (g *Gauge) Cache(c *Cgroup) {
	c.File, c.Slab = Int{}, Int{}
	if b, err := g.read(gaugeStat); err == nil {
		c.File, c.Slab = parseCaches(b, g.hierarchy.Version)
	}
}

// Swap reads Swap of c, whose Current was read.
func (g *Gauge) Swap(c *Cgroup) {
	c.Swap = Int{}
	if b, err := g.read(gaugeSwap); err == nil {
		c.Swap = parseSwap(b, g.hierarchy.Version, c.Current)
	}
}

// Events reads Events of c, without Max of version 1, and its KillOff.
func (g *Gauge) Events(c *Cgroup) {
	b, err := g.read(gaugeEvents)
	switch {
	case err != nil:
		c.Events, c.KillOff = Events{}, false
	case g.hierarchy.Version == 1:
		c.Events, c.KillOff = parseOOMControl(b)
	default:
		c.Events = parseEvents(b)
	}
}

// Pressure reads Pressure of c; version 1 has none.
func (g *Gauge) Pressure(c *Cgroup) {
	c.Pressure = Pressure{}
	if g.hierarchy.Version == 1 {
		return
	}
	if b, err := g.read(gaugePressure); err == nil {
		c.Pressure = parsePressure(b)
	}
}

// read reads a file, which is opened if it is not open.
func (g *Gauge) read(file int) ([]byte, error) {
	if !g.open[file] {
		opened, err := openRaw(filepath.Join(g.hierarchy.dir(g.path), gaugeNames[g.hierarchy.Version][file]))
		if err != nil {
			return nil, err
		}
		g.files[file], g.open[file] = opened, true
	}
	b, err := g.files[file].reread(g.buf[:])
	if err != nil { // it may be of a cgroup that had this path before
		g.close(file)
	}
	return b, err
}

// Open is how many of its files are open.
func (g *Gauge) Open() (count int) {
	for _, open := range g.open {
		if open {
			count++
		}
	}
	return count
}

// Rest closes all files but that of the usage.
func (g *Gauge) Rest() {
	for file := gaugeUsage + 1; file < gaugeFiles; file++ {
		g.close(file)
	}
}

// Close closes all files. They are opened again when they are read.
func (g *Gauge) Close() {
	g.Rest()
	g.close(gaugeUsage)
}

func (g *Gauge) close(file int) {
	if g.open[file] {
		g.files[file].close()
		g.open[file] = false
	}
}
