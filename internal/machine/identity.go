// SPDX-License-Identifier: Apache-2.0

package machine

import (
	"io"
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

// longest is how much of a file is read.
const longest = 4096

// firstLine returns the trimmed first line of a small file, "" when it cannot be read. Below a root
// directory a pipe may stand there, which would keep its reader waiting, or a device without end.
func firstLine(path string) string {
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
		return ""
	}
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer func() { _ = f.Close() }() // it was only read
	b, err := io.ReadAll(io.LimitReader(f, longest))
	if err != nil {
		return ""
	}
	line, _, _ := strings.Cut(string(b), "\n")
	return strings.TrimSpace(line)
}
