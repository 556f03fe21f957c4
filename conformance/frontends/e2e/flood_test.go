// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// flood allows what takes the kernel's log away from everybody on this machine.
var flood = flag.Bool("flood", false, "overrun the kernel's ring: what it holds is gone then")

// ringSize returns how many bytes the kernel's ring holds.
func ringSize(t *testing.T) int {
	t.Helper()
	const sizeBuffer = 10 // SYSLOG_ACTION_SIZE_BUFFER
	n, err := syscall.Klogctl(sizeBuffer, nil)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// overrun writes lines to /dev/kmsg until all that the ring held is overwritten. The kernel takes
// ten lines in five seconds from one open file.
func overrun(t *testing.T) {
	t.Helper()
	const size = 900
	for n := range 2 * ringSize(t) / size / 10 {
		device, err := os.OpenFile("/dev/kmsg", os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		for i := range 10 {
			line := fmt.Sprintf("<6>e2e: line %d of a flood ", 10*n+i)
			if _, err := device.WriteString(line + strings.Repeat("x", size-len(line))); err != nil {
				t.Fatal(err)
			}
		}
		device.Close()
	}
}

// lines says how many lines were lost.
var lines = regexp.MustCompile(`\[input:oom_kill:oom_kill.0\] (\d+) lines of the kernel log were overwritten`)

// TestInputFlood overruns the ring while Fluent Bit is stopped, and while it is not there: what is
// lost is counted and said, and what comes after it is delivered.
func TestInputFlood(t *testing.T) {
	program := needFluentBit(t)
	need(t, *flood, "the flag -flood, since it overwrites what the kernel's ring holds")
	h := newHogs(t)
	dir := t.TempDir()
	var stdout strings.Builder
	// counted waits until what is lost is counted, and has been said.
	counted := func(fb *process, url, when string) {
		t.Helper()
		waitFor(t, "the counter and the log", fb, func() bool {
			said := 0
			for _, m := range lines.FindAllStringSubmatch(fb.stderr.String(), -1) {
				n, _ := strconv.Atoi(m[1])
				said += n
			}
			counter := metric(get(url+"/api/v2/metrics/prometheus"), "oomtrail_lost_records_total", `name="oom_kill.0"`)
			return said > 0 && counter == float64(said)
		})
		t.Logf("Fluent Bit %s, %s: %s", version(t, program), when, lines.FindString(fb.stderr.String()))
	}

	fb, url := runInput(t, program, dir, inputConfig)
	fb.started(t)
	h.kill(t)
	waitFor(t, "a kill before the flood", fb, func() bool { return h.all(fb.stdout.String()) })
	fb.cmd.Process.Signal(syscall.SIGSTOP)
	time.Sleep(100 * time.Millisecond)
	overrun(t)
	h.kill(t)
	fb.cmd.Process.Signal(syscall.SIGCONT)
	waitFor(t, "a kill after the flood", fb, func() bool { return h.all(fb.stdout.String()) })
	counted(fb, url, "stopped")
	fb.stop(t)
	stdout.WriteString(fb.stdout.String() + "\n")

	overrun(t)
	h.kill(t)
	fb, url = runInput(t, program, dir, inputConfig)
	waitFor(t, "a kill after the restart", fb, func() bool { return h.all(stdout.String() + fb.stdout.String()) })
	counted(fb, url, "not there")
	fb.stop(t)
	stdout.WriteString(fb.stdout.String())
	if _, repeats := h.check(t, stdout.String()); repeats > 0 {
		t.Errorf("copies:\n%s", stdout.String())
	}
}
