// SPDX-License-Identifier: Apache-2.0

// Bench measures how fast the parser is, beside plain baselines on the same bytes in the same
// process, on one core. `make bench` runs it. All throughputs are bytes per second of processor
// time, garbage collection included: medians over interleaved rounds, and how far the middle half
// of the rounds spreads around them.
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime"
)

func main() {
	rounds := flag.Int("rounds", 15, "rounds of each measurement")
	only := flag.String("only", "", "measure only the group of this name: day, report, captures, tasks, hostile, sizes, filter, collector, processor, receiver, latency")
	flag.Parse()
	runtime.GOMAXPROCS(1)
	if err := run(*rounds, *only); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// run measures one group after the other.
func run(rounds int, only string) error {
	groups := []struct {
		name    string
		measure func(rounds int) error
	}{
		{"day", measureDay},
		{"report", measureReport},
		{"captures", measureCaptures},
		{"tasks", measureTasks},
		{"hostile", measureHostile},
		{"sizes", measureSizes},
		{"filter", measureFilter},
		{"collector", measureCollector},
		{"processor", measureProcessor},
		{"receiver", measureReceiver},
		{"latency", measureLatency},
	}
	for _, g := range groups {
		if only != "" && only != g.name {
			continue
		}
		if err := g.measure(rounds); err != nil {
			return fmt.Errorf("%s: %w", g.name, err)
		}
		runtime.GC()
	}
	return nil
}
