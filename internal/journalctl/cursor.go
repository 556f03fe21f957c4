// SPDX-License-Identifier: Apache-2.0

package journalctl

import (
	"strings"
	"time"
)

// maxMarks bounds the cursors that are kept while a report is open.
const maxMarks = 1 << 16

// Cursor names the last entry that is done with or, before there was one, the time to begin at.
type Cursor struct {
	Cursor string    `json:"cursor,omitempty"`
	Since  time.Time `json:"since,omitzero"`
}

// cursorMark says that all before position is done with once the entry at cursor is.
type cursorMark struct {
	position int64
	cursor   string
}

// Cursor returns the newest cursor that is not past the entry that the handler says is pending.
func (j *Log) Cursor() Cursor {
	safe := j.next
	if pending, ok := j.handler.Pending(); ok {
		safe = pending
	}
	for len(j.marks) > 1 && j.marks[1].position <= safe {
		j.marks = j.marks[1:]
	}
	c := Cursor{Cursor: j.marks[0].cursor}
	if c.Cursor == "" {
		c.Since = j.since
	}
	return c
}

// mark keeps a cursor. When there are too many, those in the middle go: an older cursor costs a
// repetition only.
func (j *Log) mark(m cursorMark) {
	if _, open := j.handler.Pending(); !open {
		j.marks = j.marks[:0]
	}
	if len(j.marks) >= maxMarks {
		j.marks = append(j.marks[:1], j.marks[len(j.marks)-maxMarks/2:]...)
	}
	j.marks = append(j.marks, m)
}

// check reports whether the entry at cursor was read before. Its error says that entries of another
// boot may lie before it.
func (j *Log) check(cursor string) (known bool, err error) {
	if cursor == "" {
		return false, nil
	}
	resumed := j.resumed
	j.resumed = ""
	if resumed != "" && sameEntry(cursor, resumed) {
		return true, nil
	}
	if j.following && cursorField(cursor, "b") != cursorField(j.last, "b") {
		return false, errOtherBoot
	}
	return false, nil
}

// sameEntry reports whether two cursors are of one entry: also of one that journald moved from /run
// to /var, which gives it another sequence number.
func sameEntry(a, b string) bool {
	if a == b {
		return true
	}
	if cursorField(a, "s") == cursorField(b, "s") {
		return false
	}
	for _, name := range []string{"b", "m", "t", "x"} { // boot, monotonic time, wall time, hash of the fields
		if value := cursorField(a, name); value == "" || value != cursorField(b, name) {
			return false
		}
	}
	return true
}

// cursorField returns one of the name=value parts of a cursor, "" for none.
func cursorField(cursor, name string) string {
	for part := range strings.SplitSeq(cursor, ";") {
		if value, ok := strings.CutPrefix(part, name+"="); ok {
			return value
		}
	}
	return ""
}
