// SPDX-License-Identifier: Apache-2.0

package format

import "github.com/oomtrail/oomtrail/parser/report"

// TrustedSource is what an input is known to come from.
type TrustedSource = report.Source

// The sources.
const (
	TrustedNone     = report.SourceNone
	TrustedKmsg     = report.SourceKmsg
	TrustedJournald = report.SourceJournald
	TrustedSyslog   = report.SourceSyslog
)

// ParseTrustedSource reads the setting `trusted_source`; empty is none.
func ParseTrustedSource(name string) (TrustedSource, error) { return report.ParseSource(name) }
