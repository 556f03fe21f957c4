// SPDX-License-Identifier: Apache-2.0

package watch_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/internal/kmsg/kmsgtest"
	"github.com/oomtrail/oomtrail/watch"
)

// TestMain is also the process that waits for memory, and those of TestNamespace.
func TestMain(m *testing.M) {
	beApart()
	if cgroup := os.Getenv("OOMTRAIL_STALL"); cgroup != "" {
		fmt.Fprintln(os.Stderr, stall(cgroup))
		os.Exit(1)
	}
	kmsgtest.BeHog()
	os.Exit(m.Run())
}

// stall joins a cgroup and writes a file again and again, which does not fit into its limit: the
// kernel has to make room at each step.
func stall(cgroup string) error {
	if err := kmsgtest.Join(cgroup); err != nil {
		return err
	}
	for content := make([]byte, 1<<20); ; {
		f, err := os.Create(os.Getenv("OOMTRAIL_WRITES"))
		if err != nil {
			return err
		}
		for range 64 {
			if _, err := f.Write(content); err != nil {
				return err
			}
		}
		if err := f.Close(); err != nil {
			return err
		}
	}
}

func notifier(t *testing.T) *watch.Notifier {
	t.Helper()
	n, err := watch.NewNotifier()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(n.Close)
	return n
}

// wait waits for a notice, over others, and for a minute at most.
func wait(t *testing.T, n *watch.Notifier, want watch.Notice) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var notices []watch.Notice
	for !slices.Contains(notices, want) {
		var err error
		if notices, err = n.Wait(ctx, -1, notices); err != nil {
			t.Fatalf("%v: %v, want %v", err, notices, want)
		}
	}
}

// TestNotifierEnds: a wait ends with its context, each time.
func TestNotifierEnds(t *testing.T) {
	n := notifier(t)
	for range 3 {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		if notices, err := n.Wait(ctx, -1, nil); !errors.Is(err, context.DeadlineExceeded) || len(notices) > 0 {
			t.Errorf("%v, %v", notices, err)
		}
		cancel()
	}
}

