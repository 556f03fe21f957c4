// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/oomtrail/oomtrail/parser/record"
)

// kill is a record with one field of each type.
func kill() Record {
	return Record{
		"event.name": "oom.kill", "log.record.uid": "a", "body": "OOM kill: a", "process.pid": int64(42), "oom.victim.share": 0.25,
		"oom.report.complete": true, "oom.report.id": "r", "oom.report.lines": int64(36), "oom.source": "kmsg",
	}
}

// with returns a record with one field changed, nil takes it away.
func with(r Record, name string, value any) Record {
	r = maps.Clone(r)
	if r[name] = value; value == nil {
		delete(r, name)
	}
	return r
}

// keyed returns a record with the key of its id and host.
func keyed(r Record) Record { return with(r, "oom.record.key", r.key()) }

// TestCompare: a broken field, a dropped record and a doubled one are each caught; what may differ
// is not.
func TestCompare(t *testing.T) {
	a, b := kill(), with(with(kill(), "log.record.uid", "b"), "body", "OOM kill: b")
	headless := with(kill(), "oom.report.missing", "invocation,tasks")
	named := with(with(a, "k8s.pod.name", "cart-0"), "body", "OOM kill: a in pod shop/cart-0")
	tests := []struct {
		name      string
		got, want []Record
		differ    []string
	}{
		{"equal", []Record{b, a}, []Record{a, b}, nil},
		{"another value", []Record{with(a, "process.pid", int64(43))}, []Record{a}, []string{"OOM kill: a: process.pid is 43, expected 42"}},
		{"another type", []Record{with(a, "process.pid", "42")}, []Record{a}, []string{`OOM kill: a: process.pid is "42", expected 42`}},
		{"a field lost", []Record{with(a, "oom.report.complete", nil)}, []Record{a}, []string{"OOM kill: a: oom.report.complete is absent, expected true"}},
		{"a field more", []Record{with(a, "container.id", "0123")}, []Record{a}, []string{`OOM kill: a: container.id is "0123", expected absent`}},
		{"a field nil", []Record{{"log.record.uid": "a", "x": nil}}, []Record{{"log.record.uid": "a"}}, []string{"<nil>: x is null, expected absent"}},
		{"dropped", []Record{a}, []Record{a, b}, []string{"missing: OOM kill: b"}},
		{"doubled", []Record{a, b, a}, []Record{a, b}, []string{"twice: OOM kill: a"}},
		{"one too many", []Record{a, b}, []Record{a}, []string{"one too many: OOM kill: b"}},
		{"the format's own", []Record{with(with(a, "oom.source", "file"), "host.name", "n")}, []Record{a}, nil},
		{"the key of another host", []Record{keyed(with(a, "host.id", "n"))}, []Record{keyed(a)}, nil},
		{"a key that is not that of its host", []Record{with(keyed(a), "host.id", "n")}, []Record{keyed(a)},
			[]string{fmt.Sprintf("OOM kill: a: oom.record.key is %q, of its id and host it would be %q", record.Key("a", "", "", ""), record.Key("a", "n", "", ""))}},
		{"a key lost", []Record{a}, []Record{keyed(a)}, []string{fmt.Sprintf("OOM kill: a: oom.record.key is absent, of its id and host it would be %q", record.Key("a", "", "", ""))}},
		{"names here, none there", []Record{named}, []Record{a}, nil},
		{"none here, names there", []Record{a}, []Record{named}, nil},
		{"another name", []Record{with(named, "k8s.pod.name", "cart-1")}, []Record{named}, []string{`OOM kill: a in pod shop/cart-0: k8s.pod.name is "cart-1", expected "cart-0"`}},
		{"a name fewer", []Record{with(named, "k8s.namespace.name", "shop")}, []Record{named}, []string{`OOM kill: a in pod shop/cart-0: k8s.namespace.name is "shop", expected absent`}},
		{"another body, and no names", []Record{with(a, "body", "b")}, []Record{a}, []string{`OOM kill: a: body is "b", expected "OOM kill: a"`}},
		{"another field, and names", []Record{with(named, "process.pid", int64(43))}, []Record{a}, []string{"OOM kill: a: process.pid is 43, expected 42"}},
		{"the user of this machine", []Record{with(a, "process.real_user.name", "alice")}, []Record{a}, nil},
		{"numbers as JSON", []Record{with(with(a, "process.pid", json.Number("42")), "oom.victim.share", json.Number("0.25000"))}, []Record{a}, nil},
		{"a fraction with a digit fewer", []Record{with(a, "oom.victim.share", json.Number("0.003900232302237437"))}, []Record{with(a, "oom.victim.share", 0.0039002323022374373)}, nil},
		{"another fraction", []Record{with(a, "oom.victim.share", json.Number("0.25000000001"))}, []Record{a}, []string{"OOM kill: a: oom.victim.share is 0.25000000001, expected 0.25"}},
		{"other lines of a report that has its head", []Record{with(a, "oom.report.lines", int64(35))}, []Record{a}, []string{"OOM kill: a: oom.report.lines is 35, expected 36"}},
		{"other lines of a report without its head", []Record{with(with(headless, "oom.report.lines", int64(35)), "oom.report.id", "s")}, []Record{headless}, nil},
		{"another field of a report without its head", []Record{with(headless, "process.pid", int64(1))}, []Record{headless}, []string{"OOM kill: a: process.pid is 1, expected 42"}},
		{"a head that was not lost", []Record{headless}, []Record{a}, []string{`OOM kill: a: oom.report.missing is "invocation,tasks", expected absent`}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := Compare(test.got, test.want); !slices.Equal(got, test.differ) {
				t.Errorf("got  %q\nwant %q", got, test.differ)
			}
		})
	}
}
