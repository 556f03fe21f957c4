// SPDX-License-Identifier: Apache-2.0

package warning

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/internal/watchtest"
	"github.com/oomtrail/oomtrail/watch"
)

// stage is a machine of files, and a watcher of it whose clock stands between two looks.
type stage struct {
	t      testing.TB
	r      *run
	root   string
	system watch.System
	now    time.Time
	// step is how much later it is each time that the clock is looked at.
	step  time.Duration
	found []Finding
	notes []string
}

// newStage has files as version 1 or 2 has them, and no cgroup but what a test makes.
func newStage(t testing.TB, version int, settings Settings) *stage {
	t.Helper()
	name := watchtest.Version2
	if version == 1 {
		name = watchtest.Version1
	}
	s := &stage{t: t, now: time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)}
	s.root, s.system = watchtest.Unpack(t, name)
	h, err := s.system.Hierarchy()
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Below("/", func(path string) {
		if err := os.RemoveAll(filepath.Join(h.Dir, path)); err != nil {
			t.Fatal(err)
		}
	}); err != nil {
		t.Fatal(err)
	}
	w := New(Options{
		System: s.system, Settings: settings, Now: func() time.Time { s.now = s.now.Add(s.step); return s.now },
		Note: func(text string) { s.notes = append(s.notes, text) },
	})
	s.begin(w)
	t.Cleanup(func() { s.r.close() })
	return s
}

// begin makes a run of a watcher.
func (s *stage) begin(w *Watcher) {
	s.r = newRun(w, func(f *Finding) error {
		s.found = append(s.found, *f)
		return nil
	})
}

// write writes a file of a cgroup, as its kernel has it.
func (s *stage) write(path, file, content string) {
	s.t.Helper()
	if err := os.WriteFile(filepath.Join(s.r.hierarchy.Dir, path, file), []byte(content+"\n"), 0o644); err != nil {
		s.t.Fatal(err)
	}
}

// cgroup makes a cgroup, with a limit in MiB that is 0 for none.
func (s *stage) cgroup(path string, limit int) {
	s.t.Helper()
	if err := os.MkdirAll(filepath.Join(s.r.hierarchy.Dir, path), 0o755); err != nil {
		s.t.Fatal(err)
	}
	s.use(path, 1, 0)
	if s.r.hierarchy.Version == 2 {
		s.write(path, "memory.events", "max 0\noom 0\noom_kill 0")
		s.write(path, "memory.high", "max")
	}
	s.limit(path, limit)
}

// limit sets the limit of a cgroup.
func (s *stage) limit(path string, mib int) {
	s.t.Helper()
	file, value := "memory.max", "max"
	if s.r.hierarchy.Version == 1 {
		file, value = "memory.limit_in_bytes", strconv.Itoa(1<<62)
	}
	if mib > 0 {
		value = strconv.Itoa(mib << 20)
	}
	s.write(path, file, value)
}

// use sets what a cgroup uses, and what of it is page cache, in MiB.
func (s *stage) use(path string, mib, cache int) {
	s.t.Helper()
	file, total := "memory.current", ""
	if s.r.hierarchy.Version == 1 {
		file, total = "memory.usage_in_bytes", "total_"
	}
	s.write(path, file, strconv.Itoa(mib<<20))
	s.write(path, "memory.stat", fmt.Sprintf("%sinactive_file %d\n%sactive_file 0", total, cache<<20, total))
}

// pass lets time pass: all that is due in it is looked at at its time, and what was announced is
// taken at once. each is called before each look.
func (s *stage) pass(d time.Duration, each func()) {
	s.t.Helper()
	for end := s.now.Add(d); ; {
		if each != nil {
			each()
		}
		s.announced()
		next, err := s.r.look(s.t.Context())
		if err != nil {
			s.t.Fatal(err)
		}
		if next.After(end) {
			s.now = end
			return
		}
		if !next.After(s.now) {
			s.t.Fatalf("nothing was due at %v, and %v is next", s.now, next)
		}
		s.now = next
	}
}

