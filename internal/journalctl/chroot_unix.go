// SPDX-License-Identifier: Apache-2.0

//go:build unix

package journalctl

import (
	"os/exec"
	"syscall"
)

// chroot makes the command see root as its file system.
func chroot(cmd *exec.Cmd, root string) error {
	cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: root}
	cmd.Dir = "/"
	return nil
}
