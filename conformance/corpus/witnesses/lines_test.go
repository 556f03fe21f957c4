// SPDX-License-Identifier: Apache-2.0

package witnesses

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/parser"
	"github.com/oomtrail/oomtrail/parser/record"
)

// TestLineLost: whichever line of a journal is lost, no kill is made up or doubled, and no death
// gets a cause that it did not have.
func TestLineLost(t *testing.T) {
	for _, c := range load(t) {
		t.Run(c.Name, func(t *testing.T) {
			lines := bytes.SplitAfter(c.Log("journal.json"), []byte("\n"))
			for i := range lines {
				log := bytes.Join(slices.Delete(slices.Clone(lines), i, i+1), nil)
				before := t.Failed()
				checkWeaker(t, c, readLog(t, log, parser.Options{TrustedSource: parser.TrustedJournald, Sigkill: true}))
				if t.Failed() && !before {
					t.Errorf("without line %d: %.300s", i+1, lines[i])
				}
			}
		})
	}
}

// checkWeaker holds records of a part of a log against the truth: they may say less.
func checkWeaker(t *testing.T, c *Capture, records []*record.Record) {
	t.Helper()
	of := map[string]bool{"unknown": true} // the causes that there were
	var kills []string
	sigkills, evictions := 0, 0
	if c.IsEvicted() {
		of["evicted"] = true
		evictions++
	}
	for _, d := range c.Deaths() {
		switch d.Killer {
		case "kernel":
			of["kernel_oom"] = true
		case "":
			of["sent"] = true
		default:
			of["memory_killer"] = true
		}
		if d.Killer != "" {
			kills = append(kills, killOf(d.Killer, d.PID, d.Cgroup))
		}
		if d.Last.Number == 9 {
			sigkills++
		}
	}
	if c.Log("audit.log") != nil {
		sigkills *= 2 // see TestSigkill
	}
	for _, r := range records {
		switch event := r.Text("event.name"); event {
		case record.EventKill:
			pid, _ := r.Get("process.pid")
			kill := killOf(r.Text("oom.killer"), pid.Int64(), r.Text("oom.victim.cgroup"))
			i := slices.Index(kills, kill)
			if i < 0 && r.Text("oom.outcome") == "announced" && len(c.Survived()) > 0 {
				continue // the line that it failed is the one that is lost
			}
			if i < 0 {
				t.Errorf("kill %q, which was not, or twice", kill)
				continue
			}
			kills = slices.Delete(kills, i, i+1)
		case record.EventSigkill:
			if cause := r.Text("oom.verdict.cause"); !of[cause] {
				t.Errorf("cause %q: %s", cause, r.Body)
			}
			if sigkills--; sigkills < 0 {
				t.Errorf("one death too many: %s", r.Body)
			}
		case record.EventEviction:
			if evictions--; evictions < 0 {
				t.Errorf("one eviction too many: %s", r.Body)
			}
		default:
			if !of["kernel_oom"] && !of["memory_killer"] && len(c.Survived()) == 0 {
				t.Errorf("%s: %s", event, r.Body)
			}
		}
	}
}

// bootOf returns when the machine's clock began, by the first entry of a journal.
func bootOf(t *testing.T, journal []byte) time.Time {
	t.Helper()
	first, _, _ := bytes.Cut(journal, []byte("\n"))
	var entry struct {
		Wall string `json:"__REALTIME_TIMESTAMP"`
		Mono string `json:"__MONOTONIC_TIMESTAMP"`
	}
	if err := json.Unmarshal(first, &entry); err != nil {
		t.Fatal(err)
	}
	wall, wallErr := strconv.ParseInt(entry.Wall, 10, 64)
	mono, monoErr := strconv.ParseInt(entry.Mono, 10, 64)
	if wallErr != nil || monoErr != nil {
		t.Fatal(wallErr, monoErr)
	}
	return time.UnixMicro(wall - mono)
}

// input is a log that one of several parsers reads.
type input struct {
	log    []byte
	source parser.TrustedSource
}

// TestInputs: where one parser reads the kernel's messages and another what the programs say, in
// either order and from either format, each death for memory is one kill and nothing is observed.
func TestInputs(t *testing.T) {
	for _, c := range load(t) {
		t.Run(c.Name, func(t *testing.T) {
			journal := c.Log("journal.json")
			ofKernel, ofPrograms := apart(journal)
			programs := input{ofPrograms, parser.TrustedJournald}
			for name, kernel := range map[string]input{
				"kmsg":    {c.Log("kmsg.raw"), parser.TrustedKmsg},
				"journal": {ofKernel, parser.TrustedJournald},
			} {
				for i, inputs := range [][]input{{kernel, programs}, {programs, kernel}} {
					before := t.Failed()
					checkShared(t, c, bootOf(t, journal), inputs)
					if t.Failed() && !before {
						t.Errorf("kernel's messages from %s, read %s", name, []string{"first", "last"}[i])
					}
				}
			}
		})
	}
}

// readShared returns the records of inputs that share their evidence, one read after the other.
func readShared(t *testing.T, o parser.Options, inputs []input) (records []*record.Record) {
	t.Helper()
	e, err := parser.NewEvidence(o)
	if err != nil {
		t.Fatal(err)
	}
	e.Hold()
	e.JoinUnnamed()
	o.Evidence = e
	for _, in := range inputs {
		o.TrustedSource = in.source
		p, err := parser.New(o)
		if err != nil {
			t.Fatal(err)
		}
		for line := range bytes.Lines(in.log) {
			records = append(records, p.Feed(bytes.TrimSuffix(line, []byte("\n"))).Records...)
		}
		records = append(records, p.Flush()...)
	}
	return append(records, e.FlushAll()...)
}

func checkShared(t *testing.T, c *Capture, boot time.Time, inputs []input) {
	t.Helper()
	o := parser.Options{HostName: "node-1", Boot: boot, Location: time.UTC, Reference: reference}
	records := readShared(t, o, inputs)
	var want, got []string
	for _, d := range c.Deaths() {
		if d.Killer != "" {
			want = append(want, killOf(d.Killer, d.PID, d.Cgroup))
		}
	}
	if c.IsEvicted() {
		want = append(want, record.EventEviction)
	}
	for _, r := range records {
		switch event := r.Text("event.name"); event {
		case record.EventEviction:
			got = append(got, event)
		case record.EventKill:
			pid, _ := r.Get("process.pid")
			got = append(got, killOf(r.Text("oom.killer"), pid.Int64(), r.Text("oom.victim.cgroup")))
		case record.EventAttempt:
			if !mayFail(c, r) {
				t.Errorf("%s: %s", event, r.Body)
			}
		default:
			t.Errorf("%s: %s", event, r.Body)
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, slices.Compact(want)) {
		t.Errorf("kills %q, the truth is %q", got, want)
	}
}
