// SPDX-License-Identifier: Apache-2.0

package witnesses

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/parser"
	"github.com/oomtrail/oomtrail/parser/record"
)

const testdata = "../../../testdata/witnesses"

// inputs are the files of a capture that a parser reads, and what they are known to come from. A
// text file proves nothing.
var inputs = map[string]parser.TrustedSource{
	"journal.json": parser.TrustedJournald,
	"short.txt":    parser.TrustedNone,
	"kmsg.raw":     parser.TrustedKmsg,
}

func load(t *testing.T) []*Capture {
	t.Helper()
	captures, err := Load(testdata)
	if err != nil {
		t.Fatal(err)
	}
	return captures
}

// reference is later than every capture was made: it dates timestamps without a year.
func reference() time.Time { return time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC) }

func readLog(t *testing.T, log []byte, o parser.Options) (records []*record.Record) {
	t.Helper()
	o.Location, o.Reference = time.UTC, reference
	err := parser.ReadAll(bytes.NewReader(log), o, func(r *record.Record) error {
		records = append(records, r)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return records
}

// clockSlack is how far a log's time may be from that of the tracepoints.
const clockSlack = 3 * time.Second

// TestKernelKills: each input has one oom.kill of the kernel for each process that the kernel's OOM
// killer chose and that died, at that time, and no other. It is verified where the input proves it.
func TestKernelKills(t *testing.T) {
	for _, c := range load(t) {
		for input, source := range inputs {
			t.Run(c.Name+"/"+input, func(t *testing.T) {
				dead := map[int64]Death{}
				for _, d := range c.Deaths() {
					if d.Killer == "kernel" {
						dead[d.PID] = d
					}
				}
				for _, r := range readLog(t, c.Log(input), parser.Options{TrustedSource: source}) {
					if r.Text("event.name") != record.EventKill || r.Text("oom.killer") != "kernel" {
						continue
					}
					pid, _ := r.Get("process.pid")
					d, ok := dead[pid.Int64()]
					if !ok {
						t.Errorf("a kill of %d, which the kernel did not kill, or twice", pid.Int64())
						continue
					}
					delete(dead, pid.Int64())
					checkKernelKill(t, r, d, source != parser.TrustedNone)
				}
				for _, d := range dead {
					t.Errorf("no record of the kill of %d (%s)", d.PID, d.Comm)
				}
			})
		}
	}
}

func checkKernelKill(t *testing.T, r *record.Record, d Death, proven bool) {
	t.Helper()
	want := map[string]string{
		"process.title":        d.Comm,
		"process.real_user.id": fmt.Sprint(d.UID),
		"oom.trust":            map[bool]string{true: "verified", false: "unverified"}[proven],
		"oom.victim.cgroup":    d.Cgroup,
	}
	if group, _ := r.Get("oom.victim.group_kill"); group.Bool() { // the log has the group's cgroup, which may be above
		delete(want, "oom.victim.cgroup")
		want["oom.cgroup.path"] = d.Cgroup
	}
	for name, value := range want {
		if got, _ := r.Get(name); got.String() != value {
			t.Errorf("%s of %d is %q, the truth is %q", name, d.PID, got, value)
		}
	}
	if !r.Time.IsZero() && r.Time.Sub(d.At).Abs() > clockSlack {
		t.Errorf("time of %d is %v, it died at %v", d.PID, r.Time, d.At)
	}
}
