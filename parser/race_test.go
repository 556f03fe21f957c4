// SPDX-License-Identifier: Apache-2.0

package parser

import "testing"

// inOneGoroutine leaves a test out of the race detector's run (make race), in which it takes eight
// times as long and has nothing to find: all of it runs in one goroutine.
func inOneGoroutine(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("runs in one goroutine, which cannot race: make unit runs it")
	}
}
