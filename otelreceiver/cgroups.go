// SPDX-License-Identifier: Apache-2.0

package oomkillreceiver

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.uber.org/zap"

	"github.com/oomtrail/oomtrail/internal/facts"
	"github.com/oomtrail/oomtrail/internal/identity"
	"github.com/oomtrail/oomtrail/internal/plain"
	"github.com/oomtrail/oomtrail/internal/warning"
	"github.com/oomtrail/oomtrail/otelreceiver/internal/metadata"
	"github.com/oomtrail/oomtrail/otelreceiver/oomlogs"
	"github.com/oomtrail/oomtrail/parser/report"
	"github.com/oomtrail/oomtrail/watch"
)

// cgroupMetrics are the metrics of the cgroups that patterns choose, at most limit of them. One
// that has metrics keeps them as long as it is there, so that its counters go on; free places go to
// those nearest their limit.
type cgroupMetrics struct {
	system   watch.System
	patterns []warning.Pattern
	limit    int
	names    func(report.Workload) report.Names
	logger   *zap.Logger

	// chosen are the paths that were there at the last look and that a pattern matches, with the
	// time since which their counters count. listed are those that have metrics.
	chosen   map[string]time.Time
	listed   map[string]watch.Events
	lookedAt time.Time
	said     map[string]bool
}

// look returns the cgroups that have metrics now, by their paths, and how many have none because of
// the limit.
func (c *cgroupMetrics) look(now time.Time) (list []watch.Cgroup, omitted int) {
	h, err := c.system.Hierarchy()
	if err != nil {
		c.sayOnce("hierarchy", "cgroup_metrics::include: no cgroup can be seen: "+err.Error())
		return nil, 0
	}
	first := c.chosen == nil
	since := c.lookedAt // it was made after the last look
	if first {
		since, _ = c.system.Boot()
	}
	chosen := make(map[string]time.Time, len(c.chosen))
	matched := make([]bool, len(c.patterns))
	walked := h.Walk("/", func(path string) {
		for i := range c.patterns {
			if c.patterns[i].Match(path) {
				matched[i] = true
				start, known := c.chosen[path]
				if !known {
					start = since
				}
				chosen[path] = start
			}
		}
	})
	if first {
		c.sayWhatIsMissing(walked, matched)
	}
	c.chosen = chosen
	paths := c.choose(h)
	if omitted = len(chosen) - len(paths); omitted > 0 {
		c.sayOnce("limit", fmt.Sprintf("cgroup_metrics::limit: %d: %d more cgroups are chosen and have no metrics: narrow cgroup_metrics::include, or raise the limit", c.limit, omitted))
	}
	for _, path := range paths {
		g, err := h.Read(path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			delete(c.listed, path)
			delete(c.chosen, path)
			continue
		case err != nil:
			c.sayOnce("unread", fmt.Sprintf("cgroup_metrics::include: cgroup %q cannot be read: %v", path, err))
			continue
		}
		if before, ok := c.listed[path]; ok && fell(before, g.Events) {
			c.chosen[path] = c.lookedAt // it was removed and made again
		}
		c.listed[path] = g.Events
		list = append(list, g)
	}
	c.lookedAt = now
	return list, omitted
}

// choose returns the paths of the cgroups that are to have metrics, in their order.
func (c *cgroupMetrics) choose(h watch.Hierarchy) []string {
	maps.DeleteFunc(c.listed, func(path string, _ watch.Events) bool { _, there := c.chosen[path]; return !there })
	paths := slices.Collect(maps.Keys(c.listed))
	if free := c.limit - len(paths); free > 0 {
		var others []string
		for path := range c.chosen {
			if _, has := c.listed[path]; !has {
				others = append(others, path)
			}
		}
		if len(others) > free {
			nearestFirst(h, others)
			others = others[:free]
		}
		paths = append(paths, others...)
	}
	slices.Sort(paths)
	return paths
}

