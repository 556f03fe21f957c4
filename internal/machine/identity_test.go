// SPDX-License-Identifier: Apache-2.0

package machine

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestIdentify(t *testing.T) {
	const id = "0123456789abcdef0123456789abcdef"
	none := func(string) string { return "" }
	pod := func(name string) string {
		return map[string]string{"KUBERNETES_SERVICE_HOST": "10.0.0.1"}[name]
	}
	identify := func(configured, root string, env func(string) string) [2]string {
		name, id := Identify(configured, root, env)
		return [2]string{name, id}
	}
	root := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(root, "etc"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(root, "etc/hostname"), []byte("node-7\n"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(root, "etc/machine-id"), []byte(id+"\n"), 0o600))

	assert.Equal(t, [2]string{"node-7", id}, identify("", root, pod), "the host's root says it, also in a pod")
	assert.Equal(t, [2]string{"named", id}, identify("named", root, pod))
	assert.Equal(t, [2]string{"named", ""}, identify("named", "", pod), "a pod's machine id is not the node's")
	assert.Equal(t, [2]string{}, identify("", "", pod), "a pod's host name is not the node's")

	require.NoError(t, os.WriteFile(filepath.Join(root, "etc/machine-id"), []byte("uninitialized\n"), 0o600))
	assert.Equal(t, [2]string{"node-7", ""}, identify("", root, none))
}
