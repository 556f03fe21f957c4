// SPDX-License-Identifier: Apache-2.0

package build

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/internal/verdict"
	"github.com/oomtrail/oomtrail/internal/witness"
	"github.com/oomtrail/oomtrail/parser/record"
	"github.com/oomtrail/oomtrail/parser/report"
)

var killed = time.Date(2026, 5, 2, 10, 0, 1, 0, time.UTC)

// warned answers that there was a warning, and keeps what was asked.
func warned(asked *[]string, lead time.Duration) func(limit, victim string, at time.Time) (string, time.Duration) {
	return func(limit, victim string, at time.Time) (string, time.Duration) {
		*asked = append(*asked, fmt.Sprint(limit, " ", victim, " ", at.Sub(killed)))
		return "0123456789abcdef0123456789abcdef", lead
	}
}

// TestWarned: a kill of this machine's own log names the warning before it, and how long before.
func TestWarned(t *testing.T) {
	const app = "/system.slice/app.service"
	own := format.Line{Format: report.Kmsg, Wall: killed}
	journal := format.Line{Format: report.JournalJSON, Wall: killed, Host: []byte("node-1"), MachineID: []byte("m1")}
	host := []string{
		invoked, cpuOf("6.1.0"), "Mem-Info:", "131072 pages RAM", head, row,
		"oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,task_memcg=" + app + ",task=b,pid=12,uid=0",
		strings.Replace(killWith(108), "Memory cgroup out", "Out", 1),
	}
	sysrq := slices.Clone(host)
	sysrq[0] = strings.Replace(invoked, "order=0", "order=-1", 1)
	cpuset := slices.Clone(host)
	cpuset[6] = strings.Replace(host[6], "CONSTRAINT_NONE", "CONSTRAINT_CPUSET", 1)
	for _, c := range []struct {
		name  string
		from  format.Line
		lines []string
		asked []string
	}{
		{"a limit, kmsg", own, memcgKill(app, app+"/w", "java"), []string{app + " " + app + "/w 0s"}},
		{"a limit, journal", journal, memcgKill("/system.slice", app, "java"), []string{"/system.slice " + app + " 0s"}},
		{"the host", own, host, []string{"/ " + app + " 0s"}},
		{"asked for by sysrq", own, sysrq, nil},
		{"the nodes of a cpuset", own, cpuset, nil},
		{"without a time", format.Line{Format: report.Kmsg}, host, nil},
		{"a file", format.Line{Format: report.Syslog, Wall: killed}, host, nil},
		{"another host", format.Line{Format: report.JournalJSON, Wall: killed, Host: []byte("node-2")}, host, nil},
		{"another machine", format.Line{Format: report.JournalJSON, Wall: killed, Host: []byte("node-1"), MachineID: []byte("m2")}, host, nil},
		{"an end that is not known", own, host[:6], nil},
	} {
		var asked []string
		r := buildAs(t, Options{HostName: "node-1", HostID: "m1", Warned: warned(&asked, 12345*time.Microsecond)}, c.from, c.lines...)
		if !slices.Equal(asked, c.asked) {
			t.Errorf("%s: asked for %q, want %q", c.name, asked, c.asked)
		}
		lead, has := r.Get("oom.warning.lead")
		if id := r.Text("oom.warning.id"); has != (c.asked != nil) || has && (lead.Float64() != 0.012 || id != "0123456789abcdef0123456789abcdef") {
			t.Errorf("%s: %q %v", c.name, id, lead)
		}
		inOrder(t, r)
	}
	var asked []string
	if r := buildAs(t, Options{Warned: warned(&asked, -1)}, own, host...); len(asked) != 1 || r.Text("oom.warning.id") != "" {
		t.Errorf("a warning after the kill: %v %q", asked, r.Text("oom.warning.id"))
	}
}

// TestWarnedOfFact: another killer's kill names the warning before it, about the cgroup whose
// pressure that killer saw, or the host.
func TestWarnedOfFact(t *testing.T) {
	fact := func(change func(*witness.Fact)) *witness.Fact {
		f := &witness.Fact{Kind: witness.Kill, Writer: "systemd-oomd", Outcome: witness.OutcomeDone}
		f.At = report.Stamp{Wall: killed, Format: report.JournalJSON}
		f.Keys.Cgroup = "/user.slice/a.scope"
		change(f)
		return f
	}
	for _, c := range []struct {
		name string
		kind verdict.EventKind
		fact *witness.Fact
		want []string
	}{
		{"pressure of a cgroup", verdict.Kill, fact(func(f *witness.Fact) { f.Pressure.Cgroup = "/user.slice" }), []string{"/user.slice /user.slice/a.scope 0s"}},
		{"swap of the host", verdict.Kill, fact(func(f *witness.Fact) { f.Reason = "memory_and_swap" }), []string{"/ /user.slice/a.scope 0s"}},
		{"little memory on the host", verdict.Kill, fact(func(f *witness.Fact) { f.Reason, f.Keys.Cgroup = "low_memory", "" }), []string{"/  0s"}},
		{"a limit of its own", verdict.Kill, fact(func(f *witness.Fact) { f.Reason = "limit" }), nil},
		{"what ran out is not said", verdict.Kill, fact(func(*witness.Fact) {}), nil},
		{"no kill", verdict.KillAttempt, fact(func(f *witness.Fact) { f.Pressure.Cgroup = "/user.slice" }), nil},
		{"of another kind", verdict.Observed, fact(func(f *witness.Fact) { f.Pressure.Cgroup = "/user.slice" }), nil},
		{"another host", verdict.Kill, fact(func(f *witness.Fact) { f.Pressure.Cgroup, f.At.Host = "/user.slice", "node-2" }), nil},
	} {
		var asked []string
		b := NewBuilder(Options{HostName: "node-1", Warned: warned(&asked, time.Second)})
		r := b.Verdict(&verdict.Event{Kind: c.kind, Fact: c.fact})
		if _, has := r.Get("oom.warning.lead"); !slices.Equal(asked, c.want) || has != (c.want != nil) {
			t.Errorf("%s: asked for %q, want %q; has %v", c.name, asked, c.want, has)
		}
		inOrder(t, r)
	}
}

// inOrder checks that attributes stand in the order of the table.
func inOrder(t *testing.T, r *record.Record) {
	t.Helper()
	last := -1
	for a := range r.Attrs() {
		i := slices.IndexFunc(record.Fields, func(f record.Field) bool { return f.Name == a.Name })
		if i >= 0 && i <= last {
			t.Errorf("%s stands behind %s", a.Name, record.Fields[last].Name)
		}
		last = max(i, last)
	}
}
