// SPDX-License-Identifier: Apache-2.0

//go:build !unix

package watch

// isGone is never true where there is no kernel of Linux.
func isGone(error) bool { return false }