// nearestFirst sorts cgroups by the share of their limit that they use. Those without one are the
// last.
func nearestFirst(h watch.Hierarchy, paths []string) {
	used := make(map[string]float64, len(paths))
	for _, path := range paths {
		if g, err := h.ReadLimits(path); err == nil && g.Current.OK && g.Max.OK {
			used[path] = float64(g.Current.V) / float64(max(g.Max.V, 1))
		}
	}
	slices.SortFunc(paths, func(a, b string) int {
		return cmp.Or(cmp.Compare(used[b], used[a]), strings.Compare(a, b))
	})
}

// fell reports whether a counter is lower than it was.
func fell(before, now watch.Events) bool {
	for _, of := range [...][2]watch.Int{{before.High, now.High}, {before.Max, now.Max}, {before.OOM, now.OOM}, {before.OOMKill, now.OOMKill}} {
		if of[0].OK && of[1].OK && of[1].V < of[0].V {
			return true
		}
	}
	return false
}

// sayWhatIsMissing says, at the first look, what the patterns do not find.
func (c *cgroupMetrics) sayWhatIsMissing(walked watch.Walked, matched []bool) {
	for i, ok := range matched {
		if !ok {
			c.sayOnce(c.patterns[i].String(), fmt.Sprintf("cgroup_metrics::include: %q: no cgroup here has such a path now: `oomtrail status --limit 0` lists them", c.patterns[i]))
		}
	}
	if walked.Denied > 0 {
		c.sayOnce("denied", fmt.Sprintf("cgroup_metrics::include: %d cgroups may not be looked into: run the collector as root, or with CAP_DAC_READ_SEARCH", walked.Denied))
	}
	if walked.Cut {
		c.sayOnce("cut", "cgroup_metrics::include: there are more cgroups than are looked at; those beyond have no metrics")
	}
	if _, narrowed := c.system.Narrowed(); narrowed {
		c.sayOnce("narrowed", "cgroup_metrics::include: only the cgroups of this container are seen: mount the machine's root, and set root_path to where it is")
	}
}

// sayOnce logs what it is about once.
func (c *cgroupMetrics) sayOnce(about, what string) {
	if !c.said[about] {
		c.said[about] = true
		c.logger.Warn(what)
	}
}

// putInto records the points of a cgroup.
func (c *cgroupMetrics) putInto(b *metadata.MetricsBuilder, ts pcommon.Timestamp, g *watch.Cgroup) {
	path := plain.Printable(g.Path)
	for _, event := range [...]struct {
		of    metadata.AttributeCgroupEvent
		count watch.Int
	}{
		{metadata.AttributeCgroupEventHigh, g.Events.High}, {metadata.AttributeCgroupEventMax, g.Events.Max},
		{metadata.AttributeCgroupEventOom, g.Events.OOM}, {metadata.AttributeCgroupEventOomKill, g.Events.OOMKill},
	} {
		if event.count.OK {
			b.RecordOomCgroupEventsDataPoint(ts, event.count.V, event.of, path)
		}
	}
	held := g.Held()
	if held.OK {
		b.RecordOomCgroupUsageDataPoint(ts, held.V, path)
	}
	if g.Max.OK {
		b.RecordOomCgroupLimitDataPoint(ts, g.Max.V, path)
	}
	if held.OK && g.Max.OK {
		b.RecordOomCgroupHeadroomDataPoint(ts, max(g.Max.V-held.V, 0), path)
	}
}

// resource returns the resource of a cgroup's metrics: that of the host, and whose the cgroup is.
func (c *cgroupMetrics) resource(base pcommon.Resource, path string, omit oomlogs.Omit) pcommon.Resource {
	of := facts.Facts{Ask: c.names}
	id := identity.Of(path)
	names := of.NamesOfWorkload(facts.Workload(&id))
	res := pcommon.NewResource()
	base.CopyTo(res)
	for _, a := range [...]struct{ name, value string }{
		{"container.id", id.ContainerID}, {"container.runtime.name", id.Runtime}, {"container.name", names.ContainerName},
		{"k8s.namespace.name", names.Namespace}, {"k8s.pod.name", names.Pod}, {"k8s.pod.uid", id.PodUID}, {"k8s.container.name", names.Container},
		{"systemd.unit.name", id.Unit},
	} {
		if a.value != "" {
			res.Attributes().PutStr(a.name, plain.Printable(a.value))
		}
	}
	omit.From(res.Attributes())
	return res
}
