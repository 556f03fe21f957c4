// SPDX-License-Identifier: Apache-2.0

package status

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/cmd/oomtrail/internal/filter"
	"github.com/oomtrail/oomtrail/cmd/oomtrail/internal/textpage"
	"github.com/oomtrail/oomtrail/internal/kmsg/kmsgtest"
	"github.com/oomtrail/oomtrail/watch"
)

// BenchmarkLook is one look of status at this machine, with 1,000 more cgroups that have a limit
// and a process each. Plain is to read the same files of the same processes and cgroups, and
// nothing else: no parsing, no ranking, no names, no page.
func BenchmarkLook(b *testing.B) {
	const many = 1000
	cgroups, processes := crowd(b, many)
	system := watch.At("")
	b.Run("status", func(b *testing.B) {
		usedBy(b, func() {
			c := Collector{System: system, Filter: new(filter.Filter), Location: time.UTC, Limit: 5}
			s := c.Collect(time.Now())
			if s.MoreCgroups < many-5 {
				b.Fatal(s.MoreCgroups, " cgroups more")
			}
			if err := s.Print(io.Discard, textpage.Options{Width: 100}, time.UTC); err != nil {
				b.Fatal(err)
			}
		})
	})
	b.Run("plain", func(b *testing.B) {
		read := func(files []string) {
			for _, file := range files {
				if _, err := os.ReadFile(file); err != nil {
					b.Fatal(err)
				}
			}
		}
		usedBy(b, func() {
			read(cgroups)
			read(processes)
		})
	})
}

// usedBy runs a benchmark, and reports its processor time, of the kernel too.
func usedBy(b *testing.B, look func()) {
	used := func() time.Duration {
		var u syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
			b.Fatal(err)
		}
		return time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	b.ReportAllocs()
	before := used()
	for b.Loop() {
		look()
	}
	b.ReportMetric(float64((used()-before).Microseconds())/1000/float64(b.N), "cpu-ms/op")
}

// crowd makes cgroups with a limit and a process each, and returns the files that a look reads of
// them.
func crowd(b *testing.B, many int) (cgroups, processes []string) {
	b.Helper()
	parent := kmsgtest.MemoryCgroup(b, 2<<30)
	system := watch.At("")
	h, err := system.Hierarchy()
	if err != nil {
		b.Fatal(err) // memory was limited a moment ago
	}
	limit := "memory.limit_in_bytes"
	if h.Version == 2 {
		limit = "memory.max"
		if err := os.WriteFile(filepath.Join(parent, "cgroup.subtree_control"), []byte("+memory"), 0); err != nil {
			b.Skip("NOT RUN: no memory can be limited below a cgroup here: ", err)
		}
	}
	for i := range many {
		dir := filepath.Join(parent, fmt.Sprintf("c%d.service", i))
		if err := os.Mkdir(dir, 0o755); err != nil {
			b.Fatal(err)
		}
		p := exec.Command("sleep", "1000")
		b.Cleanup(func() {
			if p.Process != nil {
				_ = p.Process.Kill()
				_ = p.Wait() // it was killed
			}
			for os.Remove(dir) != nil { // until its last process is gone
				time.Sleep(time.Millisecond)
			}
		})
		if err := p.Start(); err != nil {
			b.Skip("NOT RUN: no process to watch: ", err)
		}
		pid := strconv.Itoa(p.Process.Pid)
		for file, text := range map[string]string{limit: "67108864", "cgroup.procs": pid} {
			if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0); err != nil {
				b.Fatal(err)
			}
		}
		for _, file := range []string{"status", "stat", "oom_score", "oom_score_adj", "cgroup"} {
			processes = append(processes, filepath.Join("/proc", pid, file))
		}
		for _, file := range []string{
			"memory.usage_in_bytes", "memory.limit_in_bytes", "memory.max_usage_in_bytes", "memory.memsw.limit_in_bytes", "memory.memsw.usage_in_bytes", "memory.oom_control",
			"memory.failcnt", "memory.swappiness", // of version 1
			"memory.current", "memory.max", "memory.high", "memory.peak", "memory.swap.current", "memory.swap.max", "memory.events", "memory.oom.group", "memory.events.local", "memory.pressure",
			"memory.stat",
		} {
			if file := filepath.Join(dir, file); exists(file) {
				cgroups = append(cgroups, file)
			}
		}
	}
	return cgroups, processes
}

func exists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}
