// SPDX-License-Identifier: Apache-2.0

package input

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/oomtrail/oomtrail/fluentbit/fbtest"
	"github.com/oomtrail/oomtrail/fluentbit/filter"
	"github.com/oomtrail/oomtrail/fluentbit/form"
	"github.com/oomtrail/oomtrail/fluentbit/logevent"
	"github.com/oomtrail/oomtrail/internal/kmsg"
	"github.com/oomtrail/oomtrail/parser/record"
)

// warningRecord returns the nth warning.
func warningRecord(n int) *record.Record {
	r := &record.Record{Time: time.Unix(int64(n), 0), Body: fmt.Sprint("warning ", n)}
	var attrs []record.Attr
	for _, a := range []struct {
		id    record.ID
		value string
	}{
		{record.EventName, record.EventWarning},
		{record.LogRecordUID, fmt.Sprintf("%032x", n)},
		{record.WarningCause, "cgroup_near_limit"},
		{record.RecordVersion, record.Version},
	} {
		attrs = append(attrs, record.Attr{Name: record.Fields[a.id].Name, Value: record.StringValue(a.value)})
	}
	return r.With(attrs...)
}

func warningOf(n int, format form.Format) ([]byte, *record.Record) {
	r := warningRecord(n)
	return filter.AppendRecord(nil, logevent.AppendTimestamp(nil, r.Time), r, format), r
}

// placed is a queue whose accepted places are noted, by their sequences.
type placed struct {
	*queue
	wakes    int
	accepted []uint64
}

func newPlaced() *placed {
	p := &placed{}
	p.queue = newQueue(func() { p.wakes++ }, func(at place) { p.accepted = append(p.accepted, at.Sequence) })
	return p
}

func at(sequence uint64) place { return place{Cursor: kmsg.Cursor{Sequence: sequence}} }

// TestWarningHasNoPlace: a warning neither moves the cursor nor holds it back, whatever the host
// does with it; it comes before what is next, and a kill that waits keeps its place.
func TestWarningHasNoPlace(t *testing.T) {
	q := newPlaced()
	event, r := warningOf(1, form.OOM)
	q.warn(event, r)
	assert.Equal(t, 1, q.wakes)
	assert.Equal(t, event, q.batch())
	q.done(true)
	assert.Empty(t, q.accepted, "nothing was read")

	q.warn(event, r)
	require.Equal(t, event, q.batch())
	q.cover(at(5))
	q.done(false)
	q.cover(at(6))
	assert.Equal(t, []uint64{5, 6}, q.accepted, "a warning that is not taken holds nothing back")
	assert.Equal(t, event, q.batch())

	q.push([]byte("kill"), 1, nil, at(7))
	assert.Equal(t, event, q.batch(), "the same bytes until they are taken")
	q.cover(at(8))
	q.done(true)
	assert.Equal(t, []uint64{5, 6}, q.accepted, "a kill before 7 is not taken")
	wakes := q.wakes
	assert.Equal(t, []byte("kill"), q.batch())
	q.warn(event, r)
	assert.Equal(t, []byte("kill"), q.batch())
	q.cover(at(9))
	assert.Equal(t, []uint64{5, 6}, q.accepted)
	q.done(true)
	assert.Equal(t, []uint64{5, 6, 8, 9}, q.accepted)
	assert.Equal(t, wakes+2, q.wakes, "the warning came, and is next")
	assert.Equal(t, event, q.batch())
	q.done(true)
	assert.Nil(t, q.batch())
	assert.Equal(t, []uint64{5, 6, 8, 9}, q.accepted)

	var m Metrics
	q.take(&m)
	assert.Equal(t, map[string]uint64{"cgroup_near_limit": 3}, m.Warnings)
	assert.Empty(t, m.Kills)
	assert.EqualValues(t, 1, m.RefusedBatches)
	q.take(&m)
	assert.Empty(t, m.Warnings)
}

