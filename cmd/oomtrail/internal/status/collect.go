// SPDX-License-Identifier: Apache-2.0

package status

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"time"

	"github.com/oomtrail/oomtrail/cmd/oomtrail/internal/filter"
	"github.com/oomtrail/oomtrail/internal/kill"
	"github.com/oomtrail/oomtrail/parser/report"
	"github.com/oomtrail/oomtrail/watch"
)

// Log is what the kernel's log has of kills since boot.
type Log struct {
	// Kills are the kernel's, the oldest first.
	Kills []kill.Kill
	// Err says why it could not be read.
	Err error
}

// Collector looks at a machine, again and again. It is for one goroutine.
type Collector struct {
	System watch.System
	// Root is the machine's root directory, "" for /.
	Root string
	// Names finds names of workloads; nil finds none.
	Names func(report.Workload) report.Names
	// Filter is what is asked for; one that asks nothing is the whole machine.
	Filter *filter.Filter
	// ReadLog reads the kernel's log of this boot. It is called at the start, and when the kernel
	// has counted further kills.
	ReadLog func() Log
	// Location is the zone of times that are shown, Host the machine's name.
	Location *time.Location
	Host     string
	// Unseen is what its caller knows that it cannot see, Outside what of the machine a container
	// hides.
	Unseen  []string
	Outside Outside
	// Self is the process that looks, which is gone in a moment and is not listed; 0 is none.
	Self int
	// Limit is how many processes and cgroups are listed, 0 for all.
	Limit int

	log     Log
	counted watch.Int // when the log was read
	unsure  string    // why the last look may not have seen all
	places  map[string]*Place
	samples []sample
}

// Outside is what a container hides of the machine.
type Outside struct{ Processes, Cgroups bool }

// String says what is hidden, and what shows it; "" for nothing.
func (o Outside) String() string {
	what := ""
	switch {
	case o.Processes && o.Cgroups:
		what = "processes and cgroups"
	case o.Processes:
		what = "processes"
	case o.Cgroups:
		what = "cgroups"
	default:
		return ""
	}
	return what + " outside of this container: mount the machine's root directory, and name it by --root"
}

// sample is how cgroups with a limit stood at a moment.
type sample struct {
	at      time.Time
	cgroups map[string]watch.Cgroup
}

// Added looks back up to span. Samples that are kept lie apart far enough to be few.
const (
	span  = time.Minute
	apart = span / 12
)

// look is all that one look at the machine found.
type look struct {
	memory    watch.Memory
	settings  watch.Settings
	processes []watch.Process
	hierarchy watch.Hierarchy
	cgroups   []watch.Cgroup // those with a limit, and those that counted kills
	counted   watch.Int      // kills of the machine
	hidden    bool           // there are processes that are not seen
	unseen    []string
}

// Collect looks at the machine. at is the present.
func (c *Collector) Collect(at time.Time) Status {
	s, _ := c.collect(at)
	return s
}

// collect is [Collector.Collect], with what it was made of.
func (c *Collector) collect(at time.Time) (Status, *look) {
	l := c.look()
	c.remember(at, &l)
	s := Status{Time: at, Host: c.Host, Subject: c.subject(), Risks: []Risk{}, Cgroups: []Cgroup{}}
	s.Kills = c.kills(&l)
	s.Memory = c.memory(&l)
	s.Next = c.next(&l)
	s.Cgroups, s.MoreCgroups = c.nearest(&l)
	if first := c.samples[0]; first.at.Before(at) {
		s.Seconds = at.Sub(first.at).Seconds()
	}
	s.Risks = append(s.Risks, c.risks(&l)...)
	if c.Names != nil && c.unnamed() {
		l.unseen = append(l.unseen, "names of containers and pods: no runtime's files here have them, or this user may not read those: run it as root")
	}
	if m := c.Missing(); m != nil {
		s.Similar = m.Near
	}
	if s.Unseen = l.unseen; s.Unseen == nil {
		s.Unseen = []string{}
	}
	return s, &l
}

func (c *Collector) subject() string {
	if !c.Filter.Asks() {
		return ""
	}
	return c.Filter.String()
}

