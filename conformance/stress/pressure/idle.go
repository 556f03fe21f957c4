// SPDX-License-Identifier: Apache-2.0

//go:build linux

package main

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
)

const (
	idleCgroups = 1000
	idleTime    = time.Minute
	// churned cgroups are made and removed within churnTime, each living for churnLife.
	churned   = 5000
	churnTime = time.Minute
	churnLife = time.Second
)

// measurements are of watching many cgroups.
var measurements = []struct {
	title string
	run   func(*rig) (*watched, error)
}{
	{"idle", (*rig).idle},
	{"churn", (*rig).churn},
}

// watched is what watching many cgroups cost.
type watched struct {
	name string
	// before is the cost without them, over as long a time, with what was open at its end; with is
	// the cost with them; after is what was still open once they had gone.
	before, with, after cost
	// others is how many more cgroups of others there were in the end than before.
	others   int
	took     time.Duration
	warnings int
}

// measure has a watcher run for some time without, and then with what is done meanwhile. prepare
// makes what is not measured, and undo takes it away.
func (r *rig) measure(name string, took time.Duration, prepare, meanwhile, undo func() error) (*watched, error) {
	w, err := startWatcher(r.watcher...)
	if err != nil {
		return nil, err
	}
	span := func(do func() error) (c cost, err error) {
		at, end := w.cost().cpu, time.Now().Add(took)
		if do != nil {
			err = do()
		}
		time.Sleep(time.Until(end))
		c = w.cost()
		c.cpu -= at
		return c, err
	}
	time.Sleep(settle)
	m := &watched{name: name, took: took, others: -r.tree.others()}
	m.before, err = span(nil)
	if err == nil {
		err = prepare()
	}
	if err == nil {
		time.Sleep(4 * settle)
		m.with, err = span(meanwhile)
	}
	err = errors.Join(err, undo())
	time.Sleep(4 * settle)
	m.after = w.cost()
	m.others += r.tree.others()
	err = errors.Join(err, w.stop())
	for _, got := range w.records() {
		if got.Event == eventWarning && strings.HasPrefix(got.Cgroup, r.tree.own) {
			m.warnings++
		}
	}
	return m, err
}

// idle measures a thousand cgroups with limits that do nothing, each with memory in it.
func (r *rig) idle() (*watched, error) {
	g := newGroup()
	defer g.end()
	var paths []string
	prepare := func() error {
		for i := range idleCgroups {
			path, err := r.tree.make("idle-"+strconv.Itoa(i)+".service", limits{max: 64})
			if err != nil {
				return err
			}
			paths = append(paths, path)
		}
		return g.start(job{name: "idle", does: []string{"spread", r.tree.dir(r.tree.own + "/idle-"), strconv.Itoa(idleCgroups)}}, r.tree.dir(r.tree.own+"/idle-0.service"))
	}
	return r.measure(fmt.Sprintf("%d idle cgroups with limits", idleCgroups), idleTime, prepare, nil, func() (err error) {
		g.end()
		for _, path := range paths {
			err = errors.Join(err, r.tree.remove(path))
		}
		return err
	})
}

// churn measures cgroups that come and go.
func (r *rig) churn() (*watched, error) {
	nothing := func() error { return nil }
	return r.measure(fmt.Sprintf("%d cgroups made and removed in a minute", churned), churnTime, nothing, func() error {
		var alive []string
		every := churnTime / churned
		life := int(churnLife / every)
		start := time.Now()
		for i := range churned + life {
			if i < churned {
				path, err := r.tree.make("churn-"+strconv.Itoa(i)+".service", limits{max: 64})
				if err != nil {
					return err
				}
				alive = append(alive, path)
			}
			if i >= life {
				if err := r.tree.remove(alive[i-life]); err != nil {
					return err
				}
			}
			time.Sleep(time.Until(start.Add(time.Duration(i) * every)))
		}
		return nil
	}, nothing)
}

// failed says what is wrong, "" for nothing.
func (m *watched) failed() string {
	if m.after.watches > m.before.watches || m.after.fds > m.before.fds {
		if m.others > 0 {
			return fmt.Sprintf("UNCLEAR: %d more cgroups of others", m.others)
		}
		return "LEFT OPEN"
	}
	if m.warnings > 0 {
		return fmt.Sprintf("%d FALSE", m.warnings)
	}
	return ""
}

func printWatched(to io.Writer, all []*watched) {
	if len(all) == 0 {
		return
	}
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "\nwatching\tcpu without\twith\trss without\twith\twatches without\twith\tafter\tfds without\twith\tafter\tfalse\t")
	for _, m := range all {
		percent := func(c cost) float64 { return 100 * c.cpu.Seconds() / m.took.Seconds() }
		fmt.Fprintf(w, "%s\t%.3f %%\t%.3f %%\t%.1f MiB\t%.1f MiB\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%s\n", m.name, percent(m.before), percent(m.with),
			float64(m.before.rss)/mib, float64(m.with.rss)/mib, m.before.watches, m.with.watches, m.after.watches, m.before.fds, m.with.fds, m.after.fds, m.warnings, m.failed())
	}
	_ = w.Flush() // to standard output
}
