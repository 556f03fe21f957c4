// SPDX-License-Identifier: Apache-2.0

package kmsg

import "time"

// Timebase is the wall time at which a boot began, by which lines are dated: a line's time is Began
// and its stamp. The same line so has the same time whenever it is read. Both figures are in
// microseconds.
type Timebase struct {
	// From is the sequence number of the first line that is dated by it.
	From uint64 `json:"from"`
	// Began is counted from 1970 on.
	Began int64 `json:"began"`
	// Drift is how far the stamps were behind the monotonic clock.
	Drift int64 `json:"drift,omitempty"`
}

const (
	// timebaseGrain is what a time base is rounded down to: two processes that find it from the
	// same clocks find the same one.
	timebaseGrain = 10 * time.Millisecond
	// timebaseStep is how far a time base may be from what the clocks say now. Beyond it the clock
	// was set, or has left the kernel's stamps behind, and later lines have another one.
	timebaseStep = time.Second
	// maxTimebases is how many are kept. Each is of lines that may be read again.
	maxTimebases = 64
)

// timebases date the lines of one boot.
type timebases struct {
	clock *clock
	bases []Timebase // oldest first; never changed in place
	// read is the first line that no earlier run has dated.
	read uint64
}

// restore takes up those of an earlier run in the same boot.
func (t *timebases) restore(bases []Timebase, read uint64) {
	if len(bases) == 0 {
		return
	}
	t.bases, t.read = bases, read
	t.clock.note(micros(bases[len(bases)-1].Drift)) // until lines show it again
}

// begin makes sure that there is one.
func (t *timebases) begin() {
	if len(t.bases) == 0 {
		wall, uptime := t.clock.now()
		t.add(0, wall.Add(-uptime))
	}
}

// date returns the time of a line. live says that it was waited for.
func (t *timebases) date(sequence uint64, stamp time.Duration, live bool) time.Time {
	wall, uptime := t.clock.now()
	if live {
		t.clock.note(uptime - stamp)
	}
	now := wall.Add(t.clock.drift() - uptime)
	newest := &t.bases[len(t.bases)-1]
	if off := now.Sub(time.UnixMicro(newest.Began)); sequence >= t.read && sequence >= newest.From && (off > timebaseStep || off < -timebaseStep) {
		t.add(sequence, now)
	}
	return time.UnixMicro(t.since(sequence)[0].Began).Add(stamp)
}

// add adds one for a line and what follows it.
func (t *timebases) add(from uint64, began time.Time) {
	began = began.Truncate(timebaseGrain)
	kept := t.bases[max(0, len(t.bases)+1-maxTimebases):]
	t.bases = append(kept[:len(kept):len(kept)], Timebase{From: from, Began: began.UnixMicro(), Drift: t.clock.drift().Microseconds()})
}

// since returns those that date a line and what follows it: at least one, once there is one.
func (t *timebases) since(sequence uint64) []Timebase {
	i := len(t.bases) - 1
	for i > 0 && t.bases[i].From > sequence {
		i--
	}
	return t.bases[i:]
}

// anew says that the numbers of lines begin again.
func (t *timebases) anew() {
	newest := t.bases[len(t.bases)-1]
	newest.From = 0
	t.bases, t.read = []Timebase{newest}, 0
}

func micros(n int64) time.Duration { return time.Duration(n) * time.Microsecond }
