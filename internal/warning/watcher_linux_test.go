// SPDX-License-Identifier: Apache-2.0

package warning

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/internal/kmsg/kmsgtest"
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
	const limit, pace = 64, 100 * time.Millisecond // 6.4 s until it is killed
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
	if err := kmsgtest.RunHog(kmsgtest.NewLeak(cgroup, pace)); err != nil {
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
	t.Logf("%v before the kill", killed.Sub(<-warned))
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
