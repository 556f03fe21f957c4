// SPDX-License-Identifier: Apache-2.0

package fbhost

import (
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

//go:embed host/host.c
var source []byte

// Build compiles the host into a directory and returns the program. More arguments go to the
// compiler.
func Build(dir string, args ...string) (program string, err error) {
	program = filepath.Join(dir, "host")
	file := filepath.Join(dir, "host.c")
	if err := os.WriteFile(file, source, 0o600); err != nil {
		return "", err
	}
	args = append([]string{"-Wall", "-Wextra", "-Werror", "-O1", "-g", "-rdynamic", "-o", program, file}, args...)
	cmd := exec.Command("cc", append(args, "-ldl", "-lpthread")...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%s: %w\n%s", cmd, err, out)
	}
	return program, nil
}
