// SPDX-License-Identifier: Apache-2.0

package input

import (
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestStartsAndEndsLeaveNothingOpen: as hot reloads are, with names and with warnings.
func TestStartsAndEndsLeaveNothingOpen(t *testing.T) {
	open := func() int {
		names, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Skip("NOT RUN: ", err)
		}
		return len(names)
	}
	r := newRig(t, 1)
	s := r.settings("Warnings", "on", "Warnings_Cgroups", "/nothing/at/all")
	once := func() {
		e, err := r.idle("oom_kill.0", s)
		require.NoError(t, err)
		e.Exit()
	}
	once() // what a process opens once
	before := open()
	for range 50 {
		once()
	}
	assert.LessOrEqual(t, open(), before)
	watchings.take("oom_kill.0")
}
