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
	case len(os.Args) == 2 && os.Args[1] == "watch":
		err = beWatcher()
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
	samples := flag.String("samples", "", "directory for figures over time")
	only := flag.String("only", "", "run scenarios only whose name begins so, separated by commas")
	command := flag.String("oomtrail", "build/oomtrail", "the command, whose status is asked")
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
	if r.goProgram, err = exec.LookPath("go"); err == nil {
		err = os.Setenv("GOCACHE", filepath.Join(scratch, "cache"))
	}
	return errors.Join(err, r.all(*only))
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
			err = r.all(strings.ReplaceAll(option("pressure.only"), "_", " "))
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
	r := &rig{system: system, tree: t, ram: int(m.Total.V / mib), watcher: []string{"/proc/self/exe", "watch"}}
	if _, err := os.Stat(command); err == nil {
		r.command = command
	}
	return r, nil
}

func (r *rig) close() { _ = r.tree.remove(r.tree.own) }

// all runs the scenarios and prints the table.
func (r *rig) all(only string) error {
	fmt.Printf("Linux %s, cgroups of version %d, %d MiB of RAM\n", release(), r.tree.Version, r.ram)
	var outcomes []*outcome
	var failed error
	var lacks []string
	for _, s := range r.scenarios() {
		if !chosen(only, s.name) {
			continue
		}
		if what := s.lacks(r); what != "" {
			lacks = append(lacks, fmt.Sprintf("NOT RUN: %s: it needs %s", s.name, what))
			continue
		}
		fmt.Println("==", s.name)
		o, err := r.run(&s)
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("%s: %w", s.name, err))
		}
		if o != nil {
			details(os.Stdout, o)
			outcomes = append(outcomes, o)
		}
	}
	fmt.Println()
	printTable(os.Stdout, outcomes)
	for _, line := range lacks {
		fmt.Println(line)
	}
	for _, o := range outcomes {
		if what := o.failed(); what != "" {
			failed = errors.Join(failed, fmt.Errorf("%s: %s", o.scenario.name, what))
		}
	}
	return failed
}

func chosen(only, name string) bool {
	for part := range strings.SplitSeq(only, ",") {
		if strings.HasPrefix(name, part) {
			return true
		}
	}
	return only == ""
}
