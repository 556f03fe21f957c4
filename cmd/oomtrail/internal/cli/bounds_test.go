// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"testing"
)

// generated is an input that is made as it is read: so many lines, or parts of one.
type generated struct {
	line  func(i int) string
	lines int
	next  int
	rest  string
}

func (g *generated) Read(b []byte) (int, error) {
	n := 0
	for n < len(b) {
		if g.rest == "" {
			if g.next == g.lines {
				break
			}
			g.rest = g.line(g.next)
			g.next++
		}
		c := copy(b[n:], g.rest)
		n, g.rest = n+c, g.rest[c:]
	}
	if n == 0 {
		return 0, io.EOF
	}
	return n, nil
}

const (
	invoked = "[  100.000001] app invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0\n"
	hog     = "total-vm:9kB, anon-rss:8kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:4kB oom_score_adj:0\n"
)

// largeInputs are inputs that could make a reader hold all of them.
var largeInputs = map[string]struct {
	lines int
	line  func(i int) string
}{
	"one line": {64, func(int) string { return string(bytes.Repeat([]byte("x"), 1<<20)) }},
	"open reports of many hosts": {20_000, func(i int) string {
		return fmt.Sprintf("2026-11-21T08:16:59.123456+00:00 node-%d kernel: %s", i, invoked)
	}},
	"one table": {100_000, func(i int) string {
		switch i {
		case 0:
			return invoked
		case 1:
			return "[  100.000001] Tasks state (memory values in pages):\n"
		case 2:
			return "[  100.000001] [  pid  ]   uid  tgid total_vm      rss rss_anon rss_file rss_shmem pgtables_bytes swapents oom_score_adj name\n"
		case 99_999:
			return "[  100.000002] Out of memory: Killed process 5 (hog) " + hog
		}
		return fmt.Sprintf("[  100.000001] [ %6d]  1000 %6d     7337     6256     6096      160         0    94208        0           985 app-main\n", i, i)
	}},
	"one trace": {150_000, func(i int) string {
		switch i {
		case 0:
			return invoked
		case 1:
			return "[  100.000001] Call Trace:\n"
		}
		return fmt.Sprintf("[  100.000001]  dump_header+0x%x/0x230\n", i)
	}},
	"kills": {20_000, func(i int) string {
		return fmt.Sprintf("[%5d.%06d] Out of memory: Killed process %d (hog) %s", 100+i/1000, i%1000, i, hog)
	}},
	"kills of one report": {20_000, func(i int) string {
		if i == 0 {
			return invoked
		}
		return fmt.Sprintf("[  100.000001] Memory cgroup out of memory: Killed process %d (hog) %s", i, hog)
	}},
}

// memoryBound is the most heap that the process may ever have had: what a command holds at once (an
// open report within parser.DefaultMaxReportBytes, the page that is made of it, a line of
// parser.MaxLine), and as much again until it is collected.
const memoryBound = 160 << 20

// TestCommandsAreBounded: each command reads any input in bounded memory.
func TestCommandsAreBounded(t *testing.T) {
	if !alone(t) {
		return
	}
	defer debug.SetGCPercent(debug.SetGCPercent(100))
	for name, input := range largeInputs {
		for _, args := range [][]string{{"parse", "--original"}, {"-o", "table"}, {"top"}, {"explain"}, {"report"}, {"lines"}} {
			t.Run(fmt.Sprint(name, args), func(t *testing.T) {
				var out counter
				if code := run(args, &generated{line: input.line, lines: input.lines}, &out, io.Discard); code != 0 {
					t.Fatalf("exit %d", code)
				}
				var s runtime.MemStats
				runtime.ReadMemStats(&s)
				if s.HeapSys > memoryBound {
					t.Errorf("%d MiB of heap, for %d bytes of output", s.HeapSys>>20, out)
				}
			})
		}
	}
}

// alone reports whether a test runs in a process of its own, which has had no heap but its own;
// else it runs the test in one.
func alone(t *testing.T) bool {
	const marker = "OOMTRAIL_TEST_ALONE"
	if os.Getenv(marker) == t.Name() {
		return true
	}
	c := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	c.Env = append(os.Environ(), marker+"="+t.Name())
	out, err := c.CombinedOutput()
	if err != nil || !bytes.Contains(out, []byte("--- PASS: "+t.Name()+" ")) {
		t.Errorf("%v\n%s", err, out)
	}
	return false
}

// counter counts what is written.
type counter int

func (c *counter) Write(b []byte) (int, error) {
	*c += counter(len(b))
	return len(b), nil
}

// TestGzipBomb: a small file that unzips to very much is read through in little memory, and what
// comes behind is found.
func TestGzipBomb(t *testing.T) {
	const megabytes = 64
	file := filepath.Join(t.TempDir(), "kern.log.gz")
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	z := gzip.NewWriter(f)
	zeros := make([]byte, 1<<20)
	for range megabytes {
		if _, err := z.Write(zeros); err != nil {
			t.Fatal(err)
		}
	}
	fmt.Fprintf(z, "\n[  100.000002] Out of memory: Killed process 5 (hog) %s", hog)
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	for _, verb := range []string{"parse", "explain", "report", "lines"} {
		var before, after runtime.MemStats
		var out bytes.Buffer
		runtime.ReadMemStats(&before)
		code := run([]string{verb, file}, nil, &out, io.Discard)
		runtime.ReadMemStats(&after)
		if code != 0 || out.Len() == 0 {
			t.Errorf("%s: exit %d, %d bytes", verb, code, out.Len())
		}
		if used := after.TotalAlloc - before.TotalAlloc; used > 24<<20 {
			t.Errorf("%s: %d MiB allocated in all", verb, used>>20)
		}
	}
}
