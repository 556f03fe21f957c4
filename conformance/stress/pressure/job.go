// SPDX-License-Identifier: Apache-2.0

//go:build linux

package main

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

const mib = 1 << 20

// job is what a process of a scenario does. It is this program again, as
// "pressure job CGROUP NAME ADJUSTMENT JOB ARGUMENT...".
type job struct {
	// name is the process's, adjustment its oom_score_adj.
	name       string
	adjustment int
	// does is one of jobs, and what it is to do.
	does []string
}

// jobs are what processes do. Sizes are in MiB, rates in MiB a second, times in seconds.
var jobs = map[string]func(args []string) error{
	"leak":     func(a []string) error { return leak(number(a[0])) },
	"take":     func(a []string) error { return take(number(a[0]), number(a[1])) },
	"share":    func(a []string) error { return shareMemory(number(a[0]), number(a[1])) },
	"spread":   func(a []string) error { return spread(a[0], number(a[1])) },
	"breathe":  func(a []string) error { return breathe(number(a[0]), number(a[1])) },
	"read":     func(a []string) error { return readFile(a[0], number(a[1]), number(a[2])) },
	"write":    func(a []string) error { return writeFile(a[0], number(a[1]), number(a[2])) },
	"database": func(a []string) error { return database(a[0], number(a[1]), number(a[2]), number(a[3])) },
	"run":      func(a []string) error { return unix.Exec(a[0], a, os.Environ()) },
}

func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		panic(err) // the tables of this program are wrong
	}
	return n
}

// command returns the process, still to be started, as a member of a cgroup given by its directory.
func (j job) command(cgroup string) *exec.Cmd {
	args := append([]string{"job", cgroup, j.name, strconv.Itoa(j.adjustment)}, j.does...)
	cmd := exec.Command("/proc/self/exe", args...)
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	return cmd
}

// beJob is the process.
func beJob(args []string) error {
	cgroup, name, adjustment, does := args[0], args[1], args[2], args[3:]
	write := func(file, text string) error { return os.WriteFile(file, []byte(text), 0) }
	err := errors.Join(write(filepath.Join(cgroup, "cgroup.procs"), "0"), write("/proc/self/comm", name), write("/proc/self/oom_score_adj", adjustment))
	if err != nil {
		return err
	}
	return jobs[does[0]](does[1:])
}

// grab takes memory and touches it. It is the process's until that ends.
func grab(bytes int) ([]byte, error) {
	return unix.Mmap(-1, 0, bytes, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON|unix.MAP_POPULATE)
}

// leak takes ever more, evenly.
func leak(rate int) error {
	const chunk = 64 << 10
	began, taken := time.Now(), 0
	for {
		for due := int(time.Since(began).Seconds() * float64(rate) * mib); taken+chunk <= due; taken += chunk {
			if _, err := grab(chunk); err != nil {
				return err
			}
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// take takes memory at once and keeps it for some time.
func take(size, seconds int) error {
	for range size {
		if _, err := grab(mib); err != nil {
			return err
		}
	}
	time.Sleep(time.Duration(seconds) * time.Second)
	return nil
}

// shareMemory takes shared memory at once and keeps it for some time, or longer.
func shareMemory(size, seconds int) error {
	fd, err := unix.MemfdCreate("buffers", 0)
	if err != nil {
		return err
	}
	if err := unix.Ftruncate(fd, int64(size)*mib); err != nil {
		return err
	}
	if _, err := unix.Mmap(fd, 0, size*mib, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED|unix.MAP_POPULATE); err != nil {
		return err
	}
	time.Sleep(time.Duration(seconds) * time.Second)
	return nil
}

// spread takes a little in each of many cgroups, and keeps it.
func spread(prefix string, cgroups int) error {
	for i := range cgroups {
		procs := fmt.Sprintf("%s%d.service/cgroup.procs", prefix, i)
		if err := os.WriteFile(procs, []byte("0"), 0); err != nil {
			return err
		}
		if _, err := grab(64 << 10); err != nil {
			return err
		}
	}
	time.Sleep(time.Hour)
	return nil
}

// breathe takes memory for five seconds and gives it back for five, as the steps of a build do.
func breathe(size, seconds int) error {
	for end := time.Now().Add(time.Duration(seconds) * time.Second); time.Now().Before(end); {
		b, err := grab(size * mib)
		if err != nil {
			return err
		}
		time.Sleep(5 * time.Second)
		if err := unix.Munmap(b); err != nil {
			return err
		}
		time.Sleep(5 * time.Second)
	}
	return nil
}

// readFile reads the first MiB of a file or a disk again and again: its page cache is that of the
// process's cgroup.
func readFile(file string, size, seconds int) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	b := make([]byte, mib)
	for end, i := time.Now().Add(time.Duration(seconds)*time.Second), 0; time.Now().Before(end); i++ {
		if _, err := f.ReadAt(b, int64(i%size)*mib); err != nil && err != io.EOF {
			return err
		}
	}
	return nil
}

// writeFile writes the first MiB of a file or a disk again and again, without waiting for the disk.
func writeFile(file string, size, seconds int) error {
	f, err := os.OpenFile(file, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	b := make([]byte, mib)
	for end, i := time.Now().Add(time.Duration(seconds)*time.Second), 0; time.Now().Before(end); i++ {
		b[i%mib]++
		if _, err := f.WriteAt(b, int64(i%size)*mib); err != nil {
			return err
		}
	}
	return nil
}

// database takes shared memory at once, as a database's buffers, and reads a file at random places.
func database(file string, shared, size, seconds int) error {
	if err := shareMemory(shared, 0); err != nil {
		return err
	}
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	page := make([]byte, 8<<10)
	for end := time.Now().Add(time.Duration(seconds) * time.Second); time.Now().Before(end); {
		for range 64 {
			if _, err := f.ReadAt(page, rand.Int64N(int64(size)*mib/8192)*8192); err != nil {
				return fmt.Errorf("%s: %w", file, err)
			}
		}
	}
	return nil
}
