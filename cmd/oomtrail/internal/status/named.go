// SPDX-License-Identifier: Apache-2.0

package status

import (
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/oomtrail/oomtrail/internal/kill"
	"github.com/oomtrail/oomtrail/parser/record"
)

// mostNear is how many names are offered that are like one that nothing has.
const mostNear = 3

// Missing is a name that nothing has.
type Missing struct {
	// Near are the names that are most like it, the most like first.
	Near []string
	// Unsure is why something may have that name all the same; "" means that nothing has.
	Unsure string
}

// Missing says whether nothing has the names that were asked for: no process, no cgroup, no unit of
// systemd that does not run, and no kill of the kernel's log. It is about the last look, and nil
// where something has them, or where all of the machine was asked for.
func (c *Collector) Missing() *Missing {
	if !c.Filter.Asks() || len(c.samples) == 0 {
		return nil
	}
	for path := range c.places {
		if c.asked(path) {
			return nil
		}
	}
	for path := range c.samples[0].cgroups { // it may have ended since the first look
		if c.asked(path) {
			return nil
		}
	}
	if slices.ContainsFunc(c.log.Kills, func(k kill.Kill) bool { return c.Filter.Matches(k.Record) }) {
		return nil
	}
	units := c.units()
	if slices.ContainsFunc(units, func(r *record.Record) bool { return c.Filter.Matches(r) }) {
		return nil
	}
	m := &Missing{Unsure: c.unsure}
	m.Near = c.Filter.Near(func(yield func(*record.Record) bool) {
		for _, p := range c.places {
			if !yield(p.kill.Record) {
				return
			}
		}
		for _, r := range units {
			if !yield(r) {
				return
			}
		}
	}, mostNear)
	byName := c.Filter.About("pod") || c.Filter.About("container")
	if m.Unsure == "" && byName && c.unnamed() {
		m.Unsure = "containers run here whose names are not known"
	}
	return m
}

// unnamed reports whether there is a container or a pod whose names are not known, of those that
// were looked at.
func (c *Collector) unnamed() bool {
	const hexID = 64 // digits; other ids are names
	for _, p := range c.places {
		if (len(p.id.ContainerID) == hexID || p.id.PodUID != "") && !p.named {
			return true
		}
	}
	return false
}

// unitDirs are where systemd reads units from (systemd.unit, "Unit File Load Path").
var unitDirs = []string{"etc/systemd/system", "run/systemd/system", "run/systemd/transient", "run/systemd/generator", "usr/local/lib/systemd/system", "usr/lib/systemd/system", "lib/systemd/system"}

// units are the units that systemd knows, whether they run or not, each as a record that names it.
func (c *Collector) units() (units []*record.Record) {
	for _, dir := range unitDirs {
		entries, err := os.ReadDir(filepath.Join("/", c.Root, dir))
		if err != nil {
			continue // no systemd, or another distribution
		}
		for _, e := range entries {
			if ext := filepath.Ext(e.Name()); ext == ".service" || ext == ".scope" || ext == ".slice" {
				units = append(units, new(record.Record).With(record.Attr{Name: "systemd.unit.name", Value: record.StringValue(printable(e.Name()))}))
			}
		}
	}
	return units
}

// startedBySystemd returns when systemd started a unit the last time, zero where it does not say:
// it writes a link with the id of each start (run/systemd/units/invocation:NAME, from 236).
func (c *Collector) startedBySystemd(unit string) time.Time {
	info, err := os.Lstat(filepath.Join("/", c.Root, "run/systemd/units", "invocation:"+filepath.Base(unit)))
	if unit == "" || err != nil {
		return time.Time{}
	}
	return info.ModTime()
}
