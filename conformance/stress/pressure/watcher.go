// SPDX-License-Identifier: Apache-2.0

//go:build linux

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/oomtrail/oomtrail/internal/warning"
	"github.com/oomtrail/oomtrail/parser/record"
	"github.com/oomtrail/oomtrail/watch"
)

// beWatcher watches the machine and prints each warning in a line, until SIGTERM.
func beWatcher() error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	w := warning.New(warning.Options{System: watch.At(""), Settings: warning.DefaultSettings(), Note: func(s string) { fmt.Fprintln(os.Stderr, "note:", s) }})
	return w.Run(ctx, func(_ context.Context, r *record.Record) error {
		_, err := os.Stdout.Write(append(r.AppendJSON(nil), '\n'))
		return err
	})
}

// warned is a warning that came.
type warned struct {
	at time.Time
	// Cause, Cgroup and TimeLeft are of the record, Text the record.
	Event    string  `json:"event.name"`
	Cause    string  `json:"oom.warning.cause"`
	Cgroup   string  `json:"oom.cgroup.path"`
	TimeLeft float64 `json:"oom.warning.time_left"`
	text     string
}

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
	got []warned
	end chan struct{}
	// notes is what it said besides.
	notes strings.Builder
}

// startWatcher starts one, with the arguments of this program or with another program.
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
		got := warned{at: time.Now(), text: lines.Text()}
		if err := json.Unmarshal(lines.Bytes(), &got); err != nil {
			got.Cause = "unreadable: " + err.Error()
		}
		w.mu.Lock()
		w.got = append(w.got, got)
		w.mu.Unlock()
	}
}

// warnings are those that came until now.
func (w *watcher) warnings() []warned {
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
	if err := w.cmd.Wait(); err != nil {
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
