// SPDX-License-Identifier: Apache-2.0

package watch

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Hierarchy is the tree of cgroups that limits memory.
type Hierarchy struct {
	// Version is 1 or 2.
	Version int
	// Dir is where it is mounted.
	Dir string
}

// Hierarchy finds the tree of cgroups that limits memory: that of version 2, or the hierarchy
// memory of version 1, also beside a version 2 that has no controllers (systemd's hybrid layout).
func (s System) Hierarchy() (Hierarchy, error) {
	for _, h := range []Hierarchy{{2, s.Cgroups}, {2, filepath.Join(s.Cgroups, "unified")}} {
		// From 4.5; the controller memory of version 2 is there unless version 1 has it.
		if b, err := read(filepath.Join(h.Dir, "cgroup.controllers")); err == nil && slices.Contains(strings.Fields(string(b)), "memory") {
			return h, nil
		}
	}
	v1 := Hierarchy{1, filepath.Join(s.Cgroups, "memory")}
	if _, err := os.Stat(filepath.Join(v1.Dir, "memory.usage_in_bytes")); err == nil {
		return v1, nil
	}
	return Hierarchy{}, fmt.Errorf("%s: no cgroups with the controller memory: mount them there, or start the kernel with cgroup_enable=memory", s.Cgroups)
}

func (h Hierarchy) dir(path string) string { return filepath.Join(h.Dir, path) }

// gone makes every error that says that a cgroup has gone one of [fs.ErrNotExist].
func gone(err error) error {
	if vanished(err) && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w: %w", fs.ErrNotExist, err)
	}
	return err
}

// Walked says what [Hierarchy.Walk] could not see.
type Walked struct {
	// Denied counts cgroups that this user may not look into.
	Denied int
	// Cut is set where there are more cgroups than are looked at, or deeper ones.
	Cut bool
}

// Walk calls fn with the path of each cgroup below one, which is "/" for all, without that one:
// those above come before those below them.
func (h Hierarchy) Walk(below string, fn func(path string)) (w Walked) {
	seen, letters := 0, 0
	var walk func(path string, depth int)
	walk = func(path string, depth int) {
		err := h.below(path, func(child string) bool {
			if seen == maxCgroups || depth == maxDepth || letters+len(child) > maxLetters {
				w.Cut = true
				return false
			}
			seen++
			letters += len(child)
			fn(child)
			walk(child, depth+1)
			return true
		})
		if denied(err) {
			w.Denied++
		}
	}
	walk(below, 0)
	return w
}

// Limits reads of a cgroup what is set and not what is used: Max, High, and where there is a Max
// what decides about swap, SwapMax and Swappiness of version 1. Its errors are those of
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
	if c.Max = parseSize(b); !c.Max.OK {
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
	if isLeaf(h.dir(path)) {
		return nil
	}
	return gone(h.below(path, func(child string) bool {
		fn(child)
		return true
	}))
}

// below calls fn with the path of each cgroup directly below one, until it returns false.
func (h Hierarchy) below(path string, fn func(child string) bool) error {
	parent := strings.TrimSuffix(path, "/")
	return list(h.dir(path), func(name string) bool { return fn(parent + "/" + name) })
}
