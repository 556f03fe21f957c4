// SPDX-License-Identifier: Apache-2.0

// Package status says how a running machine stands with its memory, before the kernel has to kill:
// what it killed so far, what is left, whom it would choose next, and which settings are risky. It
// reads and changes nothing.
package status

import (
	"time"

	"github.com/oomtrail/oomtrail/internal/identity"
	"github.com/oomtrail/oomtrail/internal/kill"
	"github.com/oomtrail/oomtrail/watch"
)

// Status is how a machine stands, or one unit, pod, container or cgroup of it. What is not known is
// absent. Sizes are in bytes.
type Status struct {
	Time time.Time `json:"time"`
	Host string    `json:"host,omitempty"`
	// Subject is what was asked for, as flags; "" is the whole machine.
	Subject string `json:"subject,omitempty"`
	// Similar are names that are like those that were asked for, where nothing has those.
	Similar []string `json:"similar,omitempty"`
	Kills   Kills    `json:"kills"`
	Memory  Memory   `json:"memory"`
	Next    Next     `json:"next"`
	// Cgroups are those nearest their limit, MoreCgroups how many more have one.
	Cgroups     []Cgroup `json:"cgroups"`
	MoreCgroups int      `json:"more_cgroups,omitempty"`
	// Seconds is the time over which Added of the cgroups was seen, 0 for none.
	Seconds float64 `json:"sample_seconds,omitempty"`
	Risks   []Risk  `json:"risks"`
	// Unseen are what could not be looked at, and why.
	Unseen []string `json:"unseen"`
	// Verdict is set by [Collector.Verify] alone.
	Verdict *Verdict `json:"verdict,omitempty"`
}

// Kills are the kernel's kills since boot.
type Kills struct {
	// Counted is how many the kernel itself counts: of the machine in /proc/vmstat, of cgroups in
	// their own files.
	Counted *int64 `json:"counted,omitempty"`
	// Logged is how many of them the kernel's log has, absent where it could not be read.
	Logged *int64 `json:"logged,omitempty"`
	// Missing is how many the log lacks.
	Missing *int64 `json:"missing_in_log,omitempty"`
	// Last are the newest of the log, the newest first.
	Last []Kill `json:"last,omitempty"`
	// Cgroups are those that counted the most.
	Cgroups []Counter `json:"cgroups,omitempty"`
}

// Kill is a kill of the log.
type Kill struct {
	Time    *time.Time `json:"time,omitempty"`
	Process string     `json:"process"`
	Memory  string     `json:"memory,omitempty"`
	Where   string     `json:"where,omitempty"`
	Cause   string     `json:"cause,omitempty"`
	// ID is the record's log.record.uid.
	ID string `json:"id"`

	moment string
}

// Counter is a cgroup and how many of its own processes were killed.
type Counter struct {
	Cgroup string `json:"cgroup"`
	Kills  int64  `json:"kills"`
	// Missing is how many of them the kernel's log lacks at least, absent where it was not read.
	Missing *int64 `json:"missing_in_log,omitempty"`
}

// Memory is that of the whole machine.
type Memory struct {
	Total     *int64 `json:"total,omitempty"`
	Available *int64 `json:"available,omitempty"`
	Free      *int64 `json:"free,omitempty"`
	SwapTotal *int64 `json:"swap_total,omitempty"`
	SwapFree  *int64 `json:"swap_free,omitempty"`
	Zram      []Zram `json:"zram,omitempty"`
	// Overcommit is vm.overcommit_memory: 0 by a heuristic, 1 always, 2 never beyond CommitLimit.
	Overcommit  *int64    `json:"overcommit_memory,omitempty"`
	CommitLimit *int64    `json:"commit_limit,omitempty"`
	Committed   *int64    `json:"committed_as,omitempty"`
	Pressure    *Pressure `json:"pressure,omitempty"`
}

