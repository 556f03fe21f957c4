// SPDX-License-Identifier: Apache-2.0

//go:build linux

package main

import (
	"bufio"
	"fmt"
	"os"
	"time"

	"github.com/oomtrail/oomtrail/watch"
)

// samples are the figures of a scenario over time, a line a sample.
type samples struct {
	r    *rig
	s    *scenario
	o    *outcome
	f    *os.File
	w    *bufio.Writer
	last time.Time
}

func newSamples(r *rig, s *scenario, o *outcome) (*samples, error) {
	if r.samples == "" {
		return &samples{}, nil
	}
	f := os.Stdout
	if r.samples != "-" {
		var err error
		if f, err = os.Create(s.file(r.samples, ".tsv")); err != nil {
			return nil, err
		}
	}
	w := bufio.NewWriter(f)
	fmt.Fprintln(w, "seconds\tcurrent\theld\tlimit\thigh_events\tmax_events\toom\tcgroup_some10\tcgroup_full10\tcgroup_some_ms\tcgroup_full_ms\tavailable\tswap_free\thost_some10\thost_full10\thost_some_ms\thost_full_ms\twarnings")
	return &samples{r: r, s: s, o: o, f: f, w: w}, nil
}

// write writes how it stands now, sizes in MiB.
func (s *samples) write(got []said) {
	if s.f == nil {
		return
	}
	g, err := s.r.tree.Read(s.o.cgroup)
	m, _ := s.r.system.Memory()
	host, _ := s.r.system.Pressure()
	if err != nil {
		return
	}
	held := g.Held()
	fmt.Fprintf(s.w, "%.2f\t%.1f\t%.1f\t%s\t%s\t%s\t%s\t%s\t%.1f\t%s\t%s\t%d\n", time.Since(s.o.began).Seconds(), size(g.Current), size(held), optional(g.Max, mib),
		optional(g.Events.High, 1), optional(g.Events.Max, 1), optional(g.Events.OOM, 1), stalls(g.Pressure), size(m.Available), optional(m.SwapFree, mib), stalls(host), len(got))
	if s.f == os.Stdout {
		_ = s.w.Flush()
	} else if time.Since(s.last) > 5*time.Second {
		s.last = time.Now()
		fmt.Printf("  %.0f s: %.0f MiB held, %.0f MiB available\n", time.Since(s.o.began).Seconds(), size(held), size(m.Available))
	}
}

func (s *samples) close() {
	if s.f != nil {
		_ = s.w.Flush() // figures for a look, no result
		if s.f != os.Stdout {
			_ = s.f.Close()
		}
	}
}

func size(n watch.Int) float64 { return float64(n.V) / mib }

func optional(n watch.Int, unit int64) string {
	if !n.OK {
		return "-"
	}
	return fmt.Sprint(n.V / unit)
}

func stalls(p watch.Pressure) string {
	if !p.Some.OK {
		return "-\t-\t-\t-"
	}
	return fmt.Sprintf("%.1f\t%.1f\t%d\t%d", p.Some.Avg10, p.Full.Avg10, p.Some.Total.Milliseconds(), p.Full.Total.Milliseconds())
}
