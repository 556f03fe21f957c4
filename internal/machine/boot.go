// SPDX-License-Identifier: Apache-2.0

package machine

import (
	"os"
	"strings"
)

// BootID returns the id of the running boot as the journal prints it, 32 hexadecimal digits, ""
// where it is not known. Containers see that of their machine.
func BootID() string {
	id, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	return strings.ReplaceAll(strings.TrimSpace(string(id)), "-", "")
}
