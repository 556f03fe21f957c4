// SPDX-License-Identifier: Apache-2.0

package warning

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/internal/kmsg/kmsgtest"
	"github.com/oomtrail/oomtrail/internal/plain"
	"github.com/oomtrail/oomtrail/parser/record"
	"github.com/oomtrail/oomtrail/watch"
)

// TestMain is also the process that takes memory.
func TestMain(m *testing.M) {
	kmsgtest.BeHog()
	os.Exit(m.Run())
}

// TestRealLeak: on this machine's kernel a warning comes before the kill, once, and says of what.
func TestRealLeak(t *testing.T) {
	const limit, pace = 64, 300 * time.Millisecond // it is killed after 4.8 s
	cgroup := kmsgtest.MemoryCgroup(t, limit<<20)
	system := watch.At("")
	h, err := system.Hierarchy()
	if err != nil {
		t.Fatal(err) // memory was limited a moment ago
	}
	path := strings.TrimPrefix(cgroup, h.Dir)
	settings := DefaultSettings()
	settings.Cgroups = []string{path}
	w := New(Options{System: system, Settings: settings, Note: func(text string) { t.Log(text) }})
	warned := make(chan time.Time, 100)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() {
		ended <- w.Run(ctx, func(_ context.Context, rec *record.Record) error {
			if p := rec.Text(record.Fields[record.CgroupPath].Name); p == path || p == "" {
				warned <- time.Now()
			}
			return nil
		})
	}()
	if err := kmsgtest.RunHog(kmsgtest.NewLeak(cgroup, limit*3/4, pace)); err != nil {
		t.Error(err)
	}
	killed := time.Now()
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if len(warned) != 1 {
		t.Fatalf("%d warnings", len(warned))
	}
	lead := killed.Sub(<-warned)
	if lead <= 0 {
		t.Errorf("%v after the kill", -lead)
	}
	t.Logf("%v before the kill", lead)
}

// TestRunEnds: at once, with nil where its context ends, and with the error of emit.
func TestRunEnds(t *testing.T) {
	s := newStage(t, 2, DefaultSettings())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := New(Options{System: s.system, Settings: DefaultSettings()}).Run(ctx, nil); err != nil {
		t.Error(err)
	}
	s.cgroup("/full", 64)
	s.use("/full", 64, 0)
	full := errors.New("full")
	err := New(Options{System: s.system, Settings: DefaultSettings()}).Run(t.Context(), func(context.Context, *record.Record) error { return full })
	if !errors.Is(err, full) {
		t.Error(err)
	}
}

// files is how many files this process has open.
func files(t *testing.T) int {
	t.Helper()
	open, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(open)
}

// TestRunLeavesNothing: no file and no goroutine is left when it has ended.
func TestRunLeavesNothing(t *testing.T) {
	s := newStage(t, 2, DefaultSettings())
	s.cgroup("/full", 64)
	s.use("/full", 64, 0)
	before, goroutines := files(t), runtime.NumGoroutine()
	for range 3 {
		ctx, cancel := context.WithCancel(t.Context())
		w := New(Options{System: s.system, Settings: DefaultSettings()})
		if err := w.Run(ctx, func(context.Context, *record.Record) error {
			cancel()
			return nil
		}); err != nil {
			t.Error(err)
		}
		cancel()
	}
	for range 1000 { // what wakes a wait may end a little after it
		if runtime.NumGoroutine() <= goroutines {
			break
		}
		time.Sleep(time.Millisecond)
	}
	if after := files(t); after != before || runtime.NumGoroutine() > goroutines {
		t.Errorf("%d files and %d goroutines, before %d and %d", after, runtime.NumGoroutine(), before, goroutines)
	}
}

