// SPDX-License-Identifier: Apache-2.0

//go:build linux

package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// said is a record that a watcher gave: a warning or a kill.
type said struct {
	at     time.Time
	Event  string `json:"event.name"`
	ID     string `json:"oom.warning.id"`
	Cause  string `json:"oom.warning.cause"`
	Cgroup string `json:"oom.cgroup.path"`
	// PID and Lead are of a kill.
	PID  int      `json:"process.pid"`
	Lead *float64 `json:"oom.warning.lead"`
	Body string   `json:"body"`
}

const (
	eventWarning = "oom.warning"
	eventKill    = "oom.kill"
)

// cost is what a watcher has used up.
type cost struct {
	cpu          time.Duration
	rss          int64
	fds, watches int
}

// watcher is a process that watches.
type watcher struct {
	cmd *exec.Cmd
	mu  sync.Mutex
	got []said
	end chan struct{}
	// notes is what it said besides.
	notes strings.Builder
}

// startWatcher starts one, by its program and arguments.
func startWatcher(args ...string) (*watcher, error) {
	w := &watcher{cmd: exec.Command(args[0], args[1:]...), end: make(chan struct{})}
	out, err := w.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	w.cmd.Stderr = &w.notes
	if err := w.cmd.Start(); err != nil {
		return nil, err
	}
	go w.read(out)
	return w, nil
}

func (w *watcher) read(out io.Reader) {
	defer close(w.end)
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		got := said{at: time.Now()}
		if err := json.Unmarshal(lines.Bytes(), &got); err != nil {
			got.Cause = "unreadable: " + err.Error()
		}
		w.mu.Lock()
		w.got = append(w.got, got)
		w.mu.Unlock()
	}
}

// records are those that came until now.
func (w *watcher) records() []said {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.got[:len(w.got):len(w.got)]
}

// stop ends it, and returns an error where it did not end by itself and well.
func (w *watcher) stop() error {
	if err := w.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return fmt.Errorf("the watcher had ended: %w: %s", err, w.notes.String())
	}
	late := time.AfterFunc(time.Minute, func() { _ = w.cmd.Process.Kill() })
	defer late.Stop()
	<-w.end
	err := w.cmd.Wait()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) && exit.Sys().(syscall.WaitStatus).Signal() == syscall.SIGTERM {
		return nil // as a command ends that was asked to
	}
	if err != nil {
		return fmt.Errorf("the watcher: %w: %s", err, w.notes.String())
	}
	return nil
}

// cost reads what it has used until now.
func (w *watcher) cost() cost {
	proc := fmt.Sprintf("/proc/%d", w.cmd.Process.Pid)
	var c cost
	tasks, _ := filepath.Glob(proc + "/task/*/schedstat")
	for _, file := range tasks {
		text, _ := os.ReadFile(file)
		if f := strings.Fields(string(text)); len(f) > 0 {
			ns, _ := strconv.ParseInt(f[0], 10, 64)
			c.cpu += time.Duration(ns)
		}
	}
	statm, _ := os.ReadFile(proc + "/statm")
	if f := strings.Fields(string(statm)); len(f) > 1 {
		pages, _ := strconv.ParseInt(f[1], 10, 64)
		c.rss = pages * int64(os.Getpagesize())
	}
	fds, _ := filepath.Glob(proc + "/fdinfo/*")
	c.fds = len(fds)
	for _, file := range fds {
		text, _ := os.ReadFile(file)
		c.watches += strings.Count(string(text), "inotify wd:")
	}
	return c
}
