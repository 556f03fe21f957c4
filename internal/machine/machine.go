// SPDX-License-Identifier: Apache-2.0

// Package machine knows whether a process sees the machine that it runs on.
package machine

import (
	"os"
	"path/filepath"
)

// InContainer reports whether the process runs in a container, by the marks that runtimes leave in
// the environment and below root. Its host name, its machine id and its users are then the
// container's.
func InContainer(root string, env func(string) string) bool {
	if env("KUBERNETES_SERVICE_HOST") != "" || env("container") != "" {
		return true
	}
	for _, mark := range []string{".dockerenv", "run/.containerenv", "run/systemd/container"} {
		if _, err := os.Stat(filepath.Join(root, mark)); err == nil {
			return true
		}
	}
	return false
}
