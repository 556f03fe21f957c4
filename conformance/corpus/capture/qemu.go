// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

const (
	pollInterval = 300 * time.Millisecond
	stallLimit   = 3 * time.Minute
	bootLimit    = 30 * time.Minute
	// panicSettle lets the last words of a panic be printed.
	panicSettle = 5 * time.Second
)

// emulation is one guest that runs. Its console and its files go to serial lines, both kept in dir.
type emulation struct {
	machine *machine
	dir     string
	cmd     *exec.Cmd
	exited  chan error
	sleep   sleep
}

// boot starts a guest that runs scenarios.
func boot(t *tree, m *machine, initrd, dir string, scenarios []string) (*emulation, error) {
	return emulate(t, m, initrd, dir, fmt.Sprintf("printk.devkmsg=on capture.cgroup=%d capture.scenarios=%s", m.cgroup, strings.Join(scenarios, ",")))
}

// emulate starts a guest with more words for its kernel's command line. It has no KVM, so that it
// runs the same everywhere.
func emulate(t *tree, m *machine, initrd, dir, options string) (*emulation, error) {
	e := &emulation{machine: m, dir: dir, exited: make(chan error, 1)}
	options = fmt.Sprintf("console=ttyS0,115200 nokaslr mitigations=off audit=0 rootfstype=ramfs %s %s", m.options, options)
	args := []string{"-n", "10", "qemu-system-x86_64",
		"-accel", "tcg,thread=" + threads(m), "-cpu", "qemu64,+ssse3,+sse4.1,+sse4.2,+popcnt,-cx16",
		"-smp", strconv.Itoa(max(m.cpus, 1)), "-m", strconv.Itoa(m.memoryMB),
		"-display", "none", "-nodefaults", "-no-user-config", "-no-reboot",
		"-kernel", t.image, "-initrd", initrd, "-append", options,
		"-serial", "file:" + e.path("console.log"), "-serial", "file:" + e.path("files.bin"),
		"-qmp", "unix:" + e.path("qmp") + ",server=on,wait=off"}
	for _, disk := range m.disks {
		args = append(args, "-drive", "if=virtio,format=raw,file="+disk)
	}
	for i := range m.nodes {
		args = append(args, "-object", fmt.Sprintf("memory-backend-ram,id=mem%d,size=%dM", i, m.memoryMB/m.nodes),
			"-numa", numaNode(i))
	}
	e.cmd = exec.Command("nice", args...)
	var complaints bytes.Buffer
	e.cmd.Stderr = &complaints
	if err := e.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		err := e.cmd.Wait()
		if err != nil {
			err = fmt.Errorf("qemu: %w: %s", err, tail(complaints.Bytes(), 500))
		}
		e.exited <- err
	}()
	return e, nil
}

// threads: CPUs that take turns in one thread cannot come between the lines of a report.
func threads(m *machine) string {
	if m.cpus > 1 {
		return "multi"
	}
	return "single"
}

func numaNode(i int) string {
	node := fmt.Sprintf("node,nodeid=%d,memdev=mem%d", i, i)
	if i == 0 {
		node += ",cpus=0"
	}
	return node
}

func (e *emulation) path(name string) string { return filepath.Join(e.dir, name) }

func (e *emulation) read(name string) []byte {
	b, _ := os.ReadFile(e.path(name))
	return b
}

// wait returns when the guest has powered itself off, or has panicked where it shall, with the log
// in its memory.
func (e *emulation) wait() (results, error) {
	started, changed, size := time.Now(), time.Now(), 0
	for {
		select {
		case err := <-e.exited:
			r := parseFrames(e.read("files.bin"))
			if err == nil && r[bootScenario]["done"] == nil {
				err = fmt.Errorf("the guest ended early: %s", tail(e.read("console.log"), 300))
			}
			return r, err
		case <-time.After(pollInterval):
		}
		console := e.read("console.log")
		if n := len(console) + len(e.read("files.bin")); n != size {
			size, changed = n, time.Now()
		}
		if e.machine.suspends {
			if err := e.wakeWhenDue(console); err != nil {
				return nil, errors.Join(err, e.stop())
			}
		}
		switch {
		case bytes.Contains(console, []byte("end Kernel panic")),
			bytes.Contains(console, []byte("Kernel panic - not syncing")) && time.Since(changed) > panicSettle:
			return e.afterPanic()
		case time.Since(changed) > stallLimit || time.Since(started) > bootLimit:
			r := parseFrames(e.read("files.bin"))
			return r, errors.Join(errors.New("the guest does nothing any more"), e.stop())
		}
	}
}

// afterPanic takes the records of the one scenario that ran from the guest's memory.
func (e *emulation) afterPanic() (results, error) {
	defer func() { _ = e.stop() }() // it may have ended by itself
	r := parseFrames(e.read("files.bin"))
	if !e.machine.panics {
		return r, errors.New("the guest panicked, and should not have")
	}
	log, err := e.logInMemory(r[bootScenario]["kallsyms.txt"])
	if err != nil {
		return r, fmt.Errorf("log of a guest that panicked: %w", err)
	}
	r.add(bootScenario, "kmsg.raw", log)
	for name, files := range r {
		if name == bootScenario {
			continue
		}
		start, err := startOf(files["truth.json"])
		if err != nil {
			return r, err
		}
		files["kmsg.raw"] = since(log, start)
	}
	return r, nil
}

func (e *emulation) logInMemory(symbols []byte) ([]byte, error) {
	address, _, ok := strings.Cut(string(symbols), " ")
	prb, err := strconv.ParseUint(address, 16, 64)
	if !ok || err != nil {
		return nil, fmt.Errorf("symbol prb is not in the guest's /proc/kallsyms: %q", symbols)
	}
	q, err := dialQMP(e.path("qmp"), e.dir)
	if err != nil {
		return nil, err
	}
	defer q.close()
	ring, err := readPrintkRing(q.memory, prb)
	if err != nil {
		return nil, err
	}
	return ring.kmsg(), nil
}

// stop ends the emulator.
func (e *emulation) stop() error {
	err := e.cmd.Process.Kill()
	<-e.exited //nolint:errcheck // it was killed
	return err
}
