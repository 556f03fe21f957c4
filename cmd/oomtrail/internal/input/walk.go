// SPDX-License-Identifier: Apache-2.0

package input

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
)

// source is what one input is read from.
type source struct {
	name string // a file, or - for standard input
	// own is this machine's log.
	own bool
	// regular is set for a file that has an end, walked for one that a directory held: nobody named
	// it, so that it may be no log.
	regular, walked bool
	size            int64 // of a file
}

func (s *source) title() string {
	switch {
	case s.own:
		return "this machine's log"
	case s.name == "-":
		return standardInput
	}
	return s.name
}

// expand finds all sources, once.
func (s *Set) expand() {
	if s.expanded {
		return
	}
	s.expanded, s.count = true, new(atomic.Int64)
	sized := true
	add := func(src source) {
		s.sources = append(s.sources, src)
		s.progress.Total += src.size
		sized = sized && (src.regular || src.size > 0)
	}
	if len(s.Args) == 0 {
		own := source{name: "-", own: s.Own}
		if !s.Own {
			own.size = sizeOf(s.Stdin)
		}
		add(own)
	}
	for _, name := range s.Args {
		info, err := os.Stat(name)
		switch {
		case name == "-":
			add(source{name: name, size: sizeOf(s.Stdin)})
		case err != nil || !info.IsDir(): // to open it says better what is wrong
			src := source{name: name, regular: err == nil && info.Mode().IsRegular()}
			if src.regular {
				src.size = info.Size()
			}
			add(src)
		default:
			found, failed := walk(name)
			s.unfound = append(s.unfound, failed...)
			if len(found) == 0 && len(failed) == 0 {
				s.unfound = append(s.unfound, fmt.Sprintf("cannot read %s: it is a directory without a file: name one that has logs in it", name))
			}
			for _, f := range found {
				add(source{name: f.path, regular: true, walked: true, size: f.size})
			}
		}
	}
	if !sized {
		s.progress.Total = 0
	}
}

// sizeOf returns how much there is to read of standard input, 0 where that is no file.
func sizeOf(stdin io.Reader) int64 {
	f, ok := stdin.(*os.File)
	if !ok || !regular(f) {
		return 0
	}
	info, err := f.Stat()
	at, failed := f.Seek(0, io.SeekCurrent)
	if err != nil || failed != nil {
		return 0
	}
	return max(0, info.Size()-at)
}

// found is a file in a directory.
type found struct {
	path string
	size int64
	rotation
}

// walk returns the files of a directory and of those below it, the rotations of a log one after
// another, oldest first. A link to a file is followed, one to a directory is not. What is neither,
// a pipe or a device, is passed over.
func walk(dir string) (files []found, errs []string) {
	seen := map[string]bool{}
	root := strings.TrimSuffix(dir, string(filepath.Separator)) + string(filepath.Separator) // a link to a directory is named itself
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			errs = append(errs, unreadable(path, err).Error())
			return nil
		}
		if d.IsDir() {
			return nil
		}
		info, err := os.Stat(path)
		if err != nil && d.Type()&fs.ModeSymlink == 0 {
			errs = append(errs, unreadable(path, err).Error())
		}
		if err != nil || !info.Mode().IsRegular() {
			return nil // or a link to nowhere
		}
		real, err := filepath.EvalSymlinks(path)
		if err != nil || seen[real] {
			return nil
		}
		seen[real] = true
		files = append(files, found{path, info.Size(), rotationOf(filepath.Base(path))})
		return nil
	})
	if err != nil {
		errs = append(errs, unreadable(dir, err).Error())
	}
	slices.SortStableFunc(files, func(a, b found) int {
		return cmp.Or(strings.Compare(filepath.Dir(a.path), filepath.Dir(b.path)), a.compare(b.rotation))
	})
	return files, errs
}

// unreadable returns the error of a file or directory that cannot be opened, with what to do.
func unreadable(name string, err error) error {
	if path, ok := err.(*fs.PathError); ok { //nolint:errorlint // it is asked for itself, not for what it wraps
		err = path.Err
	}
	remedy := ""
	if errors.Is(err, fs.ErrPermission) {
		remedy = ": run oomtrail as root, or as a user who may read it"
	}
	return fmt.Errorf("cannot read %s: %w%s", name, err, remedy)
}

// rotation is which part of a log a file is, by its name.
type rotation struct {
	log string // the name of the newest
	// age is the number of an older one, which counts up as it ages; date is the end of its name,
	// which grows with time.
	age  int
	date string
}

var (
	packed   = regexp.MustCompile(`\.(gz|xz|zst|bz2|lz4)$`)
	numbered = regexp.MustCompile(`^(.+)\.(\d{1,4})$`)
	dated    = regexp.MustCompile(`^(.+?)[-.](\d{8}(?:[-T]?\d{2,6})?|\d{4}-\d{2}-\d{2}(?:[-T_.]?\d{2,6})?)(\.log)?$`)
	journals = regexp.MustCompile(`^([^@]+)@([0-9a-f-]+)(\.journal)~?$`)
)

// rotationOf reads the names that logrotate, systemd and the container runtimes give:
// kern.log.2.gz, messages-20260501, app.2026-05-01.log, kern.log.old, system@….journal.
func rotationOf(name string) rotation {
	name = packed.ReplaceAllString(name, "")
	if log, ok := strings.CutSuffix(name, ".old"); ok {
		return rotation{log: log, age: 1}
	}
	if m := numbered.FindStringSubmatch(name); m != nil {
		age, _ := strconv.Atoi(m[2])
		return rotation{log: m[1], age: age}
	}
	if m := journals.FindStringSubmatch(name); m != nil {
		return rotation{log: m[1] + m[3], date: m[2]}
	}
	if m := dated.FindStringSubmatch(name); m != nil {
		return rotation{log: m[1] + m[3], date: m[2]}
	}
	return rotation{log: name}
}

// compare orders rotations: log by log, oldest first, the one without number and date last.
func (r rotation) compare(s rotation) int {
	last := func(r rotation) int {
		if r.date == "" {
			return 1
		}
		return 0
	}
	return cmp.Or(strings.Compare(r.log, s.log), cmp.Compare(s.age, r.age), cmp.Compare(last(r), last(s)), strings.Compare(r.date, s.date))
}
