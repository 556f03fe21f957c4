// SPDX-License-Identifier: Apache-2.0

package captures

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/oomtrail/oomtrail/internal/plain"
	"github.com/oomtrail/oomtrail/parser"
	"github.com/oomtrail/oomtrail/parser/record"
)

// Result is what one capture in one format came to.
type Result struct {
	Name, Format string
	// Named is how many processes the kill lines name; Found how many records there are.
	Named, Found int
	// Wrong lists what is not as it should be.
	Wrong []string
}

// sources are what the captures' logs are known to come from, by format (see Log).
var sources = map[string]parser.TrustedSource{"kmsg": parser.TrustedKmsg, "syslog": parser.TrustedSyslog, "journal": parser.TrustedJournald}

// Check reads a capture in one format (see Log) and holds what comes out against the truth.
func Check(c *Capture, logFormat string) Result {
	res := Result{Name: c.Name(), Format: logFormat}
	var kills []*record.Record
	log := c.Log(logFormat)
	if logFormat == "syslog" { // what no other line comes before may be the rest of one
		log = append([]byte("<6>[    0.000001] Linux version\n"), log...)
	}
	err := parser.ReadAll(bytes.NewReader(log), parser.Options{TrustedSource: sources[logFormat]}, func(r *record.Record) error {
		// The truth of these captures is about the kernel's kills; conformance/corpus/witnesses
		// holds those of other killers.
		if r.Text("event.name") == "oom.kill" && r.Text("oom.killer") == "kernel" {
			kills = append(kills, r)
		}
		return nil
	})
	if err != nil {
		res.wrong("reading: %v", err)
	}
	named := killLines(c.Kmsg)
	res.Named, res.Found = len(named), len(kills)
	res.checkVictims(kills, named)
	for _, r := range kills {
		res.checkRecord(c, r)
	}
	res.checkComplete(c, kills)
	if logFormat == "kmsg" {
		res.checkTasks(c, kills)
		res.checkLines(c)
	}
	return res
}

func (res *Result) wrong(format string, args ...any) {
	res.Wrong = append(res.Wrong, fmt.Sprintf(format, args...))
}

// killLine is read independently of the parser: a line that the kernel wrote (facility 0, level
// err).
var killLine = regexp.MustCompile(`(?m)^3,\d+,\d+,[^;]*;(?:[A-Za-z ()_]+: )?Killed process (\d+) `)

// killLines returns the pids that the kernel's kill lines name, each once.
func killLines(kmsg []byte) (pids []int64) {
	for _, m := range killLine.FindAllSubmatch(kmsg, -1) {
		pid, _ := strconv.ParseInt(string(m[1]), 10, 64)
		if !slices.Contains(pids, pid) {
			pids = append(pids, pid)
		}
	}
	return pids
}

// checkVictims demands one record for each process named, and none more.
func (res *Result) checkVictims(kills []*record.Record, named []int64) {
	seen := map[int64]int{}
	for _, r := range kills {
		pid, _ := r.Get("process.pid")
		seen[pid.Int64()]++
	}
	for _, pid := range named {
		if seen[pid] != 1 {
			res.wrong("pid %d: %d records", pid, seen[pid])
		}
		delete(seen, pid)
	}
	for pid := range seen {
		res.wrong("pid %d: a record that no kill line names", pid)
	}
}

// checkRecord holds one record against what the harness knows of the process.
func (res *Result) checkRecord(c *Capture, r *record.Record) {
	id := res.int(r, "process.pid")
	p := c.Truth.process(id)
	if p == nil {
		res.wrong("pid %d: the truth knows no such process", id)
		return
	}
	if comm, ok := p.comm(id); ok {
		res.equal(id, "process.title", r.Text("process.title"), printable(comm))
	}
	res.equal(id, "process.real_user.id", res.int(r, "process.real_user.id"), int64(uint32(p.UID)))
	res.equal(id, "oom.victim.oom_score_adj", res.int(r, "oom.victim.oom_score_adj"), p.OOMScoreAdj)
	if path, ok := r.Get("oom.victim.cgroup"); ok {
		res.equal(id, "oom.victim.cgroup", path.String(), printable(p.cgroup()))
	}
	if v, ok := r.Get("oom.constraint"); ok && c.Truth.ExpectedConstraint != "" {
		want := strings.ToLower(strings.TrimPrefix(c.Truth.ExpectedConstraint, "CONSTRAINT_"))
		res.equal(id, "oom.constraint", v.String(), want)
	}
	if limit, ok := r.Get("oom.cgroup_memory.limit"); ok {
		if want, ok := c.Truth.limit(r.Text("oom.cgroup.path")); ok {
			res.equal(id, "oom.cgroup_memory.limit", strconv.FormatInt(limit.Int64(), 10), want)
		}
	}
	res.equal(id, "oom.trust", r.Text("oom.trust"), "verified")
	res.checkTrigger(c, r)
}

// checkTrigger holds the trigger's name against the process that its pid belongs to.
func (res *Result) checkTrigger(c *Capture, r *record.Record) {
	v, ok := r.Get("oom.trigger.pid")
	if !ok {
		return
	}
	p := c.Truth.process(v.Int64())
	if p == nil {
		return
	}
	if comm, ok := p.comm(v.Int64()); ok {
		// printk takes a \001 and the byte behind it at the head of a name for a level.
		if len(comm) > 2 && comm[0] == 1 {
			comm = comm[2:]
		}
		res.equal(v.Int64(), "oom.trigger.name", r.Text("oom.trigger.name"), printable(comm))
	}
}

// provesNothing reports whether a record is of a kill line alone, from lines without numbers:
// nothing there proves that the kernel held the report back.
func provesNothing(r *record.Record) bool {
	_, numbered := r.Get("oom.kmsg.sequence")
	return !numbered && r.Text("oom.report.missing") == "invocation"
}

// checkComplete demands that a report is called complete when the log lost nothing, and that a loss
// is told.
func (res *Result) checkComplete(c *Capture, kills []*record.Record) {
	incomplete := 0
	for _, r := range kills {
		if v, _ := r.Get("oom.report.complete"); !v.Bool() {
			incomplete++
			if c.Truth.KmsgOverruns == 0 && c.Truth.Complete && !provesNothing(r) && !c.Truth.cutByPrintk(res.int(r, "process.pid")) {
				res.wrong("pid %d: called incomplete (%s), and nothing was lost", res.int(r, "process.pid"), r.Text("oom.report.missing"))
			}
		}
	}
	if c.Truth.KmsgOverruns > 0 && incomplete == 0 {
		res.wrong("records were lost, and no report is called incomplete")
	}
}

func (res *Result) int(r *record.Record, name string) int64 {
	v, ok := r.Get(name)
	if !ok {
		res.wrong("%s is absent", name)
	}
	return v.Int64()
}

func (res *Result) equal(pid int64, name string, got, want any) {
	if got != want {
		res.wrong("pid %d: %s is %v, in truth %v", pid, name, got, want)
	}
}

func printable(s string) string { return string(plain.AppendPrintable(nil, s)) }
