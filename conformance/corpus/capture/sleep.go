// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"time"
)

// asleepFor is how long a guest that went to sleep is left alone.
const asleepFor = 20 * time.Second

// asleep is the last that a guest prints before it sleeps.
var asleep = []byte("Suspending console(s)")

// sleep tells when a guest went to sleep, and how often it was woken.
type sleep struct {
	since time.Time
	woken int
}

// wakeWhenDue wakes a guest that has slept long enough.
func (e *emulation) wakeWhenDue(console []byte) error {
	if bytes.Count(console, asleep) <= e.sleep.woken {
		return nil
	}
	if e.sleep.since.IsZero() {
		e.sleep.since = time.Now()
	}
	if time.Since(e.sleep.since) < asleepFor {
		return nil
	}
	e.sleep = sleep{woken: e.sleep.woken + 1}
	q, err := dialQMP(e.path("qmp"), e.dir)
	if err != nil {
		return err
	}
	defer q.close()
	// A guest suspended to memory is woken by the first, which fails for one suspended to idle;
	// that one by its power button.
	if q.execute("system_wakeup", nil) == nil {
		return nil
	}
	return q.execute("system_powerdown", nil)
}