// hierarchy is a directory that looks like one of version 2.
func hierarchy(t *testing.T, paths ...string) watch.Hierarchy {
	t.Helper()
	h := watch.Hierarchy{Version: 2, Dir: t.TempDir()}
	for _, path := range paths {
		if err := os.MkdirAll(filepath.Join(h.Dir, path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(h.EventsFile(path), []byte("max 0\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return h
}

// TestEventsAreAnnounced: a file that changes, once however often, and a cgroup that has gone is an
// error of its own.
func TestEventsAreAnnounced(t *testing.T) {
	h, n := hierarchy(t, "/a", "/b"), notifier(t)
	for _, path := range []string{"/a", "/b"} {
		if err := n.AddEvents(h, path); err != nil {
			t.Fatal(err)
		}
	}
	if err := n.AddEvents(h, "/gone"); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	for i := range 5 {
		if err := os.WriteFile(h.EventsFile("/b"), []byte("max "+strconv.Itoa(i)+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	notices, err := n.Wait(t.Context(), -1, nil)
	if err != nil || len(notices) != 1 || notices[0] != (watch.Notice{Kind: watch.NoticeEvents, Path: "/b"}) {
		t.Errorf("%v, %v", notices, err)
	}
}

// TestChurn: cgroups that come and go leave nothing behind.
func TestChurn(t *testing.T) {
	h, n := hierarchy(t, "/stays"), notifier(t)
	if err := errors.Join(n.AddTree(h, "/"), n.AddEvents(h, "/stays")); err != nil {
		t.Fatal(err)
	}
	for i := range 500 {
		path := "/c" + strconv.Itoa(i)
		below := path + "/below"
		if err := os.MkdirAll(filepath.Join(h.Dir, below), 0o755); err != nil {
			t.Fatal(err)
		}
		for _, p := range []string{path, below} {
			if err := os.WriteFile(h.EventsFile(p), nil, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		wait(t, n, watch.Notice{Kind: watch.NoticeCreated, Path: path})
		if err := errors.Join(n.AddTree(h, path), n.AddEvents(h, path), n.AddEvents(h, below)); err != nil {
			t.Fatal(err)
		}
		if got := n.Watched(); got != 5 {
			t.Fatalf("round %d: %d are watched", i, got)
		}
		if err := os.RemoveAll(filepath.Join(h.Dir, path)); err != nil {
			t.Fatal(err)
		}
		wait(t, n, watch.Notice{Kind: watch.NoticeRemoved, Path: path})
		if got := n.Watched(); got != 2 {
			t.Fatalf("round %d: %d are still watched", i, got)
		}
	}
}

// TestPressureIsAnnounced: this machine's kernel says when a task waits for memory.
func TestPressureIsAnnounced(t *testing.T) {
	n, s := notifier(t), watch.At("")
	err := n.AddTrigger(s.PressureFile(), "", watch.Trigger{Stall: time.Millisecond, Window: 2 * time.Second})
	switch {
	case errors.Is(err, watch.ErrNoPressure), errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		t.Skip("NOT RUN: no triggers can be set here: ", err)
	case err != nil:
		t.Fatal(err)
	}
	cgroup := kmsgtest.MemoryCgroup(t, 16<<20)
	file := filepath.Join(t.TempDir(), "large")
	task := exec.Command(os.Args[0])
	task.Env = append(os.Environ(), "OOMTRAIL_STALL="+cgroup, "OOMTRAIL_WRITES="+file)
	var said bytes.Buffer
	task.Stderr = &said
	if err := task.Start(); err != nil {
		t.Fatal(err)
	}
	var end error
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	ended := make(chan struct{})
	go func() {
		end = task.Wait()
		cancel()
		close(ended)
	}()
	defer func() {
		_ = task.Process.Kill() // or the kernel has done it
		<-ended
	}()
	notices, err := n.Wait(ctx, -1, nil)
	switch {
	case errors.Is(err, context.Canceled):
		if <-ended; !kmsgtest.IsKilled(end) {
			t.Fatal(end, ": ", said.String())
		}
		t.Skip("NOT RUN: files of ", t.TempDir(), " are memory here, so that writing them does not wait for it")
	case err != nil || len(notices) != 1 || notices[0] != (watch.Notice{Kind: watch.NoticePressure}):
		t.Errorf("%v, %v", notices, err)
	}
}

// TestWrongTrigger: the error names the file, the trigger and what is possible.
func TestWrongTrigger(t *testing.T) {
	n, s := notifier(t), watch.At("")
	err := n.AddTrigger(s.PressureFile(), "", watch.Trigger{Stall: time.Second, Window: time.Minute})
	if errors.Is(err, watch.ErrNoPressure) || errors.Is(err, fs.ErrPermission) {
		t.Skip("NOT RUN: no triggers can be set here: ", err)
	}
	if err == nil || !strings.Contains(err.Error(), `"some 1000000 60000000": use a window of 500ms to 10s`) {
		t.Error(err)
	}
	if err := n.AddTrigger(filepath.Join(t.TempDir(), "memory"), "", watch.Trigger{}); !errors.Is(err, watch.ErrNoPressure) {
		t.Error(err)
	}
	if n.Watched() != 0 {
		t.Errorf("%d are watched", n.Watched())
	}
}

// TestRealCgroups: cgroups of this machine's kernel that come and go, with a trigger on one.
func TestRealCgroups(t *testing.T) {
	var h watch.Hierarchy
	for _, dir := range []string{"/sys/fs/cgroup", "/sys/fs/cgroup/unified"} {
		if _, err := os.Stat(filepath.Join(dir, "cgroup.controllers")); err == nil {
			h = watch.Hierarchy{Version: 2, Dir: dir}
		}
	}
	name := "/oomtrail-watch-test-" + strconv.Itoa(os.Getpid())
	dir := filepath.Join(h.Dir, name)
	if h.Dir == "" || os.Mkdir(dir, 0o755) != nil {
		t.Skip("NOT RUN: no cgroup of version 2 can be made here")
	}
	_ = os.Remove(dir)
	n := notifier(t)
	if err := n.AddTree(h, "/"); err != nil {
		t.Fatal(err)
	}
	for range 20 {
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		wait(t, n, watch.Notice{Kind: watch.NoticeCreated, Path: name})
		if err := n.AddTrigger(h.PressureFile(name), name, watch.Trigger{Stall: time.Second, Window: 2 * time.Second}); err != nil {
			t.Error(err)
		}
		if err := os.Remove(dir); err != nil {
			t.Fatal(err)
		}
		wait(t, n, watch.Notice{Kind: watch.NoticeRemoved, Path: name})
		if n.Watched() != 1 {
			t.Fatalf("%d are watched", n.Watched())
		}
	}
}

// TestRealEvents: this machine's kernel announces that a cgroup reached its limit and that a
// process was killed.
func TestRealEvents(t *testing.T) {
	cgroup := kmsgtest.MemoryCgroup(t, 16<<20)
	h, err := watch.At("").Hierarchy()
	if err != nil {
		t.Fatal(err) // memory was limited a moment ago
	}
	if h.Version != 2 {
		t.Skip("NOT RUN: memory is limited by cgroups of version 1 here, which announce no events")
	}
	path, n := strings.TrimPrefix(cgroup, h.Dir), notifier(t)
	if err := n.AddEvents(h, path); err != nil {
		t.Fatal(err)
	}
	if err := kmsgtest.RunHog(kmsgtest.NewHog(cgroup)); err != nil {
		t.Fatal(err)
	}
	wait(t, n, watch.Notice{Kind: watch.NoticeEvents, Path: path})
	if g, err := h.Read(path); err != nil || g.Events.OOMKill.V != 1 || g.Events.Max.V == 0 {
		t.Errorf("%+v, %v", g, err)
	}
}

// TestWaitEndsInTime: a wait is no longer than its timeout, and no time at all is a look.
func TestWaitEndsInTime(t *testing.T) {
	h, n := hierarchy(t, "/a"), notifier(t)
	if err := n.AddEvents(h, "/a"); err != nil {
		t.Fatal(err)
	}
	for _, timeout := range []time.Duration{0, time.Nanosecond, 5 * time.Millisecond} {
		if notices, err := n.Wait(t.Context(), timeout, nil); err != nil || len(notices) > 0 {
			t.Errorf("%v: %v, %v", timeout, notices, err)
		}
	}
	if err := os.WriteFile(h.EventsFile("/a"), []byte("max 1\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if notices, err := n.Wait(t.Context(), 0, nil); err != nil || len(notices) != 1 {
		t.Errorf("%v, %v", notices, err)
	}
}

// TestLimitsAreAnnounced: that one is set is announced of its own cgroup, once, and of other files
// nothing is.
func TestLimitsAreAnnounced(t *testing.T) {
	h, n := hierarchy(t, "/a"), notifier(t)
	if err := n.AddTree(h, "/a"); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{"cgroup.procs", "memory.max", "memory.high", "memory.events", "memory.max"} {
		if err := os.WriteFile(filepath.Join(h.Dir, "a", file), []byte("1\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want := []watch.Notice{{Kind: watch.NoticeLimits, Path: "/a"}}
	if notices, err := n.Wait(t.Context(), 0, nil); err != nil || !slices.Equal(notices, want) {
		t.Errorf("%v, %v", notices, err)
	}
}

// TestOrderOfCgroups: one that is made, removed, made anew and renamed is announced in that order.
func TestOrderOfCgroups(t *testing.T) {
	h, n := hierarchy(t, "/"), notifier(t)
	if err := n.AddTree(h, "/"); err != nil {
		t.Fatal(err)
	}
	a, b := filepath.Join(h.Dir, "a"), filepath.Join(h.Dir, "b")
	if err := errors.Join(os.Mkdir(a, 0o755), os.Remove(a), os.Mkdir(a, 0o755), os.Rename(a, b)); err != nil {
		t.Fatal(err)
	}
	want := []watch.Notice{{Kind: watch.NoticeCreated, Path: "/a"}, {Kind: watch.NoticeRemoved, Path: "/a"}, {Kind: watch.NoticeCreated, Path: "/a"}, {Kind: watch.NoticeRemoved, Path: "/a"}, {Kind: watch.NoticeCreated, Path: "/b"}}
	if notices, err := n.Wait(t.Context(), 0, nil); err != nil || !slices.Equal(notices, want) {
		t.Errorf("%v, %v", notices, err)
	}
}

// TestRenamedTree: what was watched below a cgroup that is renamed ends with its old path.
func TestRenamedTree(t *testing.T) {
	h, n := hierarchy(t, "/a", "/a/below"), notifier(t)
	if err := errors.Join(n.AddTree(h, "/"), n.AddTree(h, "/a"), n.AddEvents(h, "/a/below")); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(h.Dir, "a"), filepath.Join(h.Dir, "b")); err != nil {
		t.Fatal(err)
	}
	if notices, err := n.Wait(t.Context(), 0, nil); err != nil || len(notices) != 2 || n.Watched() != 1 {
		t.Errorf("%v, %v: %d are watched", notices, err, n.Watched())
	}
	if err := n.AddTree(h, "/b"); err != nil || n.Watched() != 2 {
		t.Errorf("%v: %d are watched", err, n.Watched())
	}
}
