// SPDX-License-Identifier: Apache-2.0

package warning

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// benchmarks has the versions of cgroups, by files that look like them.
func benchmarks(b *testing.B, bench func(b *testing.B, s *stage)) {
	for _, version := range []int{1, 2} {
		b.Run([]string{1: "version=1", 2: "version=2"}[version], func(b *testing.B) {
			s := newStage(b, version, DefaultSettings())
			s.cgroup("/a", 1024)
			s.r.start()
			s.pass(time.Minute, nil)
			b.ReportAllocs()
			bench(b, s)
		})
	}
}

// BenchmarkLookQuiet is a look at a cgroup that is far from its limit.
func BenchmarkLookQuiet(b *testing.B) {
	benchmarks(b, func(b *testing.B, s *stage) {
		for b.Loop() {
			if err := s.r.lookCgroup(s.r.known["/a"]); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkLookNear is a look at one that is near it, all of which is read.
func BenchmarkLookNear(b *testing.B) {
	benchmarks(b, func(b *testing.B, s *stage) {
		s.use("/a", 700, 0)
		for b.Loop() {
			if err := s.r.lookCgroup(s.r.known["/a"]); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkLookHost is a look at the machine.
func BenchmarkLookHost(b *testing.B) {
	benchmarks(b, func(b *testing.B, s *stage) {
		for b.Loop() {
			if err := s.r.lookHost(); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkComeAndGo is a cgroup with a limit that is made, announced and removed.
func BenchmarkComeAndGo(b *testing.B) {
	benchmarks(b, func(b *testing.B, s *stage) {
		if s.r.notifier == nil {
			b.Skip("NOT RUN: nothing is announced here")
		}
		for b.Loop() {
			b.StopTimer()
			s.cgroup("/b", 64)
			b.StartTimer()
			s.announced()
			b.StopTimer()
			if err := os.RemoveAll(filepath.Join(s.r.hierarchy.Dir, "b")); err != nil {
				b.Fatal(err)
			}
			b.StartTimer()
			s.announced()
		}
	})
}
