// SPDX-License-Identifier: Apache-2.0

package oomkillreceiver

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/oomtrail/oomtrail/internal/setting"
	"github.com/oomtrail/oomtrail/internal/warning"
	"github.com/oomtrail/oomtrail/otelreceiver/internal/metadata"
	"github.com/oomtrail/oomtrail/otelreceiver/oomlogs"
	"github.com/oomtrail/oomtrail/parser"
	"github.com/oomtrail/oomtrail/parser/report"
)

// minBufferSize is room for a few of the largest records.
const minBufferSize = 256 << 10

// Validate names every setting that is wrong.
func (c *Config) Validate() error {
	var errs []error
	add := func(err error) { errs = append(errs, err) }
	add(setting.OneOf("source", c.Source, sourceKmsg, sourceJournald, sourceFile))
	add(setting.OneOf("start_at", c.StartAt, "", "beginning", "end"))
	add(setting.OneOf("emit", c.Emit, "oom", "all"))
	add(setting.OneOf("trust", c.Trust, parser.TrustNames()...))
	add(setting.OneOf("host_from", c.HostFrom, oomlogs.HostFromResource, oomlogs.HostFromLog))
	add(setting.OneOf("observations", c.Observations, parser.ObservationNames()...))
	add(setting.OneOf("memory_stat", c.MemoryStat, parser.MemoryStatNames()...))
	add(setting.TasksTop("tasks_top", c.TasksTop))
	if c.ReportTimeout < 100*time.Millisecond {
		add(fmt.Errorf("report_timeout: %s: use 100ms or more", c.ReportTimeout))
	}
	if c.BufferSize < minBufferSize {
		add(fmt.Errorf("buffer_size: %d: use %d bytes or more", c.BufferSize, minBufferSize))
	}
	if c.CollectionInterval <= 0 {
		add(fmt.Errorf("collection_interval: %s: use a duration above 0", c.CollectionInterval))
	}
	if how := c.MetricsBuilderConfig.Metrics.OomKills.AggregationStrategy; how != metadata.AggregationStrategySum {
		add(fmt.Errorf("metrics::oom.kills::aggregation_strategy: %q: use sum, or leave it out: the kills of fewer attributes add up", how))
	}
	add(reservedName("attributes", c.Attributes))
	add(reservedName("resource", c.Resource))
	if name := c.Resource["host.name"]; name != "" && c.HostName != "" && c.HostName != name {
		add(fmt.Errorf("host_name: %q: resource names the host %q: remove one", c.HostName, name))
	}
	if err := c.RetryOnFailure.Validate(); err != nil {
		add(fmt.Errorf("retry_on_failure: %w", err))
	}
	add(setting.HostName("host_name", c.HostName))
	add(setting.RootPath("root_path", c.RootPath))
	add(c.validateKmsg())
	add(c.validateJournald())
	add(c.validateFile())
	add(c.validateWarnings())
	add(c.validateCgroupMetrics())
	return errors.Join(errs...)
}

// validateKmsg checks the block kmsg where it is the one that is used.
func (c *Config) validateKmsg() error {
	if c.Source == sourceKmsg && !filepath.IsAbs(c.Kmsg.Path) {
		return fmt.Errorf("kmsg::path: %q: use the absolute path of the kernel log device, such as /dev/kmsg", c.Kmsg.Path)
	}
	return nil
}

// validateJournald checks the block journald where it is the one that is used.
func (c *Config) validateJournald() error {
	if c.Source != sourceJournald {
		return nil
	}
	j := &c.Journald
	var errs []error
	if j.JournalctlPath == "" {
		errs = append(errs, errors.New(`journald::journalctl_path: "": name the command, such as journalctl`))
	}
	if j.Directory != "" && len(j.Files) > 0 {
		errs = append(errs, fmt.Errorf("journald::directory: %q: journalctl takes either directory or files, remove one", j.Directory))
	}
	if c.RootPath != "" && !filepath.IsAbs(j.JournalctlPath) {
		errs = append(errs, fmt.Errorf("journald::journalctl_path: %q: with root_path use the absolute path within it, such as /usr/bin/journalctl", j.JournalctlPath))
	}
	for _, unit := range j.Units {
		if unit == "" || strings.ContainsAny(unit, "= \t\n") {
			errs = append(errs, fmt.Errorf("journald::units: %q: use names of units, such as containerd.service", unit))
		}
	}
	return errors.Join(errs...)
}

