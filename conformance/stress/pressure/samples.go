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

// samples are the figures of a scenario over time, a line a sample where they are kept.
type samples struct {
	r    *rig
	o    *outcome
	f    *os.File
	w    *bufio.Writer
	last time.Time
}

func newSamples(r *rig, o *outcome) (*samples, error) {
	s := &samples{r: r, o: o}
	switch r.samples {
	case "":
		return s, nil
	case "-":
		s.f = os.Stdout
	default:
		var err error
		if s.f, err = os.Create(o.scenario.file(r.samples, ".tsv")); err != nil {
			return nil, err
		}
	}
	s.w = bufio.NewWriter(s.f)
	fmt.Fprintln(s.w, "seconds\tcurrent\theld\tlimit\thigh_events\tmax_events\toom\tcgroup_some10\tcgroup_full10\tcgroup_some_ms\tcgroup_full_ms\tavailable\tswap_free\thost_some10\thost_full10\thost_some_ms\thost_full_ms\twarnings")
	return s, nil
}

// take takes a sample, sizes in MiB.
func (s *samples) take(got []said) {
	g, err := s.r.tree.Read(s.o.cgroup)
	m, failed := s.r.system.Memory()
	if err != nil || failed != nil {
		return
	}
	held := g.Held()
	if s.o.scenario.place == limited {
		s.o.most = max(s.o.most, float64(held.V)/mib/float64(max(s.o.scenario.limit, s.o.scenario.high)))
	} else {
		s.o.most = max(s.o.most, 1-float64(m.Available.V)/float64(m.Total.V))
	}
	since := time.Since(s.o.began).Seconds()
	if s.f != os.Stdout && time.Since(s.last) > 5*time.Second {
		s.last = time.Now()
		fmt.Printf("  %.0f s: %.0f MiB held, %.0f MiB available\n", since, size(held), size(m.Available))
	}
	if s.f == nil {
		return
	}
	host, _ := s.r.system.Pressure()
	fmt.Fprintf(s.w, "%.2f\t%.1f\t%.1f\t%s\t%s\t%s\t%s\t%s\t%.1f\t%s\t%s\t%d\n", since, size(g.Current), size(held), optional(g.Max, mib),
		optional(g.Events.High, 1), optional(g.Events.Max, 1), optional(g.Events.OOM, 1), stalls(g.Pressure), size(m.Available), optional(m.SwapFree, mib), stalls(host), len(got))
	if s.f == os.Stdout {
		_ = s.w.Flush() // to standard output
	}
}

func (s *samples) close() {
	if s.f == nil || s.f == os.Stdout {
		return
	}
	_ = s.w.Flush() // figures for a look, no result
	_ = s.f.Close()
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
