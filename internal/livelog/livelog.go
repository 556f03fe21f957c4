// SPDX-License-Identifier: Apache-2.0

// Package livelog is what the readers of a kernel log that goes on have in common: packages kmsg
// and journalctl read, a frontend handles what they read.
package livelog

import (
	"context"
	"time"

	"github.com/oomtrail/oomtrail/internal/format"
)

// TickInterval is how long a reader waits for the next line at most, before it calls Tick.
const TickInterval = 500 * time.Millisecond

// Handler takes what a reader reads. Its methods are called by the goroutine that runs the reader.
// An error that one of them returns ends the reading.
type Handler interface {
	// Line takes a line with its Position; next is the position after it. The line is valid until
	// Line returns. The reader waits for it: what is not read stays in the log.
	Line(ctx context.Context, l *format.Line, next int64) error
	// Pending returns the position of the first line that the handler still needs, as that of an
	// open report. No cursor passes it.
	Pending() (position int64, ok bool)
	// Tick is called at least once a second. idle is set where all that is there was read.
	Tick(ctx context.Context, idle bool) error
	// Trouble is called with an error where the log cannot be read. The reader tries again, and
	// calls it with nil once the log can be read.
	Trouble(err error)
	// Lost is called where n records were overwritten before they were read.
	Lost(n uint64)
	// Anew is called where the cursor fits nothing that is in the log, so that all of it is read;
	// why says so in words. next is the position that the next line has, at least.
	Anew(why string, next int64)
}