// validateFile checks the block file where it is the one that is used.
func (c *Config) validateFile() error {
	if c.Source != sourceFile {
		return nil
	}
	f := &c.File
	var errs []error
	if len(f.Include) == 0 {
		errs = append(errs, errors.New("file::include: []: name at least one file or glob, such as /var/log/kern.log"))
	}
	for _, list := range []struct {
		key   string
		globs []string
	}{{"file::include", f.Include}, {"file::exclude", f.Exclude}} {
		for _, glob := range list.globs {
			if !doublestar.ValidatePathPattern(glob) {
				errs = append(errs, fmt.Errorf("%s: %q: %w; [ ] and { } must be paired, or quoted with \\", list.key, glob, doublestar.ErrBadPattern))
			}
		}
	}
	if _, err := report.ParseFormat(f.Format); err != nil {
		errs = append(errs, fmt.Errorf("file::format: %w", err))
	}
	errs = append(errs, setting.TrustedSource("file::trusted_source", f.TrustedSource), setting.Location("file::location", f.Location))
	if f.PollInterval <= 0 {
		errs = append(errs, fmt.Errorf("file::poll_interval: %s: use a duration above 0", f.PollInterval))
	}
	return errors.Join(errs...)
}

// validateWarnings checks the block warnings where it is used.
func (c *Config) validateWarnings() error {
	if !c.Warnings.Enabled {
		return nil
	}
	var errs []error
	for _, wrong := range c.Warnings.settings().Check() {
		wrong.Key = "warnings::" + wrong.Key
		errs = append(errs, wrongSetting(wrong))
	}
	return errors.Join(errs...)
}

// maxCgroupMetrics is how many cgroups may have metrics: each is read whole once an interval.
const maxCgroupMetrics = 1000

// validateCgroupMetrics checks the block cgroup_metrics.
func (c *Config) validateCgroupMetrics() error {
	var errs []error
	for _, wrong := range warning.CheckPatterns("cgroup_metrics::include", c.CgroupMetrics.Include) {
		errs = append(errs, wrongSetting(wrong))
	}
	if limit := c.CgroupMetrics.Limit; limit < 1 || limit > maxCgroupMetrics {
		errs = append(errs, fmt.Errorf("cgroup_metrics::limit: %d: use 1 to %d", limit, maxCgroupMetrics))
	}
	if len(c.CgroupMetrics.Include) > 0 && !c.readsThisMachine() {
		errs = append(errs, fmt.Errorf("cgroup_metrics::include: %q: the cgroups are this machine's, and the log that is read may be another's: "+
			"use source kmsg, or journald without directory and files, or remove the block", c.CgroupMetrics.Include))
	}
	return errors.Join(errs...)
}

// wrongSetting is the error of a setting that is wrong.
func wrongSetting(w warning.Wrong) error { return fmt.Errorf("%s: %s: %s", w.Key, w.Value, w.Remedy) }

// reservedName reports an added attribute that only a record itself may carry: it decides what
// passes as a record.
func reservedName(key string, added map[string]string) error {
	var names []string
	for name := range added {
		if name == "event.name" || name == "" || strings.HasPrefix(name, "oom.") {
			names = append(names, fmt.Sprintf("%q", name))
		}
	}
	if len(names) == 0 {
		return nil
	}
	slices.Sort(names)
	return fmt.Errorf("%s: %s: event.name and oom.* are the record's own, use another name", key, strings.Join(names, ", "))
}
