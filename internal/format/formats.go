// SPDX-License-Identifier: Apache-2.0

package format

import "github.com/oomtrail/oomtrail/parser/report"

// formatSet is a set of formats, as bits.
type formatSet uint16

func (s *formatSet) add(f report.Format) { *s |= 1 << (f & 15) }

func (s formatSet) has(f report.Format) bool { return s>>(f&15)&1 != 0 }

// several reports whether the set holds more than one.
func (s formatSet) several() bool { return s&(s-1) != 0 }
