// SPDX-License-Identifier: Apache-2.0

package workload

import (
	"errors"
	"io"
	"os"
	"strings"
	"time"
)

const (
	// maxFile is how many bytes of a file are read.
	maxFile = 1 << 20
	// maxKept is how many names of a directory are kept.
	maxKept = 20_000
	// maxListed is how many names of a directory are looked at, in one reading.
	maxListed = 1_000_000
	// listChunk is how many names of a directory are read at a time.
	listChunk = 1024
	// rest is how far two readings of a directory are apart that has more than maxKept names.
	rest = time.Minute
)

// files are the files below the root, which is open only while something is read: a resolver holds
// nothing that somebody would have to close.
type files struct {
	dir  string
	root *os.Root // nil while nothing is read
	// kept and listed bound a reading of a directory: maxKept and maxListed, but in tests.
	kept, listed int
	// lists counts the directories that were read, for tests.
	lists int
}

// newFiles makes sure that the root can be read.
func newFiles(dir string) (*files, error) {
	f := &files{dir: dir, kept: maxKept, listed: maxListed}
	defer f.close()
	root, err := f.opened()
	if err != nil {
		return nil, reason(err)
	}
	d, err := root.Open(".")
	if err != nil {
		return nil, reason(err)
	}
	defer func() { _ = d.Close() }()
	if _, err := d.Readdirnames(1); err != nil && !errors.Is(err, io.EOF) {
		return nil, reason(err)
	}
	return f, nil
}

// opened returns the root, which is open until [files.close].
func (f *files) opened() (*os.Root, error) {
	if f.root == nil {
		root, err := os.OpenRoot(f.dir)
		if err != nil {
			return nil, err
		}
		f.root = root
	}
	return f.root, nil
}

func (f *files) close() {
	if f.root != nil {
		_ = f.root.Close()
		f.root = nil
	}
}

// reason returns an error without the path, which its reader has already.
func reason(err error) error {
	if e := (*os.PathError)(nil); errors.As(err, &e) {
		return e.Err
	}
	return err
}

// open opens a regular file. It opens nothing else, not even for a moment: opening a FIFO waits,
// and opening a device can do something. What the name is between the two looks is looked at again.
func (f *files) open(name string) *os.File {
	root, err := f.opened()
	if err != nil {
		return nil
	}
	if info, err := root.Lstat(name); err != nil || !info.Mode().IsRegular() {
		return nil
	}
	file, err := root.OpenFile(name, os.O_RDONLY|nonblock, 0)
	if err != nil {
		return nil
	}
	if info, err := file.Stat(); err != nil || !info.Mode().IsRegular() {
		_ = file.Close()
		return nil
	}
	return file
}

// read gives a reader of the first [maxFile] bytes of a regular file to parse. It reports whether
// there is such a file.
func (f *files) read(name string, parse func(io.Reader)) bool {
	file := f.open(name)
	if file == nil {
		return false
	}
	defer func() { _ = file.Close() }()
	parse(io.LimitReader(file, maxFile))
	return true
}

// isDir reports whether there is such a directory.
func (f *files) isDir(name string) bool {
	root, err := f.opened()
	if err != nil {
		return false
	}
	info, err := root.Stat(name)
	return err == nil && info.IsDir()
}

// list calls keep with the names in a directory. It ends with an error, with [maxListed] names, or
// when [maxKept] names were kept, and reports whether there were no more than maxKept.
func (f *files) list(dir string, keep func(string) bool) (small bool) {
	f.lists++
	if !f.isDir(dir) {
		return true
	}
	d, err := f.root.OpenFile(dir, os.O_RDONLY|nonblock, 0)
	if err != nil {
		return true
	}
	defer func() { _ = d.Close() }()
	kept, seen := 0, 0
	for {
		names, err := d.Readdirnames(listChunk)
		for _, name := range names {
			if keep(name) {
				kept++
			}
			if seen++; seen == f.listed || kept == f.kept {
				return false
			}
		}
		if err != nil {
			return seen <= f.kept
		}
	}
}

// listing is what a directory had in it when it was last read.
type listing struct {
	dir string
	// keep reports whether a name is of the form that the directory is read for.
	keep  func(string) bool
	names []string
	next  time.Time // when it may be read again
}

// ending returns the names that end in suffix. The directory is read where the last reading has
// none and is old enough.
func (l *listing) ending(f *files, suffix string, now time.Time) []string {
	if got := l.search(suffix); got != nil || now.Before(l.next) {
		return got
	}
	l.read(f, now)
	return l.search(suffix)
}

func (l *listing) search(suffix string) (got []string) {
	for _, name := range l.names {
		if strings.HasSuffix(name, suffix) {
			got = append(got, name)
		}
	}
	return got
}

func (l *listing) read(f *files, now time.Time) {
	l.names = l.names[:0]
	small := f.list(l.dir, func(name string) bool {
		ok := l.keep(name)
		if ok {
			l.names = append(l.names, name)
		}
		return ok
	})
	if l.next = now.Add(retry); !small {
		l.next = now.Add(rest)
	}
}

// target returns what a symbolic link says, and does not follow it.
func (f *files) target(dir, name string) (target string, ok bool) {
	root, err := f.opened()
	if err != nil {
		return "", false
	}
	target, err = root.Readlink(dir + "/" + name)
	return target, err == nil
}
