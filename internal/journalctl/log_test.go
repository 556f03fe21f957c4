// SPDX-License-Identifier: Apache-2.0

package journalctl

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/oomtrail/oomtrail/internal/format"
)

// handler notes what it hears.
type handler struct {
	lines    []string
	pending  int64 // -1 for none
	anew     []string
	troubles []error
	refuse   error
}

func (h *handler) Line(_ context.Context, l *format.Line, _ int64) error {
	h.lines = append(h.lines, string(l.Text))
	return h.refuse
}
func (h *handler) Pending() (int64, bool)           { return h.pending, h.pending >= 0 }
func (h *handler) Tick(context.Context, bool) error { return nil }
func (h *handler) Trouble(err error)                { h.troubles = append(h.troubles, err) }
func (h *handler) Lost(uint64)                      {}
func (h *handler) Anew(why string, _ int64)         { h.anew = append(h.anew, why) }

// entry is an entry of the journal.
func entry(i int) []byte {
	return fmt.Appendf(nil, `{"__CURSOR":"s=1;i=%d","__REALTIME_TIMESTAMP":"%d","_TRANSPORT":"kernel","PRIORITY":"6","MESSAGE":"line %d"}`, i, 1700000000000000+i, i)
}

// TestDoubtCursor: a cursor is given up only where journalctl refuses that, time after time.
func TestDoubtCursor(t *testing.T) {
	h := &handler{pending: -1}
	j := &Log{handler: h, last: "s=1", since: time.Unix(1, 0)}
	refusal := errors.New("journalctl said: Failed to seek to cursor: Invalid argument")
	j.doubtCursor(refusal)
	j.doubtCursor(errors.New("journalctl said: No space left on device"))
	assert.Zero(t, j.refused, "something else is wrong")
	for range cursorTries {
		assert.Equal(t, "s=1", j.last)
		assert.Empty(t, h.anew)
		j.doubtCursor(refusal)
	}
	assert.Empty(t, j.last)
	assert.True(t, j.since.IsZero(), "the journal is read from its beginning")
	require.Len(t, h.anew, 1)
	assert.Contains(t, h.anew[0], "s=1")
}

// TestCursor: a cursor is that of the last entry before the one that is pending.
func TestCursor(t *testing.T) {
	h := &handler{pending: -1}
	since := time.Unix(1700000000, 0)
	j, err := Open(Options{Cursor: Cursor{Since: since}, Start: nothing}, h)
	require.NoError(t, err)
	assert.Equal(t, Cursor{Since: since}, j.Cursor())
	for i := range 10 {
		require.NoError(t, j.Take(t.Context(), entry(i)))
		if i == 4 {
			h.pending = 3
		}
	}
	assert.Equal(t, Cursor{Cursor: "s=1;i=4"}, j.Cursor(), "entries 0 to 4 were done with before any was pending")
	h.pending = 7
	assert.Equal(t, Cursor{Cursor: "s=1;i=6"}, j.Cursor())
	h.pending = -1
	assert.Equal(t, Cursor{Cursor: "s=1;i=9"}, j.Cursor())
}

// TestCursorMarksAreBounded: many entries while a report is open do not take memory without bound,
// and a cursor stays before the report.
func TestCursorMarksAreBounded(t *testing.T) {
	h := &handler{pending: -1}
	j, err := Open(Options{Start: nothing}, h)
	require.NoError(t, err)
	require.NoError(t, j.Take(t.Context(), entry(0)))
	h.pending = 1
	require.NoError(t, j.Take(t.Context(), entry(1)))
	before := j.Cursor()
	assert.Equal(t, "s=1;i=0", before.Cursor)
	for range 3 * maxMarks {
		j.mark(cursorMark{position: j.next, cursor: "s=1;i=9"})
	}
	assert.LessOrEqual(t, len(j.marks), maxMarks)
	assert.Equal(t, before, j.Cursor())
}

// TestHandlerEndsTheReading: the error of a handler ends Run, and is what Run returns.
func TestHandlerEndsTheReading(t *testing.T) {
	h := &handler{pending: -1, refuse: errors.New("enough")}
	o := Options{Command: Command{Path: script(t, "printf '%s\\n' '"+string(entry(1))+"' '"+string(entry(2))+"'")}, Start: Start}
	j, err := Open(o, h)
	require.NoError(t, err)
	defer j.Close()
	require.Equal(t, h.refuse, j.Run(t.Context()))
	assert.Equal(t, []string{"line 1"}, h.lines)
	assert.Empty(t, h.troubles)
}

// nothing starts no command.
func nothing(*Command, []string, func(string)) (Process, error) { return nil, nil }
