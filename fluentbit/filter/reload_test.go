// SPDX-License-Identifier: Apache-2.0

package filter

import (
	"bytes"
	"strings"
	"testing"

	"github.com/oomtrail/oomtrail/fluentbit/fbtest"
)

// reloaded runs the events before a hot reload and those after it, and returns all that came out
// and what was logged.
func reloaded(t *testing.T, settings []string, before, after []fbtest.Event) (out []byte, log string) {
	t.Helper()
	var reloads Reloads
	f, lines := newFilter(t, "Mode", "only")
	f = reloads.Begin("oom_kill.0", f)
	got, _ := f.Run([]byte("kernel"), fbtest.Chunk(before...))
	out = append(out, got...)
	reloads.Checked("oom_kill.0")
	reloads.End("oom_kill.0", f)
	next, more := newFilter(t, settings...)
	next = reloads.Begin("oom_kill.0", next)
	got, _ = next.Run([]byte("kernel"), fbtest.Chunk(after...))
	out = append(out, got...)
	reloads.End("oom_kill.0", next)
	return out, strings.Join(append(*lines, *more...), "\n")
}

// TestReload: a report that is open goes on after a hot reload, wherever it was cut, and so does
// one that the input reads again.
func TestReload(t *testing.T) {
	events := inKmsg(1, reportLines...)
	f, _ := newFilter(t, "Mode", "only")
	whole, _ := f.Run([]byte("kernel"), fbtest.Chunk(events...))
	if n := bytes.Count(whole, []byte("oomtrail")); n != 1 {
		t.Fatalf("%d records", n)
	}
	for at := 1; at < len(events)-1; at++ {
		if out, log := reloaded(t, []string{"Mode", "only"}, events[:at], events[at:]); !bytes.Equal(out, whole) {
			t.Errorf("cut before event %d: %q\n%s", at, out, log)
		}
		if out, log := reloaded(t, []string{"Mode", "only"}, events[:at], events); !bytes.Equal(out, whole) {
			t.Errorf("cut before event %d, read again: %q\n%s", at, out, log)
		}
	}
	if _, log := reloaded(t, []string{"Mode", "append"}, events[:2], nil); !strings.Contains(log, "a report was still open at exit") {
		t.Errorf("other settings: %s", log)
	}
}

// TestNoReload: without a check of the next settings an instance ends for good, and says what was
// open; the name may come again.
func TestNoReload(t *testing.T) {
	var reloads Reloads
	f, lines := newFilter(t)
	f = reloads.Begin("oom_kill.0", f)
	f.Run([]byte("kernel"), fbtest.Chunk(inKmsg(1, reportLines...)[:2]...))
	reloads.End("oom_kill.0", f)
	if log := strings.Join(*lines, "\n"); !strings.Contains(log, "a report was still open at exit") || f.share == nil {
		t.Error(log)
	}
	next, _ := newFilter(t)
	if got := reloads.Begin("oom_kill.0", next); got != next {
		t.Error("what ended for good goes on")
	}
}
