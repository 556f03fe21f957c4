// SPDX-License-Identifier: Apache-2.0

package watch

import (
	"path/filepath"

	"github.com/oomtrail/oomtrail/parser/report"
)

// Usage is the usage of a cgroup, for one that looks again and again: its file stays open. That
// keeps nobody from removing the cgroup.
type Usage struct{ file held }

// OpenUsage opens the file of [Cgroup.Current]. Its errors are those of [Hierarchy.Read].
func (h Hierarchy) OpenUsage(path string) (*Usage, error) {
	name := "memory.current"
	if h.Version == 1 {
		name = "memory.usage_in_bytes"
	}
	file, err := openHeld(filepath.Join(h.dir(path), name))
	if err != nil {
		return nil, gone(err)
	}
	return &Usage{file}, nil
}

// Read reads it. Its error is one of [fs.ErrNotExist] where the cgroup has gone.
func (u *Usage) Read() (Int, error) {
	var buf [32]byte
	b, err := u.file.read(buf[:])
	if err != nil {
		return Int{}, gone(err)
	}
	return parseInt(b), nil
}

// Close closes the file.
func (u *Usage) Close() { u.file.close() }

// Vitals are memory and pressure of the machine, for one that looks again and again: the files stay
// open. It is for one goroutine.
type Vitals struct {
	system   System
	meminfo  *held
	pressure *held
	buf      [8 << 10]byte
}

// Vitals opens nothing yet.
func (s System) Vitals() *Vitals { return &Vitals{system: s} }

// Memory is [System.Memory].
func (v *Vitals) Memory() (Memory, error) {
	b, err := v.read(&v.meminfo, filepath.Join(v.system.Proc, "meminfo"))
	if err != nil {
		return Memory{}, err
	}
	return parseMeminfo(b), nil
}

// Pressure is [System.Pressure].
func (v *Vitals) Pressure() (Pressure, error) {
	b, err := v.read(&v.pressure, v.system.PressureFile())
	return parsePressureFile(b, err)
}

// read opens a file where it is not open, and reads it.
func (v *Vitals) read(file **held, path string) ([]byte, error) {
	if *file == nil {
		opened, err := openHeld(path)
		if err != nil {
			return nil, err
		}
		*file = &opened
	}
	return (*file).read(v.buf[:])
}

// Close closes the files. They are opened again when they are read.
func (v *Vitals) Close() {
	for _, file := range []**held{&v.meminfo, &v.pressure} {
		if *file != nil {
			(*file).close()
			*file = nil
		}
	}
}

// Limits reads of a cgroup what is set and not what is used: Max, High, and where there is a Max what
// decides about swap, SwapMax and Swappiness of version 1. Its errors are those of
// [Hierarchy.Read].
func (h Hierarchy) Limits(path string) (Cgroup, error) {
	c, dir := Cgroup{Path: path}, h.dir(path)
	name, swap := "memory.max", "memory.swap.max"
	if h.Version == 1 {
		name, swap = "memory.limit_in_bytes", "memory.memsw.limit_in_bytes"
	}
	b, err := read(filepath.Join(dir, name))
	if err != nil {
		return c, gone(err)
	}
	if h.Version == 2 {
		c.High = readLimit(filepath.Join(dir, "memory.high"))
	}
	if c.Max = parseLimit(b); !c.Max.OK {
		return c, nil
	}
	c.SwapMax = readLimit(filepath.Join(dir, swap))
	if h.Version == 1 {
		c.Swappiness = readNumber(filepath.Join(dir, "memory.swappiness"))
	}
	return c, nil
}

// SwapMax reads [Cgroup.SwapMax] of version 2 alone.
func (h Hierarchy) SwapMax(path string) Int {
	return readLimit(filepath.Join(h.dir(path), "memory.swap.max"))
}

// Below calls fn with the path of each cgroup directly below one. Its errors are those of
// [Hierarchy.Read].
func (h Hierarchy) Below(path string, fn func(path string)) error {
	dir := h.dir(path)
	if isLeaf(dir) {
		return nil
	}
	prefix := path
	if path == "/" {
		prefix = ""
	}
	return gone(list(dir, func(name string) bool {
		fn(prefix + "/" + name)
		return true
	}))
}

// ReadCache reads [Cgroup.File] and [Cgroup.Slab] alone.
func (h Hierarchy) ReadCache(c *Cgroup) {
	c.File, c.Slab = Int{}, Int{}
	if b, err := read(filepath.Join(h.dir(c.Path), "memory.stat")); err == nil {
		c.File, c.Slab = parseCaches(b, h.Version)
	}
}

// ReadPressure reads [Cgroup.Pressure] alone.
func (h Hierarchy) ReadPressure(c *Cgroup) {
	c.Pressure, _ = readPressure(h.PressureFile(c.Path))
}

// ReadSwap reads [Cgroup.Swap] alone, for a cgroup whose Current was read.
func (h Hierarchy) ReadSwap(c *Cgroup) {
	if h.Version == 2 {
		c.Swap = readNumber(filepath.Join(h.dir(c.Path), "memory.swap.current"))
	} else if both := readNumber(filepath.Join(h.dir(c.Path), "memory.memsw.usage_in_bytes")); both.OK {
		c.Swap = report.Some(max(0, both.V-c.Current.V))
	}
}