// look reads the machine.
func (c *Collector) look() (l look) {
	c.places, c.unsure = map[string]*Place{}, ""
	l.hidden = c.Outside.Processes
	if l.unseen = slices.Clone(c.Unseen); c.Outside != (Outside{}) {
		l.unseen = append(l.unseen, c.Outside.String())
	}
	miss := func(what string, err error) {
		if err != nil {
			l.unseen = append(l.unseen, what+": "+reason(err))
		}
	}
	var err error
	l.memory, err = c.System.Memory()
	miss("memory of the machine", err)
	l.settings = c.System.Settings()
	v, err := c.System.VMStat()
	miss("kills that the kernel counts", err)
	l.counted = v.OOMKill
	processes, hidden, err := c.System.Processes()
	miss("processes", err)
	if l.processes = slices.DeleteFunc(processes, func(p watch.Process) bool { return p.PID == c.Self }); hidden {
		l.unseen = append(l.unseen, "processes of other users: proc is mounted with hidepid: run it as root")
		l.hidden, c.unsure = true, "processes of other users are hidden"
	}
	l.hierarchy, err = c.System.Hierarchy()
	if err != nil {
		l.unseen = append(l.unseen, "cgroups: "+err.Error())
	} else {
		c.unsure = "" // a process has a cgroup, and they are not hidden
		c.walk(&l)
	}
	if c.Outside != (Outside{}) {
		c.unsure = "a container hides what is outside of it"
	}
	if c.ReadLog != nil && (c.samples == nil || l.counted != c.counted) {
		c.log, c.counted = c.ReadLog(), l.counted
	}
	miss("the kernel's log", c.log.Err)
	return l
}

// walk reads the cgroups that have a limit, or counted kills.
func (c *Collector) walk(l *look) {
	denied := 0
	walked := l.hierarchy.Walk("/", func(path string) {
		g, err := l.hierarchy.ReadLimits(path)
		switch {
		case errors.Is(err, fs.ErrPermission):
			denied++
		case err != nil: // it has gone, or has no controller memory
		case g.Max.OK || g.High.OK || g.KillOff || g.Events.OOMKill.V > 0 || c.Filter.Asks() && c.asked(path):
			l.hierarchy.Complete(&g)
			l.cgroups = append(l.cgroups, g)
		}
	})
	if denied += walked.Denied; denied > 0 || walked.Cut {
		c.unsure = "not all cgroups could be read"
	}
	if denied > 0 {
		l.unseen = append(l.unseen, fmt.Sprintf("%s: permission denied: run it as root", count(int64(denied), "cgroup")))
	}
	if walked.Cut {
		l.unseen = append(l.unseen, "further cgroups: there are too many, or they lie too deep")
	}
}

// remember keeps a sample, and forgets those that are older than needed: the oldest that stays is
// the last that is [span] old.
func (c *Collector) remember(at time.Time, l *look) {
	s := sample{at: at, cgroups: map[string]watch.Cgroup{}}
	for _, g := range l.cgroups {
		s.cgroups[g.Path] = g
	}
	if n := len(c.samples); n > 1 && c.samples[n-1].at.Sub(c.samples[n-2].at) < apart {
		c.samples = c.samples[:n-1] // the newest is enough
	}
	c.samples = append(c.samples, s)
	for len(c.samples) > 2 && at.Sub(c.samples[1].at) >= span {
		c.samples = c.samples[1:]
	}
}

// held is what of a cgroup's usage is no cache that can be dropped; all of it where that is not
// known.
func held(g *watch.Cgroup) watch.Int {
	if h := g.Held(); h.OK {
		return h
	}
	return g.Current
}

// placeOf is [Collector.place], but works each out once.
func (c *Collector) placeOf(path string) *Place {
	p := c.places[path]
	if p == nil {
		made := c.place(path)
		p = &made
		c.places[path] = p
	}
	return p
}

// placeOfProcess is where a process runs. Of version 1 systemd's own hierarchy says of which unit
// it is where that of memory does not: its memory is not counted then.
func (c *Collector) placeOfProcess(p *watch.Process) *Place {
	of := c.placeOf(p.Cgroup)
	if p.Service == "" || of.Unit != "" || of.Pod != "" || of.Container != "" {
		return of
	}
	named := *c.placeOf(p.Service)
	if named.Unit == "" {
		return of
	}
	named.Cgroup, named.path = of.Cgroup, of.path
	return &named
}

