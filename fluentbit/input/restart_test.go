// SPDX-License-Identifier: Apache-2.0

package input

import (
	"fmt"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/oomtrail/oomtrail/fluentbit/fbtest"
)

// history returns the records of three kills among other lines.
func (r *rig) history() (records []string) {
	for pid := 100; pid < 103; pid++ {
		records = append(append(records, r.lines(2)...), r.report(pid)...)
	}
	return append(records, r.lines(2)...)
}

// TestRestart: an instance that ends after any line loses nothing, and repeats nothing: what all
// runs give together is, byte for byte, what one run gives.
func TestRestart(t *testing.T) {
	for _, emit := range []string{"oom", "all"} {
		t.Run(emit, func(t *testing.T) {
			whole := newRig(t, 1000)
			s := whole.settings("Emit", emit)
			one := whole.start(s, nil)
			whole.write(whole.history()...)
			one.settled()
			want, _ := raw(one.end())
			require.Len(t, kills(one.events()), 3)
			assertNothingSaid(t, whole)

			for at := range newRig(t, 1).history() {
				r := newRig(t, 1000)
				records := r.history()
				first := r.start(r.settings("Emit", emit), nil)
				r.write(records[:at]...)
				first.settled()
				events := first.end()
				second := r.start(r.settings("Emit", emit), nil)
				r.write(records[at:]...)
				second.settled()
				events = append(events, second.end()...)
				got, repeats := raw(events)
				sameEvents(t, want, got, fmt.Sprint("stopped before line ", at))
				assert.Zero(t, repeats, "stopped before line %d", at)
				assertNothingSaid(t, r)
			}
		})
	}
}

// TestCrash: after kill -9 at any line nothing is lost, and what comes again is the same to the
// byte.
func TestCrash(t *testing.T) {
	for seed := range uint64(20) {
		random := rand.New(rand.NewPCG(seed, 0))
		r := newRig(t, 1000)
		var events []fbtest.Decoded
		records := r.history()
		for len(records) > 0 {
			e := r.start(r.settings("Emit", "all"), nil)
			n := 1 + random.IntN(len(records))
			r.write(records[:n]...)
			records = records[n:]
			if random.IntN(2) == 0 {
				e.settled()
			}
			events = append(events, e.crash()...)
		}
		last := r.start(r.settings("Emit", "all"), nil)
		last.settled()
		events = append(events, last.end()...)
		all, _ := raw(events)
		assert.Equal(t, 3+8+3*8, len(all), "seed %d: 3 records, and as many lines as there are", seed)
		assertNothingSaid(t, r)
	}
}

// TestRefused: what the host does not take is offered again, the same bytes in the same order, and
// the cursor does not pass it.
func TestRefused(t *testing.T) {
	r := newRig(t, 1000)
	e, err := r.idle("oom_kill.0", r.settings("Emit", "all"))
	require.NoError(t, err)
	r.write(r.history()...)
	<-e.wake
	b := append([]byte(nil), e.Batch()...)
	for range 3 {
		e.Done(false)
		assert.Equal(t, b, e.Batch())
	}
	require.Eventually(t, r.ring.Drained, eventually, tick)
	e.Exit()
	assert.EqualValues(t, 3, e.Metrics().RefusedBatches)
	saved, err := os.ReadFile(r.cursor)
	require.NoError(t, err)
	p, err := decodePlace(saved)
	require.NoError(t, err)
	assert.Zero(t, p.Sequence)

	refusals := 0
	second := r.start(r.settings("Emit", "all"), func() bool { refusals++; return refusals%3 != 0 })
	second.settled()
	events := second.end()
	_, repeats := raw(events)
	assert.Zero(t, repeats)
	assert.Equal(t, []int64{100, 101, 102}, kills(events))
	assert.NotZero(t, second.Metrics().RefusedBatches)
}

// TestReload: without a cursor, too, a reload repeats nothing; a start that is none begins anew.
func TestReload(t *testing.T) {
	r := newRig(t, 1000)
	s := r.settings()
	s.Cursor = ""
	records := r.history()
	first := r.start(s, nil)
	r.write(records[:15]...)
	first.settled()
	events := first.end()
	require.Len(t, r.said(), 1, "there is no cursor")
	r.ring.Break(os.ErrPermission)
	_, err := r.idle("oom_kill.0", s)
	require.Error(t, err)
	r.ring.Break(nil)
	second := r.start(s, nil)
	r.write(records[15:]...)
	second.settled()
	events = append(events, second.end()...)
	assert.Equal(t, []int64{100, 101, 102}, kills(events))
	assertNothingSaid(t, r)

	require.NotNil(t, reloads.take(instanceKey{"oom_kill.0", s.Path})) // as in a new process
	third := r.start(s, nil)
	third.settled()
	again := third.end()
	assert.Equal(t, []int64{100, 101, 102}, kills(again))
	all, repeats := raw(append(events, again...))
	assert.Equal(t, 3, len(all), "the same uids and times")
	assert.Equal(t, 3, repeats)
}
