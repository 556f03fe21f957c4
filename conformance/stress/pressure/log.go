// SPDX-License-Identifier: Apache-2.0

//go:build linux

package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// killLog is the kernel's log from a moment on. It says in which order processes were killed: the
// first may be the last to end.
type killLog struct{ fd int }

func openLog() (killLog, error) {
	fd, err := unix.Open("/dev/kmsg", unix.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return killLog{}, fmt.Errorf("/dev/kmsg: %w", err)
	}
	if _, err := unix.Seek(fd, 0, io.SeekEnd); err != nil {
		_ = unix.Close(fd)
		return killLog{}, fmt.Errorf("/dev/kmsg: %w", err)
	}
	return killLog{fd}, nil
}

func (l killLog) close() { _ = unix.Close(l.fd) }

// first returns who of those that died is named first.
func (l killLog) first(died []death) (death, bool) {
	record := make([]byte, 8<<10)
	for {
		n, err := unix.Read(l.fd, record)
		switch err {
		case nil:
		case unix.EPIPE, unix.EINTR: // what was overwritten is not needed as long as the rest names one
			continue
		default:
			return death{}, false
		}
		for _, d := range died {
			if strings.Contains(string(record[:n]), fmt.Sprintf("Killed process %d (", d.pid)) {
				return d, true
			}
		}
	}
}

// mayProtect reports whether this process may make others less likely to be killed.
func mayProtect() bool {
	const file = "/proc/self/oom_score_adj"
	was, err := os.ReadFile(file)
	if err != nil || os.WriteFile(file, []byte("-1"), 0) != nil {
		return false
	}
	return os.WriteFile(file, was, 0) == nil
}
