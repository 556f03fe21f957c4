// SPDX-License-Identifier: Apache-2.0

package render

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/oomtrail/oomtrail/parser"
)

// mayTellLoss are the attributes that tell of a loss, or name the line a report begins with.
var mayTellLoss = strings.Fields(`event.name log.record.uid oom.record.key oom.report.id oom.report.complete oom.report.missing oom.report.lines
oom.report.lost_records oom.report.truncated oom.report.assumed oom.diagnosis.cause oom.diagnosis.confidence oom.diagnosis.summary oom.diagnosis.advice oom.kmsg.sequence oom.time.original
oom.tasks.count oom.tasks.rss oom.tasks.top oom.report.suppressed oom.victim.group_kill
oom.cgroup.container_id oom.cgroup.pod_uid oom.cgroup.unit`)

// TestLostLines parses what is left of reports when lines are lost at the head, at the tail, or one
// in the middle: what the rest says is the same as in the whole report, or absent.
func TestLostLines(t *testing.T) {
	for i, name := range []string{"2.6.18", "2.6.32", "rhel6.6", "3.8", "3.16", "rhel7.7", "4.14", "4.20", "5.0", "rhel8.3", "5.4", "6.1", "6.12", "7.3"} {
		k := KernelNamed(name)
		for j, s := range Scenarios {
			if s.Possible(k) && !s.Bare {
				checkLost(t, k, s, int64(i+j), FormatNamed([]string{"kmsg", "dmesg", "journalctl short-precise"}[(i+j)%3]))
			}
		}
	}
}

func checkLost(t *testing.T, k Kernel, s Scenario, seed int64, format Format) {
	t.Helper()
	records := Stored(k, false, Report(k, s, NewValues(seed, Ordinary)))
	whole := parseRecords(t, format, records)
	step := 2
	if *full {
		step = 1
	}
	for at := int(seed) % step; at < len(records); at += step {
		for what, gone := range map[string][2]int{"head lost to": {0, at}, "tail lost from": {at, len(records)}, "lost": {at, at + 1}} {
			left := slices.Clone(records)
			for i := gone[0]; i < gone[1]; i++ {
				left[i].Gone = true
			}
			for n, r := range parseRecords(t, format, left) {
				where := fmt.Sprintf("%s, %s, %s, seed %d, %s line %d (%.60q), record %d", k.Name, s.Title, format.Name, seed, what, at, records[at].Text, n)
				checkPart(t, where, s, r, whole)
			}
		}
	}
}

func parseRecords(t *testing.T, format Format, records []Record) []*parser.Record {
	t.Helper()
	text, _ := format.Put(records)
	return parse(t, text, parser.Options{})
}

// checkPart reports attributes that the record of the same kill in the whole report does not have.
func checkPart(t *testing.T, where string, s Scenario, r *parser.Record, whole []*parser.Record, allowed ...string) {
	t.Helper()
	pid, _ := r.Get("process.pid")
	var same *parser.Record
	for _, w := range whole {
		if v, _ := w.Get("process.pid"); v == pid || pid.Any() == nil {
			same = w
			break
		}
	}
	if same == nil && s.Ending == EndSkip && r.Text("event.name") == "oom.kill" {
		return // without the line that spares the victim the oom-kill: line stands for its kill
	}
	if same == nil {
		t.Errorf("%s: tells of a process %v that the whole report does not tell of", where, pid.Any())
		return
	}
	for a := range r.Attrs() {
		if r.Text("event.name") == "oom.unresolved" && strings.HasPrefix(a.Name, "oom.selected.") {
			continue // the whole report says whom it killed
		}
		if len(allowed) > 0 && strings.HasPrefix(a.Name, StatPrefix) {
			continue
		}
		// Without the oom-kill: line "Out of memory" means the host, and the share is of the host's
		// RAM.
		if s.Constraint != "NONE" && !s.Memcg && (a.Name == "oom.scope" && a.Value.String() == "host" || a.Name == "oom.victim.share") {
			continue
		}
		if v, _ := same.Get(a.Name); v != a.Value && !slices.Contains(mayTellLoss, a.Name) && !slices.Contains(allowed, a.Name) {
			t.Errorf("%s: %s = %v, in the whole report %v", where, a.Name, a.Value.Any(), v.Any())
		}
	}
}
