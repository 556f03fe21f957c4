// SPDX-License-Identifier: Apache-2.0

package format

import "github.com/oomtrail/oomtrail/parser/report"

// Format and what a format says of a line are those of package report.
type (
	Format  = report.Format
	Origin  = report.Origin
	Assumed = report.Assumed
)

// The formats.
const (
	Auto          = report.Auto
	Kmsg          = report.Kmsg
	Dmesg         = report.Dmesg
	Syslog        = report.Syslog
	JournalJSON   = report.JournalJSON
	JournalExport = report.JournalExport
	None          = report.None
)

// Who wrote a line.
const (
	OriginUnknown = report.OriginUnknown
	OriginKernel  = report.OriginKernel
	OriginUser    = report.OriginUser
)

// What of a wall time the log does not say.
const (
	AssumedZone      = report.AssumedZone
	AssumedYear      = report.AssumedYear
	AssumedBootClock = report.AssumedBootClock
)

// ParseFormat returns the format with that name.
func ParseFormat(name string) (Format, error) { return report.ParseFormat(name) }
