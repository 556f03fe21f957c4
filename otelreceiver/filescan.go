// SPDX-License-Identifier: Apache-2.0

package oomkillreceiver

import (
	"errors"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/bmatcuk/doublestar/v4"
	"go.uber.org/zap"
)

// scan begins to follow files that the globs name and nobody follows yet.
func (f *fileSource) scan() {
	f.dirs.beginRound()
	paths := f.paths()
	f.forgetGone(paths)
	if len(paths) == 0 && !f.scanned {
		f.in.logger.Warn("no file matches file::include yet", zap.Strings("include", f.cfg.Include))
	}
	// Those with a checkpoint first: they know which of the others are theirs.
	if len(f.saved) > 0 {
		slices.SortStableFunc(paths, func(a, b string) int {
			_, savedA := f.saved[a]
			_, savedB := f.saved[b]
			return boolRank(savedB) - boolRank(savedA)
		})
	}
	clear(f.unsure)
	for _, path := range paths {
		err := f.follow(path)
		if errors.Is(err, errIncomplete) {
			f.unsure[path] = true
		} else if err != nil {
			f.tell(path, err)
		}
	}
	f.scanned = true
}

// maxGone is how many notes of paths that are gone are kept beside those of paths that are there.
const maxGone = 1000

// forgetGone drops what is noted of paths that the globs no longer name, once it is much. paths are
// sorted.
func (f *fileSource) forgetGone(paths []string) {
	isGone := func(path string) bool {
		_, found := slices.BinarySearch(paths, path)
		return !found
	}
	if len(f.passed) > len(paths)+maxGone {
		maps.DeleteFunc(f.passed, func(path string, _ os.FileInfo) bool { return isGone(path) })
	}
	if len(f.told) > len(paths)+maxGone {
		maps.DeleteFunc(f.told, func(path, _ string) bool { return isGone(path) })
	}
}

// paths returns the files that include names and exclude does not, sorted.
func (f *fileSource) paths() []string {
	var paths []string
	for _, glob := range f.cfg.Include {
		paths = append(paths, expand(glob)...)
	}
	slices.Sort(paths)
	return slices.DeleteFunc(slices.Compact(paths), func(path string) bool {
		return slices.ContainsFunc(f.cfg.Exclude, func(glob string) bool {
			match, _ := doublestar.PathMatch(glob, path)
			return match
		})
	})
}

// expand returns the paths that a glob names, as file_log reads it. Between slashes ** stands for
// any number of directories, and directories that it passes are no mistake of who wrote it.
func expand(glob string) []string {
	var options []doublestar.GlobOption
	if strings.Contains(glob, "**") {
		options = append(options, doublestar.WithFilesOnly())
	}
	paths, _ := doublestar.FilepathGlob(glob, options...) // Validate has checked the pattern
	return paths
}

// follow begins to follow the file at path, where the checkpoint or else start_at says.
func (f *fileSource) follow(path string) error {
	if f.byPath[path] != nil || f.unchangedSincePassed(path) {
		return nil
	}
	log, err := openLog(path)
	if err != nil {
		return err
	}
	// Asked of the open file, since names change hands while one looks.
	if f.isBehindRotation(path) {
		return log.Close()
	}
	offset := int64(0)
	mark, isSaved := f.saved[path]
	switch {
	case isSaved:
		if log, offset, err = f.resume(log, mark); err != nil {
			return err
		}
		delete(f.saved, path)
	case f.claimed(log, nil):
		f.passed[path], _ = log.Stat()
		return log.Close()
	case !f.scanned && !f.resumed && !f.beginning:
		if log.compressed { // complete, so it lies before the end
			f.passed[path], _ = log.Stat()
			f.markDone(doneFile{ID: log.id(), Size: -1})
			return log.Close()
		}
		if offset, err = log.size(); err != nil {
			_ = log.Close()
			return err
		}
	}
	return f.add(path, log, offset)
}

