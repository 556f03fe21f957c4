// SPDX-License-Identifier: Apache-2.0

package kernel

import "github.com/oomtrail/oomtrail/parser/report"

// Some returns a number that is present.
func Some(v int64) report.Int { return report.Some(v) }

// valueOf returns a size or a count as the kernel printed it. One that fell below zero says
// nothing: it is absent.
func valueOf(v int64) report.Int {
	if v < 0 {
		return report.Int{}
	}
	return Some(v)
}
