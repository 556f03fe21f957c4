// SPDX-License-Identifier: Apache-2.0

package format

// formatSet is a set of formats, as bits.
type formatSet uint16

func (s *formatSet) add(f Format) { *s |= 1 << (f & 15) }

func (s formatSet) has(f Format) bool { return s>>(f&15)&1 != 0 }

// several reports whether the set holds more than one.
func (s formatSet) several() bool { return s&(s-1) != 0 }
