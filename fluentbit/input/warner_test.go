// SPDX-License-Identifier: Apache-2.0

package input

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/oomtrail/oomtrail/conformance/corpus/warnings"
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

func warningOf(n int, format form.Format) warningEvent {
	r := warningRecord(n)
	return warningEvent{filter.AppendRecord(nil, logevent.AppendTimestamp(nil, r.Time), r, format), r}
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
	one := warningOf(1, form.OOM)
	event := one.event
	q.warn(one)
	assert.Equal(t, 1, q.wakes)
	assert.Equal(t, event, q.batch())
	q.done(true)
	assert.Empty(t, q.accepted, "nothing was read")

	q.warn(one)
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
	q.warn(one)
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
		w := warningOf(n, form.OOM)
		size = max(size, len(w.event))
		q.warn(w)
		require.LessOrEqual(t, q.warningBytes, maxWarnings)
	}
	var m Metrics
	q.take(&m)
	kept := all - int(m.DroppedWarnings)
	assert.InDelta(t, maxWarnings/size, kept, 10)
	assert.Len(t, q.waiting(), kept)
	q.pause(false)
	events, err := fbtest.Decode(bytes.Clone(q.batch()))
	require.NoError(t, err)
	require.Len(t, events, kept)
	assert.EqualValues(t, all-1, events[kept-1].Time.Unix())
	assert.Len(t, q.waiting(), kept)
	q.done(true)
	assert.Empty(t, q.waiting())
	assert.True(t, q.ready())

	huge := make([]byte, 2*maxWarnings)
	q.warn(warningEvent{huge, warningRecord(1)})
	assert.Len(t, q.batch(), len(huge), "one alone always has room")
}

// TestDroppedWarningsAreSaid: in one line for many.
func TestDroppedWarningsAreSaid(t *testing.T) {
	r := newRig(t, 1)
	w := newWarner(&watching{watcher: &scripted{}}, r.settings().Records.Format, r.note)
	w.queue = newQueue(func() {}, nil)
	for n := range 1000 {
		require.NoError(t, w.emit(t.Context(), warningRecord(n)))
	}
	said := r.said()
	require.NotEmpty(t, said)
	assert.Equal(t, "2 1 warnings were dropped, the oldest: Fluent Bit takes nothing, and only the newest 64 KiB wait", said[0])
	assert.Less(t, len(said), 10)
}

// TestIdleSettings: settings of warnings without Warnings are said.
func TestIdleSettings(t *testing.T) {
	r := newRig(t, 1)
	r.start(r.settings("Warnings_Near_Limit", "0.8", "Warnings_Available", "0.1"), nil).end()
	assert.Equal(t, []string{"2 Warnings_Near_Limit is of no use while Warnings is off: set Warnings on, or leave it out"}, r.said())
}

// TestStuckWatcher: a watcher that does not end, as one that waits for a disk of a machine short of
// memory, is left to itself, and costs no kill and no cursor.
func TestStuckWatcher(t *testing.T) {
	t.Parallel()
	r := newRig(t, 1000)
	settings := r.settings("Warnings", "on")
	ends := make(chan struct{})
	stuck := &watching{watcher: &scripted{run: func(context.Context, func(context.Context, *record.Record) error) error {
		<-ends
		return nil
	}}, settings: settings.String()}
	watchings.keep("stuck", stuck)
	e, err := r.idle("stuck", settings)
	require.NoError(t, err)
	go e.run()
	r.write(r.report(1)...)
	r.write(r.lines(1)...)
	e.settled()
	assert.Equal(t, []int64{1}, kills(e.end()))
	close(ends)
	assert.Equal(t, []string{"1 watching the machine does not end, and is left to itself; it keeps what it has open"}, r.said())
	saved, err := os.ReadFile(r.cursor)
	require.NoError(t, err)
	p, err := decodePlace(saved)
	require.NoError(t, err)
	assert.NotZero(t, p.Read)
	assert.Nil(t, watchings.take("stuck"))
}

// TestNoMachine: a root directory of no running machine costs the warnings, and no kill.
func TestNoMachine(t *testing.T) {
	r := newRig(t, 1000)
	root := t.TempDir()
	e := r.start(r.settings("Warnings", "on", "Root_Path", root), nil)
	r.write(r.report(1)...)
	e.settled()
	assert.Equal(t, []int64{1}, kills(e.end()))
	said := r.said()
	require.Len(t, said, 1)
	assert.Contains(t, said[0], fmt.Sprintf("1 Root_Path %q: nothing is warned of, the kills are read all the same: %s/proc: ", root, root))
}

// scripted is a watcher that does what run says.
type scripted struct {
	run func(ctx context.Context, emit func(context.Context, *record.Record) error) error
	// runs counts them; it suppresses as many warnings.
	runs atomic.Int64
}

