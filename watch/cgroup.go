// SPDX-License-Identifier: Apache-2.0

package watch

import (
	"bytes"
	"math"
	"path/filepath"
	"strings"

	"github.com/oomtrail/oomtrail/parser/report"
)

// Cgroup is how a cgroup stands. Sizes are in bytes, and count what is below it as well.
type Cgroup struct {
	// Path is from the root of the hierarchy, which is "/". Any bytes but NUL may stand in it.
	Path string
	// Current is its usage: memory.current, memory.usage_in_bytes.
	Current Int
	// Max is its own limit, absent for none: memory.max, memory.limit_in_bytes. Above it may be
	// lower ones.
	Max Int
	// High is where it is slowed down (memory.high); version 1 has none.
	High Int
	// Peak is the most it ever used: memory.peak (5.19), memory.max_usage_in_bytes.
	Peak Int
	// Swap is what of it is swapped out, SwapMax how much may be, absent for no limit. Of version 1
	// SwapMax is the limit of memory and swap together (memory.memsw).
	Swap, SwapMax Int
	// Swappiness is its own of version 1 (memory.swappiness). Version 2 has the machine's.
	Swappiness Int
	// File is its page cache that the kernel can drop, as long as it is not dirty: inactive_file
	// and active_file of memory.stat. Shared memory is not in it.
	File Int
	// Slab is the kernel's own caches of it, such as of file names, that it can drop as well:
	// slab_reclaimable of memory.stat (4.6). Version 1 does not say.
	Slab Int
	// Group is set where the kernel kills all its processes together (memory.oom.group, 4.19).
	Group bool
	// KillOff is set where the kernel kills nobody and lets it wait (oom_kill_disable of version
	// 1).
	KillOff bool
	// Events count since it is there, with what is below it (but where cgroups are mounted with
	// memory_localevents); Local without that (5.2). Of version 1 Events are its own alone.
	Events, Local Events
	// Pressure is its own (4.20); Version 1 has none.
	Pressure Pressure
}

// Events are those of memory.events (4.5), or what version 1 has of them.
type Events struct {
	// Low counts how often it was reclaimed from below its protection, High how often it was slowed
	// down at memory.high, Max how often it was at its limit and had to reclaim. Of version 1 Max
	// is memory.failcnt.
	Low, High, Max Int
	// OOM counts how often reclaim at the limit failed, so that it was about to kill.
	OOM Int
	// OOMKill counts its processes that were killed by any OOM killer of the kernel (4.13).
	OOMKill Int
	// OOMGroupKill counts how often all its processes were killed together (5.17).
	OOMGroupKill Int
}

// Held is what of the usage is no cache that can be dropped, absent where that is not known.
func (c *Cgroup) Held() Int {
	if !c.Current.OK || !c.File.OK {
		return Int{}
	}
	return report.Some(max(0, max(0, c.Current.V-c.File.V)-c.Slab.V))
}

// Capacity is how much there is where a cgroup reaches its limit: that, and the swap that it may
// use (mem_cgroup_get_max of mm/memcontrol.c). The kernel weighs adjustments by it. It is 0 without
// a limit.
func (h Hierarchy) Capacity(c *Cgroup, m Memory, s Settings) int64 {
	swappiness, swap := s.Swappiness, m.SwapTotal.V
	if h.Version == 1 {
		swappiness = c.Swappiness
	}
	switch {
	case !c.Max.OK:
		return 0
	case swappiness.OK && swappiness.V == 0:
		swap = 0
	case c.SwapMax.OK && h.Version == 1: // of memory and swap together
		swap = min(swap, max(0, c.SwapMax.V-c.Max.V))
	case c.SwapMax.OK:
		swap = min(swap, c.SwapMax.V)
	}
	if c.Max.V > math.MaxInt64-swap {
		return math.MaxInt64
	}
	return c.Max.V + swap
}

// Read reads a cgroup whole. Its error is one of [fs.ErrNotExist] where it has gone, and of
// [fs.ErrPermission] where this user may not read it.
func (h Hierarchy) Read(path string) (Cgroup, error) {
	c, err := h.ReadLimits(path)
	if err != nil {
		return c, err
	}
	h.Complete(&c)
	return c, nil
}

// ReadLimits reads of a cgroup only usage, limits, peak and events: what is cheap for the kernel.
func (h Hierarchy) ReadLimits(path string) (Cgroup, error) {
	c := Cgroup{Path: path}
	dir := h.dir(path)
	number := func(file string) Int { return readNumber(filepath.Join(dir, file)) }
	limit := func(file string) Int { return readLimit(filepath.Join(dir, file)) }
	if h.Version == 1 {
		b, err := read(filepath.Join(dir, "memory.usage_in_bytes"))
		if err != nil {
			return c, gone(err)
		}
		c.Current = parseSize(b)
		c.Max, c.Peak, c.SwapMax = limit("memory.limit_in_bytes"), number("memory.max_usage_in_bytes"), limit("memory.memsw.limit_in_bytes")
		h.readSwap(&c)
		h.readEvents(&c)
		c.Events.Max = number("memory.failcnt")
		return c, nil
	}
	b, err := read(filepath.Join(dir, "memory.current"))
	if err != nil { // the root has none
		return c, gone(err)
	}
	c.Current = parseSize(b)
	c.Max, c.High, c.Peak = limit("memory.max"), limit("memory.high"), number("memory.peak")
	c.SwapMax = limit("memory.swap.max")
	h.readSwap(&c)
	h.readEvents(&c)
	return c, nil
}

