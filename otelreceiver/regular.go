// SPDX-License-Identifier: Apache-2.0

package oomkillreceiver

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// notRegular is the error of a path that names something else than a log file. It says what, and
// what to do.
type notRegular string

func (n notRegular) Error() string { return string(n) }

// What a path may name that is not read as a log file.
const (
	isDirectory = notRegular("a directory: name the files in it, as in /var/log/app/*.log")
	isPipe      = notRegular("a named pipe: let its writer write to a file, or leave it out with file::exclude")
	isSocket    = notRegular("a socket: let its program write to a file, or leave it out with file::exclude")
	isDevice    = notRegular("a device: leave it out with file::exclude; the kernel log /dev/kmsg is read with source: kmsg")
	isOther     = notRegular("not a regular file: leave it out with file::exclude")
	isPseudo    = notRegular("a file of the kernel's own, not of a disk: leave it out with file::exclude; the kernel log is read with source: kmsg")
)

// isNotRegular reports whether the error says that a path names something else than a log file.
func isNotRegular(err error) bool {
	var n notRegular
	return errors.As(err, &n)
}

// openRegular opens a log file. Whatever the path names, it neither waits nor changes anything: a
// file is looked at before it is opened, since to open a device may act on it and to open a pipe
// wakes its writer, and again while it is open, since another may have taken its place in between.
func openRegular(path string) (*os.File, os.FileInfo, error) {
	if _, err := statRegular(path); err != nil {
		return nil, nil, err
	}
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, nil, err
	}
	info, err := f.Stat()
	if err == nil {
		err = regular(info.Mode())
	}
	if err == nil && onPseudoFS(f) {
		err = isPseudo
	}
	if err != nil {
		return nil, nil, errors.Join(err, f.Close())
	}
	return f, info, nil
}

// statRegular returns what is known of the log file at path, after symbolic links. The error is a
// notRegular where it is none.
func statRegular(path string) (os.FileInfo, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if err := regular(info.Mode()); err != nil {
		return nil, err
	}
	return info, nil
}

// regular returns a notRegular for the mode of anything but a regular file.
func regular(mode fs.FileMode) error {
	switch {
	case mode.IsRegular():
		return nil
	case mode.IsDir():
		return isDirectory
	case mode&fs.ModeNamedPipe != 0:
		return isPipe
	case mode&fs.ModeSocket != 0:
		return isSocket
	case mode&fs.ModeDevice != 0:
		return isDevice
	}
	return isOther
}
