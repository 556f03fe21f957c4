// SPDX-License-Identifier: Apache-2.0

//go:build unix

package watch

import (
	"errors"
	"io"
	"os"
	"syscall"
)

// rawFile is a file of the kernel, which may stay open: reading it again is ten times as cheap as
// opening it, and asks for no memory. os.File would have every such file waited for as well. One
// that is a pipe, as a directory that is mounted may have anything, keeps nobody waiting.
type rawFile struct{ fd int }

func openRaw(path string) (rawFile, error) {
	for {
		fd, err := syscall.Open(path, syscall.O_RDONLY|syscall.O_CLOEXEC|syscall.O_NONBLOCK|syscall.O_NOCTTY, 0)
		switch {
		case err == nil:
			return rawFile{fd}, nil
		case !errors.Is(err, syscall.EINTR):
			return rawFile{-1}, &os.PathError{Op: "open", Path: path, Err: err}
		}
	}
}

// Read reads on, from the beginning at first.
func (f rawFile) Read(buf []byte) (int, error) {
	for {
		n, err := syscall.Read(f.fd, buf)
		switch {
		case err == nil && n == 0 && len(buf) > 0:
			return 0, io.EOF
		case err == nil:
			return n, nil
		case !errors.Is(err, syscall.EINTR):
			return 0, err
		}
	}
}

// reread reads the file from its beginning, as far as it fits.
func (f rawFile) reread(buf []byte) ([]byte, error) {
	for {
		n, err := syscall.Pread(f.fd, buf, 0)
		switch {
		case err == nil:
			return buf[:n], nil
		case !errors.Is(err, syscall.EINTR):
			return nil, err
		}
	}
}

func (f rawFile) close() { _ = syscall.Close(f.fd) }

// isLeaf reports whether a directory has none in it, as each of them is a link to it. A file system
// that does not count them says 1.
func isLeaf(dir string) bool {
	var stat syscall.Stat_t
	return syscall.Stat(dir, &stat) == nil && stat.Nlink == 2
}
