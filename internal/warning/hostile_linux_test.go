// SPDX-License-Identifier: Apache-2.0

package warning

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestDeep: cgroups so deep that no path of theirs can be opened keep nothing else from being
// watched, or from being forgotten.
func TestDeep(t *testing.T) {
	s := newStage(t, 2, DefaultSettings())
	s.cgroup("/a", 64)
	name := strings.Repeat("d", 200)
	at, err := unix.Open(s.r.hierarchy.Dir, unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	for range 40 { // 8,000 bytes; a path has 4,096
		if err := unix.Mkdirat(at, name, 0o755); err != nil {
			t.Fatal(err)
		}
		below, err := unix.Openat(at, name, unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
		if err != nil {
			t.Fatal(err)
		}
		_ = unix.Close(at)
		at = below
	}
	_ = unix.Close(at)
	s.r.start()
	s.pass(time.Minute, nil)
	s.cgroup("/b", 64)
	s.pass(time.Second, nil)
	if got := s.looked(); len(got) != 2 {
		t.Errorf("%q are looked at", got)
	}
	if s.r.full || s.r.unread {
		t.Error("the tree is walked all the time")
	}
	if !s.noted("no file of theirs can be opened") {
		t.Errorf("%q", s.notes)
	}
	for i := range 50 {
		s.cgroup(fmt.Sprintf("/c%d", i), 64)
		s.pass(time.Second, nil)
		if err := os.RemoveAll(filepath.Join(s.r.hierarchy.Dir, fmt.Sprintf("/c%d", i))); err != nil {
			t.Fatal(err)
		}
		s.pass(time.Second, nil)
	}
	if got := s.looked(); len(got) != 2 || len(s.r.known) > 30 {
		t.Errorf("%q are looked at, %d known", got, len(s.r.known))
	}
}

// TestUnwatchedChurn: where inotify has no room, cgroups that have gone are forgotten all the same.
func TestUnwatchedChurn(t *testing.T) {
	if !confined(t, syscall.CLONE_NEWUSER) {
		return
	}
	bound(t, "max_inotify_watches", 4)
	s := newStage(t, 2, DefaultSettings())
	for i := range 10 {
		s.cgroup(fmt.Sprintf("/stays%d", i), 64)
	}
	s.r.start()
	for i := range 20 {
		path := fmt.Sprintf("/stays%d/c%d", i%10, i)
		s.cgroup(path, i%2*64)
		s.pass(unwatched+time.Second, nil)
		if err := os.RemoveAll(filepath.Join(s.r.hierarchy.Dir, path)); err != nil {
			t.Fatal(err)
		}
	}
	s.pass(unwatched+time.Second, nil)
	if got := len(s.r.known); got != 1+10 {
		t.Errorf("%d are known", got)
	}
	if got := s.looked(); len(got) != 10 {
		t.Errorf("%q are looked at", got)
	}
}
