// SPDX-License-Identifier: Apache-2.0

//go:build !linux

package kmsgtest

// BeHog does nothing: only Linux has cgroups.
func BeHog() {}