// readEvents reads what a cgroup counts with what is below it; of version 1 its own alone.
func (h Hierarchy) readEvents(c *Cgroup) {
	if h.Version == 1 {
		if b, err := read(filepath.Join(h.dir(c.Path), "memory.oom_control")); err == nil {
			c.Events, c.KillOff = parseOOMControl(b)
		}
		return
	}
	if b, err := read(filepath.Join(h.dir(c.Path), "memory.events")); err == nil {
		c.Events = parseEvents(b)
	}
}

// readSwap reads the swap of a cgroup whose Current was read.
func (h Hierarchy) readSwap(c *Cgroup) {
	if b, err := read(filepath.Join(h.dir(c.Path), gaugeNames[h.Version][gaugeSwap])); err == nil {
		c.Swap = parseSwap(b, h.Version, c.Current)
	}
}

// parseSwap reads memory.swap.current. Version 1 has the sum of it and of the usage
// (memory.memsw.usage_in_bytes).
func parseSwap(b []byte, version int, current Int) Int {
	n := parseSize(b)
	if version == 1 && n.OK {
		return report.Some(max(0, n.V-current.V))
	}
	return n
}

// readLocal reads what a cgroup counts without what is below it; version 1 has no such file.
func (h Hierarchy) readLocal(c *Cgroup) {
	if b, err := read(filepath.Join(h.dir(c.Path), "memory.events.local")); err == nil {
		c.Local = parseEvents(b)
	}
}

// Complete reads what [Hierarchy.ReadLimits] leaves out.
func (h Hierarchy) Complete(c *Cgroup) {
	dir := h.dir(c.Path)
	if b, err := read(filepath.Join(dir, "memory.stat")); err == nil {
		c.File, c.Slab = parseCaches(b, h.Version)
	}
	if h.Version == 1 {
		c.Swappiness = readNumber(filepath.Join(dir, "memory.swappiness"))
		return
	}
	c.Group = readNumber(filepath.Join(dir, "memory.oom.group")).V == 1
	h.readLocal(c)
	c.Pressure, _ = readPressure(h.PressureFile(c.Path))
}

// unlimited is where version 1 says that there is no limit: the most pages that a counter has
// (3.19), or the most bytes.
const unlimited = 1 << 62

// readLimit reads a limit; absent is none, "max".
func readLimit(path string) Int {
	b, err := read(path)
	if err != nil {
		return Int{}
	}
	return parseSize(b)
}

// parseSize reads a limit, or what is used. The kernel prints a counter of use that has fallen
// below zero, as some had by mistake (page_counter underflow), as more than there can be: that is
// absent.
func parseSize(b []byte) Int {
	if n := parseInt(b); n.OK && n.V < unlimited {
		return n
	}
	return Int{}
}

// parseEvents reads memory.events.
func parseEvents(b []byte) (e Events) {
	for name, value := range pairs(b, ' ') {
		n := parseInt(value)
		switch name {
		case "low":
			e.Low = n
		case "high":
			e.High = n
		case "max":
			e.Max = n
		case "oom":
			e.OOM = n
		case "oom_kill":
			e.OOMKill = n
		case "oom_group_kill":
			e.OOMGroupKill = n
		}
	}
	return e
}

// parseOOMControl reads memory.oom_control of version 1: "oom_kill_disable 0", "under_oom 0" and,
// from 4.13, "oom_kill 0".
func parseOOMControl(b []byte) (e Events, off bool) {
	for name, value := range pairs(b, ' ') {
		switch name {
		case "oom_kill_disable":
			off = parseInt(value).V == 1
		case "oom_kill":
			e.OOMKill = parseInt(value)
		}
	}
	return e, off
}

// parseCaches reads of memory.stat [Cgroup.File], which is a sum, and [Cgroup.Slab]. Version 1 has
// sums over the tree as total_…
func parseCaches(b []byte, version int) (file, slab Int) {
	prefix := ""
	if version == 1 {
		prefix = "total_"
	}
	var sum int64
	found := 0
	for name, value := range pairs(b, ' ') {
		short, ok := strings.CutPrefix(name, prefix)
		if !ok || short != "inactive_file" && short != "active_file" && short != "slab_reclaimable" {
			continue
		}
		n := parseInt(bytes.TrimSpace(value))
		switch {
		case !n.OK:
		case short == "slab_reclaimable":
			slab = n
		case sum+n.V >= sum:
			sum += n.V
			found++
		}
	}
	if found == 2 {
		file = report.Some(sum)
	}
	return file, slab
}