// memory is that of the machine.
func (c *Collector) memory(l *look) Memory {
	m := Memory{
		Total: pointer(l.memory.Total), Available: pointer(l.memory.Available), Free: pointer(l.memory.Free),
		SwapTotal: pointer(l.memory.SwapTotal), SwapFree: pointer(l.memory.SwapFree),
		Overcommit: pointer(l.settings.OvercommitMemory), CommitLimit: pointer(l.memory.CommitLimit), Committed: pointer(l.memory.CommittedAS),
	}
	swaps, err := c.System.Swaps()
	if err != nil && !errors.Is(err, fs.ErrNotExist) { // a kernel without swap has no such file
		l.unseen = append(l.unseen, "swap areas: "+reason(err))
	}
	for _, s := range swaps {
		if s.Zram != nil {
			m.Zram = append(m.Zram, Zram{path.Base(s.Name), pointer(s.Size), pointer(s.Zram.Original), pointer(s.Zram.Compressed), pointer(s.Zram.Used), pointer(s.Zram.Limit)})
		}
	}
	p, err := c.System.Pressure()
	switch {
	case err != nil:
		l.unseen = append(l.unseen, "pressure: "+reason(err))
	case p.Some.OK:
		m.Pressure = &Pressure{p.Some.Avg10, p.Some.Avg60, p.Some.Avg300, p.Full.Avg10, p.Full.Avg60, p.Full.Avg300}
	}
	return m
}

// nearest are the cgroups that are nearest their limit.
func (c *Collector) nearest(l *look) (all []Cgroup, more int) {
	all = []Cgroup{}
	for i := range l.cgroups {
		g := &l.cgroups[i]
		limit := g.Max
		if !limit.OK {
			limit = g.High
		}
		if limit.V <= 0 || !c.asked(g.Path) {
			continue
		}
		of := Cgroup{
			Place: *c.placeOf(g.Path), Current: pointer(g.Current), High: pointer(g.High), Max: pointer(g.Max), Peak: pointer(g.Peak), Swap: pointer(g.Swap),
			Cache: pointer(g.File), Share: float64(held(g).V) / float64(limit.V),
			capacity: l.hierarchy.Capacity(g, l.memory, l.settings),
			Events:   Events{pointer(g.Events.High), pointer(g.Events.Max), pointer(g.Events.OOM), pointer(g.Events.OOMKill)},
		}
		if first := c.samples[0]; len(c.samples) > 1 {
			if before := first.cgroups[g.Path]; held(&before).OK {
				added := held(g).V - held(&before).V
				of.Added = &added
			}
		}
		if g.Pressure.Some.OK {
			of.Pressure = &g.Pressure.Some.Avg10
		}
		all = append(all, of)
	}
	slices.SortStableFunc(all, func(a, b Cgroup) int { return cmp.Or(cmp.Compare(b.Share, a.Share), cmp.Compare(a.Cgroup, b.Cgroup)) })
	if c.Limit > 0 && len(all) > c.Limit {
		all, more = all[:c.Limit], len(all)-c.Limit
	}
	for i := range all {
		g := &all[i]
		if of := within(l.processes, g.path); len(of) > 0 && g.Max != nil {
			if ranked := c.System.RankIn(of, g.capacity); len(ranked) > 0 {
				first := c.process(&ranked[0])
				g.Next = &first
			}
		}
	}
	return all, more
}

// asked reports whether a cgroup is what was asked for.
func (c *Collector) asked(path string) bool {
	return !c.Filter.Asks() || c.Filter.Matches(c.placeOf(path).kill.Record)
}

// asksFor reports whether a process is part of what was asked for.
func (c *Collector) asksFor(p *watch.Process) bool {
	return !c.Filter.Asks() || c.Filter.Matches(c.placeOfProcess(p).kill.Record)
}

// within are the processes of a cgroup and of those below it.
func within(processes []watch.Process, cgroup string) (of []watch.Process) {
	for _, p := range processes {
		if watch.IsUnder(p.Cgroup, cgroup) {
			of = append(of, p)
		}
	}
	return of
}

func (c *Collector) process(p *watch.Process) Process {
	return Process{PID: p.PID, Name: printable(p.Name), Score: pointer(p.Score), Adjustment: pointer(p.Adjustment), RSS: pointer(p.RSS), Swap: pointer(p.Swap), Place: *c.placeOfProcess(p)}
}

// reason is an error without the path that its reader has in other words.
func reason(err error) string {
	if e := (*fs.PathError)(nil); errors.As(err, &e) {
		if errors.Is(err, fs.ErrPermission) {
			return e.Path + ": permission denied: run it as root"
		}
		return e.Path + ": " + e.Err.Error()
	}
	return err.Error()
}
