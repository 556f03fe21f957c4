// SPDX-License-Identifier: Apache-2.0

//go:build linux

package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"text/tabwriter"
	"time"
)

// contest is a kill whose victim the ranking of "oomtrail status" is to name before it: two
// processes of known size hold most of the memory, and small ones fill the rest.
type contest struct {
	name string
	// first and second hold so much, in hundredths of the memory.
	first, second share
	// swap has the machine swap; setting is one of /proc/sys/vm that is 1 meanwhile.
	swap    bool
	setting string
	// otherwise says why the kernel does not go by rank here.
	otherwise string
}

type share struct {
	percent, adjustment int
	shared              bool
}

var contests = []contest{
	{name: "the larger of two", first: share{percent: 40}, second: share{percent: 20}},
	{name: "smaller, adjusted by 300", first: share{percent: 40}, second: share{percent: 15, adjustment: 300}},
	{name: "smaller, adjusted by 1000", first: share{percent: 40}, second: share{percent: 10, adjustment: 1000}},
	{name: "smaller, adjusted by 50: too little", first: share{percent: 40}, second: share{percent: 20, adjustment: 50}},
	{name: "larger, adjusted by -500", first: share{percent: 40, adjustment: -500}, second: share{percent: 20}},
	{name: "larger, adjusted by -1000", first: share{percent: 40, adjustment: -1000}, second: share{percent: 20}},
	{name: "larger by shared memory", first: share{percent: 40, shared: true}, second: share{percent: 20}},
	{name: "larger, and swapped out", first: share{percent: 40}, second: share{percent: 30}, swap: true},
	{name: "vm.oom_kill_allocating_task=1", first: share{percent: 40}, second: share{percent: 20}, setting: "oom_kill_allocating_task",
		otherwise: "it kills what asked for memory, as status says below its list"},
}

// lacks says what a contest needs that is not here.
func (c *contest) lacks(r *rig, where place) string {
	switch {
	case !r.guest && where == whole:
		return aGuest
	case (c.first.adjustment < 0 || c.second.adjustment < 0) && !mayProtect():
		return "CAP_SYS_RESOURCE"
	case where == limited && c.swap:
		return "the whole machine: cgroups have no swap here"
	}
	return ""
}

// ranked is what came of a contest.
type ranked struct {
	contest *contest
	where   string
	// next is what the ranking named in its last look before the kill, victim what was killed.
	next, victim string
	agreed       bool
}

// look is what the ranking named, and the process of "oomtrail status" that was asked.
type look struct {
	name       string
	pid, asked int
}

func (l look) String() string { return fmt.Sprintf("%s (%d)", l.name, l.pid) }

// status asks who would be next.
func (r *rig) status(cgroup string) (l look, err error) {
	args := []string{"status", "-o", "json", "--sample", "0"}
	if cgroup != "" {
		args = append(args, "--cgroup", cgroup)
	}
	cmd := exec.Command(r.command, args...)
	out, err := cmd.Output()
	if cmd.Process != nil {
		l.asked = cmd.Process.Pid
	}
	if err != nil {
		return l, err
	}
	var s struct {
		Next struct {
			Processes []struct {
				PID  int
				Name string
			}
		}
	}
	if err := json.Unmarshal(out, &s); err != nil {
		return l, err
	}
	l.name = "nobody"
	if len(s.Next.Processes) > 0 {
		l.name, l.pid = s.Next.Processes[0].Name, s.Next.Processes[0].PID
	}
	return l, nil
}

// rank holds a contest in a cgroup with a limit, or for the whole machine's memory.
func (r *rig) rank(c *contest, where place) (*ranked, error) {
	result := &ranked{contest: c, where: "machine"}
	memory, limit := r.ram*9/10, 0
	if where == limited {
		memory, limit = 256, 256
		result.where = "256 MiB"
	}
	cgroup, err := r.tree.make(fmt.Sprintf("rank-%d.service", time.Now().UnixMilli()), limits{max: limit, swaps: c.swap})
	if err != nil {
		return nil, err
	}
	defer func() { _ = r.tree.remove(cgroup) }()
	if c.swap {
		off, err := swapOn(r.swap)
		if err != nil {
			return nil, err
		}
		defer off()
	}
	if c.setting != "" {
		file := "/proc/sys/vm/" + c.setting
		if err := os.WriteFile(file, []byte("1"), 0); err != nil {
			return nil, err
		}
		defer func() { _ = os.WriteFile(file, []byte("0"), 0) }()
	}
	log, err := openLog()
	if err != nil {
		return nil, err
	}
	defer log.close()
	g := newGroup()
	defer g.end()
	for name, s := range map[string]share{"first": c.first, "second": c.second} {
		does := []string{"take", strconv.Itoa(memory * s.percent / 100), "3600"}
		if s.shared {
			does[0] = "share"
		}
		if err := g.start(job{name: name, adjustment: s.adjustment, does: does}, r.tree.dir(cgroup)); err != nil {
			return nil, err
		}
	}
	asked := ""
	if where == limited {
		asked = cgroup
	}
	time.Sleep(2 * settle)
	var last look
	for range 200 {
		l, err := r.status(asked)
		// A look counts if nobody had been killed when it was over: the last one before the kill.
		if victim, ok := log.first(append(g.pids(), l.asked)); ok {
			return result.result(last, victim), nil
		}
		if err != nil {
			return nil, err
		}
		last = l
		if err := g.start(job{name: "filler", does: []string{"take", strconv.Itoa(max(memory/30, 1)), "3600"}}, r.tree.dir(cgroup)); err != nil {
			return nil, err
		}
		time.Sleep(500 * time.Millisecond)
		if victim, ok := log.first(g.pids()); ok {
			return result.result(last, victim), nil
		}
	}
	return nil, fmt.Errorf("%s: nobody was killed", c.name)
}

// result compares the last look with the first victim.
func (r *ranked) result(last look, victim killed) *ranked {
	r.next, r.victim, r.agreed = last.String(), victim.String(), victim.pid == last.pid
	return r
}

// failed says what is wrong with it, "" for nothing.
func (r *ranked) failed() string {
	if r.agreed || r.contest.otherwise != "" {
		return ""
	}
	return "NOT THE VICTIM"
}

func printRanking(to io.Writer, all []*ranked) {
	if len(all) == 0 {
		return
	}
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "\nkill\tlimit\tnext, by status\tvictim\tagreed")
	for _, r := range all {
		agreed := "yes"
		if !r.agreed {
			agreed = "no: " + r.contest.otherwise
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", r.contest.name, r.where, r.next, r.victim, agreed)
	}
	_ = w.Flush() // to standard output
}
