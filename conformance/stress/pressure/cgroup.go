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

// limits are those of a cgroup in MiB; 0 is none.
type limits struct {
	max, high int
	// swaps lets it swap.
	swaps bool
}

// make makes a cgroup.
func (t *tree) make(name string, l limits) (path string, err error) {
	path = t.own + "/" + name
	if err := os.Mkdir(t.dir(path), 0o755); err != nil {
		return "", err
	}
	set := func(file string, value int) {
		if e := os.WriteFile(filepath.Join(t.dir(path), file), []byte(strconv.Itoa(value)), 0); e != nil && !errors.Is(e, os.ErrNotExist) {
			err = errors.Join(err, e)
		}
	}
	swap, limit := "memory.swap.max", "memory.max"
	if t.Version == 1 {
		swap, limit = "memory.swappiness", "memory.limit_in_bytes"
	}
	if !l.swaps {
		set(swap, 0)
	}
	if l.high > 0 {
		set("memory.high", l.high*mib)
	}
	if l.max > 0 {
		set(limit, l.max*mib)
	}
	return path, err
}

// others counts the cgroups that are not of this program.
func (t *tree) others() (n int) {
	t.Walk("/", func(path string) {
		if path != t.own && !strings.HasPrefix(path, t.own+"/") {
			n++
		}
	})
	return n
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