// announced takes what the kernel has announced.
func (s *stage) announced() {
	s.t.Helper()
	if s.r.notifier == nil {
		return
	}
	notices, err := s.r.notifier.Wait(s.t.Context(), 0, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	s.r.handle(notices)
}

// looked are the paths that are looked at.
func (s *stage) looked() (paths []string) {
	for _, n := range s.r.queue {
		paths = append(paths, n.path)
	}
	slices.Sort(paths)
	return paths
}

func (s *stage) noted(parts ...string) bool {
	return slices.ContainsFunc(s.notes, func(note string) bool {
		return !slices.ContainsFunc(parts, func(part string) bool { return !strings.Contains(note, part) })
	})
}

func versions(t *testing.T, test func(t *testing.T, version int)) {
	for _, version := range []int{1, 2} {
		t.Run("version "+strconv.Itoa(version), func(t *testing.T) { test(t, version) })
	}
}

// TestLeak: a cgroup whose use grows is warned of before it meets its limit, once.
func TestLeak(t *testing.T) {
	versions(t, func(t *testing.T, version int) {
		s := newStage(t, version, DefaultSettings())
		s.cgroup("/system.slice", 0)
		s.cgroup("/system.slice/leak.service", 512)
		s.cgroup("/system.slice/calm.service", 512)
		s.r.start()
		began := s.now
		s.pass(48*time.Second, func() { // 10 MiB a second
			s.use("/system.slice/leak.service", 10+int(10*s.now.Sub(began).Seconds()), 0)
		})
		if len(s.found) != 1 {
			t.Fatalf("%+v", s.found)
		}
		f := s.found[0]
		if f.Cause != CgroupNearLimit || f.Cgroup.Path != "/system.slice/leak.service" || f.At.Sub(began) > 46*time.Second {
			t.Errorf("%+v after %v", f, f.At.Sub(began))
		}
	})
}

// TestNextRun: a run knows what the one before it has warned of, and forgets the cgroups that went
// between them. What panicked leaves nothing.
func TestNextRun(t *testing.T) {
	versions(t, func(t *testing.T, version int) {
		s := newStage(t, version, DefaultSettings())
		for _, path := range []string{"/full", "/gone"} {
			s.cgroup(path, 512)
			s.use(path, 500, 0)
		}
		w := s.r.watcher
		s.r.start()
		s.pass(time.Minute, nil)
		if len(s.found) != 2 {
			t.Fatalf("%+v", s.found)
		}
		again := func(leaves bool) {
			if leaves {
				s.r.leave()
			}
			s.r.close()
			s.found = nil
			s.begin(w)
			s.r.start()
			s.pass(time.Minute, nil)
		}
		if err := os.RemoveAll(filepath.Join(s.r.hierarchy.Dir, "gone")); err != nil {
			t.Fatal(err)
		}
		again(true)
		if len(s.found) > 0 || len(s.r.policy.groups) != 1 {
			t.Errorf("%+v, %d cgroups are kept", s.found, len(s.r.policy.groups))
		}
		again(false)
		if len(s.found) != 1 {
			t.Errorf("%+v", s.found)
		}
	})
}

// TestCacheIsNoShortage: a cgroup that is full of page cache is looked at closely, and healthy.
func TestCacheIsNoShortage(t *testing.T) {
	versions(t, func(t *testing.T, version int) {
		s := newStage(t, version, DefaultSettings())
		s.cgroup("/db", 512)
		s.use("/db", 512, 300)
		s.r.start()
		s.pass(10*time.Minute, nil)
		if len(s.found) > 0 {
			t.Errorf("%+v", s.found)
		}
		s.use("/db", 512, 30)
		s.pass(20*time.Second, nil)
		if len(s.found) != 1 || s.found[0].Cgroup.Held().V != 482<<20 {
			t.Errorf("%+v", s.found)
		}
	})
}

// TestComeAndGo: cgroups that are made, limited, freed of their limit and removed while it runs.
func TestComeAndGo(t *testing.T) {
	versions(t, func(t *testing.T, version int) {
		s := newStage(t, version, DefaultSettings())
		s.cgroup("/old", 64)
		s.r.start()
		want := func(when string, paths ...string) {
			t.Helper()
			s.pass(unwatched+time.Second, nil)
			if got := s.looked(); !slices.Equal(got, paths) {
				t.Errorf("%s: %q are looked at, want %q", when, got, paths)
			}
		}
		want("at the start", "/old")
		s.cgroup("/pods", 0)
		s.cgroup("/pods/a", 0)
		s.cgroup("/pods/a/b", 64)
		want("a cgroup below new ones", "/old", "/pods/a/b")
		s.limit("/pods/a", 128)
		want("a limit is set", "/old", "/pods/a", "/pods/a/b")
		s.limit("/pods/a/b", 0)
		want("a limit is taken away", "/old", "/pods/a")
		if err := os.RemoveAll(filepath.Join(s.r.hierarchy.Dir, "pods")); err != nil {
			t.Fatal(err)
		}
		want("all have gone", "/old")
		if len(s.r.known) != 2 || s.r.known["/"].first != s.r.known["/old"] || s.r.open != 1 {
			t.Errorf("%d are known, %d open", len(s.r.known), s.r.open)
		}
	})
}

// TestUnmatchedPattern: it is said at the start, by key, value and remedy, and once.
func TestUnmatchedPattern(t *testing.T) {
	settings := DefaultSettings()
	settings.Cgroups = []string{"/pods/*", "/none/**", "/free"}
	s := newStage(t, 2, settings)
	s.cgroup("/pods", 64)
	s.cgroup("/pods/a", 64)
	s.cgroup("/pods/a/b", 64)
	s.cgroup("/free", 0)
	s.r.start()
	s.pass(time.Minute, nil)
	if got := s.looked(); !slices.Equal(got, []string{"/pods/a"}) {
		t.Errorf("%q", got)
	}
	if !s.noted(`cgroups: "/none/**"`, "oomtrail status") || s.noted(`"/pods/*"`) {
		t.Errorf("%q", s.notes)
	}
	if !s.noted(`cgroups: "/free" matches 1 cgroup without a limit of memory`) {
		t.Errorf("%q", s.notes)
	}
}

// TestNoCgroups: without a hierarchy the machine is watched, and that is said.
func TestNoCgroups(t *testing.T) {
	_, system := watchtest.Unpack(t, watchtest.Version2)
	system.Cgroups = filepath.Join(system.Sys, "none")
	var notes []string
	ctx, cancel := context.WithCancel(t.Context())
	w := New(Options{System: system, Settings: DefaultSettings(), Note: func(text string) { notes = append(notes, text) }})
	r := newRun(w, func(*Finding) error { return nil })
	defer r.close()
	r.start()
	if _, err := r.look(ctx); err != nil || !r.hostDue.After(r.began) {
		t.Error(err, r.hostDue)
	}
	if !strings.Contains(strings.Join(notes, "\n"), "only the machine is watched, no cgroup: "+system.Cgroups) {
		t.Errorf("%q", notes)
	}
	cancel()
	if _, err := r.look(ctx); err == nil {
		t.Error("it looks on after its end")
	}
}

// TestNoProc: where no kernel of Linux runs, that is said, and it ends as it should.
func TestNoProc(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var notes []string
	w := New(Options{System: watch.At(t.TempDir()), Settings: DefaultSettings(), Note: func(text string) {
		notes = append(notes, text)
		cancel()
	}})
	if err := w.Run(ctx, nil); err != nil || len(notes) != 1 || !strings.Contains(notes[0], "a running Linux kernel") {
		t.Errorf("%v, %q", err, notes)
	}
}

// TestControllerComesLater: a cgroup without the controller memory is known with all below it, and
// is looked at when it gets a limit. It is forgotten while it has no usage, and no longer.
func TestControllerComesLater(t *testing.T) {
	versions(t, func(t *testing.T, version int) {
		s := newStage(t, version, DefaultSettings())
		dir := filepath.Join(s.r.hierarchy.Dir, "a", "b")
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		s.r.start()
		s.pass(time.Second, nil)
		if len(s.r.known) != 3 || len(s.looked()) > 0 {
			t.Fatalf("%d are known, %q looked at", len(s.r.known), s.looked())
		}
		s.cgroup("/a/b", 64)
		s.pass(time.Second, nil)
		if got := s.looked(); !slices.Equal(got, []string{"/a/b"}) {
			t.Errorf("%q", got)
		}
		s.r.closeGauge(s.r.known["/a/b"])
		for _, file := range []string{"memory.current", "memory.usage_in_bytes"} {
			_ = os.Remove(filepath.Join(dir, file))
		}
		s.pass(unwatched, nil)
		if len(s.r.known) != 3 || len(s.looked()) > 0 || len(s.r.policy.groups) > 0 {
			t.Errorf("%d are known, %q looked at", len(s.r.known), s.looked())
		}
		s.use("/a/b", 1, 0)
		s.limit("/a/b", 128)
		s.pass(time.Second, nil)
		if got := s.looked(); !slices.Equal(got, []string{"/a/b"}) {
			t.Errorf("%q", got)
		}
	})
}

// TestQuietLookIsCheap: a cgroup that is far from its limit is looked at every few seconds, by one
// file that stays open, and that allocates nothing.
func TestQuietLookIsCheap(t *testing.T) {
	versions(t, func(t *testing.T, version int) {
		const cgroups = 50
		s := newStage(t, version, DefaultSettings())
		for i := range cgroups {
			s.cgroup("/c"+strconv.Itoa(i), 1024)
		}
		s.r.start()
		s.pass(time.Minute, nil) // new ones are looked at more often
		if s.r.open != cgroups {
			t.Errorf("%d files are open", s.r.open)
		}
		looks, last := 0, time.Time{}
		for _, n := range s.r.known {
			n.looked = last
		}
		s.pass(time.Minute, func() {
			for _, n := range s.r.queue {
				if !n.looked.IsZero() {
					looks++
					n.looked = last
				}
			}
		})
		if most := cgroups * 60 / 5; looks > most || looks == 0 {
			t.Errorf("%d looks, want %d at most", looks, most)
		}
		n := s.r.queue[0]
		if allocs := testing.AllocsPerRun(100, func() {
			if err := s.r.lookCgroup(n); err != nil {
				t.Fatal(err)
			}
		}); allocs > 0 {
			t.Errorf("%v allocations", allocs)
		}
	})
}

// TestStorm: cgroups that meet their limit all the time, for page cache, are looked at no more
// often for it than every few seconds.
func TestStorm(t *testing.T) {
	s := newStage(t, 2, DefaultSettings())
	s.cgroup("/db", 512)
	s.use("/db", 512, 400)
	s.r.start()
	if s.r.notifier == nil {
		t.Skip("NOT RUN: nothing is announced on this system")
	}
	s.pass(time.Minute, nil)
	looks, last, events := 0, s.r.known["/db"].looked, 0
	for range 600 {
		events++
		s.write("/db", "memory.events", "max "+strconv.Itoa(events))
		s.pass(100*time.Millisecond, nil)
		if now := s.r.known["/db"].looked; now != last {
			looks, last = looks+1, now
		}
	}
	if looks < 2 || looks > 13 || len(s.found) > 0 {
		t.Errorf("%d looks in a minute, %+v", looks, s.found)
	}
}

// TestHeldBack: that the cap holds warnings back is counted, and said when it begins and at the
// end.
func TestHeldBack(t *testing.T) {
	settings := DefaultSettings()
	settings.PerMinute = 2
	s := newStage(t, 2, settings)
	for i := range 5 {
		s.cgroup("/c"+strconv.Itoa(i), 512)
		s.use("/c"+strconv.Itoa(i), 500, 0)
	}
	s.r.start()
	s.pass(30*time.Second, nil)
	if len(s.found) != 2 || s.r.watcher.Suppressed() != 3 {
		t.Errorf("%d are given, %d held back", len(s.found), s.r.watcher.Suppressed())
	}
	s.r.leave()
	notes := slices.DeleteFunc(slices.Clone(s.notes), func(note string) bool { return !strings.HasPrefix(note, "per_minute: 2: ") })
	if len(notes) != 2 || !strings.HasPrefix(notes[0], "per_minute: 2: 1 warning held back") || !strings.HasPrefix(notes[1], "per_minute: 2: 2 warnings held back") {
		t.Errorf("%q", s.notes)
	}
}

// TestNoPressure: a kernel without pressure is asked for it once, and that is said.
func TestNoPressure(t *testing.T) {
	s := newStage(t, 2, DefaultSettings())
	if err := os.RemoveAll(filepath.Join(s.root, "proc/pressure")); err != nil {
		t.Fatal(err)
	}
	s.cgroup("/full", 512)
	s.use("/full", 500, 0)
	s.r.start()
	s.pass(time.Minute, nil)
	if !s.noted("pressure: 0.4 is not watched for: ", "psi=1") || len(s.found) != 1 {
		t.Errorf("%q, %+v", s.notes, s.found)
	}
	if s.r.pressureRead.After(s.r.began) {
		t.Error("it is asked for again")
	}
}

// TestHiddenProcesses: that candidates may be missing is said.
func TestHiddenProcesses(t *testing.T) {
	s := newStage(t, 2, DefaultSettings())
	if err := os.RemoveAll(filepath.Join(s.root, "proc/1")); err != nil {
		t.Fatal(err)
	}
	s.r.start()
	if !s.noted("hidepid=0") {
		t.Errorf("%q", s.notes)
	}
}

// TestKeptFromRunning: a watcher that does not get to run for minutes makes nothing of the past:
// what grew meanwhile has no pace.
func TestKeptFromRunning(t *testing.T) {
	versions(t, func(t *testing.T, version int) {
		s := newStage(t, version, DefaultSettings())
		s.cgroup("/a", 1024)
		s.use("/a", 300, 0)
		s.r.start()
		s.pass(time.Minute, nil)
		s.now = s.now.Add(7 * time.Minute)
		s.use("/a", 800, 0)
		s.pass(time.Minute, nil)
		if len(s.found) > 0 {
			t.Errorf("%+v", s.found)
		}
	})
}

// TestLimitIsLowered: a limit that is set is looked at at once, whenever the cgroup was due.
func TestLimitIsLowered(t *testing.T) {
	versions(t, func(t *testing.T, version int) {
		s := newStage(t, version, DefaultSettings())
		s.cgroup("/a", 4096)
		s.use("/a", 60, 0)
		s.r.start()
		s.pass(time.Minute, nil)
		if s.r.notifier == nil {
			t.Skip("NOT RUN: nothing is announced on this system")
		}
		due := s.r.known["/a"].due.Sub(s.now)
		s.limit("/a", 64)
		s.pass(time.Millisecond, nil)
		if len(s.found) != 1 || due < time.Second {
			t.Errorf("%+v, it was due in %v", s.found, due)
		}
	})
}

// TestUnannounced: what nothing has announced is found by the next walk, which comes in any case.
func TestUnannounced(t *testing.T) {
	versions(t, func(t *testing.T, version int) {
		s := newStage(t, version, DefaultSettings())
		s.cgroup("/gone", 64)
		s.cgroup("/later", 0)
		s.r.start()
		if s.r.notifier == nil {
			t.Skip("NOT RUN: nothing is announced on this system")
		}
		for _, path := range []string{"/", "/gone", "/later"} {
			s.r.notifier.Remove(path)
		}
		s.cgroup("/new", 64)
		s.limit("/later", 64)
		if err := os.RemoveAll(filepath.Join(s.r.hierarchy.Dir, "gone")); err != nil {
			t.Fatal(err)
		}
		s.pass(sure+time.Second, nil)
		if got := s.looked(); !slices.Equal(got, []string{"/later", "/new"}) {
			t.Errorf("%q are looked at", got)
		}
	})
}

// TestTornLook: usage and page cache that were read at different moments, as the watcher did not
// get to run, are not taken together.
func TestTornLook(t *testing.T) {
	versions(t, func(t *testing.T, version int) {
		s := newStage(t, version, DefaultSettings())
		s.cgroup("/a", 512)
		s.use("/a", 500, 0)
		s.r.start()
		n := s.r.known["/a"]
		for step, known := range map[time.Duration]bool{adrift: true, 2 * adrift: false} {
			s.step = step
			if _, err := s.r.read(n); err != nil || s.r.group.Held().OK != known || !s.r.group.Current.OK {
				t.Errorf("%v: %+v, %v", step, s.r.group, err)
			}
		}
	})
}

// TestHostPressureIsRead: for a minute after it was announced, and at once.
func TestHostPressureIsRead(t *testing.T) {
	s := newStage(t, 2, DefaultSettings())
	s.r.start()
	s.r.hostTrigger = true
	s.pass(time.Minute, nil)
	quiet := s.r.pressureRead
	s.pass(5*time.Minute, nil)
	if s.r.pressureRead != quiet {
		t.Error("it is read, though nothing was announced")
	}
	announced := s.now
	s.r.handle([]watch.Notice{{Kind: watch.NoticePressure}})
	s.pass(time.Millisecond, nil)
	if s.r.pressureRead != announced {
		t.Error("it is not read at once")
	}
	s.pass(5*time.Minute, nil)
	if last := s.r.pressureRead.Sub(announced); last < warmth-10*time.Second || last > warmth {
		t.Errorf("it is read for %v", last)
	}
}

// TestCgroupPressureIsRead: the same of a cgroup that is not near its limit.
func TestCgroupPressureIsRead(t *testing.T) {
	s := newStage(t, 2, DefaultSettings())
	s.cgroup("/a", 512)
	s.write("/a", "memory.pressure", "full avg10=1.00 avg60=1.00 avg300=1.00 total=1")
	s.r.start()
	s.pass(time.Minute, nil)
	s.r.mute = true // the file would be written to
	read := func() bool {
		n := s.r.known["/a"]
		if _, err := s.r.read(n); err != nil {
			t.Fatal(err)
		}
		return s.r.group.Pressure.Full.OK
	}
	if read() {
		t.Error("it is read, though nothing was announced")
	}
	s.r.handle([]watch.Notice{{Kind: watch.NoticePressure, Path: "/a"}})
	if due := s.r.known["/a"].due.Sub(s.now); due > shortest || !read() {
		t.Errorf("it is not read, but in %v", due)
	}
	s.pass(2*warmth, nil)
	if read() || s.r.known["/a"].gauge.Open() != 1 {
		t.Errorf("it is read for ever, %d files are open", s.r.known["/a"].gauge.Open())
	}
}

// linked checks that what is known of the tree is a tree, and is all that is there.
func (s *stage) linked() {
	s.t.Helper()
	var walk func(n *node) int
	walk = func(n *node) int {
		count := 1
		for below, before := n.first, (*node)(nil); below != nil; below, before = below.next, below {
			if below.above != n || below.before != before || s.r.known[below.path] != below || above(below.path) != n.path {
				s.t.Errorf("%q is not linked below %q", below.path, n.path)
			}
			count += walk(below)
		}
		return count
	}
	there := 1
	s.r.hierarchy.Walk("/", func(string) { there++ })
	if got := walk(s.r.known["/"]); got != there || len(s.r.known) != there {
		s.t.Errorf("%d cgroups are linked and %d known, %d are there", got, len(s.r.known), there)
	}
}

// TestTree: whatever is made, removed and renamed, in whatever order, what is known is what is
// there.
func TestTree(t *testing.T) {
	versions(t, func(t *testing.T, version int) {
		s := newStage(t, version, DefaultSettings())
		s.r.start()
		random := rand.New(rand.NewPCG(1, 2))
		name := func() string {
			path := ""
			for range 1 + random.IntN(3) {
				path += "/" + string(rune('a'+random.IntN(4)))
			}
			return path
		}
		for range 300 {
			path := filepath.Join(s.r.hierarchy.Dir, name())
			switch random.IntN(5) {
			case 0, 1:
				if err := os.MkdirAll(path, 0o755); err != nil {
					t.Fatal(err)
				}
			case 2:
				if err := os.RemoveAll(path); err != nil {
					t.Fatal(err)
				}
			case 3:
				_ = os.Rename(path, filepath.Join(s.r.hierarchy.Dir, name())) // where that is possible
			case 4:
				s.announced()
				s.announced() // what is below a new one
				if s.r.notifier == nil {
					s.r.walk(s.now)
				}
				s.linked()
			}
		}
	})
}
