// SPDX-License-Identifier: Apache-2.0

//go:build linux

package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/oomtrail/oomtrail/watch"
)

const (
	sampleInterval = 250 * time.Millisecond
	// settle is how long a watcher has before the pressure begins, and a warning after a kill.
	settle = 3 * time.Second
)

// rig is a machine that is put under pressure.
type rig struct {
	system watch.System
	tree   *tree
	// ram is the machine's, in MiB.
	ram int
	// guest is set where the whole machine may be used up.
	guest bool
	// disk is a file or a disk to read and write diskSize MiB of, "" for none. swap is a disk to
	// swap to.
	disk     string
	diskSize int
	swap     string
	// goProgram builds what is in the working directory, "" for none.
	goProgram string
	// command is oomtrail, watcher the same with arguments, which watches.
	command string
	watcher []string
	// samples is where figures over time go.
	samples string
}

// outcome is what a scenario came to.
type outcome struct {
	scenario *scenario
	began    time.Time
	// victim is the process that the kernel killed first, killed is set where there was one.
	victim death
	killed bool
	// records are all that came, notes what the watcher said besides.
	records []said
	notes   string
	// cgroup is the path of the scenario's, own the one that all of this program are below; alone
	// is set where nobody else works on the machine.
	cgroup, own string
	alone       bool
	// most is the largest share of its limit, or of RAM, that was held, took how long it ran.
	most float64
	cost cost
	took time.Duration
}

// room is a limit in MiB, or less where the machine is small.
func (r *rig) room(limit int) int { return min(limit, r.ram*3/4) }

// run runs a scenario.
func (r *rig) run(s *scenario) (o *outcome, err error) {
	o = &outcome{scenario: s, own: r.tree.own, alone: r.guest}
	if o.cgroup, err = r.tree.make(fmt.Sprintf("run-%d.service", time.Now().UnixMilli()), limits{s.limit, s.high, s.swap && !s.swapless}); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.tree.remove(o.cgroup)) }()
	if s.swap {
		off, err := swapOn(r.swap)
		if err != nil {
			return nil, err
		}
		defer off()
	}
	if err := r.fill(s.reads); err != nil {
		return nil, err
	}
	w, err := startWatcher(r.watcher...)
	if err != nil {
		return nil, err
	}
	time.Sleep(settle)
	at := w.cost().cpu
	o.began = time.Now()
	failed := r.press(s, o, w)
	time.Sleep(settle)
	o.took = time.Since(o.began)
	o.cost = w.cost()
	o.cost.cpu -= at
	failed = errors.Join(failed, w.stop())
	o.records, o.notes = w.records(), w.notes.String()
	return o, failed
}

// press starts the jobs and waits for the first kill, or for all to end.
func (r *rig) press(s *scenario, o *outcome, w *watcher) error {
	g := newGroup()
	defer g.end()
	for _, j := range s.start(r) {
		if err := g.start(j, r.tree.dir(o.cgroup)); err != nil {
			return err
		}
	}
	figures, err := newSamples(r, o)
	if err != nil {
		return err
	}
	defer figures.close()
	tick := time.NewTicker(sampleInterval)
	defer tick.Stop()
	end := time.After(s.lasts)
	for g.left > 0 {
		select {
		case <-tick.C:
			figures.take(w.records())
		case d := <-g.deaths:
			g.left--
			if d.killed {
				o.victim, o.killed = d, true
				return nil
			}
			if d.err != nil {
				return fmt.Errorf("%s: %w", d.name, d.err)
			}
		case <-end:
			return nil
		}
	}
	return nil
}

// fill writes a file whole, once, and has its page cache dropped.
func (r *rig) fill(size int) error {
	if size == 0 || strings.HasPrefix(r.disk, "/dev/") {
		return nil
	}
	f, err := os.OpenFile(r.disk, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	if info, err := f.Stat(); err == nil && info.Size() < int64(size)*mib {
		b := make([]byte, mib)
		for i := range size {
			if _, err := f.WriteAt(b, int64(i)*mib); err != nil {
				return err
			}
		}
	}
	return errors.Join(f.Sync(), dropCache(f))
}

// file is a scenario's title as a file's name.
func (s *scenario) file(dir, ext string) string {
	return filepath.Join(dir, strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= '0' && c <= '9' {
			return c
		}
		return '-'
	}, strings.ToLower(s.title()))+ext)
}
