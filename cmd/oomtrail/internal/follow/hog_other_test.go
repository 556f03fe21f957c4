// SPDX-License-Identifier: Apache-2.0

//go:build !linux

package follow

// hog does nothing: only Linux has cgroups.
func hog(string) {}
