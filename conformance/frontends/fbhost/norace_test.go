// SPDX-License-Identifier: Apache-2.0

//go:build !race

package fbhost_test

const raceEnabled = false