// TestChurn: cgroups that are made and removed, whether they were looked at, warned of or never
// seen, leave nothing behind.
func TestChurn(t *testing.T) {
	versions(t, func(t *testing.T, version int) {
		settings := DefaultSettings()
		settings.PerMinute = 600
		s := newStage(t, version, settings)
		s.cgroup("/pods", 0)
		s.r.start()
		s.pass(time.Minute, nil)
		left := func() []int {
			return []int{len(s.r.known), len(s.r.queue), s.r.open, s.r.triggers, s.r.notifier.Watched(), len(s.r.policy.groups), len(s.r.policy.near), files(t)}
		}
		before := left()
		for round := range 8 {
			for i := range 25 {
				pod := fmt.Sprintf("/pods/%d-%d", round, i)
				s.cgroup(pod, 64)
				s.cgroup(pod+"/app", 32)
				if i%5 == 0 {
					s.use(pod+"/app", 31, 0)
				}
			}
			if round%4 > 0 {
				s.pass(time.Duration(round%4)*time.Second, nil)
			}
			if got := len(s.r.known); round%4 > 0 && got != before[0]+50 {
				t.Errorf("%d cgroups are known", got)
			}
			for i := range 25 {
				if err := os.RemoveAll(filepath.Join(s.r.hierarchy.Dir, fmt.Sprintf("/pods/%d-%d", round, i))); err != nil {
					t.Fatal(err)
				}
			}
			s.pass(time.Second, nil)
		}
		if after := left(); !slices.Equal(after, before) {
			t.Errorf("%d are left, before %d", after, before)
		}
		if len(s.found) == 0 {
			t.Error("none was warned of")
		}
	})
}

// TestRealChurn: the same of this machine's kernel.
func TestRealChurn(t *testing.T) {
	cgroup := kmsgtest.MemoryCgroup(t, 64<<20)
	real, err := watch.At("").Hierarchy()
	if err != nil {
		t.Fatal(err) // memory was limited a moment ago
	}
	system := watch.At("")
	system.Cgroups = t.TempDir() // only what is below the test's own cgroup
	if real.Version == 2 {
		system.Cgroups = cgroup
		if err := os.WriteFile(filepath.Join(cgroup, "cgroup.subtree_control"), []byte("+memory"), 0); err != nil {
			t.Skip("NOT RUN: the controller memory cannot be turned on below ", cgroup, ": ", err)
		}
	} else if err := os.Symlink(cgroup, filepath.Join(system.Cgroups, "memory")); err != nil {
		t.Fatal(err)
	}
	s := &stage{t: t, system: system, now: time.Now()}
	s.begin(New(Options{System: system, Settings: DefaultSettings(), Now: func() time.Time { return s.now }, Note: func(text string) { t.Log(text) }}))
	defer func() { s.r.close() }()
	if s.r.hierarchy.Version != real.Version {
		t.Fatalf("%+v, %v", s.r.hierarchy, s.r.unlimited)
	}
	s.r.start()
	s.pass(time.Second, nil)
	_, _ = s.r.vitals.Pressure() // its file is opened when the machine has some, which may be meanwhile
	before := []int{len(s.r.known), len(s.r.queue), s.r.open, s.r.notifier.Watched(), files(t)}
	// A limit that is set later is announced.
	late := filepath.Join(cgroup, "late")
	if err := os.Mkdir(late, 0o755); err != nil {
		t.Fatal(err)
	}
	s.pass(time.Second, nil)
	s.limit("/late", 32)
	s.pass(time.Second, nil)
	if got := s.looked(); !slices.Contains(got, "/late") {
		t.Errorf("%q are looked at", got)
	}
	if err := os.Remove(late); err != nil {
		t.Fatal(err)
	}
	for round := range 20 {
		var made []string
		for i := range 10 {
			path := fmt.Sprintf("/c%d", i)
			dir := filepath.Join(cgroup, path)
			if err := os.Mkdir(dir, 0o755); err != nil {
				t.Fatal(err)
			}
			made = append(made, dir)
			s.limit(path, 32)
		}
		if round%3 > 0 {
			s.pass(time.Second, nil)
			if len(s.r.queue) != before[1]+10 {
				t.Errorf("%q are looked at", s.looked())
			}
		}
		for _, dir := range made {
			if err := os.Remove(dir); err != nil {
				t.Fatal(err)
			}
		}
		s.pass(time.Second, nil)
	}
	if after := []int{len(s.r.known), len(s.r.queue), s.r.open, s.r.notifier.Watched(), files(t)}; !slices.Equal(after, before) {
		t.Errorf("%d are left, before %d", after, before)
	}
}

