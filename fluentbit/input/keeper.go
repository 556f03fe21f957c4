// SPDX-License-Identifier: Apache-2.0

package input

import (
	"fmt"
	"sync"

	"github.com/oomtrail/oomtrail/fluentbit/filter"
	"github.com/oomtrail/oomtrail/internal/statefile"
)

// keeper keeps the newest place up to which the host has taken all, in a file where one is set. A
// goroutine of its own writes the file: nobody else waits for the disk.
type keeper struct {
	path string
	file *statefile.File // nil for none
	log  filter.Logger
	// unsaved is set while the file cannot be written, so that it is said once.
	unsaved bool
	came    chan struct{}
	ended   chan struct{}

	mu     sync.Mutex
	newest place
	fresh  bool // newest is not in the file
	closed bool
}

// startKeeper begins to keep places, of which p is the first.
func startKeeper(path string, file *statefile.File, p place, log filter.Logger) *keeper {
	k := &keeper{path: path, file: file, log: log, newest: p, came: make(chan struct{}, 1), ended: make(chan struct{})}
	if file == nil {
		close(k.ended)
		return k
	}
	go k.run()
	return k
}

// keep takes a place. It does not wait.
func (k *keeper) keep(p place) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.newest, k.fresh = p, true
	if !k.closed {
		k.signal()
	}
}

func (k *keeper) signal() {
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
	for range k.came {
		p, fresh, closed := k.take()
		if fresh {
			k.save(p)
		}
		if closed {
			return
		}
	}
}

func (k *keeper) take() (p place, fresh, closed bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	fresh, k.fresh = k.fresh, false
	return k.newest, fresh, k.closed
}

// save writes a place. A failure costs repetitions after a restart, no kill: it is said once.
func (k *keeper) save(p place) {
	b, err := p.encode()
	if err == nil {
		err = k.file.Save(b)
	}
	switch {
	case err != nil && !k.unsaved:
		k.log(filter.LevelError, fmt.Sprintf("Cursor %q cannot be saved: %v; after a restart records come again, with the same log.record.uid", k.path, err))
	case err == nil && k.unsaved:
		k.log(filter.LevelInfo, fmt.Sprintf("Cursor %q is saved again", k.path))
	}
	k.unsaved = err != nil
}

// close writes the newest place, and lets others use the file. It returns at once; ended is closed
// when that is done.
func (k *keeper) close() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.closed = true
	k.signal()
}
