// SPDX-License-Identifier: Apache-2.0

package oomkillreceiver

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// compressTime is how long a file may take to be compressed.
const compressTime = 10 * time.Minute

// rotatedFile is a file that a log was renamed, copied or compressed to.
type rotatedFile struct {
	path string
	info os.FileInfo
	// number is the one that a name ends in which is counted up, 0 for any other name.
	number int
}

// isOlder reports whether the file was begun before the other: where both are numbered their
// numbers tell, since who compresses a file may give it another time.
func (r rotatedFile) isOlder(other rotatedFile) bool {
	if r.number > 0 && other.number > 0 {
		return r.number > other.number
	}
	return r.info.ModTime().Before(other.info.ModTime())
}

func (r rotatedFile) isCompressed() bool { return strings.HasSuffix(r.path, ".gz") }

// isBeingCompressed reports whether the file is one to which nothing was written of what is being
// compressed.
func (r rotatedFile) isBeingCompressed() bool {
	return r.isCompressed() && r.info.Size() == 0 && time.Since(r.info.ModTime()) < compressTime
}

// unchanged reports whether what the log at path was rotated to is still what was listed. Nothing
// that was chosen of a list counts before that: a file that changed its name while the list was
// made is missing there, and a name may have passed to another file since.
func (d *directories) unchanged(path string, listed []rotatedFile) bool {
	now, err := d.rotatedFiles(path)
	return err == nil && slices.EqualFunc(listed, now, rotatedFile.equal)
}

// equal reports whether two listings saw the same file in the same state.
func (r rotatedFile) equal(other rotatedFile) bool {
	return r.path == other.path && os.SameFile(r.info, other.info) &&
		r.info.Size() == other.info.Size() && r.info.ModTime().Equal(other.info.ModTime())
}

// rotatedFiles lists what the log at path was rotated to, the oldest first. What is chosen of it
// counts if [directories.unchanged] then. The error is errIncomplete where it cannot be told yet.
func (d *directories) rotatedFiles(path string) ([]rotatedFile, error) {
	dir, base := filepath.Dir(path), filepath.Base(path)
	names, err := d.withPrefix(dir, base)
	if err != nil {
		return nil, err
	}
	var found []rotatedFile
	for _, name := range names {
		suffix := name[len(base):]
		if !isRotationSuffix(suffix) {
			continue
		}
		rotated := filepath.Join(dir, name)
		if info, err := os.Lstat(rotated); err == nil && info.Mode().IsRegular() {
			found = append(found, rotatedFile{rotated, info, rotationNumber(suffix)})
		}
	}
	numbered := !slices.ContainsFunc(found, func(r rotatedFile) bool { return r.number == 0 })
	slices.SortFunc(found, func(a, b rotatedFile) int {
		order := a.info.ModTime().Compare(b.info.ModTime())
		if numbered {
			order = b.number - a.number
		}
		// A file that is being compressed is whole where it is not compressed.
		return cmp.Or(order, boolRank(a.isCompressed())-boolRank(b.isCompressed()), strings.Compare(b.path, a.path))
	})
	return found, nil
}

// rotationNumber returns the number of ".2" and ".2.gz", where kern.log.2 is older than kern.log.1;
// 0 for any other suffix, dates among them.
func rotationNumber(suffix string) int {
	const most = 5 // digits
	digits, ok := strings.CutPrefix(strings.TrimSuffix(suffix, ".gz"), ".")
	n, err := strconv.ParseUint(digits, 10, 32)
	if !ok || err != nil || len(digits) > most {
		return 0
	}
	return int(n)
}

// open opens the file, if it is still the one that was listed. The error is errIncomplete when it
// has been renamed since, or is being compressed: a moment later it can be found again.
func (r *rotatedFile) open() (*logFile, error) {
	log, err := openLog(r.path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil, errIncomplete
	case errors.Is(err, errIncomplete) && time.Since(r.info.ModTime()) > compressTime:
		return nil, fmt.Errorf("%s: a compressed file that breaks off", r.path)
	case err != nil:
		return nil, err
	}
	if info, err := log.Stat(); err != nil || !os.SameFile(info, r.info) {
		return nil, errors.Join(errIncomplete, log.Close())
	}
	return log, nil
}

// isRotationSuffix tells the names that log rotation gives (.1, .2.gz, -20261121, .old) from other
// neighbours.
func isRotationSuffix(suffix string) bool {
	suffix = strings.TrimSuffix(suffix, ".gz")
	if suffix == ".old" {
		return true
	}
	if len(suffix) < 2 || suffix[0] != '.' && suffix[0] != '-' && suffix[0] != '_' {
		return false
	}
	return strings.Trim(suffix, "0123456789.-_T") == ""
}

// findRotated opens what the log at path was rotated to, if it is the file with that identity and
// reaches to offset; nil when there is none. The error is errIncomplete when it may be one that
// cannot be told yet.
func (d *directories) findRotated(path string, id fileID, offset int64, not *logFile) (*logFile, error) {
	files, err := d.rotatedFiles(path)
	if err != nil {
		return nil, err
	}
	var unsure error
	for i := len(files) - 1; i >= 0; i-- {
		log, err := files[i].open()
		if err != nil {
			if errors.Is(err, errIncomplete) {
				unsure = errIncomplete
			}
			continue
		}
		size, err := log.size()
		if err == nil && id.matches(log) && (log.compressed || size >= offset) && !sameFile(log, not) {
			return log, nil
		}
		_ = log.Close()
	}
	if !d.unchanged(path, files) {
		unsure = errIncomplete
	}
	return nil, unsure
}
