// SPDX-License-Identifier: Apache-2.0

//go:build !unix

package journalctl

import (
	"fmt"
	"os/exec"
	"runtime"
)

// chroot refuses: there is no such thing here.
func chroot(_ *exec.Cmd, root string) error {
	return fmt.Errorf("root_path: %q: not possible on %s, remove it", root, runtime.GOOS)
}
