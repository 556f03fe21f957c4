// SPDX-License-Identifier: Apache-2.0

package build

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/internal/verdict"
	"github.com/oomtrail/oomtrail/internal/witness"
	"github.com/oomtrail/oomtrail/parser/record"
	"github.com/oomtrail/oomtrail/parser/report"
)

// fullFact returns a fact that has every value.
func fullFact(kind witness.Kind) *witness.Fact {
	f := &witness.Fact{}
	fill(reflect.ValueOf(f).Elem())
	f.Kind, f.Outcome = kind, witness.OutcomeDone
	f.InnerTime = time.Date(2026, 5, 2, 10, 0, 1, 0, time.UTC)
	f.At = report.Stamp{Text: "May  2 10:00:01", Wall: f.InnerTime, Host: "node-7", BootID: "b", MachineID: "m", Format: report.JournalJSON}
	f.Keys.Cgroup, f.Keys.ContainerID, f.Keys.SlurmStep = "/system.slice/ingest.service", strings.Repeat("ab", 32), "77.0"
	f.MemoryTotal, f.SwapTotal, f.SwapUsed = report.Some(8<<30), report.Some(4<<30), report.Some(1<<30)
	f.ScoreAdj = report.Some(-1)
	f.Text = strings.Repeat("a long line ", 100)
	return f
}

// fill gives a value to each field.
func fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString("a-long-name-of-something-that-" + strings.Repeat("x", 60))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int64:
		v.SetInt(7)
	case reflect.Float64:
		v.SetFloat(0.5)
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				fill(v.Field(i))
			}
		}
	}
}

// TestRecordsOfFacts: the fields of a record that has all of them stand in the order of the table,
// each once and of its type; the body fits, and is no line of any program.
func TestRecordsOfFacts(t *testing.T) {
	names := make([]string, len(record.Fields))
	for i := range record.Fields {
		names[i] = record.Fields[i].Name
	}
	shown := make(map[string]bool)
	for kind, of := range map[verdict.EventKind]witness.Kind{
		verdict.Kill: witness.Kill, verdict.KillAttempt: witness.Decision, verdict.Observed: witness.Observation,
		verdict.Eviction: witness.Eviction, verdict.Sigkill: witness.Death,
	} {
		f := fullFact(of)
		rec := NewBuilder(Options{Original: true}).Verdict(&verdict.Event{
			Kind: kind, Fact: f, Outcome: witness.OutcomeFailed, Evidence: []*witness.Fact{f}, KernelID: [16]byte{1},
			Cause: verdict.CauseSent, Sources: []string{"a", "b"}, Sender: f,
		})
		last := -1
		for a := range rec.Attrs() {
			at := slices.Index(names, a.Name)
			if at <= last {
				t.Errorf("event %d: %s stands behind %s", kind, a.Name, names[last])
			}
			if want := record.Fields[at].Type; a.Value.Kind() != want {
				t.Errorf("%s is of another kind", a.Name)
			}
			last = max(at, last)
			shown[a.Name] = true
		}
		if len(rec.Body) > record.MaxBody || rec.Body == "" {
			t.Errorf("event %d: a body of %d bytes: %s", kind, len(rec.Body), rec.Body)
		}
		for _, author := range []string{"", "kernel", "systemd", "systemd-oomd", "earlyoom", "kubelet", "containerd"} {
			l := witness.Line{Text: rec.Body, Author: witness.Author{Program: author}}
			(&witness.Readers{Deaths: true}).Read(&l, func(*witness.Fact) { t.Errorf("event %d: the body is a line of %q: %s", kind, author, rec.Body) })
		}
		if lower := strings.ToLower(rec.Body); strings.Contains(lower, "killed process") || strings.Contains(lower, "out of memory") || strings.Contains(lower, "oom-kill") {
			t.Errorf("event %d: the body has the kernel's words: %s", kind, rec.Body)
		}
		if !rec.Time.Equal(f.InnerTime) {
			t.Errorf("event %d: time %v", kind, rec.Time)
		}
	}
	for _, name := range []string{
		"oom.observer", "oom.outcome", "oom.victim.kind", "oom.victim.count", "oom.observed.count", "process.vpid", "process.command_line",
		"process.exit.code", "oom.signal", "oom.reason", "oom.pressure.cgroup", "oom.pressure.duration", "oom.host_memory.available",
		"oom.evicted.request", "oom.sender.login_uid", "oom.sender.unit", "oom.verdict.cause", "oom.verdict.evidence", "oom.verdict.sources", "k8s.node.name",
	} {
		if !shown[name] {
			t.Errorf("no record has %s", name)
		}
	}
}

// TestFactIDs: an id is of the second, so that formats which have no more give the same one; the
// time inside the text counts as it is.
func TestFactIDs(t *testing.T) {
	id := func(change func(*witness.Fact)) string {
		f := fullFact(witness.Kill)
		f.InnerTime = time.Time{}
		f.Timeless = false
		change(f)
		return NewBuilder(Options{}).Verdict(&verdict.Event{Kind: verdict.Kill, Fact: f}).Text("log.record.uid")
	}
	same := id(func(*witness.Fact) {})
	if id(func(f *witness.Fact) { f.At.Wall = f.At.Wall.Add(900 * time.Millisecond); f.At.Text = "other" }) != same {
		t.Error("parts of a second change the id")
	}
	for i, change := range []func(*witness.Fact){
		func(f *witness.Fact) { f.At.Wall = f.At.Wall.Add(time.Second) },
		func(f *witness.Fact) { f.Text += "x" },
		func(f *witness.Fact) { f.Writer = "other" },
		func(f *witness.Fact) { f.InnerTime = f.At.Wall.Add(time.Millisecond) },
	} {
		if id(change) == same {
			t.Errorf("change %d does not change the id", i)
		}
	}
}
