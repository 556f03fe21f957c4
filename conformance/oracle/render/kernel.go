// SPDX-License-Identifier: Apache-2.0

// Package render prints whole OOM reports from values, as each kernel from 2.6.9 to 7.3 prints
// them, and puts them into every format that such text is met in. It is written from the kernels'
// own format strings and shares no code with the parser: what the parser reads from a rendering
// must be the values that went in.
package render

import (
	"strconv"
	"strings"
)

// Kernel is one row of the version matrix.
type Kernel struct {
	// Name is the mainline version "5.10", or "rhel7.7".
	Name string
	// Release is what uname -r says.
	Release string
	// Build is the word behind the release on the CPU line.
	Build string

	base version
	rhel version
}

// Kernels are the rows of the version matrix.
var Kernels = kernels(
	"2.6.9", "2.6.18", "rhel5.7", "2.6.20", "2.6.24", "2.6.28", "2.6.31", "2.6.32", "2.6.33", "2.6.35", "rhel6.6",
	"2.6.36", "2.6.37", "3.2", "3.5", "3.6", "3.8", "3.9", "3.10", "3.13", "3.16", "3.19", "rhel7.7", "4.0", "4.1", "4.2", "4.4",
	"4.5", "4.6", "4.8", "4.9", "4.11", "4.12", "4.14", "4.15", "4.18", "rhel8.1", "4.19", "4.20", "5.0", "5.2", "5.3",
	"rhel8.3", "5.4", "5.7", "5.8", "5.9", "5.10", "5.11", "5.15", "5.17", "5.19", "6.1", "6.2", "6.4", "6.5", "6.6", "6.8",
	"6.10", "6.11", "6.12", "6.13", "6.17", "6.18", "6.19", "7.0", "7.1", "7.3")

// rhelBase has the mainline version and the release of each Red Hat kernel.
var rhelBase = map[string][2]string{
	"rhel5.7": {"2.6.18", "2.6.18-274.el5"},
	"rhel6.6": {"2.6.32", "2.6.32-504.el6.x86_64"},
	"rhel7.7": {"3.10", "3.10.0-1062.el7.x86_64"},
	"rhel8.1": {"4.18", "4.18.0-147.5.1.el8_1.x86_64"},
	"rhel8.3": {"4.18", "4.18.0-240.el8.x86_64"},
}

func kernels(names ...string) []Kernel {
	list := make([]Kernel, len(names))
	for i, name := range names {
		k := Kernel{Name: name, Release: name + ".7-generic", Build: "#101-Ubuntu"}
		if base, red := rhelBase[name]; red {
			k.base, k.Release, k.Build = parseVersion(base[0]), base[1], "#1"
			k.rhel = parseVersion(strings.TrimPrefix(name, "rhel"))
		} else {
			k.base = parseVersion(name)
		}
		list[i] = k
	}
	return list
}

// KernelNamed returns the row of that name.
func KernelNamed(name string) Kernel {
	for _, k := range Kernels {
		if k.Name == name {
			return k
		}
	}
	panic("no kernel " + name + " in the matrix")
}

// version orders kernels: 2.6.9 is 2,006,009; 6.12 is 6,012,000.
type version int

func parseVersion(s string) version {
	v, scale := 0, 1000000
	for _, part := range strings.Split(s, ".") {
		n, err := strconv.Atoi(part)
		if err != nil {
			panic("version " + s)
		}
		v += n * scale
		scale /= 1000
	}
	return version(v)
}

// from reports whether the kernel is a mainline one of that version or later.
func (k Kernel) from(since string) bool { return k.rhel == 0 && k.base >= parseVersion(since) }

// isX86 reports whether the release names an architecture whose pages have one size.
func (k Kernel) isX86() bool { return strings.HasSuffix(k.Release, "x86_64") }

// to reports whether the kernel is a mainline one of that version or earlier.
func (k Kernel) to(last string) bool { return k.rhel == 0 && k.base <= parseVersion(last) }

// isRHEL reports whether the kernel is Red Hat's of one of these versions.
func (k Kernel) isRHEL(names ...string) bool {
	for _, name := range names {
		if k.rhel == parseVersion(name) {
			return true
		}
	}
	return false
}

// mainline is from for a Red Hat kernel too, which counts as the version it was made from.
func (k Kernel) mainline(since string) bool { return k.base >= parseVersion(since) }

// HasMemcg reports whether the kernel prints a report of a memory cgroup's OOM.
func (k Kernel) HasMemcg() bool { return k.mainline("2.6.31") }

// HasV2 reports whether the kernel knows counters of cgroup v2.
func (k Kernel) HasV2() bool { return k.from("5.3") || k.isRHEL("8.3") }

// HasOOMKillLine reports whether the kernel prints "oom-kill:constraint=…".
func (k Kernel) HasOOMKillLine() bool { return k.from("5.0") || k.isRHEL("8.3") }

// HasGroupKill reports whether the kernel knows memory.oom.group.
func (k Kernel) HasGroupKill() bool { return k.from("4.19") || k.isRHEL("8.1", "8.3") }

// HasReaper reports whether the kernel has an oom_reaper.
func (k Kernel) HasReaper() bool { return k.from("4.6") || k.isRHEL("8.1", "8.3") }

// HasSelection reports whether the kernel names the process first chosen in a line of its own.
func (k Kernel) HasSelection() bool {
	return k.from("2.6.18") && k.to("5.0") || k.isRHEL("6.6", "7.7")
}

// HasTasks reports whether the kernel can print a task table.
func (k Kernel) HasTasks() bool { return k.mainline("2.6.28") }
