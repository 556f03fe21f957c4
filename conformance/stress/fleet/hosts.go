// SPDX-License-Identifier: Apache-2.0

package fleet

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/oomtrail/oomtrail/conformance/corpus/captures"
	"github.com/oomtrail/oomtrail/parser"
)

// Host is one machine of a fleet: its name, its log line by line, and the kills in it.
type Host struct {
	Name string
	// Lines are records of /dev/kmsg.
	Lines []string
	// Kills are those that the log shows, by the id of their record. Machines with the same log
	// have the same.
	Kills map[string]Kill
}

// Kill is what the parser alone reads of a kill.
type Kill struct {
	PID      int64
	Complete bool
}

// Fleet returns machines, each with the log of a real kill behind ordinary lines: n of them, and so
// many ordinary lines each. With quiet no machine kills.
func Fleet(t testing.TB, n, ordinary int, quiet bool) []*Host {
	t.Helper()
	list, err := captures.Load("../../../testdata/captures")
	if err != nil {
		t.Fatal(err)
	}
	var logs []*Host
	for _, c := range list {
		h := hostOf(t, c)
		// The kills of a fleet are mostly of this kind. Captures of thousands of lines would hide
		// what a kill costs.
		if len(h.Kills) == 0 || len(h.Lines) > 150 {
			continue
		}
		before := usual(t, h.Lines[0], ordinary)
		if h.Lines = append(before, h.Lines...); quiet {
			h.Lines, h.Kills = before, nil
		}
		logs = append(logs, h)
	}
	if len(logs) < 10 {
		t.Fatalf("only %d captures are of use", len(logs))
	}
	fleet := make([]*Host, n)
	for i := range fleet {
		log := logs[i%len(logs)]
		fleet[i] = &Host{Name: fmt.Sprintf("node-%05d", i), Lines: log.Lines, Kills: log.Kills}
	}
	return fleet
}

// hostOf returns the log of a capture and what the parser alone reads in it.
func hostOf(t testing.TB, c *captures.Capture) *Host {
	t.Helper()
	h := &Host{Kills: map[string]Kill{}}
	for line := range bytes.Lines(c.Kmsg) {
		if line[0] != ' ' { // a record's dictionary
			h.Lines = append(h.Lines, string(bytes.TrimSuffix(line, []byte("\n"))))
		}
	}
	err := parser.ReadAll(bytes.NewReader(c.Kmsg), parser.Options{}, func(r *parser.Record) error {
		if r.Text("event.name") == "oom.kill" {
			pid, _ := r.Get("process.pid")
			complete, _ := r.Get("oom.report.complete")
			h.Kills[r.Text("log.record.uid")] = Kill{PID: pid.Int64(), Complete: complete.Bool()}
		}
		return nil
	})
	if err != nil {
		t.Fatalf("%s: %v", c.Name(), err)
	}
	return h
}

// usual returns n ordinary lines of the kernel that stand right before a line.
func usual(t testing.TB, line string, n int) (lines []string) {
	t.Helper()
	var priority, sequence, micros int
	if _, err := fmt.Sscanf(line, "%d,%d,%d,", &priority, &sequence, &micros); err != nil {
		t.Fatalf("%q: %v", line, err)
	}
	n = min(n, sequence)
	for i := range n {
		at := n - i
		lines = append(lines, fmt.Sprintf("6,%d,%d,-;usb 1-%d: new high-speed USB device number %d using xhci_hcd",
			sequence-at, micros-1000*at, i%9, i))
	}
	return lines
}