// confined runs a test again in namespaces of its own, and reports whether this is that run.
func confined(t *testing.T, flags uintptr) bool {
	t.Helper()
	const variable = "OOMTRAIL_CONFINED"
	if os.Getenv(variable) == t.Name() {
		return true
	}
	cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v", "-test.count=1")
	cmd.Env = append(os.Environ(), variable+"="+t.Name())
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: flags}
	if flags&syscall.CLONE_NEWUSER != 0 {
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}}
		cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}}
	}
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	switch {
	case err != nil && !errors.As(err, &exit):
		t.Skip("NOT RUN: no namespaces can be made here: ", err)
	case err != nil || !strings.Contains(string(out), "--- "):
		t.Errorf("%v: %s", err, out)
	case strings.Contains(string(out), "NOT RUN"):
		t.Skip(string(out))
	}
	return false
}

// bound bounds what the kernel lets this user namespace watch.
func bound(t *testing.T, what string, most int) {
	t.Helper()
	if err := os.WriteFile("/proc/sys/user/"+what, []byte(strconv.Itoa(most)), 0); err != nil {
		t.Skip("NOT RUN: inotify cannot be bounded here: ", err)
	}
}

// TestWatchesUsedUp: where inotify has no room for more, all cgroups are looked at all the same,
// new ones as well, and that is said once. When there is room again, it is used.
func TestWatchesUsedUp(t *testing.T) {
	if !confined(t, syscall.CLONE_NEWUSER) {
		return
	}
	bound(t, "max_inotify_watches", 4)
	s := newStage(t, 2, DefaultSettings())
	for i := range 10 {
		s.cgroup("/c"+strconv.Itoa(i), 64)
	}
	s.r.start()
	s.pass(time.Second, nil)
	if got := s.r.notifier.Watched(); got != 4 || len(s.looked()) != 10 {
		t.Errorf("%d are watched, %q looked at", got, s.looked())
	}
	s.cgroup("/new", 64)
	if err := os.RemoveAll(filepath.Join(s.r.hierarchy.Dir, "c3")); err != nil {
		t.Fatal(err)
	}
	s.limit("/c4", 0)
	s.pass(time.Minute, nil)
	if got := s.looked(); len(got) != 9 || !slices.Contains(got, "/new") || slices.Contains(got, "/c3") || slices.Contains(got, "/c4") {
		t.Errorf("%q are looked at", got)
	}
	notes := slices.DeleteFunc(slices.Clone(s.notes), func(note string) bool { return !strings.HasPrefix(note, "fs.inotify.max_user_watches = ") })
	if len(notes) != 1 || !strings.Contains(notes[0], "every 10s") || !strings.Contains(notes[0], "raise fs.inotify.max_user_watches by sysctl") {
		t.Errorf("%q", s.notes)
	}
	bound(t, "max_inotify_watches", 1000)
	s.pass(time.Minute, nil)
	if got := s.r.notifier.Watched(); got != 1+10+9 || s.r.full {
		t.Errorf("%d are watched", got)
	}
}

// TestNoInotify: without inotify all is polled, and that is said.
func TestNoInotify(t *testing.T) {
	if !confined(t, syscall.CLONE_NEWUSER) {
		return
	}
	bound(t, "max_inotify_instances", 0)
	s := newStage(t, 2, DefaultSettings())
	s.cgroup("/a", 512)
	s.r.start()
	s.cgroup("/b", 512)
	s.pass(unwatched+time.Second, nil)
	s.use("/b", 500, 0)
	s.pass(time.Minute, nil)
	if s.r.notifier != nil || len(s.found) != 1 || s.found[0].Cgroup.Path != "/b" {
		t.Errorf("%+v", s.found)
	}
	if !s.noted("fs.inotify.max_user_instances = ", "raise fs.inotify.max_user_instances by sysctl") {
		t.Errorf("%q", s.notes)
	}
	// The loop itself works without it, and ends at once.
	ctx, cancel := context.WithCancel(t.Context())
	w := New(Options{System: s.system, Settings: DefaultSettings()})
	if err := w.Run(ctx, func(context.Context, *record.Record) error {
		cancel()
		return nil
	}); err != nil {
		t.Error(err)
	}
}

