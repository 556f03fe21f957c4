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
				u, err := h.OpenUsage(path)
				if err != nil {
					t.Fatal(err)
				}
				defer u.Close()
				if got.Current, err = u.Read(); err != nil {
					t.Error(err)
				}
				h.ReadCache(&got)
				h.ReadSwap(&got)
				h.ReadPressure(&got)
				want.Current, want.File, want.Slab, want.Swap, want.Pressure = whole.Current, whole.File, whole.Slab, whole.Swap, whole.Pressure
				if got != want {
					t.Errorf("%+v, want %+v", got, want)
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

// TestUsageStaysOpen: it follows the file, and costs no allocation.
func TestUsageStaysOpen(t *testing.T) {
	h := watch.Hierarchy{Version: 2, Dir: t.TempDir()}
	if _, err := h.OpenUsage("/"); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	file := filepath.Join(h.Dir, "memory.current")
	if err := os.WriteFile(file, []byte("1\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	u, err := h.OpenUsage("/")
	if err != nil {
		t.Fatal(err)
	}
	defer u.Close()
	for _, want := range []int64{1, 1234567890123, 2} {
		if err := os.WriteFile(file, strconv.AppendInt(nil, want, 10), 0o644); err != nil {
			t.Fatal(err)
		}
		if n, err := u.Read(); err != nil || n.V != want {
			t.Errorf("%v, %v, want %d", n, err, want)
		}
	}
	if allocs := testing.AllocsPerRun(100, func() { _, _ = u.Read() }); allocs > 0 {
		t.Errorf("%v allocations", allocs)
	}
}
