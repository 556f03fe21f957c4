// SPDX-License-Identifier: Apache-2.0

// Package watch reads how a running Linux machine stands with its memory, before the kernel has to
// kill: /proc, the cgroups of version 1 and 2, and pressure stall information (PSI).
//
// It only reads. Every file is bounded, and every value that a kernel may not have is an [Int] that
// may be absent. Processes and cgroups vanish while they are read: that is no error, they are left
// out. Each file cites the kernel version that its values come with.
package watch

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/oomtrail/oomtrail/parser/report"
)

// Int is a number that the kernel may not have printed.
type Int = report.Int

// System is a machine, by the directories that its kernel's files are in. It is safe for use by
// several goroutines at once.
type System struct {
	// Proc is where proc is mounted, Sys where sysfs is, Cgroups where the hierarchies of cgroups
	// are.
	Proc, Sys, Cgroups string
	// PageSize is in bytes; 0 means this machine's.
	PageSize int64
}

// At returns the machine whose root directory is root: "" or "/" is this machine, and a container
// that has its node's root mounted gives that mount.
func At(root string) System {
	root = filepath.Join("/", root)
	return System{Proc: filepath.Join(root, "proc"), Sys: filepath.Join(root, "sys"), Cgroups: filepath.Join(root, "sys/fs/cgroup")}
}

// Check returns an error where there are no files of a running kernel.
func (s System) Check() error {
	switch _, err := os.Stat(filepath.Join(s.Proc, "meminfo")); {
	case denied(err):
		return fmt.Errorf("%s: permission denied: run it as root", s.Proc)
	case err != nil:
		return fmt.Errorf("%s: no proc of a running Linux kernel: mount one there, or give the root directory of a machine that runs", s.Proc)
	}
	return nil
}

func (s System) pageSize() int64 {
	if s.PageSize > 0 {
		return s.PageSize
	}
	return int64(os.Getpagesize())
}

// Bounds of what is read.
const (
	// maxFile is how many bytes of a file are read. The largest, memory.stat and vmstat, have some
	// 5 KiB.
	maxFile = 64 << 10
	// maxStat is the same of /proc/stat, which has a line of each CPU and a number of each
	// interrupt.
	maxStat = 4 << 20
	// maxProcesses is the kernel's own bound (PID_MAX_LIMIT).
	maxProcesses = 4 << 20
	// maxCgroups is how many cgroups are looked at, maxLetters how long their paths may be
	// together, and maxDepth how deep they may lie.
	maxCgroups = 100_000
	maxLetters = 16 << 20
	maxDepth   = 64
	listChunk  = 1024
)

// read returns a file, its first [maxFile] bytes. What is cut off in the middle of a line is left
// out.
func read(path string) ([]byte, error) { return readUpTo(path, maxFile) }

// readUpTo is [read] with a bound of its own.
func readUpTo(path string, bound int) ([]byte, error) {
	f, err := openRaw(path)
	if err != nil {
		return nil, err
	}
	defer f.close()
	b, err := io.ReadAll(io.LimitReader(f, int64(bound)+1))
	if err != nil {
		return nil, &os.PathError{Op: "read", Path: path, Err: err}
	}
	if len(b) > bound {
		b = b[:bytes.LastIndexByte(b[:bound], '\n')+1]
	}
	return b, nil
}

// list calls fn with the names of the directories in a directory, until it returns false. Of what
// vanishes meanwhile nothing is said.
func list(dir string, fn func(name string) bool) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }()
	for {
		entries, err := d.ReadDir(listChunk)
		for _, e := range entries {
			if e.IsDir() && !fn(e.Name()) {
				return nil
			}
		}
		switch {
		case errors.Is(err, io.EOF), err == nil && len(entries) == 0:
			return nil
		case err != nil:
			return err
		}
	}
}

// vanished reports whether an error says that a process or a cgroup has gone: its file is not there
// any more, or reading it fails as the kernel has nothing to read (ESRCH, ENODEV).
func vanished(err error) bool { return errors.Is(err, fs.ErrNotExist) || isGone(err) }

// denied reports whether an error says that this user may not read a file.
func denied(err error) bool { return errors.Is(err, fs.ErrPermission) }