// TestReadOnlyPressure: pressure that cannot be announced is read every two seconds, and that is
// said with the directory to mount.
func TestReadOnlyPressure(t *testing.T) {
	if !confined(t, syscall.CLONE_NEWNS) {
		return
	}
	if _, err := watch.At("").Pressure(); err != nil {
		t.Skip("NOT RUN: ", err)
	}
	s := newStage(t, 2, DefaultSettings())
	dir := filepath.Join(s.root, "proc/pressure")
	err := syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, "")
	if err == nil {
		err = syscall.Mount("/proc/pressure", dir, "", syscall.MS_BIND, "")
	}
	if err == nil {
		t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
		err = syscall.Mount("", dir, "", syscall.MS_BIND|syscall.MS_REMOUNT|syscall.MS_RDONLY, "")
	}
	if err != nil {
		t.Skip("NOT RUN: nothing can be mounted here: ", err)
	}
	s.r.start()
	reads, last := 0, time.Time{}
	s.pass(time.Minute, func() {
		if s.r.pressureRead != last {
			reads, last = reads+1, s.r.pressureRead
		}
	})
	if reads < 25 || reads > 31 {
		t.Errorf("read %d times in a minute", reads)
	}
	if !s.noted("pressure: 0.4 is read every 2s", "mount "+dir+" read-write") {
		t.Errorf("%q", s.notes)
	}
}

// TestDenied: what this user may not look into is said, once, and the rest is watched.
func TestDenied(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("NOT RUN: only root can become another user")
	}
	s := newStage(t, 2, DefaultSettings())
	for _, path := range []string{"/a", "/secret\n\x1b[2J", "/secret\n\x1b[2J/below", "/z"} {
		s.cgroup(path, 512)
		s.use(path, 500, 0)
	}
	for dir := s.root; len(dir) > 1; dir = filepath.Dir(dir) {
		if info, err := os.Stat(dir); err == nil && info.Mode().Perm()&0o55 != 0o55 {
			if err := os.Chmod(dir, info.Mode().Perm()|0o55); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = os.Chmod(dir, info.Mode().Perm()) })
		}
	}
	if err := os.Chmod(filepath.Join(s.r.hierarchy.Dir, "secret\n\x1b[2J"), 0o700); err != nil {
		t.Fatal(err)
	}
	const nobody = 65534
	if err := syscall.Setreuid(-1, nobody); err != nil {
		t.Skip("NOT RUN: ", err)
	}
	defer func() {
		if err := syscall.Setreuid(-1, 0); err != nil {
			t.Fatal(err)
		}
	}()
	s.r.start()
	s.pass(time.Minute, nil)
	if got := s.looked(); !slices.Equal(got, []string{"/a", "/z"}) || len(s.found) != 2 {
		t.Errorf("%q are looked at, %+v", got, s.found)
	}
	if !s.noted(`/secret\x0a\x1b[2J`, "let this user read") || !plain.IsPrintable(strings.Join(s.notes, "")) {
		t.Errorf("%q", s.notes)
	}
}

// TestTriggers: no more than 64 cgroups near their limit have their pressure announced, and none
// that is calm again or has gone.
func TestTriggers(t *testing.T) {
	if _, err := watch.At("").Pressure(); err != nil {
		t.Skip("NOT RUN: ", err)
	}
	const more = 6
	s := newStage(t, 2, DefaultSettings())
	for i := range maxTriggers + more {
		path := "/c" + strconv.Itoa(i)
		s.cgroup(path, 512)
		s.use(path, 400, 0)
		if err := os.Symlink("/proc/pressure/memory", s.r.hierarchy.PressureFile(path)); err != nil {
			t.Fatal(err)
		}
	}
	s.r.start()
	watched := s.r.notifier.Watched()
	s.pass(time.Minute, nil)
	if s.r.mute {
		t.Skip("NOT RUN: no triggers can be set here: ", s.notes)
	}
	want := func(triggers int) {
		t.Helper()
		if s.r.triggers != triggers || s.r.notifier.Watched() != watched+triggers {
			t.Errorf("%d triggers, %d are watched, want %d and %d", s.r.triggers, s.r.notifier.Watched(), triggers, watched+triggers)
		}
	}
	want(maxTriggers)
	gone := 0
	for path, n := range s.r.known {
		if n.trigger && gone < 2*more {
			gone++
			if err := os.RemoveAll(filepath.Join(s.r.hierarchy.Dir, path)); err != nil {
				t.Fatal(err)
			}
		}
	}
	s.pass(time.Minute, nil)
	watched -= 4 * more
	want(maxTriggers + more - 2*more)
	for path, n := range s.r.known {
		if n.trigger {
			s.use(path, 100, 0)
		}
	}
	s.pass(2*warmth, nil)
	want(0)
}

