// SPDX-License-Identifier: Apache-2.0

package oomkillreceiver

import (
	"errors"
	"os"
	"slices"
	"strings"
	"time"
)

const (
	// settledAfter is how long a directory must not have changed for its time of change to tell the
	// next change from the last: file systems count in steps of up to two seconds.
	settledAfter = 3 * time.Second
	// maxListings is how often, in one round, a directory is read that is not settled. What would
	// need more waits for the next round.
	maxListings = 64
)

// directories lists what stands beside logs. A directory is read again only after it has changed,
// so that the many logs of one directory do not each cost a look through all of it.
type directories struct {
	names map[string]dirNames
	// listings counts what was read since the round began.
	listings int
}

// dirNames is what stands in a directory that was settled when it was read.
type dirNames struct {
	sorted   []string
	modified time.Time
}

func newDirectories() *directories { return &directories{names: map[string]dirNames{}} }

// beginRound gives new room for listings.
func (d *directories) beginRound() { d.listings = 0 }

// withPrefix returns the names in dir that begin with prefix. The error is errIncomplete when that
// has to wait for the next round.
func (d *directories) withPrefix(dir, prefix string) ([]string, error) {
	names, err := d.list(dir)
	if err != nil {
		return nil, err
	}
	first, _ := slices.BinarySearch(names, prefix)
	last := first
	for last < len(names) && strings.HasPrefix(names[last], prefix) {
		last++
	}
	return names[first:last], nil
}

// list returns the names in dir, sorted; none of a directory that cannot be read.
func (d *directories) list(dir string) ([]string, error) {
	info, err := os.Stat(dir)
	if err != nil {
		delete(d.names, dir)
		return nil, nil
	}
	if known, ok := d.names[dir]; ok && known.modified.Equal(info.ModTime()) {
		return known.sorted, nil
	}
	delete(d.names, dir)
	if d.listings >= maxListings {
		return nil, errIncomplete
	}
	d.listings++
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, os.ErrNotExist), errors.Is(err, os.ErrPermission):
		return nil, nil
	case err != nil:
		return nil, errIncomplete // such as too many open files: it may go better later
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name()
	}
	after, err := os.Stat(dir)
	if err == nil && after.ModTime().Equal(info.ModTime()) && time.Since(after.ModTime()) > settledAfter {
		d.names[dir] = dirNames{sorted: names, modified: after.ModTime()}
	}
	return names, nil
}