// resume finds the file that a checkpoint speaks of: the one at its path, or what that was rotated
// to. If it is gone, what was written since is new.
func (f *fileSource) resume(log *logFile, mark fileMark) (*logFile, int64, error) {
	size, err := log.size()
	if err != nil {
		return nil, 0, errors.Join(err, log.Close())
	}
	if mark.ID.matches(log) && (log.compressed || size >= mark.Offset) {
		return log, mark.Offset, nil
	}
	rotated, err := f.dirs.findRotated(mark.Path, mark.ID, mark.Offset, log)
	if err != nil {
		return nil, 0, errors.Join(err, log.Close())
	}
	if rotated != nil {
		return rotated, mark.Offset, log.Close()
	}
	if mark.ID.Length > 0 {
		f.in.logger.Warn("the file that the checkpoint speaks of is gone; beginning with what came after it", zap.String("path", mark.Path))
	}
	if rotated, err = f.firstRotatedSince(mark); err != nil {
		return nil, 0, errors.Join(err, log.Close())
	}
	if rotated != nil {
		return rotated, 0, log.Close()
	}
	return log, 0, nil
}

// firstRotatedSince opens the oldest of the rotated files that were written since the checkpoint:
// it was empty, or is not there any more. Both are nil when there is none; the error is
// errIncomplete when that cannot be told yet.
func (f *fileSource) firstRotatedSince(mark fileMark) (*logFile, error) {
	const clockTick = time.Second // file times are coarser than the clock
	files, err := f.dirs.rotatedFiles(mark.Path)
	if err != nil {
		return nil, err
	}
	var first *logFile
	for _, rotated := range files {
		if rotated.info.Size() == 0 || rotated.info.ModTime().Before(mark.Seen.Add(-clockTick)) {
			continue
		}
		log, err := rotated.open()
		if errors.Is(err, errIncomplete) {
			return nil, err
		}
		if err != nil {
			f.tell(rotated.path, err)
			continue
		}
		if !f.claimed(log, nil) {
			first = log
			break
		}
		_ = log.Close()
	}
	if !f.dirs.unchanged(mark.Path, files) {
		if first != nil {
			_ = first.Close()
		}
		return nil, errIncomplete
	}
	return first, nil
}

// add begins a stream.
func (f *fileSource) add(path string, log *logFile, offset int64) error {
	t := &tail{src: f, path: path}
	o := f.in.options
	o.Transport, o.TrustedSource, o.Location, o.Reference = f.format, f.trusted, f.location, t.writtenBy
	var err error
	if t.stream, err = f.in.newStreamWith(o); err != nil {
		return errors.Join(err, log.Close())
	}
	f.tails = append(f.tails, t)
	f.byPath[path] = t
	return t.take(log, offset)
}

// isBehindRotation reports whether a stream may come to the file at path next, since that is what
// its own was rotated to.
func (f *fileSource) isBehindRotation(path string) bool {
	for end := len(path) - 1; end > 0 && !os.IsPathSeparator(path[end]); end-- {
		if base := path[:end]; isRotationSuffix(path[end:]) {
			if t := f.byPath[base]; f.unsure[base] || t != nil && t.isRotatedAway() {
				return true
			}
		}
	}
	return false
}

// unchangedSincePassed reports whether the file at path was left to another stream and has not
// changed since.
func (f *fileSource) unchangedSincePassed(path string) bool {
	was, ok := f.passed[path]
	if !ok || was == nil {
		return false
	}
	is, err := os.Stat(path)
	if err == nil && os.SameFile(is, was) && is.Size() == was.Size() && is.ModTime().Equal(was.ModTime()) {
		return true
	}
	delete(f.passed, path)
	return false
}

// claimed reports whether a file is, or is a copy of, one that another stream than except reads or
// has read.
func (f *fileSource) claimed(log *logFile, except *tail) bool {
	for _, d := range f.done {
		size, err := log.size()
		if d.ID.matches(log) && (err != nil || size <= d.Size || d.Size < 0) {
			return true
		}
	}
	return f.reading.has(log, except)
}

func boolRank(b bool) int {
	if b {
		return 1
	}
	return 0
}