// TestQueueOverflows: where the kernel had more to announce than it keeps, nothing is missed.
func TestQueueOverflows(t *testing.T) {
	b, err := os.ReadFile("/proc/sys/fs/inotify/max_queued_events")
	if err != nil {
		t.Fatal(err)
	}
	most, err := strconv.Atoi(strings.TrimSpace(string(b)))
	if err != nil || most > 50_000 {
		t.Skip("NOT RUN: the queue of inotify holds ", string(b))
	}
	s := newStage(t, 2, DefaultSettings())
	s.cgroup("/old", 64)
	s.cgroup("/limited", 0)
	s.r.start()
	s.pass(time.Second, nil)
	name, other := filepath.Join(s.r.hierarchy.Dir, "comes"), filepath.Join(s.r.hierarchy.Dir, "goes")
	if err := os.Mkdir(name, 0o755); err != nil {
		t.Fatal(err)
	}
	for range most/2 + 1 { // each is two events
		if err := os.Rename(name, other); err != nil {
			t.Fatal(err)
		}
		name, other = other, name
	}
	if err := os.Remove(name); err != nil {
		t.Fatal(err)
	}
	s.cgroup("/new", 64)
	s.limit("/limited", 64)
	if err := os.RemoveAll(filepath.Join(s.r.hierarchy.Dir, "old")); err != nil {
		t.Fatal(err)
	}
	for range 10 { // a wait returns only so much
		s.announced()
	}
	if !s.r.lost {
		t.Error("the queue did not overflow")
	}
	s.pass(2*time.Second, nil)
	if got := s.looked(); !slices.Equal(got, []string{"/limited", "/new"}) || len(s.r.known) != 3 {
		t.Errorf("%q are looked at, %d known", got, len(s.r.known))
	}
}

// TestNoFilesAtStart: where the process may open no file that is waited on, that limit is named,
// and not one of inotify.
func TestNoFilesAtStart(t *testing.T) {
	s := newStage(t, 2, DefaultSettings())
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	few := limit
	few.Cur = 3
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &few); err != nil {
		t.Fatal(err)
	}
	s.r.start()
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	if s.r.notifier != nil || !s.noted("nothing is announced", "ulimit -n") || s.noted("max_user_instances") {
		t.Errorf("%q", s.notes)
	}
}

// TestNoFiles: a process that may open no more files watches on when it may again, and forgets
// nothing.
func TestNoFiles(t *testing.T) {
	s := newStage(t, 2, DefaultSettings())
	for i := range 5 {
		s.cgroup("/c"+strconv.Itoa(i), 512)
		s.use("/c"+strconv.Itoa(i), 300, 0)
	}
	s.r.mostOpen = 2
	s.r.start()
	before := files(t)
	s.pass(time.Minute, nil)
	if after := files(t); s.r.open > 2 || after-before > 2+2 { // those of the machine
		t.Errorf("%d are open, %d files more", s.r.open, after-before)
	}
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	few := limit
	few.Cur = 3
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &few); err != nil {
		t.Fatal(err)
	}
	next := func() { // no file can be opened for more than this
		if _, err := s.r.look(t.Context()); err != nil {
			t.Error(err)
		}
		s.now = s.now.Add(time.Second)
	}
	s.r.lost = true
	for range 30 {
		next()
	}
	s.r.unread = false
	s.r.limits(s.r.known["/c0"], s.now)
	if !s.r.unread || !s.r.known["/c0"].limited() {
		t.Error("a limit that could not be read is none")
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	if len(s.r.known) != 6 || len(s.r.queue) != 5 {
		t.Errorf("%d are known, %q looked at", len(s.r.known), s.looked())
	}
	if !s.noted("too many open files", "tried again every 10s") {
		t.Errorf("%q", s.notes)
	}
	for i := range 5 {
		s.use("/c"+strconv.Itoa(i), 500, 0)
	}
	s.pass(time.Minute, nil)
	if len(s.found) != 5 || s.r.full {
		t.Errorf("%+v", s.found)
	}
}
