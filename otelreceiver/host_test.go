// SPDX-License-Identifier: Apache-2.0

package oomkillreceiver

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestIdentifyHost(t *testing.T) {
	const id = "0123456789abcdef0123456789abcdef"
	none := func(string) string { return "" }
	pod := func(name string) string {
		return map[string]string{"KUBERNETES_SERVICE_HOST": "10.0.0.1"}[name]
	}
	root := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(root, "etc"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(root, "etc/hostname"), []byte("node-7\n"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(root, "etc/machine-id"), []byte(id+"\n"), 0o600))

	assert.Equal(t, hostIdentity{"node-7", id}, identifyHost("", root, pod), "the host's root tells, also in a pod")
	assert.Equal(t, hostIdentity{"named", id}, identifyHost("named", root, pod))
	assert.Equal(t, hostIdentity{"named", ""}, identifyHost("named", "", pod), "a pod's machine id is not the node's")
	assert.Equal(t, hostIdentity{}, identifyHost("", "", pod), "a pod's host name is not the node's")

	require.NoError(t, os.WriteFile(filepath.Join(root, "etc/machine-id"), []byte("uninitialized\n"), 0o600))
	assert.Equal(t, hostIdentity{"node-7", ""}, identifyHost("", root, none))
}
