// SPDX-License-Identifier: Apache-2.0

//go:build linux

package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"
)

// beInit makes a machine of a kernel that has nothing but this program: it is pid 1 there.
func beInit() error {
	mount := func(kind, where, options string) error {
		if err := os.MkdirAll(where, 0o755); err != nil {
			return err
		}
		if err := unix.Mount(kind, where, kind, 0, options); err != nil {
			return fmt.Errorf("mount %s: %w", where, err)
		}
		return nil
	}
	// What it says goes out by the second serial line; the first one is the kernel's.
	err := errors.Join(mount("proc", "/proc", ""), mount("sysfs", "/sys", ""), mount("devtmpfs", "/dev", ""))
	if err != nil {
		return err
	}
	if err := printTo("/dev/ttyS1"); err != nil {
		return err
	}
	if option("pressure.cgroup") == "1" {
		return errors.Join(mount("tmpfs", "/sys/fs/cgroup", ""), mount("cgroup", "/sys/fs/cgroup/memory", "memory"), loadModules("/modules"))
	}
	return errors.Join(mount("cgroup2", "/sys/fs/cgroup", ""), loadModules("/modules"))
}

// printTo has all be printed to a terminal.
func printTo(terminal string) error {
	f, err := os.OpenFile(terminal, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	return errors.Join(unix.Dup3(int(f.Fd()), 1, 0), unix.Dup3(int(f.Fd()), 2, 0))
}

// option is a word NAME=VALUE of the kernel's command line.
func option(name string) string {
	text, _ := os.ReadFile("/proc/cmdline")
	for word := range strings.FieldsSeq(string(text)) {
		if n, value, ok := strings.Cut(word, "="); ok && n == name {
			return value
		}
	}
	return ""
}

// loadModules loads the modules of a list, one path a line.
func loadModules(list string) error {
	text, err := os.ReadFile(list)
	if err != nil {
		return err
	}
	for path := range strings.FieldsSeq(string(text)) {
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		err = unix.FinitModule(int(f.Fd()), "", 0)
		_ = f.Close() // it was only read
		if err != nil && !errors.Is(err, unix.EEXIST) {
			return fmt.Errorf("module %s: %w", path, err)
		}
	}
	return nil
}

// powerOff ends the guest.
func powerOff() {
	unix.Sync()
	_ = unix.Reboot(unix.LINUX_REBOOT_CMD_POWER_OFF) // it does not return
}

// swapOn swaps to a disk, whole, until off is called.
func swapOn(disk string) (off func(), err error) {
	f, err := os.OpenFile(disk, os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	size, err := unix.IoctlGetInt(int(f.Fd()), unix.BLKGETSIZE64)
	if err != nil {
		return nil, err
	}
	// The first page of a swap area: version, last page, and the signature at its end.
	page := make([]byte, 4096)
	binary.LittleEndian.PutUint32(page[1024:], 1)
	binary.LittleEndian.PutUint32(page[1028:], uint32(size/4096-1))
	copy(page[4096-10:], "SWAPSPACE2")
	if _, err := f.WriteAt(page, 0); err != nil {
		return nil, err
	}
	if err := f.Sync(); err != nil {
		return nil, err
	}
	path := append([]byte(disk), 0)
	if _, _, errno := unix.Syscall(unix.SYS_SWAPON, uintptr(unsafe.Pointer(&path[0])), 0, 0); errno != 0 {
		return nil, fmt.Errorf("swap to %s: %w", disk, errno)
	}
	return func() { _, _, _ = unix.Syscall(unix.SYS_SWAPOFF, uintptr(unsafe.Pointer(&path[0])), 0, 0) }, nil
}

// dropCache has the page cache of a file dropped, so that the next who reads it has to hold it.
func dropCache(f *os.File) error { return unix.Fadvise(int(f.Fd()), 0, 0, unix.FADV_DONTNEED) }

// diskMiB is how large a disk is.
func diskMiB(disk string) int {
	f, err := os.Open(disk)
	if err != nil {
		return 0
	}
	defer func() { _ = f.Close() }()
	size, err := unix.IoctlGetInt(int(f.Fd()), unix.BLKGETSIZE64)
	if err != nil {
		return 0
	}
	return size / mib
}

func release() string {
	var u unix.Utsname
	if unix.Uname(&u) != nil {
		return "an unknown kernel"
	}
	name, _, _ := bytes.Cut(u.Release[:], []byte{0})
	return string(name)
}
