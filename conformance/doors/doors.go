// Package doors sends the same captures through every door and compares what comes out. A new door is one file: a
// function that reads all captures and returns the records it got, as attributes by name.
package doors

import (
	"bytes"
	"encoding/json"
	"fmt"
	"sort"
	"strings"

	"github.com/oomtrail/oomtrail/conformance/captures"
	"github.com/oomtrail/oomtrail/parser"
	"github.com/oomtrail/oomtrail/parser/record"
)

// Record is one record as a door gave it: its attributes and its body, by the names of the contract.
type Record map[string]any

// UID returns the record's id.
func (r Record) UID() string { return fmt.Sprint(r["log.record.uid"]) }

// mayDiffer names what doors do not agree on: what the transport itself says.
func mayDiffer(name string) bool {
	switch name {
	case "oom.source", "oom.boot.id", "oom.trust", "oom.report.lost_records", "time", "uptime", "severity_number":
		return true
	}
	return strings.HasPrefix(name, "oom.kmsg.") || strings.HasPrefix(name, "host.")
}

// FromJSON reads a record from its flat JSON form.
func FromJSON(line []byte) (Record, error) {
	dec := json.NewDecoder(bytes.NewReader(line))
	dec.UseNumber()
	var r Record
	err := dec.Decode(&r)
	return r, err
}

// Expected returns what the parser itself makes of the captures, through one transport ("kmsg" or "syslog").
func Expected(list []*captures.Capture, carrier string) (records []Record, err error) {
	for _, c := range list {
		log := c.Kmsg
		if carrier == "syslog" {
			log = c.Syslog
		}
		err := parser.ReadAll(bytes.NewReader(log), parser.Options{}, func(r *record.Record) error {
			one, err := FromJSON(r.AppendJSON(nil))
			records = append(records, one)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return records, nil
}

// Compare lists how the records of a door differ from those expected: a kill missing, doubled, or one too many,
// and each field that is not equal.
func Compare(got, want []Record) (differences []string) {
	left := map[string]Record{}
	for _, r := range want {
		left[r.UID()] = r
	}
	seen := map[string]bool{}
	for _, r := range got {
		w, ok := left[r.UID()]
		switch {
		case seen[r.UID()]:
			differences = append(differences, fmt.Sprintf("twice: %v", r["body"]))
		case !ok:
			differences = append(differences, fmt.Sprintf("one too many: %v", r["body"]))
		default:
			differences = append(differences, compareFields(r, w)...)
		}
		seen[r.UID()] = true
	}
	for uid, r := range left {
		if !seen[uid] {
			differences = append(differences, fmt.Sprintf("missing: %v", r["body"]))
		}
	}
	sort.Strings(differences)
	return differences
}

func compareFields(got, want Record) (differences []string) {
	names := map[string]bool{}
	for name := range got {
		names[name] = true
	}
	for name := range want {
		names[name] = true
	}
	for name := range names {
		if mayDiffer(name) {
			continue
		}
		if g, w := fmt.Sprint(got[name]), fmt.Sprint(want[name]); g != w {
			differences = append(differences, fmt.Sprintf("%v: %s is %s, expected %s", want["body"], name, g, w))
		}
	}
	return differences
}
