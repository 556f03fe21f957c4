// SPDX-License-Identifier: Apache-2.0

package machine

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/oomtrail/oomtrail/internal/ids"
)

// Identify returns the machine's name and id: the name that was configured, else the machine's own,
// but never that of a container, whose host name and machine id are the pod's. root is the file
// system to look in, "" for the process's own. What is not known is empty.
func Identify(configured, root string, env func(string) string) (name, id string) {
	name = configured
	if root == "" && InContainer("/", env) {
		return name, ""
	}
	if root == "" {
		root = "/"
		if name == "" {
			name, _ = os.Hostname() // without one the record has no host.name
		}
	}
	if name == "" {
		name = firstLine(filepath.Join(root, "etc/hostname"))
	}
	// Before the first boot there are words ("uninitialized").
	if text := firstLine(filepath.Join(root, "etc/machine-id")); ids.IsHexOf(text, 32) {
		id = text
	}
	return name, id
}

// firstLine returns the trimmed first line of a small file, "" when it cannot be read.
func firstLine(path string) string {
	b, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	line, _, _ := strings.Cut(string(b), "\n")
	return strings.TrimSpace(line)
}
