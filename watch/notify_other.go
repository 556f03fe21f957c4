// SPDX-License-Identifier: Apache-2.0

//go:build !linux

package watch

import (
	"context"
	"errors"
	"time"
)

// errNotLinux is the error of all that only Linux announces.
var errNotLinux = errors.New("only Linux announces pressure and events of cgroups")

// Notifier waits for what a kernel of Linux announces. There is none on this system.
type Notifier struct{}

// NewNotifier always fails here.
func NewNotifier() (*Notifier, error) { return nil, errNotLinux }

// AddTrigger always fails here.
func (n *Notifier) AddTrigger(string, string, Trigger) error { return errNotLinux }

// AddEvents always fails here.
func (n *Notifier) AddEvents(Hierarchy, string) error { return errNotLinux }

// AddTree always fails here.
func (n *Notifier) AddTree(Hierarchy, string) error { return errNotLinux }

// RemoveTriggers does nothing here.
func (n *Notifier) RemoveTriggers(string) {}

// Remove does nothing here.
func (n *Notifier) Remove(string) {}

// Watched is 0 here.
func (n *Notifier) Watched() int { return 0 }

// Wait always fails here.
func (n *Notifier) Wait(_ context.Context, _ time.Duration, notices []Notice) ([]Notice, error) {
	return notices, errNotLinux
}

// Close does nothing here.
func (n *Notifier) Close() {}
