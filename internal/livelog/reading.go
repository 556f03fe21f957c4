// SPDX-License-Identifier: Apache-2.0

package livelog

import (
	"slices"
	"time"

	"github.com/oomtrail/oomtrail/parser"
)

// Reading is how far one live log was read, and what waits for more of it. It is for one goroutine.
type Reading struct {
	Parser *parser.Parser
	// Evidence is what the lines say of kills and waits for further lines.
	Evidence *parser.Evidence
	// Next is the position after the last line, Touched when the last line of a report came.
	Next    int64
	Touched time.Time
	// Delivered are the records of the open reports that were delivered.
	Delivered Delivered
}

// NewReading returns the reading of a log of which no line was read.
func NewReading(o parser.Options) (Reading, error) {
	evidence, err := parser.NewEvidence(o)
	if err != nil {
		return Reading{}, err
	}
	o.Evidence = evidence // of this log, whose clock is this machine's
	p, err := parser.New(o)
	return Reading{Parser: p, Evidence: evidence}, err
}

// Safe is the position up to which all that was read is done with.
func (r *Reading) Safe() int64 {
	if pending, ok := r.Parser.Pending(); ok {
		return pending
	}
	return r.Next
}

// Settled reports whether all that was read is done with: no report is open, and nothing waits for
// further lines.
func (r *Reading) Settled() bool { return !r.Parser.Open() && !r.Evidence.Waits() }

// AppendDelivered adds the keys of the delivered records that reading on from [Reading.Safe] would
// make again.
func (r *Reading) AppendDelivered(keys []string) []string {
	r.Delivered.ForgetBefore(r.Safe())
	return r.Delivered.AppendKeys(keys)
}

// Restored are the keys of the records that were delivered before a restart, and whose reports are
// read again; nil for none.
type Restored map[string]bool

// NewRestored returns those that [Restored.With] returned before the restart.
func NewRestored(keys []string) Restored {
	if len(keys) == 0 {
		return nil
	}
	r := make(Restored, len(keys))
	for _, key := range keys {
		r[key] = true
	}
	return r
}

// Has reports whether a record was delivered before the restart.
func (r Restored) Has(rec *parser.Record) bool {
	return len(r) > 0 && r[rec.Text("oom.record.key")]
}

// With adds them to the keys of what was delivered since, and returns each key once, in order.
func (r Restored) With(keys []string) []string {
	for key := range r {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}
