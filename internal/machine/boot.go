// SPDX-License-Identifier: Apache-2.0

package machine

import (
	"path/filepath"
	"strings"
)

// BootID returns the id of the running boot as the journal prints it, 32 hexadecimal digits, ""
// where it is not known. Containers see that of their machine.
func BootID() string { return BootIDOf(BootIDFile("/proc")) }

// BootIDFile is the file below a /proc that names the boot.
func BootIDFile(proc string) string { return filepath.Join(proc, "sys/kernel/random/boot_id") }

// BootIDOf is [BootID] of another such file.
func BootIDOf(file string) string {
	return strings.ReplaceAll(firstLine(file), "-", "")
}
