// SPDX-License-Identifier: Apache-2.0

package warning

import "time"

const (
	// looks is how many looks a history holds, apart by spacing or more.
	looks   = 32
	spacing = 900 * time.Millisecond
	// window is how far growth looks back, and steadyFor how long it must have been steady.
	window    = 30 * time.Second
	steadyFor = 10 * time.Second
	// horizon is how far ahead a steady growth is followed: ten seconds say little about an hour.
	horizon = time.Hour
)

// history is how much was used at the last looks.
type history struct {
	at   [looks]time.Duration
	used [looks]int64
	// n counts the looks that were added; the newest stands at (n-1) % looks.
	n int
}

// add adds a look, not before the last one. A look that follows too closely replaces the last,
// which is always the newest.
func (h *history) add(at time.Duration, used int64) {
	if h.n > 1 && h.at[(h.n-1)%looks]-h.at[(h.n-2)%looks] < spacing {
		h.n--
	}
	h.at[h.n%looks], h.used[h.n%looks] = at, used
	if h.n++; h.n == 2*looks {
		h.n = looks // the same place
	}
}

// back returns the look that is i before the newest.
func (h *history) back(i int) (at time.Duration, used int64) {
	k := (h.n - 1 - i) % looks
	return h.at[k], h.used[k]
}

// count is how many looks are within a time before the newest.
func (h *history) count(within time.Duration) (count int) {
	for count < min(h.n, looks) && h.at[(h.n-1)%looks]-h.at[(h.n-1-count)%looks] <= within {
		count++
	}
	return count
}

// growth is how fast the use grew of late, in bytes a second, by least squares. ok is false where
// it did not grow, or where too little is known.
func (h *history) growth() (rate float64, ok bool) {
	count := h.count(window)
	if count < 3 {
		return 0, false
	}
	newest, base := h.back(0)
	if oldest, _ := h.back(count - 1); newest-oldest < 2*time.Second {
		return 0, false
	}
	var x, y, xx, xy float64
	for i := range count {
		at, used := h.back(i)
		t, u := (at - newest).Seconds(), float64(used-base)
		x, y, xx, xy = x+t, y+u, xx+t*t, xy+t*u
	}
	n := float64(count)
	spread := n*xx - x*x
	if spread <= 0 {
		return 0, false
	}
	rate = (n*xy - x*y) / spread
	return rate, rate > 0
}

// steady is how fast the use grows, where it grew all the time of the last ten seconds: in each
// quarter of them at least half and at most twice as fast as in all of them, and to the last look.
func (h *history) steady() (rate float64, ok bool) {
	count := h.count(window)
	newest, last := h.back(0)
	oldest := 0 // the newest look that is ten seconds before
	for oldest < count {
		if at, _ := h.back(oldest); newest-at >= steadyFor {
			break
		}
		oldest++
	}
	if oldest == count || oldest < 4 {
		return 0, false
	}
	begin, first := h.back(oldest)
	span := newest - begin
	rate = float64(last-first) / span.Seconds()
	if rate <= 0 {
		return 0, false
	}
	for i := oldest - 1; i >= 0; i-- {
		at, used := h.back(i)
		if at-begin < span/4 && i > 0 {
			continue
		}
		part := float64(used-first) / (at - begin).Seconds()
		if i == 0 && at-begin < span/4 { // what is left of the quarters
			return rate, part > 0
		}
		if part < rate/2 || part > 2*rate {
			return 0, false
		}
		begin, first = at, used
	}
	return rate, true
}

// pace is how fast the use grew between the last two looks, in bytes a second.
func (h *history) pace() float64 {
	if h.count(window) < 2 {
		return 0
	}
	now, used := h.back(0)
	before, was := h.back(1)
	if now <= before {
		return 0
	}
	return float64(used-was) / (now - before).Seconds()
}

// grow says how fast the use grows, and what is left.
func (f *Finding) grow(h *history) {
	f.Growth, f.Grows = h.growth()
	rate, ok := h.steady()
	if !ok {
		return
	}
	if left := float64(max(0, f.Limit-f.Used)) / rate; left <= horizon.Seconds() {
		f.Growth, f.Grows, f.Steady = rate, true, true
		f.TimeLeft = time.Duration(left * float64(time.Second))
	}
}
