// SPDX-License-Identifier: Apache-2.0

//go:build linux

package main

import (
	"errors"
	"os/exec"
	"syscall"
	"time"
)

// death is the end of a job.
type death struct {
	pid    int
	name   string
	at     time.Time
	killed bool // by SIGKILL
	err    error
}

// group is the jobs of a scenario.
type group struct {
	running []*exec.Cmd
	// left is how many deaths are still to be taken from deaths.
	left   int
	deaths chan death
}

func newGroup() *group { return &group{deaths: make(chan death)} }

// start starts a job in a cgroup given by its directory.
func (g *group) start(j job, cgroup string) error {
	cmd := j.command(cgroup)
	if err := cmd.Start(); err != nil {
		return err
	}
	g.running, g.left = append(g.running, cmd), g.left+1
	go func() {
		err := cmd.Wait()
		d := death{pid: cmd.Process.Pid, name: j.name, at: time.Now(), err: err}
		var exit *exec.ExitError
		d.killed = errors.As(err, &exit) && exit.Sys().(syscall.WaitStatus).Signal() == syscall.SIGKILL
		g.deaths <- d
	}()
	return nil
}

// kill kills all that still run.
func (g *group) kill() {
	for _, cmd := range g.running {
		_ = cmd.Process.Kill() // it may have ended
	}
}

// pids are those of all that were started.
func (g *group) pids() (pids []int) {
	for _, cmd := range g.running {
		pids = append(pids, cmd.Process.Pid)
	}
	return pids
}

// end kills all, and waits until they have gone.
func (g *group) end() {
	g.kill()
	for ; g.left > 0; g.left-- {
		<-g.deaths
	}
}
