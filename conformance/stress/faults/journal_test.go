// SPDX-License-Identifier: Apache-2.0

package faults

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/conformance/frontends/backends"
)

// TestReboot: kills before a reset arrive, also when the collector died before them and came back
// two boots later.
func TestReboot(t *testing.T) {
	t.Parallel()
	journal := newJournal(t)
	server, dir := backends.StartVictoriaLogs(t), t.TempDir()
	script := filepath.Join(dir, "journalctl")
	if err := os.WriteFile(script, fmt.Appendf(nil, "#!/bin/sh\nexec journalctl '--file=%s' \"$@\"\n", journal.path), 0o700); err != nil {
		t.Fatal(err)
	}
	p := collector(t, dir, server.URL, journalToBackend)
	k, rounds := NewKernLog("j"), times(2, 20)
	kills := func(n int) {
		for range n {
			journal.add(t, k.Any()...)
		}
	}
	boot := func() {
		// All boots lie in the past: a journal with entries of the future is rotated, and the
		// script shows this one file.
		k.Now, k.Uptime = k.Now.Add(10*time.Second), 0
		journal.boot++
		journal.add(t, k.Line("Linux version 6.12.0"))
	}
	boot()
	for range rounds {
		p.Start(t)
		kills(2)
		Await(t, server, byName, k.Kills, 0)
		boot() // while the collector follows
		kills(2)
		p.Kill()
		kills(2) // then the machine is reset
		boot()
		kills(2)
		boot()
	}
	p.Start(t)
	row := settle(t, p, server, byName, k.Kills, 0)
	row.Scenario = fmt.Sprintf("machine rebooted %d times, journald, collector killed %d times", journal.boot-1, rounds)
	row.Note = peak(p)
	report(t, p, row, 0)
}

// journalToBackend is the collector of a node that reads the journal which @DIR@/journalctl shows.
const journalToBackend = `
receivers:
  oom_kill:
    source: journald
    journald: {journalctl_path: "@DIR@/journalctl"}
    start_at: beginning
    storage: file_storage
    report_timeout: 1s
    retry_on_failure: {initial_interval: 50ms, max_interval: 200ms}
` + toBackend

// journal is a real journal file of one machine.
type journal struct {
	remote, path string
	boot         int
}

func newJournal(t *testing.T) *journal {
	t.Helper()
	if _, err := exec.LookPath("journalctl"); err != nil {
		t.Skip("journalctl is not installed")
	}
	const remote = "/usr/lib/systemd/systemd-journal-remote"
	if _, err := os.Stat(remote); err != nil {
		t.Skip("systemd-journal-remote is not installed (Debian package systemd-journal-remote)")
	}
	return &journal{remote: remote, path: filepath.Join(t.TempDir(), "system.journal")}
}

// kernelLine is a line of [KernLog.Line]: its time, host, seconds and microseconds since boot, and
// text.
var kernelLine = regexp.MustCompile(`^(\S+) (\S+) kernel: \[ *(\d+)\.(\d{6})\] (.*)\n$`)

// add writes lines of the kernel to the journal, as entries of the running boot.
func (j *journal) add(t *testing.T, lines ...[]byte) {
	t.Helper()
	var export bytes.Buffer
	for _, line := range lines {
		m := kernelLine.FindSubmatch(line)
		if m == nil {
			t.Fatalf("no line of the kernel: %q", line)
		}
		at, err := time.Parse("2006-01-02T15:04:05.000000-07:00", string(m[1]))
		if err != nil {
			t.Fatal(err)
		}
		usec, err := strconv.ParseInt(string(m[3])+string(m[4]), 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&export, "__REALTIME_TIMESTAMP=%d\n__MONOTONIC_TIMESTAMP=%d\n_BOOT_ID=%032x\n_MACHINE_ID=0123456789abcdef0123456789abcdef\n_HOSTNAME=%s\n",
			at.UnixMicro(), usec, 0xb000+j.boot, m[2])
		fmt.Fprintf(&export, "_TRANSPORT=kernel\n_SOURCE_MONOTONIC_TIMESTAMP=%d\nPRIORITY=4\nSYSLOG_FACILITY=0\nSYSLOG_IDENTIFIER=kernel\nMESSAGE=%s\n\n", usec, m[5])
	}
	cmd := exec.Command(j.remote, "--output="+j.path, "--split-mode=none", "-")
	cmd.Stdin = &export
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}
