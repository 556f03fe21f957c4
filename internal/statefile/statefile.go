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

// errInUse says that another process has the state.
var errInUse = errors.New("another process uses it: end that one, or name another file")

// File is a state that can be saved. It is for one goroutine.
type File struct {
	path  string
	saved []byte
	// held is the file of the state, locked, nil where there is none yet.
	held *os.File
}

// Open reads the state at path, nil where there is none yet, and makes sure that it can be saved.
// Until [File.Close] no other process can open it. The error says what to do; it does not name the
// path.
func Open(path string) (f *File, state []byte, err error) {
	f = &File{path: target(path)}
	if f.held, err = open(f.path); err == nil && f.held != nil {
		f.saved, err = read(f.held)
	}
	if err == nil {
		err = f.try()
	}
	if err != nil {
		f.Close()
		return nil, nil, err
	}
	return f, f.saved, nil
}

// Close lets others open the state.
func (f *File) Close() {
	if f.held != nil {
		_ = f.held.Close() // what was written to it is on the disk
		f.held = nil
	}
}

// target is the path of what links lead to, whether or not it is there yet: a link stays one.
func target(path string) string {
	const most = 40 // as the kernel follows them
	for range most {
		if real, err := filepath.EvalSymlinks(path); err == nil {
			return real
		}
		to, err := os.Readlink(path)
		if err != nil {
			return path
		}
		if !filepath.IsAbs(to) {
			to = filepath.Dir(path) + string(filepath.Separator) + to
		}
		path = to
	}
	return path
}

// try makes sure that a file can be made beside the state.
func (f *File) try() error {
	tmp, err := f.create()
	if err == nil {
		err = errors.Join(tmp.Close(), os.Remove(tmp.Name()))
	}
	if err != nil {
		return remedied(err)
	}
	return nil
}

// open opens the file of a state and locks it. It returns nil where there is none.
func open(path string) (*os.File, error) {
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
	if !lock(file) || !isStill(file, path) {
		_ = file.Close() // it was not even read
		return nil, errInUse
	}
	return file, nil
}

// isStill reports whether a file is the one at path: its process may have replaced and left it just
// before it was locked here.
func isStill(file *os.File, path string) bool {
	info, err := file.Stat()
	now, failed := os.Stat(path)
	return err == nil && failed == nil && os.SameFile(info, now)
}

// replaced reports whether another process has saved its state at the path: two may have opened it
// before either had saved one. A state that was removed is just written anew.
func (f *File) replaced() bool {
	_, err := os.Stat(f.path)
	return err == nil && (f.held == nil || !isStill(f.held, f.path))
}

func read(file *os.File) ([]byte, error) {
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
	case errors.Is(err, fs.ErrExist) && path != nil:
		return fmt.Errorf("%w: remove %s, which is in the way", cause, path.Path)
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
	if err == nil && (!lock(tmp) || !isStill(tmp, tmp.Name()) || f.replaced()) {
		err = errInUse
	}
	if err == nil {
		err = os.Rename(tmp.Name(), f.path)
	}
	if err != nil {
		_ = tmp.Close()
		_ = os.Remove(tmp.Name()) // it may be what fills the disk
		return remedied(err)
	}
	f.Close()
	f.held = tmp
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
