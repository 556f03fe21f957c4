// SPDX-License-Identifier: Apache-2.0

package kmsg

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/oomtrail/oomtrail/internal/format"
)

// moving are clocks that a test sets.
type moving struct {
	booted time.Time
	uptime time.Duration
}

func (m *moving) now() (time.Time, time.Duration) { return m.booted.Add(m.uptime), m.uptime }

// run begins or goes on with time bases.
func (m *moving) run(bases []Timebase, read uint64) *timebases {
	t := &timebases{clock: &clock{now: m.now}}
	t.restore(bases, read)
	t.begin()
	return t
}

// TestTimebase: a line has one time, whenever it is read, in this run or in the next; a clock that
// is set changes only the times of lines that come later.
func TestTimebase(t *testing.T) {
	booted := time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC)
	m := &moving{booted: booted.Add(3 * time.Millisecond), uptime: 100 * time.Second}
	first := m.run(nil, 0)
	at := func(seconds int) time.Time { return booted.Add(time.Duration(seconds) * time.Second).Local() }
	assert.Equal(t, at(40), first.date(1, 40*time.Second, false))
	m.booted = booted.Add(900 * time.Millisecond) // as much as the clocks wander
	assert.Equal(t, at(40), first.date(1, 40*time.Second, false))
	assert.Equal(t, at(100), first.date(2, 100*time.Second, true))

	m.booted = booted.Add(time.Hour) // the clock is set
	assert.Equal(t, at(3710), first.date(3, 110*time.Second, false))
	assert.Equal(t, at(110), first.date(2, 110*time.Second, false), "it was read before")

	again := m.run(first.since(1), 4)
	assert.Equal(t, at(40), again.date(1, 40*time.Second, false))
	assert.Equal(t, at(3710), again.date(3, 110*time.Second, false))
	assert.Equal(t, []Timebase{first.bases[1]}, first.since(3), "what dates no line that is read again is forgotten")

	m.booted = booted.Add(-time.Hour) // and set while nothing ran
	third := m.run(first.since(3), 6)
	assert.Equal(t, at(3712), third.date(4, 112*time.Second, false), "the run before has dated it")
	assert.Equal(t, at(-3480), third.date(6, 120*time.Second, false))
	third.anew()
	assert.Equal(t, at(-3480), third.date(0, 120*time.Second, false))
}

// TestTimebaseDrift: stamps that fall behind the monotonic clock are followed in steps of a second,
// and a reader that wakes up late once does not move them.
func TestTimebaseDrift(t *testing.T) {
	booted := time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC)
	m := &moving{booted: booted}
	r := m.run(nil, 0)
	for n := range uint64(200) {
		stamp := time.Duration(n) * time.Minute
		drift := stamp / 1000 // 12 s in all
		m.uptime = stamp + drift
		if n%50 == 49 {
			m.uptime += 5 * time.Second
		}
		got := r.date(n, stamp, true)
		assert.WithinDuration(t, booted.Add(stamp+drift), got, 2500*time.Millisecond, "line %d", n)
	}
	restarted := m.run(r.since(199), 200)
	m.uptime = 199*time.Minute*1001/1000 + time.Minute
	assert.WithinDuration(t, r.date(200, 200*time.Minute, false), restarted.date(200, 200*time.Minute, false), time.Millisecond, "the drift is known from the start on")
}

// TestTimebasesAreBounded: a clock that is set all the time costs no memory without end.
func TestTimebasesAreBounded(t *testing.T) {
	m := &moving{booted: time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC)}
	r := m.run(nil, 0)
	for n := range uint64(1000) {
		m.booted = m.booted.Add(time.Minute)
		assert.Equal(t, m.booted.Local(), r.date(n, 0, false))
	}
	assert.Len(t, r.bases, maxTimebases)
}

// TestReaderThatWasStopped: a line that was waited for, by a process that was stopped meanwhile, is
// dated by its stamp, though no other line has shown yet how far stamps are behind.
func TestReaderThatWasStopped(t *testing.T) {
	booted := time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC)
	m := &moving{booted: booted, uptime: 100 * time.Second}
	line := format.Line{Sequence: 7, HasSequence: true, Uptime: 60e6, HasUptime: true}
	for name, log := range map[string]*Log{"fixed": {times: m.run(nil, 0)}, "not fixed": {clock: clock{now: m.now}}} {
		log.asked = time.Now().Add(-40 * time.Second)
		assert.WithinDuration(t, booted.Add(time.Minute), log.date(&line, true), 0, name)
	}
}
