// SPDX-License-Identifier: Apache-2.0

package input

import (
	"fmt"
	"sync"
	"time"

	"github.com/oomtrail/oomtrail/fluentbit/filter"
	"github.com/oomtrail/oomtrail/internal/statefile"
)

// saveInterval is how long at least one saving of the cursor comes after the other: a log that is
// written without a pause shall not keep a disk busy.
const saveInterval = 100 * time.Millisecond

// keeper keeps the newest place up to which the host has taken all, in a file where one is set. A
// goroutine of its own writes the file: nobody else waits for the disk.
type keeper struct {
	path string
	file *statefile.File // nil for none
	log  filter.Logger
	// unsaved is set while the file cannot be written, so that it is said once.
	unsaved bool
	came    chan struct{}
	closing chan struct{}
	ended   chan struct{}

	mu     sync.Mutex
	newest place
	fresh  bool // newest is not in the file
}

// startKeeper begins to keep places, of which p is the first. That one is written at once, so that
// it is known at the start that the file can be.
func startKeeper(path string, file *statefile.File, p place, log filter.Logger) (*keeper, error) {
	k := &keeper{path: path, file: file, log: log, newest: p, came: make(chan struct{}, 1), closing: make(chan struct{}), ended: make(chan struct{})}
	if file == nil {
		close(k.ended)
		return k, nil
	}
	if err := k.write(p); err != nil {
		return nil, fmt.Errorf("Cursor %q: %w", path, err)
	}
	go k.run()
	return k, nil
}

// keep takes a place. It does not wait.
func (k *keeper) keep(p place) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.newest, k.fresh = p, true
	select {
	case k.came <- struct{}{}:
	default:
	}
}

// place returns the newest place.
func (k *keeper) place() place {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.newest
}

// run writes what comes, until [keeper.close].
func (k *keeper) run() {
	defer close(k.ended)
	defer k.file.Close()
	for {
		select {
		case <-k.closing:
			k.saveFresh()
			return
		case <-k.came:
			k.saveFresh()
		}
		select {
		case <-k.closing:
		case <-time.After(saveInterval):
		}
	}
}

// saveFresh writes the newest place, unless the file has it.
func (k *keeper) saveFresh() {
	k.mu.Lock()
	p, fresh := k.newest, k.fresh
	k.fresh = false
	k.mu.Unlock()
	if fresh {
		k.save(p)
	}
}

// save writes a place. A failure costs repetitions after a restart, no kill: it is said once.
func (k *keeper) save(p place) {
	err := k.write(p)
	switch {
	case err != nil && !k.unsaved:
		k.log(filter.LevelError, fmt.Sprintf("Cursor %q cannot be saved: %v; after a restart records come again, with the same log.record.uid", k.path, err))
	case err == nil && k.unsaved:
		k.log(filter.LevelInfo, fmt.Sprintf("Cursor %q is saved again", k.path))
	}
	k.unsaved = err != nil
}

func (k *keeper) write(p place) error {
	b, err := p.encode()
	if err != nil {
		return err
	}
	return k.file.Save(b)
}

// close writes the newest place, and lets others use the file. It returns at once; ended is closed
// when that is done.
func (k *keeper) close() { close(k.closing) }
