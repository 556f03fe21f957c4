// SPDX-License-Identifier: Apache-2.0

package logs

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/oomtrail/oomtrail/parser"
	"github.com/oomtrail/oomtrail/parser/record"
)

// Result is what one log came to.
type Result struct {
	// Labelled is how many victims the label names, Found how many of them have a record.
	Labelled, Found int
	// False lists records of kills that the label does not know.
	False []string
	// Differ lists fields that are not what the label says.
	Differ []string
}

// Check reads a log and compares.
func Check(l *Log) (res Result, err error) {
	var kills []*record.Record
	err = parser.ReadAll(bytes.NewReader(l.Text), parser.Options{}, func(r *record.Record) error {
		if r.Text("event.name") != "oom.kill" {
			return nil
		}
		// Labelled kills are the kernel's; of another killer its name is known.
		if killer := r.Text("oom.killer"); killer == "kernel" || killer != l.Label.UserspaceKiller {
			kills = append(kills, r)
		}
		return nil
	})
	if err != nil {
		return res, err
	}
	res.Labelled = len(l.Label.Kills)
	for i := range l.Label.Kills {
		k := &l.Label.Kills[i]
		at := slices.IndexFunc(kills, func(r *record.Record) bool {
			v, _ := r.Get("process.pid")
			return v.Int64() == k.PID
		})
		if at < 0 {
			continue
		}
		res.Found++
		res.compareKill(kills[at], k)
		if l.Label.Invocations == 1 && l.Label.Invoker != nil {
			res.compareInvoker(kills[at], k.PID, l.Label.Invoker)
		}
		kills = slices.Delete(kills, at, at+1)
	}
	for _, r := range kills {
		res.False = append(res.False, r.Body)
	}
	return res, nil
}

func (res *Result) compareKill(r *record.Record, k *Kill) {
	const kib = 1024
	compare(res, r, k.PID, "process.title", k.Comm, 0)
	compare(res, r, k.PID, "oom.victim.memory.virtual", k.TotalVM, kib)
	compare(res, r, k.PID, "oom.victim.memory.anon", k.AnonRSS, kib)
	compare(res, r, k.PID, "oom.victim.memory.file", k.FileRSS, kib)
	compare(res, r, k.PID, "oom.victim.memory.shmem", k.ShmemRSS, kib)
	compare(res, r, k.PID, "oom.victim.memory.page_tables", k.Pgtables, kib)
	compare(res, r, k.PID, "process.real_user.id", k.UID, 1)
	compare(res, r, k.PID, "oom.victim.oom_score_adj", k.OOMScoreAdj, 1)
	compare(res, r, k.PID, "oom.victim.cgroup", k.Memcg, 0)
	compare(res, r, k.PID, "oom.cgroup.path", k.OOMMemcg, 0)
	if k.Constraint != nil {
		word := strings.ToLower(strings.TrimPrefix(*k.Constraint, "CONSTRAINT_"))
		compare(res, r, k.PID, "oom.constraint", &word, 0)
	}
}

func (res *Result) compareInvoker(r *record.Record, pid int64, v *Invoker) {
	compare(res, r, pid, "oom.trigger.name", v.Comm, 0)
	compare(res, r, pid, "oom.trigger.pid", v.PID, 1)
	compare(res, r, pid, "oom.trigger.gfp_mask", v.GFPMask, 0)
	compare(res, r, pid, "oom.trigger.gfp_flags", v.GFPFlags, 0)
	compare(res, r, pid, "oom.trigger.order", v.Order, 1)
	compare(res, r, pid, "oom.trigger.oom_score_adj", v.OOMScoreAdj, 1)
}

// compare notes where a record's field is not what the label says; a null label says nothing. unit
// is what a labelled number counts in.
func compare[T string | int64](res *Result, r *record.Record, pid int64, name string, want *T, unit int64) {
	if want == nil {
		return
	}
	var label any = *want
	if n, ok := label.(int64); ok {
		label = n * unit
	}
	v, _ := r.Get(name)
	if got := v.Any(); got != label {
		res.Differ = append(res.Differ, fmt.Sprintf("pid %d: %s is %v, labelled %v", pid, name, got, label))
	}
}
