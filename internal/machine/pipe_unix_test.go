// SPDX-License-Identifier: Apache-2.0

//go:build unix

package machine

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// TestPipes: a root directory whose files are pipes, or lead to a device, keeps nobody waiting.
func TestPipes(t *testing.T) {
	root := t.TempDir()
	for _, dir := range []string{"etc", "proc/sys/kernel/random"} {
		if err := os.MkdirAll(filepath.Join(root, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	boot := BootIDFile(filepath.Join(root, "proc"))
	for _, path := range []string{filepath.Join(root, "etc/machine-id"), boot} {
		if err := syscall.Mkfifo(path, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("/dev/zero", filepath.Join(root, "etc/hostname")); err != nil {
		t.Fatal(err)
	}
	if name, id := Identify("", root, func(string) string { return "" }); name != "" || id != "" {
		t.Errorf("%q, %q", name, id)
	}
	if id := BootIDOf(boot); id != "" {
		t.Errorf("%q", id)
	}
}
