// SPDX-License-Identifier: Apache-2.0

package watch_test

import (
	"context"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/internal/watchtest"
	"github.com/oomtrail/oomtrail/watch"
)

// TestFilesThatBlock has a root directory whose files are pipes that nobody writes to, as a mounted
// directory may hold anything: nothing waits for them.
func TestFilesThatBlock(t *testing.T) {
	for _, version := range []string{watchtest.Version1, watchtest.Version2} {
		t.Run(version, func(t *testing.T) {
			root, system := watchtest.Unpack(t, version)
			h, err := system.Hierarchy()
			if err != nil {
				t.Fatal(err)
			}
			pipes := 0
			if err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
				if err != nil || !d.Type().IsRegular() || filepath.Base(path) == "cgroup.controllers" {
					return err
				}
				pipes++
				if err := os.Remove(path); err != nil {
					return err
				}
				return syscall.Mkfifo(path, 0o600)
			}); err != nil {
				t.Fatal(err)
			}
			done := make(chan struct{})
			go func() {
				defer close(done)
				readAll(system, h)
			}()
			select {
			case <-done:
			case <-time.After(20 * time.Second):
				t.Fatalf("something waits for one of %d pipes", pipes)
			}
		})
	}
}

// readAll reads all that there is of a machine.
func readAll(s watch.System, h watch.Hierarchy) {
	_ = s.Check()
	_, _ = s.Memory()
	_, _ = s.Pressure()
	_, _ = s.VMStat()
	_, _ = s.Swaps()
	_ = s.Settings()
	_, _ = s.Boot()
	_, _ = s.Uptime()
	_, _, _ = s.Processes()
	_, _ = s.Narrowed()
	_ = h.Kills()
	vitals := s.Vitals()
	defer vitals.Close()
	_, _ = vitals.Memory()
	_, _ = vitals.Pressure()
	var buf watch.Buffer
	look := func(path string) {
		_, _ = h.Read(path)
		_, _ = h.Limits(path)
		_ = h.SwapMax(path)
		c := watch.Cgroup{Path: path}
		g := h.Gauge(path, &buf)
		defer g.Close()
		_, _ = g.Usage()
		g.Cache(&c)
		g.Swap(&c)
		g.Events(&c)
		g.Pressure(&c)
	}
	look("/")
	h.Walk("/", look)
}

// TestTriggerOfNoKernel has a root directory that is a copy, or whose files lead elsewhere: nothing
// is written to them.
func TestTriggerOfNoKernel(t *testing.T) {
	n := notifier(t)
	dir := t.TempDir()
	secret, link, pipe := filepath.Join(dir, "secret"), filepath.Join(dir, "link"), filepath.Join(dir, "pipe")
	if err := os.WriteFile(secret, []byte("some avg10=0.00 avg60=0.00 avg300=0.00 total=0\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(secret, link); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	before, _ := os.ReadFile(secret)
	for _, file := range []string{secret, link, pipe, dir, "/dev/null"} {
		for _, path := range []string{"", "/a"} {
			if err := n.AddTrigger(file, path, watch.Trigger{Full: true, Stall: time.Second, Window: 2 * time.Second}); err == nil {
				t.Errorf("%s: it takes a trigger", file)
			}
		}
	}
	if after, _ := os.ReadFile(secret); string(after) != string(before) {
		t.Errorf("the file has %q", after)
	}
	if n.Watched() != 0 {
		t.Errorf("%d are watched", n.Watched())
	}
	if _, err := n.Wait(context.Background(), 0, nil); err != nil {
		t.Error(err)
	}
}
