// SPDX-License-Identifier: Apache-2.0

//go:build linux

package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/oomtrail/oomtrail/watch"
)

func main() {
	var err error
	switch {
	case os.Getpid() == 1:
		err = guest()
	case len(os.Args) > 4 && os.Args[1] == "job":
		err = beJob(os.Args[2:])
	default:
		err = here()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "pressure:", err)
		os.Exit(1)
	}
}

// here runs what this machine can.
func here() error {
	samples := flag.String("samples", "", "`DIR` for figures over time")
	only := flag.String("only", "", "run what begins with these `NAMES` only, separated by commas")
	command := flag.String("oomtrail", "build/oomtrail", "the `PROGRAM` oomtrail, of make build")
	flag.Parse()
	r, err := newRig(*command)
	if err != nil {
		return err
	}
	defer r.close()
	scratch, err := os.MkdirTemp("", "oomtrail-pressure")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	r.disk, r.diskSize, r.samples = filepath.Join(scratch, "file"), 512, *samples
	if r.samples != "" {
		if err := os.MkdirAll(r.samples, 0o755); err != nil {
			return err
		}
	}
	if program, err := exec.LookPath("go"); err == nil {
		r.goProgram = program
		if err := os.Setenv("GOCACHE", filepath.Join(scratch, "cache")); err != nil {
			return err
		}
	}
	return r.all(blanks(*only))
}

// guest is all there is on a machine of its own: pid 1.
func guest() error {
	defer powerOff()
	err := beInit()
	if err == nil {
		var r *rig
		if r, err = newRig("/oomtrail"); err == nil {
			r.guest, r.disk, r.swap, r.diskSize = true, "/dev/vda", "/dev/vdb", diskMiB("/dev/vda")
			if option("pressure.samples") != "" {
				r.samples = "-"
			}
			err = r.all(blanks(option("pressure.only")))
		}
	}
	if err != nil {
		fmt.Println("pressure:", err)
		return nil
	}
	fmt.Println("exit: 0")
	return nil
}

// newRig looks at the machine.
func newRig(command string) (*rig, error) {
	if os.Geteuid() != 0 {
		return nil, errors.New("NOT RUN: cgroups are made by root: run it with sudo")
	}
	command, err := filepath.Abs(command)
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(command); err != nil {
		return nil, fmt.Errorf("NOT RUN: %w: build it with make build", err)
	}
	system := watch.At("")
	h, err := system.Hierarchy()
	if err != nil {
		return nil, fmt.Errorf("NOT RUN: %w", err)
	}
	m, err := system.Memory()
	if err != nil {
		return nil, err
	}
	t, err := newTree(h)
	if err != nil {
		return nil, fmt.Errorf("NOT RUN: no cgroup can be made here: %w", err)
	}
	return &rig{system: system, tree: t, ram: int(m.Total.V / mib), command: command,
		watcher: []string{command, "follow", "--warnings", "--output", "json"}}, nil
}

func (r *rig) close() { _ = r.tree.remove(r.tree.own) }

// blanks takes _ for a blank, which the kernel's command line cannot hold.
func blanks(names string) string { return strings.ReplaceAll(names, "_", " ") }
