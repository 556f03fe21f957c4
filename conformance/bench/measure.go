// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"syscall"
	"text/tabwriter"
	"time"
)

// candidate is one way to go through a text.
type candidate struct {
	name string
	text []byte
	read func(text []byte)
	// calls is how often read is called in one round.
	calls int
	// rates are the bytes per second of processor time of each round.
	rates []float64
	// allocs are the allocations of one call.
	allocs float64
}

// roundTime is about how long one candidate runs in one round: long enough that the garbage
// collector runs in each, as often as it would in the long run.
const roundTime = 150 * time.Millisecond

// compare measures candidates in turn, round by round, so that what else the machine does hits all
// alike, and prints them as a table of ratios to the first.
func compare(title string, rounds int, candidates ...*candidate) {
	for _, c := range candidates {
		c.calibrate()
	}
	for range rounds {
		for _, c := range candidates {
			c.round()
		}
	}
	printRates(title, candidates...)
}

// round measures one round. What the candidates before left behind is cleared away first: each pays
// for its own garbage.
func (c *candidate) round() {
	runtime.GC()
	before := processorTime()
	for range c.calls {
		c.read(c.text)
	}
	used := max(processorTime()-before, time.Microsecond)
	c.rates = append(c.rates, float64(c.calls)*float64(len(c.text))/used.Seconds())
}

// printRates prints candidates as a table of ratios to the first.
func printRates(title string, candidates ...*candidate) {
	ours := candidates[0]
	fmt.Printf("\n%s\n", title)
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(w, "\tMB/s\tspread\tof the first\tallocations/MB\t\n")
	for _, c := range candidates {
		fmt.Fprintf(w, "%s\t%s\t%s\t%.3g\t%.3g\t\n", c.name, rate(median(c.rates)), spread(c.rates), ratio(c, ours), c.allocs/float64(len(c.text))*1e6)
	}
	_ = w.Flush() // to the terminal
}

// calibrate warms up, counts allocations, and finds how many calls make a round.
func (c *candidate) calibrate() {
	c.read(c.text)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	began := processorTime()
	c.read(c.text)
	once := processorTime() - began
	runtime.ReadMemStats(&after)
	c.allocs = float64(after.Mallocs - before.Mallocs)
	c.calls = max(1, int(roundTime/max(once, time.Microsecond)))
}

// ratio is the median of a candidate's rate over ours, round by round.
func ratio(c, ours *candidate) float64 {
	ratios := make([]float64, len(c.rates))
	for i := range c.rates {
		ratios[i] = c.rates[i] / ours.rates[i]
	}
	return median(ratios)
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

// spread prints how far the middle half of the values lies from the median.
func spread(values []float64) string {
	sorted := slices.Sorted(slices.Values(values))
	m := sorted[len(sorted)/2]
	return fmt.Sprintf("-%.0f +%.0f %%", 100*(1-sorted[len(sorted)/4]/m), 100*(sorted[len(sorted)*3/4]/m-1))
}

// rate prints bytes per second as MB/s.
func rate(perSecond float64) string {
	if perSecond < 10e6 {
		return fmt.Sprintf("%.2f", perSecond/1e6)
	}
	return fmt.Sprintf("%.0f", perSecond/1e6)
}

// processorTime is the processor time that this process has used.
func processorTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
