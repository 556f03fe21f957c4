// SPDX-License-Identifier: Apache-2.0

package kernel

// Int is a number that the kernel may not have printed.
type Int struct {
	// V is the number, 0 when absent.
	V int64
	// OK reports whether the kernel printed it.
	OK bool
}

// Some returns a number that is present.
func Some(v int64) Int { return Int{V: v, OK: true} }

// figureOf returns a size or a count as the kernel printed it. One that fell below zero says nothing: it is absent.
func figureOf(v int64) Int {
	if v < 0 {
		return Int{}
	}
	return Some(v)
}