func (s *scripted) Run(ctx context.Context, emit func(context.Context, *record.Record) error) error {
	s.runs.Add(1)
	return s.run(ctx, emit)
}

func (s *scripted) Warned(_, _ string, _ time.Time) (string, time.Duration) { return "id", time.Second }

func (s *scripted) Suppressed() int64 { return s.runs.Load() }

// TestWatcherPanics: a panic ends neither Fluent Bit nor the warnings; it is logged in full once.
func TestWatcherPanics(t *testing.T) {
	t.Parallel()
	s := &scripted{}
	s.run = func(ctx context.Context, emit func(context.Context, *record.Record) error) error {
		n := s.runs.Load()
		if err := emit(ctx, warningRecord(int(n))); n == 3 {
			<-ctx.Done()
			return err
		}
		panic("a defect")
	}
	r := newRig(t, 1)
	w := newWarner(&watching{watcher: s}, r.settings().Records.Format, r.note)
	w.queue = newQueue(func() {}, nil)
	ctx, cancel := context.WithCancel(context.Background())
	go w.run(ctx)
	require.Eventually(t, func() bool { return len(w.queue.waiting()) == 3 }, eventually, tick)
	cancel()
	<-w.ended
	said := r.said()
	require.Len(t, said, 1)
	assert.Contains(t, said[0], "this is a defect of the plugin, please report it")
	assert.Contains(t, said[0], "warner_test.go")
	assert.EqualValues(t, 3, w.heldBack())
	assert.Zero(t, w.heldBack())
}

// TestWarningsReload: after a reload with the same settings the watcher is the same, so that it
// warns of nothing twice, and what the host has not taken comes; with other settings it is another
// one.
func TestWarningsReload(t *testing.T) {
	r := newRig(t, 1000)
	s := r.settings("Warnings", "on", "Warnings_Cgroups", "/nothing/at/all")
	first, err := r.idle("oom_kill.0", s)
	require.NoError(t, err)
	kept := first.warner.watching
	for n := range 3 {
		first.queue.warn(warningOf(n, form.OOM))
		if n == 0 {
			require.NotNil(t, first.Batch(), "it is offered, and neither taken nor refused")
		}
	}
	require.Eventually(t, func() bool { r.mu.Lock(); defer r.mu.Unlock(); return len(r.log) > 1 }, eventually, tick, "it says what its pattern matches")
	first.Exit()
	said := r.said()
	assert.True(t, slices.ContainsFunc(said, func(line string) bool {
		return strings.HasPrefix(line, `2 warnings: Warnings_Cgroups: "/nothing/at/all" matches none of the `)
	}), "%q", said)
	assert.Contains(t, said, "2 3 warnings were not taken: they are gone, unless this is a reload with the same settings")

	r.ring.Break(os.ErrPermission)
	_, err = r.idle("oom_kill.0", s)
	require.Error(t, err)
	r.ring.Break(nil)
	second := r.start(s, nil)
	assert.Same(t, kept, second.warner.watching)
	waited := func() (times []int64) { // this machine may have warnings of its own
		for _, e := range second.events() {
			if e.Time.Unix() < 3 {
				times = append(times, e.Time.Unix())
			}
		}
		return times
	}
	require.Eventually(t, func() bool { return len(waited()) == 3 }, eventually, tick)
	second.end()
	assert.Equal(t, []int64{0, 1, 2}, waited())

	other := r.start(r.settings("Warnings", "on", "Warnings_Near_Limit", "0.8"), nil)
	assert.NotSame(t, kept, other.warner.watching)
	other.end()
	assert.Same(t, other.warner.watching, watchings.take("oom_kill.0"), "the one before is forgotten")
}

// TestWarningBehindFilter: a filter lets each warning of the input pass as it is, in each format
// and mode, and takes it for no kill.
func TestWarningBehindFilter(t *testing.T) {
	records, err := warnings.Load("../../testdata")
	require.NoError(t, err)
	for _, format := range form.Names() {
		for _, mode := range []string{"append", "replace", "only"} {
			g := given{"Format", format, "Mode", mode}
			s, err := filter.ParseSettings(g.get, g.keys())
			require.NoError(t, err)
			var log []string
			f, err := filter.New(s, func(_ filter.Level, line string) { log = append(log, line) })
			require.NoError(t, err)
			for _, r := range records {
				event := filter.AppendRecord(nil, logevent.AppendTimestamp(nil, r.Time), r, s.Format)
				out, modified := f.RunFrom("oom_kill", []byte("oom"), event)
				if modified {
					assert.Equal(t, event, out, "%s, %s: %s", format, mode, r.Body)
				}
			}
			f.Exit()
			said := strings.Join(log, "\n")
			assert.Contains(t, said, fmt.Sprintf(" passed_records=%d ", len(records)), "%s, %s", format, mode)
			assert.Contains(t, said, " kills=0 ", "%s, %s", format, mode)
		}
	}
}
