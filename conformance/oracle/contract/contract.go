// SPDX-License-Identifier: Apache-2.0

// Package contract holds records against each other by the contract: what has to be equal, through
// whichever frontend a kill came, and what may differ.
package contract

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/oomtrail/oomtrail/parser/record"
)

// Record is one record as a frontend gave it: its attributes and its body, by the names of the
// contract.
type Record map[string]any

// UID returns the record's id.
func (r Record) UID() string { return fmt.Sprint(r["log.record.uid"]) }

// key returns what the record's key has to be: frontends may differ in the host, and so in the key,
// but never in how one follows from the other.
func (r Record) key() string {
	id, _ := r["host.id"].(string)
	name, _ := r["host.name"].(string)
	logged, _ := r["oom.log_host"].(string)
	return record.Key(r.UID(), id, name, logged)
}

// FromJSON reads a record from its flat JSON form.
func FromJSON(line []byte) (Record, error) {
	dec := json.NewDecoder(bytes.NewReader(line))
	dec.UseNumber()
	var r Record
	err := dec.Decode(&r)
	return r, err
}

// MayDiffer reports whether frontends may differ in an attribute: in what the format itself says,
// and in what it cannot say.
//
// A report whose head the log lost is the one special case. A frontend that looks for a line that
// can open a report, and only then reads, meets such a report later than a frontend that reads
// every line: rows of its task table, say, come before any such line. Its first line, the number of
// its lines, the names of the sections that it lacks, its tasks and what rests on them may differ
// then.
func (r Record) MayDiffer(name string) bool {
	switch name {
	case "oom.source", "oom.boot.id", "oom.log_host", "oom.record.key", "oom.trust", "oom.report.lost_records", "time", "uptime", "severity_number",
		"process.real_user.name":
		return true
	case "oom.report.id", "oom.report.lines", "oom.report.missing", "oom.report.assumed":
		return r.headLost()
	}
	if name == "oom.victim.memory.swap" || strings.HasPrefix(name, "oom.tasks.") || strings.HasPrefix(name, "oom.diagnosis.") {
		return r.headLost()
	}
	return strings.HasPrefix(name, "oom.kmsg.") || strings.HasPrefix(name, "oom.time.") || strings.HasPrefix(name, "host.")
}

// names are the attributes that come from the files of a machine, but for the user's name, which
// only this machine's own log has.
var names = []record.ID{
	record.ContainerName, record.ContainerImageName, record.ContainerImageTag, record.ComposeProject,
	record.ComposeService, record.K8sNamespaceName, record.K8sPodName, record.K8sContainerName,
	record.K8sContainerRestartCount, record.JobScheduler, record.JobName, record.JobGroup, record.JobTask,
	record.MachineName, record.NamesDoubt,
}

// isName reports whether an attribute is a name from the files of a machine.
func isName(name string) bool {
	return slices.ContainsFunc(names, func(id record.ID) bool { return record.Fields[id].Name == name })
}

// hasNames reports whether a record has a name from the files of a machine.
func (r Record) hasNames() bool {
	return slices.ContainsFunc(names, func(id record.ID) bool { return r[record.Fields[id].Name] != nil })
}

// restsOnNames reports whether an attribute is a name, or made of names.
func restsOnNames(name string) bool {
	switch name {
	case "body", "oom.diagnosis.summary", "oom.diagnosis.advice":
		return true
	}
	return isName(name)
}

// isBare reports whether a record is of a kill line alone.
func (r Record) isBare() bool {
	return text(r, "event.name") == `"oom.kill"` && text(r, "oom.report.lines") == "1"
}

// restsOnReport reports whether an attribute says how much of a report was seen, or what follows
// from that.
func restsOnReport(name string) bool {
	return name == "oom.report.complete" || name == "oom.report.missing" || strings.HasPrefix(name, "oom.diagnosis.")
}

// headLost reports whether the first section of a report is among those that the log lost.
func (r Record) headLost() bool {
	missing, _ := r["oom.report.missing"].(string)
	first, _, _ := strings.Cut(missing, ",")
	return first == "invocation"
}

// Compare lists how the records of a frontend differ from those expected: a kill missing, doubled,
// or one too many, and each field that is not equal.
func Compare(got, want []Record) (differences []string) {
	expected, seen := map[string]Record{}, map[string]bool{}
	for _, r := range want {
		expected[r.UID()] = r
	}
	for _, r := range got {
		w, ok := expected[r.UID()]
		switch {
		case seen[r.UID()]:
			differences = append(differences, fmt.Sprintf("twice: %v", r["body"]))
		case !ok:
			differences = append(differences, fmt.Sprintf("one too many: %v", r["body"]))
		default:
			for _, d := range Differences(r, w) {
				differences = append(differences, fmt.Sprintf("%v: %s", w["body"], d))
			}
		}
		seen[r.UID()] = true
	}
	for uid, r := range expected {
		if !seen[uid] {
			differences = append(differences, fmt.Sprintf("missing: %v", r["body"]))
		}
	}
	sort.Strings(differences)
	return differences
}

// Differences lists the fields in which a record is not as expected and has to be, by name. What
// one says may differ only where both do: a record that wrongly says its head was lost is not
// excused by that.
func Differences(got, want Record) (differences []string) {
	fields := map[string]bool{}
	for _, r := range []Record{got, want} {
		for name := range r {
			fields[name] = true
		}
	}
	if key := got.key(); key != got["oom.record.key"] && fields["oom.record.key"] {
		differences = append(differences, fmt.Sprintf("oom.record.key is %s, of its id and host it would be %q", text(got, "oom.record.key"), key))
	}
	// Only record numbers prove that the kernel held the report of a bare kill back. Where one of
	// the two has none, it is incomplete.
	unproven := got.isBare() && want.isBare() && (text(got, "oom.kmsg.sequence") == "absent" || text(want, "oom.kmsg.sequence") == "absent")
	// Only one of the two came where there are files to name a workload by.
	unnamed := got.hasNames() != want.hasNames()
	for name := range fields {
		if unnamed && restsOnNames(name) {
			continue
		}
		if got.MayDiffer(name) && want.MayDiffer(name) || unproven && restsOnReport(name) {
			continue
		}
		if g, w := text(got, name), text(want, name); g != w {
			differences = append(differences, fmt.Sprintf("%s is %s, expected %s", name, g, w))
		}
	}
	sort.Strings(differences)
	return differences
}

// text writes a field in the one way that does not depend on how its frontend encodes numbers.
func text(r Record, name string) string {
	switch v := r[name].(type) {
	case nil:
		if _, ok := r[name]; !ok {
			return "absent"
		}
		return "null"
	case string:
		return strconv.Quote(v)
	case float64:
		return fraction(v)
	case json.Number:
		if f, err := v.Float64(); err == nil && strings.ContainsAny(v.String(), ".eE") {
			return fraction(f)
		}
		return v.String()
	default:
		return fmt.Sprint(v)
	}
}

// fraction writes as many digits as Fluent Bit's JSON still has right, which are one fewer than it
// writes.
func fraction(f float64) string { return strconv.FormatFloat(f, 'g', 15, 64) }
