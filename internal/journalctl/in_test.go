// SPDX-License-Identifier: Apache-2.0

package journalctl

import (
	"os"
	"path/filepath"
	"testing"
)

// TestIn: in another root directory the command has its path there, whatever PATH says.
func TestIn(t *testing.T) {
	if got := In(""); got != "journalctl" {
		t.Errorf("in the process's own: %s", got)
	}
	for _, path := range []string{"/usr/bin/journalctl", "/bin/journalctl", "/run/current-system/sw/bin/journalctl"} {
		root := t.TempDir()
		if got := In(root); got != "/usr/bin/journalctl" {
			t.Errorf("in an empty root: %s", got)
		}
		file := filepath.Join(root, path)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, nil, 0o755); err != nil {
			t.Fatal(err)
		}
		if got := In(root); got != path {
			t.Errorf("where it is %s: %s", path, got)
		}
	}
}
