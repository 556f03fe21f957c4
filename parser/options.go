// SPDX-License-Identifier: Apache-2.0

package parser

import (
	"fmt"

	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/parser/record"
)

// defaultTasksTop is how many tasks oom.tasks.top lists; maxTasksTop is the most it may.
const (
	defaultTasksTop = 10
	maxTasksTop     = 50
)

// validate checks the options; an error names the option, its value and what would be right.
func (o *Options) validate() error {
	switch {
	case o.TasksTop < -1 || o.TasksTop > maxTasksTop:
		return fmt.Errorf("tasks_top: %d: use 1 to %d, 0 for the default of %d, or -1 for none", o.TasksTop, maxTasksTop, defaultTasksTop)
	case o.Trust > TrustAny:
		return fmt.Errorf("trust: %d: use TrustAuto, TrustKernel or TrustAny", o.Trust)
	case o.TrustedSource > TrustedSyslog:
		return fmt.Errorf("trusted_source: %d: use TrustedNone, TrustedKmsg, TrustedJournald or TrustedSyslog", o.TrustedSource)
	case o.MemoryStat > MemoryStatNone:
		return fmt.Errorf("memory_stat: %d: use MemoryStatMain, MemoryStatAll or MemoryStatNone", o.MemoryStat)
	case o.ReportTimeout < 0:
		return fmt.Errorf("report_timeout: %v: use a duration above 0, or 0 for the default of 10s", o.ReportTimeout)
	case o.MaxReportBytes < 0:
		return fmt.Errorf("max_report_bytes: %d: use a number above 0, or 0 for the default", o.MaxReportBytes)
	}
	return nil
}

// Dating is what the options say about stamps that leave something open.
func (o *Options) Dating() format.Dating {
	return format.Dating{Location: o.Location, Reference: o.Reference, Boot: o.Boot}
}

// builder returns the options of the record builder.
func (o *Options) builder() record.Options {
	top := o.TasksTop
	switch top {
	case 0:
		top = defaultTasksTop
	case -1:
		top = 0
	}
	return record.Options{
		Stats: record.Stats(o.MemoryStat), TasksTop: top, Original: o.IncludeOriginal,
		HostName: o.HostName, HostID: o.HostID, Source: o.Source,
	}
}

// ParseTrust reads the setting `trust`: auto, kernel or any.
func ParseTrust(s string) (Trust, error) {
	switch s {
	case "", "auto":
		return TrustAuto, nil
	case "kernel":
		return TrustKernel, nil
	case "any":
		return TrustAny, nil
	}
	return 0, fmt.Errorf("unknown trust %q: use auto, kernel or any", s)
}

// ParseTrustedSource reads the setting `trusted_source`: kmsg, journald or syslog; empty, or none, trusts nothing.
func ParseTrustedSource(s string) (TrustedSource, error) { return format.ParseTrustedSource(s) }

// ParseMemoryStat reads the setting `memory_stat`: main, all or none.
func ParseMemoryStat(s string) (MemoryStat, error) {
	switch s {
	case "", "main":
		return MemoryStatMain, nil
	case "all":
		return MemoryStatAll, nil
	case "none":
		return MemoryStatNone, nil
	}
	return 0, fmt.Errorf("unknown memory_stat %q: use main, all or none", s)
}