// Zram is a swap area that is compressed memory.
type Zram struct {
	Device     string `json:"device"`
	Size       *int64 `json:"size,omitempty"`
	Original   *int64 `json:"original,omitempty"`
	Compressed *int64 `json:"compressed,omitempty"`
	Used       *int64 `json:"memory_used,omitempty"`
	Limit      *int64 `json:"memory_limit,omitempty"`
}

// Pressure is the percent of time in which tasks waited for memory: at least one of them, or all.
type Pressure struct {
	Some10  float64 `json:"some_avg10"`
	Some60  float64 `json:"some_avg60"`
	Some300 float64 `json:"some_avg300"`
	Full10  float64 `json:"full_avg10"`
	Full60  float64 `json:"full_avg60"`
	Full300 float64 `json:"full_avg300"`
}

// Next is whom the kernel would choose.
type Next struct {
	// Scope is host, or cgroup where what was asked for has a limit of its own; Limit is that
	// limit, in Cgroup.
	Scope  string `json:"scope"`
	Cgroup string `json:"cgroup,omitempty"`
	Limit  *int64 `json:"limit,omitempty"`
	// Processes are the first in the kernel's order, More how many it may kill beside them.
	Processes []Process `json:"processes"`
	More      int       `json:"more,omitempty"`
	// Notes are what makes the kernel, or another killer, choose otherwise.
	Notes []string `json:"notes,omitempty"`

	where string // of Cgroup, for people
}

// Place is where a process runs, by the names that are known.
type Place struct {
	Pod       string `json:"pod,omitempty"`
	Container string `json:"container,omitempty"`
	Unit      string `json:"unit,omitempty"`
	Cgroup    string `json:"cgroup,omitempty"`

	path  string // as the kernel has it
	where string // for people
	id    identity.Identity
	kill  kill.Kill // with the names as attributes
	named bool      // a source knows its names
	// restarts is how often the kubelet has restarted it, nil where that is not known.
	restarts *int64
}

// Process is a process that the kernel may kill.
type Process struct {
	PID        int    `json:"pid"`
	Name       string `json:"name"`
	Score      *int64 `json:"oom_score,omitempty"`
	Adjustment *int64 `json:"oom_score_adj,omitempty"`
	RSS        *int64 `json:"rss,omitempty"`
	Swap       *int64 `json:"swap,omitempty"`
	Place
}

// Cgroup is a cgroup with a limit.
type Cgroup struct {
	Place
	Current *int64 `json:"current,omitempty"`
	// Cache is the part of Current that is page cache, which the kernel can drop.
	Cache *int64 `json:"cache,omitempty"`
	// Share is how much of the limit the rest takes, of 1.
	Share float64 `json:"share"`
	High  *int64  `json:"high,omitempty"`
	Max   *int64  `json:"max,omitempty"`
	Peak  *int64  `json:"peak,omitempty"`
	Swap  *int64  `json:"swap,omitempty"`
	// Added is how much more it holds, without caches that can be dropped, than when it was first
	// seen.
	Added *int64 `json:"added,omitempty"`
	// Events are those since it is there.
	Events Events `json:"events"`
	// Pressure is the percent of the last 10 seconds in which one of its tasks waited for memory.
	Pressure *float64 `json:"pressure_some_avg10,omitempty"`
	// Next is whom the kernel would choose at its limit.
	Next *Process `json:"next,omitempty"`

	capacity int64 // the limit, and the swap that may be used with it
}

// Events are the counters of a cgroup.
type Events struct {
	High    *int64 `json:"high,omitempty"`
	Max     *int64 `json:"max,omitempty"`
	OOM     *int64 `json:"oom,omitempty"`
	OOMKill *int64 `json:"oom_kill,omitempty"`
}

// Risk is a setting that makes a kill likelier, or worse.
type Risk struct {
	// Name is a word for programs.
	Name string `json:"risk"`
	// Text says what is risky, with its figures.
	Text string `json:"text"`
	// Fix is a line to type that changes it, or what to write where.
	Fix string `json:"fix"`
}

// pointer returns a number for JSON, nil for one that is absent.
func pointer(n watch.Int) *int64 {
	if !n.OK {
		return nil
	}
	return &n.V
}
