// SPDX-License-Identifier: Apache-2.0

package oomkillreceiver

import (
	"errors"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Files of /proc say that they are regular; some make their reader wait, and take from other
// readers what they give.
func TestFilesOfProcAreNoLogs(t *testing.T) {
	if _, err := os.Stat("/proc/self/status"); err != nil {
		t.Skip("no /proc here: ", err)
	}
	for _, path := range []string{"/proc/self/status", "/proc/kmsg"} {
		_, err := openLog(path)
		if errors.Is(err, os.ErrPermission) {
			continue // the kernel's own answer, and nothing was read
		}
		require.Error(t, err, path)
		assert.True(t, isNotRegular(err), "%s: %v", path, err)
	}
}
