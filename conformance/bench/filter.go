// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/tinylib/msgp/msgp"

	"github.com/oomtrail/oomtrail/conformance/frontends/fbhost"
	"github.com/oomtrail/oomtrail/fluentbit/fbtest"
	"github.com/oomtrail/oomtrail/fluentbit/form"
	"github.com/oomtrail/oomtrail/parser"
)

const pluginPath = "build/fluentbit/flb-filter_oom_kill.so"

// measureFilter measures the built plugin in a host that loads it as Fluent Bit does.
func measureFilter(rounds int) error {
	if _, err := os.Stat(pluginPath); err != nil {
		fmt.Printf("\nFluent Bit filter: not measured (%v): run make plugin first\n", err)
		return nil
	}
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	program, err := fbhost.Build(dir)
	if err != nil {
		return err
	}
	began := time.Now()
	h, err := fbhost.Start(program, io.Discard, nil, pluginPath)
	if err != nil {
		return err
	}
	defer func() { _ = h.Close() }() // all rates are taken
	if code := h.Init(0, fbhost.Setting{Key: "key", Value: "log"}); code != 0 {
		return fmt.Errorf("init returned %d", code)
	}
	fmt.Printf("\nFluent Bit filter in the conformance host: loaded and initialized in %v\n", time.Since(began).Round(time.Millisecond))
	for _, size := range []int{48 << 10, 2 << 20} {
		compareFilter(h, rounds, size)
	}
	single, _ := accessLog(1)
	const calls = 1e5
	var seconds []float64
	for range rounds {
		used, _ := h.Parallel(fbhost.Job{Tag: "app", Chunk: single, Times: calls})
		seconds = append(seconds, used.Seconds()/calls)
	}
	fmt.Printf("a chunk of one record, as a processor with a condition gives it: %.0f ns (%s)\n", median(seconds)*1e9, spread(seconds))
	fmt.Printf("the whole host with one instance, after that: %s resident\n", resident(h.PID()))
	return nil
}

// compareFilter measures a chunk of nothing of interest: processor time of the whole host, the
// plugin's own threads with it, beside what else one could do with the chunk, in this process.
func compareFilter(h *fbhost.Host, rounds, size int) {
	chunk, records := accessLog(size)
	filter := &candidate{name: "the filter in its host", text: chunk, calls: max(1, 256<<20/len(chunk))}
	sink := make([]byte, len(chunk))
	others := []*candidate{
		{name: "the parser's own scan, in Go", text: chunk, read: func(b []byte) { parser.MayContainOOM(b) }},
		{name: "one needle", text: chunk, read: oneNeedle},
		{name: "a copy", text: chunk, read: func(b []byte) { copy(sink, b) }},
		{name: "the boundaries of its events", text: chunk, read: func(b []byte) {
			for len(b) > 0 {
				b, _ = msgp.Skip(b)
			}
		}},
	}
	for _, c := range others {
		c.calibrate()
	}
	for range rounds {
		used, _ := h.Parallel(fbhost.Job{Tag: "app", Chunk: chunk, Times: filter.calls})
		filter.rates = append(filter.rates, float64(filter.calls)*float64(len(chunk))/max(used, time.Microsecond).Seconds())
		for _, c := range others {
			c.round()
		}
	}
	printRates(fmt.Sprintf("Fluent Bit filter: a chunk of %d bytes with %d records, nothing of interest: %.2f ns a record", len(chunk), records,
		1e9*float64(len(chunk))/median(filter.rates)/float64(records)), append([]*candidate{filter}, others...)...)
}

// resident returns the resident memory of a process as the kernel prints it.
func resident(pid int) string {
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	for line := range strings.Lines(string(status)) {
		if figure, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			return strings.TrimSpace(figure)
		}
	}
	return "unknown memory"
}

// accessLog makes a chunk of a size or little more. tail gives chunks of about 48 kB, 2 MB is the
// most that Fluent Bit aims at.
func accessLog(size int) (chunk []byte, records int) {
	for len(chunk) < size {
		chunk = fbtest.Event{Time: fbtest.Boot, Record: []form.KV{
			{Key: "log", Value: fmt.Sprintf(`10.0.%d.%d - - "GET /api/v1/items/%d HTTP/1.1" 200 %d "-" "curl/8.5.0"`, records%256, records%251, records, records*7%9999)},
			{Key: "stream", Value: "stdout"},
		}}.Append(chunk)
		records++
	}
	return chunk, records
}
