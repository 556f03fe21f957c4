// SPDX-License-Identifier: Apache-2.0

//go:build unix

package watch

import (
	"errors"
	"os"
	"syscall"
)

// held is a file of the kernel that stays open: reading it again is ten times as cheap as opening
// it, and asks for no memory. os.File would have every such file waited for as well.
type held struct{ fd int }

func openHeld(path string) (held, error) {
	for {
		fd, err := syscall.Open(path, syscall.O_RDONLY|syscall.O_CLOEXEC, 0)
		switch {
		case err == nil:
			return held{fd}, nil
		case !errors.Is(err, syscall.EINTR):
			return held{-1}, &os.PathError{Op: "open", Path: path, Err: err}
		}
	}
}

// read reads the file from its beginning, as far as it fits.
func (h held) read(buf []byte) ([]byte, error) {
	for {
		n, err := syscall.Pread(h.fd, buf, 0)
		switch {
		case err == nil:
			return buf[:n], nil
		case !errors.Is(err, syscall.EINTR):
			return nil, err
		}
	}
}

func (h held) close() { _ = syscall.Close(h.fd) }

// isLeaf reports whether a directory has none in it, as each of them is a link to it. A file system
// that does not count them says 1.
func isLeaf(dir string) bool {
	var stat syscall.Stat_t
	return syscall.Stat(dir, &stat) == nil && stat.Nlink == 2
}
