// SPDX-License-Identifier: Apache-2.0

package faults

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Process is a program that is started, killed and started again with one configuration.
type Process struct {
	// Log is the file that its output goes to, that of all starts.
	Log string
	// Peak is the most memory that any of the processes so far had resident, in bytes.
	Peak int64

	args []string
	cmd  *exec.Cmd
	done chan struct{} // closed when it has ended
}

// NewProcess prepares a program that logs into dir. It is killed at the end of the test.
func NewProcess(t testing.TB, dir string, args ...string) *Process {
	p := &Process{Log: filepath.Join(dir, filepath.Base(args[0])+".log"), args: args}
	t.Cleanup(p.Kill)
	return p
}

// Start starts it.
func (p *Process) Start(t testing.TB) {
	t.Helper()
	log, err := os.OpenFile(p.Log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = log.Close() }() // the program has its own
	p.cmd = exec.Command(p.args[0], p.args[1:]...)
	p.cmd.Stdout, p.cmd.Stderr = log, log
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	p.done = done
	go func(cmd *exec.Cmd) {
		defer close(done)
		_ = cmd.Wait() // a test kills it
	}(p.cmd)
}

// Kill ends it as kill -9 does.
func (p *Process) Kill() {
	if p.cmd == nil {
		return
	}
	p.notePeak()
	_ = p.cmd.Process.Kill() // it may have ended by itself
	<-p.done
	p.cmd = nil
}

// Stop asks it to end, and waits until it has.
func (p *Process) Stop(t testing.TB) {
	t.Helper()
	p.notePeak()
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.done:
		p.cmd = nil
	case <-time.After(30 * time.Second):
		t.Errorf("it did not end within 30 s of SIGTERM:\n%s", p.Tail())
		p.Kill()
	}
}

// Signal sends a signal.
func (p *Process) Signal(t testing.TB, s syscall.Signal) {
	t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
}

// Usage returns the processor time that it has taken so far, and the bytes that it has resident.
func (p *Process) Usage(t testing.TB) (cpu time.Duration, resident int64) {
	t.Helper()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	// Behind the name: proc_pid_stat(5) counts the state as field 3, in ticks of 10 ms and pages.
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	number := func(field int) int64 {
		n, err := strconv.ParseInt(fields[field-3], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	return time.Duration(number(14)+number(15)) * 10 * time.Millisecond, number(24) * int64(os.Getpagesize())
}

// notePeak reads how much memory the process had resident at most.
func (p *Process) notePeak() {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return
	}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kb, _ := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
			p.Peak = max(p.Peak, kb<<10)
		}
	}
}

// Said returns all that it has logged.
func (p *Process) Said() []byte {
	log, _ := os.ReadFile(p.Log) // nothing when it never started
	return log
}

// Tail returns the end of what it has logged.
func (p *Process) Tail() []byte {
	log := bytes.TrimSpace(p.Said())
	return log[max(0, len(log)-2500):]
}

// Ready waits until it says that it runs, as a collector does.
func (p *Process) Ready(t testing.TB, patience time.Duration) {
	t.Helper()
	const words = "Everything is ready"
	for end := time.Now().Add(patience); !bytes.Contains(p.Said(), []byte(words)); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("it did not say %q within %s:\n%s", words, patience, p.Tail())
		}
	}
}
