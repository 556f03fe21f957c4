// SPDX-License-Identifier: Apache-2.0

package output

import (
	"fmt"
	"sync"
	"time"

	"github.com/oomtrail/oomtrail/fluentbit/filter"
)

// noticePause is how long a notice is kept back after one of its kind: Fluent Bit's own log has a
// line for each try.
const noticePause = 5 * time.Minute

// notices writes what would else be said at every try, once in a while.
type notices struct {
	log filter.Logger
	now func() time.Time

	mu     sync.Mutex
	newest map[string]*notice
}

// notice is the newest of its kind.
type notice struct {
	at       time.Time
	keptBack int // how many were kept back since
}

func newNotices(log filter.Logger) *notices {
	return &notices{log: log, now: time.Now, newest: make(map[string]*notice)}
}

// say writes a line, unless one of the same kind was written a short while ago. There are only so
// many kinds: none is made of what came from outside, but for the three digits of a status. It
// reports whether it wrote.
func (n *notices) say(level filter.Level, kind, line string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	now, last := n.now(), n.newest[kind]
	if last == nil {
		last = &notice{}
		n.newest[kind] = last
	} else if now.Sub(last.at) < noticePause {
		last.keptBack++
		return false
	}
	if last.keptBack > 0 {
		line += fmt.Sprintf(" (and %d more times since this was said last)", last.keptBack)
	}
	last.at, last.keptBack = now, 0
	n.log(level, line)
	return true
}
