// SPDX-License-Identifier: Apache-2.0

package warning

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestUnswappable: a machine that runs out beside free swap is warned of, where cgroups that may
// not swap hold its memory, each of them counted once.
func TestUnswappable(t *testing.T) {
	for _, c := range []struct {
		most string // memory.swap.max of /pods/a
		want int64
	}{{"0", 730 * mib}, {"max", 230 * mib}, {"4096", 230 * mib}} {
		s := newStage(t, 2, DefaultSettings())
		for path, used := range map[string]int{"/pods": 780, "/pods/a": 700, "/pods/a/b": 200, "/c": 30} {
			s.cgroup(path, 0)
			s.use(path, used, 0)
			s.write(path, "memory.swap.max", "0")
		}
		s.write("/pods", "memory.swap.max", "max")
		s.write("/pods/a", "memory.swap.max", c.most)
		meminfo := func(available int) {
			text := fmt.Sprintf("MemTotal: 1024000 kB\nMemFree: 1000 kB\nMemAvailable: %d kB\nSwapTotal: 512000 kB\nSwapFree: 512000 kB\nShmem: 1000 kB\nAnonPages: 800000 kB\n", available)
			if err := os.WriteFile(filepath.Join(s.root, "proc/meminfo"), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		meminfo(512000)
		s.r.start()
		s.pass(time.Minute, nil)
		if s.r.pinned.used.OK || len(s.found) != 0 {
			t.Fatalf("read while much is left: %v, %v", s.r.pinned.used, s.found)
		}
		meminfo(90000)
		s.pass(time.Minute, nil)
		if s.r.pinned.used.V != c.want {
			t.Errorf("%s: %d MiB may not be swapped, want %d", c.most, s.r.pinned.used.V/mib, c.want/mib)
		}
		if got := len(s.found); got > 1 || (got == 1) != (c.most == "0") || got == 1 && s.found[0].Cause != HostLowMemory {
			t.Errorf("%s: warned of %+v", c.most, s.found)
		}
	}
}
