// SPDX-License-Identifier: Apache-2.0

//go:build linux

package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/oomtrail/oomtrail/watch"
)

// tree makes cgroups below one of this program's own.
type tree struct {
	watch.Hierarchy
	// own is the path of its own.
	own string
}

// newTree makes the cgroup that all of a run are below.
func newTree(h watch.Hierarchy) (*tree, error) {
	t := &tree{Hierarchy: h, own: fmt.Sprintf("/oomtrail-pressure-%d", os.Getpid())}
	if h.Version == 2 {
		// In a guest nobody else has done it; where systemd runs it is done already.
		if err := os.WriteFile(filepath.Join(h.Dir, "cgroup.subtree_control"), []byte("+memory"), 0); err != nil {
			return nil, err
		}
	}
	if err := os.Mkdir(t.dir(t.own), 0o755); err != nil {
		return nil, err
	}
	return t, t.parent(t.own)
}

func (t *tree) dir(path string) string { return filepath.Join(t.Dir, path) }

// parent lets the cgroups below one have limits.
func (t *tree) parent(path string) error {
	if t.Version == 1 {
		return nil
	}
	return os.WriteFile(filepath.Join(t.dir(path), "cgroup.subtree_control"), []byte("+memory"), 0)
}

// make makes a cgroup with limits; 0 is none. It has no swap, so that its limit is one.
func (t *tree) make(name string, limit, high int64) (path string, err error) {
	path = t.own + "/" + name
	if err := os.Mkdir(t.dir(path), 0o755); err != nil {
		return "", err
	}
	set := func(file string, value int64) {
		if e := os.WriteFile(filepath.Join(t.dir(path), file), []byte(strconv.FormatInt(value, 10)), 0); e != nil && !errors.Is(e, os.ErrNotExist) {
			err = errors.Join(err, e)
		}
	}
	if t.Version == 1 {
		set("memory.swappiness", 0)
		if limit > 0 {
			set("memory.limit_in_bytes", limit)
		}
		return path, err
	}
	set("memory.swap.max", 0)
	if high > 0 {
		set("memory.high", high)
	}
	if limit > 0 {
		set("memory.max", limit)
	}
	return path, err
}

// remove removes a cgroup, once what was in it has gone.
func (t *tree) remove(path string) error {
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		err := os.Remove(t.dir(path))
		if err == nil || errors.Is(err, os.ErrNotExist) {
			return nil
		}
		if time.Now().After(end) {
			return err
		}
		t.kill(path)
	}
}

// kill kills what is still in a cgroup.
func (t *tree) kill(path string) {
	text, _ := os.ReadFile(filepath.Join(t.dir(path), "cgroup.procs"))
	for line := range strings.Lines(string(text)) {
		if pid, err := strconv.Atoi(strings.TrimSpace(line)); err == nil && pid > 1 {
			if p, err := os.FindProcess(pid); err == nil {
				_ = p.Kill() // it may have ended
			}
		}
	}
}
