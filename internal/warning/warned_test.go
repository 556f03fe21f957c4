// SPDX-License-Identifier: Apache-2.0

package warning

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/internal/watchtest"
	"github.com/oomtrail/oomtrail/watch"
)

// TestWarned: which warning belongs to a kill.
func TestWarned(t *testing.T) {
	at := func(seconds int) time.Time { return noon.Add(time.Duration(seconds) * time.Second) }
	const app = "/kubepods/pod1/app"
	for _, c := range []struct {
		name          string
		given         []pastWarning
		limit, victim string
		kill          int
		want          string
		lead          time.Duration
	}{
		{"the same cgroup", []pastWarning{{"a", at(0), app}}, app, app, 12, "a", 12 * time.Second},
		{"the same, of a victim that is not known", []pastWarning{{"a", at(0), app}}, app, "", 12, "a", 12 * time.Second},
		{"the last of two", []pastWarning{{"a", at(0), app}, {"b", at(5), app}}, app, app, 12, "b", 7 * time.Second},
		{"not one after it", []pastWarning{{"a", at(0), app}, {"b", at(13), app}}, app, app, 12, "a", 12 * time.Second},
		{"a hair before the warning", []pastWarning{{"a", noon.Add(time.Nanosecond), app}}, app, app, 0, "", 0},
		{"at the same moment", []pastWarning{{"a", at(0), app}}, app, app, 0, "a", 0},
		{"ten minutes", []pastWarning{{"a", at(0), app}}, app, app, 600, "a", 10 * time.Minute},
		{"more than ten minutes", []pastWarning{{"a", at(0), app}}, app, app, 601, "", 0},
		{"another cgroup", []pastWarning{{"a", at(0), "/kubepods/pod2/app"}}, app, app, 12, "", 0},
		{"a path that begins alike", []pastWarning{{"a", at(0), "/kubepods/pod1/ap"}}, app, app, 12, "", 0},
		{"a limit that begins alike", []pastWarning{{"a", at(0), app}}, "/kubepods/pod", app, 12, "", 0},
		{"a cgroup above that had no shortage", []pastWarning{{"a", at(0), "/kubepods/pod1"}}, app, app, 12, "", 0},
		{"one below it that holds the victim", []pastWarning{{"a", at(0), app}}, "/kubepods/pod1", app + "/worker", 12, "a", 12 * time.Second},
		{"one below it beside the victim", []pastWarning{{"a", at(0), app}}, "/kubepods/pod1", "/kubepods/pod1/side", 12, "", 0},
		{"one below it, of a victim that is not known", []pastWarning{{"a", at(0), app}}, "/kubepods/pod1", "", 12, "", 0},
		{"the host", []pastWarning{{"a", at(0), ""}}, "/", app, 12, "a", 12 * time.Second},
		{"the host, of a victim that is not known", []pastWarning{{"a", at(0), ""}}, "/", "", 12, "a", 12 * time.Second},
		{"the victim's cgroup, as the host ran out", []pastWarning{{"a", at(0), app}}, "/", app, 12, "a", 12 * time.Second},
		{"the host, where a limit was hit", []pastWarning{{"a", at(0), ""}}, app, app, 12, "", 0},
		{"the root as a container sees it", []pastWarning{{"a", at(0), "/"}}, "/", app, 12, "", 0},
		{"a limit that is not known", []pastWarning{{"a", at(0), app}, {"b", at(0), ""}}, "", app, 12, "", 0},
	} {
		var m warnings
		for _, g := range c.given {
			m.remember(g)
		}
		if id, lead := m.last(c.limit, c.victim, at(c.kill)); id != c.want || lead != c.lead {
			t.Errorf("%s: %q %v, want %q %v", c.name, id, lead, c.want, c.lead)
		}
	}
	var m warnings
	m.remember(pastWarning{"a", noon, app})
	if id, _ := m.last(app, app, time.Time{}); id != "" {
		t.Errorf("a kill without a time: %q", id)
	}
}

// TestWarnedBounds: the warnings that are remembered are bounded, by time and by number.
func TestWarnedBounds(t *testing.T) {
	var m warnings
	for i := range 5 * mostGiven {
		m.remember(pastWarning{fmt.Sprint(i), noon.Add(time.Duration(i) * time.Millisecond), "/a"})
	}
	if n := len(m.given); n != mostGiven {
		t.Errorf("%d are remembered, want %d", n, mostGiven)
	}
	if id, _ := m.last("/a", "", noon.Add(time.Minute)); id != fmt.Sprint(5*mostGiven-1) {
		t.Errorf("the last one is %q", id)
	}
	m.remember(pastWarning{"late", noon.Add(time.Hour), "/a"})
	if n := len(m.given); n != 1 {
		t.Errorf("%d are remembered an hour later, want 1", n)
	}
}

// TestWarnedMeanwhile: kills may be asked about while warnings are given.
func TestWarnedMeanwhile(t *testing.T) {
	_, system := watchtest.Unpack(t, watchtest.Version2)
	w := New(Options{System: system, Settings: DefaultSettings()})
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for i := range 200 {
				w.Warned("/a", "/a/b", noon.Add(time.Duration(i)*time.Second))
			}
		})
	}
	for i := range 20 {
		w.record(&Finding{Cause: CgroupNearLimit, At: noon.Add(time.Duration(i) * time.Second), Cgroup: &watch.Cgroup{Path: "/a"}})
	}
	group.Wait()
	if id, lead := w.Warned("/a", "", noon.Add(20*time.Second)); id == "" || lead != time.Second {
		t.Errorf("%q %v", id, lead)
	}
}
