// SPDX-License-Identifier: Apache-2.0

package watch_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/oomtrail/oomtrail/internal/watchtest"
	"github.com/oomtrail/oomtrail/watch"
)

// TestParts: what is read alone is what is read whole, of both versions.
func TestParts(t *testing.T) {
	for _, name := range []string{watchtest.Version1, watchtest.Version2} {
		t.Run(name, func(t *testing.T) {
			_, s := watchtest.Unpack(t, name)
			h, err := s.Hierarchy()
			if err != nil {
				t.Fatal(err)
			}
			h.Walk("/", func(path string) {
				whole, err := h.Read(path)
				if err != nil {
					t.Fatal(err)
				}
				got, err := h.Limits(path)
				if err != nil {
					t.Fatal(err)
				}
				want := watch.Cgroup{Path: path, Max: whole.Max, High: whole.High}
				if want.Max.OK {
					want.SwapMax, want.Swappiness = whole.SwapMax, whole.Swappiness
				}
				if got != want {
					t.Errorf("%+v, want %+v", got, want)
				}
				want.Current, want.File, want.Slab, want.Swap, want.Pressure = whole.Current, whole.File, whole.Slab, whole.Swap, whole.Pressure
				want.Events, want.KillOff = whole.Events, whole.KillOff
				if h.Version == 1 {
					want.Events.Max = watch.Int{}
				}
				g := h.Gauge(path, new(watch.Buffer))
				defer g.Close()
				for range 2 { // the second time they are open
					if got.Current, err = g.Usage(); err != nil {
						t.Error(err)
					}
					g.Cache(&got)
					g.Swap(&got)
					g.Events(&got)
					g.Pressure(&got)
					if got != want {
						t.Errorf("%+v, want %+v", got, want)
					}
				}
				open := g.Open()
				if g.Rest(); open < 3 || g.Open() != 1 {
					t.Errorf("%d files are open, then %d", open, g.Open())
				}
			})
			v := s.Vitals()
			defer v.Close()
			for range 2 {
				m, err := v.Memory()
				want, _ := s.Memory()
				if err != nil || m != want {
					t.Errorf("%+v, %v", m, err)
				}
				p, err := v.Pressure()
				wantPressure, _ := s.Pressure()
				if err != nil || p != wantPressure {
					t.Errorf("%+v, %v", p, err)
				}
			}
		})
	}
}

// TestGaugeStaysOpen: it follows the files, costs no allocation, and takes what has gone for gone.
func TestGaugeStaysOpen(t *testing.T) {
	_, s := watchtest.Unpack(t, watchtest.Version2)
	h, err := s.Hierarchy()
	if err != nil {
		t.Fatal(err)
	}
	const path = "/system.slice/app.service"
	if _, err := h.Gauge("/none", new(watch.Buffer)).Usage(); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	g := h.Gauge(path, new(watch.Buffer))
	defer g.Close()
	for _, want := range []int64{1, 1234567890123, 2} {
		if err := os.WriteFile(filepath.Join(h.Dir, path, "memory.current"), strconv.AppendInt(nil, want, 10), 0o644); err != nil {
			t.Fatal(err)
		}
		if n, err := g.Usage(); err != nil || n.V != want {
			t.Errorf("%v, %v, want %d", n, err, want)
		}
	}
	c := watch.Cgroup{Path: path}
	if allocs := testing.AllocsPerRun(100, func() {
		_, _ = g.Usage()
		g.Cache(&c)
		g.Swap(&c)
		g.Events(&c)
		g.Pressure(&c)
	}); allocs > 0 {
		t.Errorf("%v allocations", allocs)
	}
}
