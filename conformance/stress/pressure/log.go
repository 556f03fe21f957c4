// SPDX-License-Identifier: Apache-2.0

//go:build linux

package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strconv"

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

// killed is who was killed, by the log.
type killed struct {
	pid  int
	name string
}

func (k killed) String() string { return fmt.Sprintf("%s (%d)", k.name, k.pid) }

var killLine = regexp.MustCompile(`Killed process (\d+) \(([^)]*)\)`)

// first returns the first of some processes that the log names until now.
func (l killLog) first(pids []int) (killed, bool) {
	record := make([]byte, 8<<10)
	for {
		n, err := unix.Read(l.fd, record)
		if errors.Is(err, unix.EPIPE) || errors.Is(err, unix.EINTR) {
			continue // what was overwritten is not needed as long as the rest names one
		}
		if err != nil {
			return killed{}, false
		}
		if m := killLine.FindSubmatch(record[:n]); m != nil {
			if pid, err := strconv.Atoi(string(m[1])); err == nil && slices.Contains(pids, pid) {
				return killed{pid, string(m[2])}, true
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
