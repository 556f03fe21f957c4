// SPDX-License-Identifier: Apache-2.0

package statefile

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// TestReadOnly: a directory that cannot be written to is said at once, not at the first kill.
func TestReadOnly(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.Chmod(dir, 0o500))
	t.Cleanup(func() { _ = os.Chmod(dir, 0o700) })
	obeyPermissions(t)
	_, _, err := Open(filepath.Join(dir, "state"))
	assert.EqualError(t, err, "permission denied: name a file in a directory that can be written to")
}

// obeyPermissions takes from root, for the rest of a test, that it may write everywhere: from the
// test's thread, which ends with it.
func obeyPermissions(t *testing.T) {
	t.Helper()
	runtime.LockOSThread()
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var sets [2]unix.CapUserData
	require.NoError(t, unix.Capget(&header, &sets[0]))
	sets[0].Effective &^= 1 << unix.CAP_DAC_OVERRIDE
	require.NoError(t, unix.Capset(&header, &sets[0]))
}
