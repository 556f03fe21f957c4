// SPDX-License-Identifier: Apache-2.0

// Package statefile keeps a small state in a file. A crash, or a machine that loses its power,
// leaves the state before or the state after, whole.
package statefile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// maxSize is more than any state has: a larger file is none.
const maxSize = 1 << 20

// File is a state that can be saved. It is for one goroutine.
type File struct {
	path  string
	saved []byte
}

// Open reads the state at path, nil where there is none yet, and makes sure that it can be saved.
// The error says what to do; it does not name the path.
func Open(path string) (f *File, state []byte, err error) {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real // a link stays one
	}
	state, err = read(path)
	if err != nil {
		return nil, nil, err
	}
	f = &File{path: path, saved: state}
	tmp, err := f.create()
	if err == nil {
		err = errors.Join(tmp.Close(), os.Remove(tmp.Name()))
	}
	if err != nil {
		return nil, nil, remedied(err)
	}
	return f, state, nil
}

func read(path string) ([]byte, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, remedied(err)
	case info.IsDir():
		return nil, fmt.Errorf("it is a directory: name a file in it, as in %s", filepath.Join(path, "state"))
	case !info.Mode().IsRegular():
		return nil, errors.New("it is no regular file: name another one")
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, remedied(err)
	}
	defer func() { _ = file.Close() }() // it was only read
	b, err := io.ReadAll(io.LimitReader(file, maxSize+1))
	switch {
	case err != nil:
		return nil, remedied(err)
	case len(b) > maxSize:
		return nil, errors.New("it is too large for a state: name another file")
	}
	return b, nil
}

// remedied says what to do about an error of the file system.
func remedied(err error) error {
	cause := err
	var path *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &path):
		cause = path.Err
	case errors.As(err, &link):
		cause = link.Err
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%w: create its directory", cause)
	case errors.Is(err, syscall.EROFS), errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%w: name a file in a directory that can be written to", cause)
	case errors.Is(err, syscall.EBUSY):
		return fmt.Errorf("%w: a mounted file cannot be replaced: mount its directory", cause)
	case errors.Is(err, syscall.ENOSPC):
		return fmt.Errorf("%w: make room", cause)
	}
	return cause
}

// create makes the file that is written beside the state, under one name, so that crashes leave no
// pile of them. What stands there is removed, never written to: it may be another user's link.
func (f *File) create() (*os.File, error) {
	name := f.path + ".tmp"
	_ = os.Remove(name) // where it cannot be removed, it cannot be created either
	return os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
}

// Save replaces the state, unless it is the same. The error says what to do.
func (f *File) Save(state []byte) error {
	if bytes.Equal(state, f.saved) {
		return nil
	}
	tmp, err := f.create()
	if err != nil {
		return remedied(err)
	}
	_, err = tmp.Write(state)
	if err == nil {
		err = tmp.Sync()
	}
	if closed := tmp.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(tmp.Name(), f.path)
	}
	if err != nil {
		_ = os.Remove(tmp.Name()) // it may be what fills the disk
		return remedied(err)
	}
	f.saved = bytes.Clone(state)
	syncDir(filepath.Dir(f.path))
	return nil
}

// syncDir makes a rename last. A file system that cannot do it keeps the old state after a loss of
// power, which costs repetitions.
func syncDir(dir string) {
	d, err := os.Open(dir)
	if err != nil {
		return
	}
	_ = d.Sync()
	_ = d.Close()
}