// TestWarningsAreBounded: while the host takes nothing the newest warnings are kept, the others are
// counted, and after it the reading goes on.
func TestWarningsAreBounded(t *testing.T) {
	q := newPlaced()
	q.pause(true)
	const all = 10_000
	size := 0
	for n := range all {
		event, r := warningOf(n, form.OOM)
		size = max(size, len(event))
		q.warn(event, r)
		require.LessOrEqual(t, q.warningBytes, maxWarnings)
	}
	var m Metrics
	q.take(&m)
	kept := all - int(m.DroppedWarnings)
	assert.InDelta(t, maxWarnings/size, kept, 10)
	assert.Equal(t, kept, q.warningsLeft())
	q.pause(false)
	events, err := fbtest.Decode(bytes.Clone(q.batch()))
	require.NoError(t, err)
	require.Len(t, events, kept)
	assert.EqualValues(t, all-1, events[kept-1].Time.Unix())
	assert.Equal(t, kept, q.warningsLeft())
	q.done(true)
	assert.Zero(t, q.warningsLeft())
	assert.True(t, q.ready())

	huge := make([]byte, 2*maxWarnings)
	q.warn(huge, warningRecord(1))
	assert.Len(t, q.batch(), len(huge), "one alone always has room")
}

// scripted is a watcher that does what its runs say, one after the other.
type scripted struct {
	run        func(ctx context.Context, emit func(context.Context, *record.Record) error) error
	suppressed int64
}

func (s *scripted) Run(ctx context.Context, emit func(context.Context, *record.Record) error) error {
	return s.run(ctx, emit)
}

func (s *scripted) Warned(_, _ string, _ time.Time) (string, time.Duration) { return "id", time.Second }

func (s *scripted) Suppressed() int64 { return s.suppressed }

// TestWatcherPanics: a panic ends neither Fluent Bit nor the warnings; it is logged in full once.
func TestWatcherPanics(t *testing.T) {
	var begun atomic.Int64
	begin := func() watcher {
		n := begun.Add(1)
		return &scripted{suppressed: n, run: func(ctx context.Context, emit func(context.Context, *record.Record) error) error {
			if err := emit(ctx, warningRecord(int(n))); n == 3 {
				<-ctx.Done()
				return err
			}
			panic("a defect")
		}}
	}
	r := newRig(t, 1)
	w := newWarner(begin, form.OOM, r.note)
	w.queue = newPlaced().queue
	w.queue.closed = true // nobody is woken
	ctx, cancel := context.WithCancel(context.Background())
	go w.run(ctx)
	require.Eventually(t, func() bool { return w.queue.warningsLeft() == 3 }, eventually, tick)
	cancel()
	<-w.ended
	said := r.said()
	require.Len(t, said, 1)
	assert.Contains(t, said[0], "this is a defect of the plugin, please report it")
	assert.Contains(t, said[0], "warner_test.go")
	assert.EqualValues(t, 1+2+3, w.suppressed())
	assert.Zero(t, w.suppressed())
	id, lead := w.warned("/", "", time.Time{})
	assert.Equal(t, "id", id)
	assert.Equal(t, time.Second, lead)
}

// TestWarningBehindFilter: a filter lets a warning of the input pass as it is, in each format and
// mode, and takes it for no kill.
func TestWarningBehindFilter(t *testing.T) {
	for _, format := range form.Names() {
		for _, mode := range []string{"append", "replace", "only"} {
			s, err := filter.ParseSettings(given{"Format", format, "Mode", mode}.get, nil)
			require.NoError(t, err)
			var log []string
			f, err := filter.New(s, func(_ filter.Level, line string) { log = append(log, line) })
			require.NoError(t, err)
			event, _ := warningOf(1, s.Format)
			events, err := fbtest.Decode(bytes.Clone(event))
			require.NoError(t, err)
			require.Contains(t, fmt.Sprint(events[0].Record), record.EventWarning)
			out, modified := f.RunFrom("oom_kill", []byte("oom"), event)
			if modified {
				assert.Equal(t, event, out, "%s, %s", format, mode)
			}
			f.Exit()
			assert.NotContains(t, strings.Join(log, "\n"), "defect")
		}
	}
}
