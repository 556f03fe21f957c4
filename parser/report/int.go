// SPDX-License-Identifier: Apache-2.0

package report

// Int is a number that the kernel may not have printed.
type Int struct {
	// V is the number, 0 where absent.
	V int64
	// OK is true where the kernel printed it.
	OK bool
}

// Some returns a number that is present.
func Some(v int64) Int { return Int{V: v, OK: true} }
