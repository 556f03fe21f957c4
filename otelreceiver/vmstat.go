// SPDX-License-Identifier: Apache-2.0

package oomkillreceiver

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// procOf returns the directory of the files of the kernel: below a root directory where that holds
// them, since a container may have some of its own (/proc/stat of LXCFS).
func procOf(root string) string {
	if proc := filepath.Join(root, "proc"); root != "" {
		if _, err := os.Stat(filepath.Join(proc, "vmstat")); err == nil {
			return proc
		}
	}
	return "/proc"
}

// kernelKills reads the kernel's own count of OOM kills since boot, and when that was. ok is false
// where the kernel does not count them (before 4.13), or is none.
func kernelKills(proc string) (kills int64, boot time.Time, ok bool) {
	kills, ok = procField(filepath.Join(proc, "vmstat"), "oom_kill")
	if !ok {
		return 0, time.Time{}, false
	}
	seconds, ok := procField(filepath.Join(proc, "stat"), "btime")
	return kills, time.Unix(seconds, 0), ok
}

// procField returns the number behind a name in a file of "name number" lines.
func procField(path, name string) (int64, bool) {
	b, err := os.ReadFile(path)
	if err != nil {
		return 0, false
	}
	for line := range strings.Lines(string(b)) {
		if field, value, found := strings.Cut(strings.TrimSpace(line), " "); found && field == name {
			n, err := strconv.ParseInt(value, 10, 64)
			return n, err == nil
		}
	}
	return 0, false
}
