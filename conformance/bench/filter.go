package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/oomtrail/oomtrail/conformance/fbhost"
	"github.com/oomtrail/oomtrail/fluentbit/fbtest"
	"github.com/oomtrail/oomtrail/fluentbit/form"
)

const pluginPath = "build/fluentbit/flb-filter_oom_kill.so"

// measureFilter measures the built plugin in a host that loads it as Fluent Bit does, over chunks of Fluent Bit's size.
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
	defer h.Close()
	if code := h.Init(0, fbhost.Setting{Key: "key", Value: "log"}); code != 0 {
		return fmt.Errorf("init returned %d", code)
	}
	fmt.Printf("\nFluent Bit filter in the conformance host: loaded and initialized in %v\n", time.Since(began).Round(time.Millisecond))
	chunk, records := accessLog()
	const times = 20
	var seconds []float64
	for range rounds {
		took, _ := h.Parallel(fbhost.Job{ID: 0, Tag: "app", Chunk: chunk, Times: times})
		seconds = append(seconds, took.Seconds()/times)
	}
	m := median(seconds)
	fmt.Printf("a chunk of %d bytes with %d records, nothing of interest: %.0f µs (%s), %.1f GB/s, %.1f ns a record, wall time\n",
		len(chunk), records, m*1e6, spread(seconds), float64(len(chunk))/m/1e9, m*1e9/float64(records))
	fmt.Printf("the whole host with one instance, after that: %s resident\n", resident(h.PID()))
	return nil
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

// accessLog makes a chunk of about 2 MB, as large as Fluent Bit's are.
func accessLog() (chunk []byte, records int) {
	for len(chunk) < 2<<20 {
		chunk = fbtest.Event{Time: fbtest.Boot, Record: []form.KV{
			{Key: "log", Value: fmt.Sprintf(`10.0.%d.%d - - "GET /api/v1/items/%d HTTP/1.1" 200 %d "-" "curl/8.5.0"`, records%256, records%251, records, records*7%9999)},
			{Key: "stream", Value: "stdout"},
		}}.Append(chunk)
		records++
	}
	return chunk, records
}
