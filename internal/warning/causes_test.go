// SPDX-License-Identifier: Apache-2.0

package warning

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestCauses: each cause that is not the use of a limit is found in the files that say so, once,
// and not in those of a moment before.
func TestCauses(t *testing.T) {
	const pressed = "some avg10=%d.00 avg60=0.00 avg300=0.00 total=1\nfull avg10=%d.00 avg60=0.00 avg300=0.00 total=1"
	for _, c := range []struct {
		cause Cause
		// write makes the cause, and is called before each look from the second minute on.
		write func(s *stage, looks int)
	}{
		{CgroupThrottled, func(s *stage, looks int) {
			s.use("/app", 195, 0)
			s.write("/app", "memory.events", fmt.Sprintf("low 0\nhigh %d\nmax 0\noom 0\noom_kill 0", looks))
			s.write("/app", "memory.pressure", fmt.Sprintf(pressed, 60, 55))
		}},
		{CgroupPressure, func(s *stage, looks int) {
			s.write("/app", "memory.high", "max")
			s.use("/app", 440, 40)
			s.write("/app", "memory.pressure", fmt.Sprintf(pressed, 80, 45))
		}},
		{HostPressure, func(s *stage, looks int) {
			s.proc("meminfo", "MemTotal: 1024000 kB\nMemAvailable: 200000 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\n")
			s.proc("pressure/memory", fmt.Sprintf(pressed, 80, 45)+"\n")
		}},
		{HostLowMemory, func(s *stage, looks int) {
			s.proc("meminfo", "MemTotal: 1024000 kB\nMemAvailable: 100000 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\n")
		}},
		{CommitLimit, func(s *stage, looks int) {
			s.proc("sys/vm/overcommit_memory", "2\n")
			s.proc("meminfo", "MemTotal: 1024000 kB\nMemAvailable: 900000 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\nCommitLimit: 512000 kB\nCommitted_AS: 500000 kB\n")
		}},
	} {
		t.Run(string(c.cause), func(t *testing.T) {
			s := newStage(t, 2, DefaultSettings())
			s.cgroup("/app", 512)
			s.write("/app", "memory.high", fmt.Sprint(200*mib))
			s.write("/app", "memory.pressure", fmt.Sprintf(pressed, 1, 0))
			s.proc("meminfo", "MemTotal: 1024000 kB\nMemAvailable: 900000 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\n")
			s.proc("pressure/memory", fmt.Sprintf(pressed, 1, 0)+"\n")
			s.r.start()
			s.pass(time.Minute, nil)
			if len(s.found) > 0 {
				t.Fatalf("warned of %+v", s.found)
			}
			began, looks := s.now, 0
			s.pass(8*time.Minute, func() {
				looks++
				c.write(s, looks)
			})
			if len(s.found) != 1 || s.found[0].Cause != c.cause {
				t.Fatalf("warned of %+v", s.found)
			}
			proper(t, &s.found[0])
			most := 15 * time.Second
			if c.cause == CommitLimit {
				most = 75 * time.Second // settings of the kernel are read each minute
			}
			if took := s.found[0].At.Sub(began); took > most {
				t.Errorf("warned after %v", took)
			}
		})
	}
}

// proc writes a file of /proc.
func (s *stage) proc(file, content string) {
	s.t.Helper()
	if err := os.WriteFile(filepath.Join(s.root, "proc", file), []byte(content), 0o644); err != nil {
		s.t.Fatal(err)
	}
}
