// SPDX-License-Identifier: Apache-2.0

package machine

import (
	"os"
	"path/filepath"
	"testing"
)

func TestInContainer(t *testing.T) {
	none := func(string) string { return "" }
	root := t.TempDir()
	if InContainer(root, none) {
		t.Error("nothing says so")
	}
	podman := func(name string) string { return map[string]string{"container": "podman"}[name] }
	if !InContainer(root, podman) {
		t.Error("the environment says so")
	}
	if err := os.WriteFile(filepath.Join(root, ".dockerenv"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if !InContainer(root, none) {
		t.Error("a file says so")
	}
}
