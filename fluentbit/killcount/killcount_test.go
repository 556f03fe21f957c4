// SPDX-License-Identifier: Apache-2.0

package killcount

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/oomtrail/oomtrail/parser/record"
)

// kill returns the fields of a record.
func kill(event, scope, cause, namespace string) func(string) string {
	fields := map[string]string{"event.name": event, "oom.scope": scope, "oom.diagnosis.cause": cause, "k8s.namespace.name": namespace}
	return func(name string) string { return fields[name] }
}

// TestIncrements: kills alone are counted, by the values of their records, and each Take begins
// anew.
func TestIncrements(t *testing.T) {
	var c Counter
	if got := c.Take(); got != nil {
		t.Errorf("before any kill: %v", got)
	}
	c.Add(new(record.Record).With(record.Attr{Name: "event.name", Value: record.StringValue("oom.kill")}, record.Attr{Name: "oom.scope", Value: record.StringValue("host")},
		record.Attr{Name: "oom.diagnosis.cause", Value: record.StringValue("host_exhausted")}))
	c.AddFields(kill("oom.kill", "cgroup", "limit", "shop"))
	c.AddFields(kill("oom.kill", "cgroup", "limit", "shop"))
	for _, event := range []string{"", "oom.observed", "oom.no_victim", "oom.eviction", "oom.kill_attempt"} {
		c.AddFields(kill(event, "cgroup", "limit", "shop"))
	}
	want := []Count{{Labels{"cgroup", "limit", "shop"}, 2}, {Labels{"host", "host_exhausted", ""}, 1}}
	if got := c.Take(); !reflect.DeepEqual(got, want) {
		t.Errorf("counted %v, want %v", got, want)
	}
	if got := c.Take(); got != nil {
		t.Errorf("counted twice: %v", got)
	}
	c.AddFields(kill("oom.kill", "cgroup", "limit", "shop"))
	if got := c.Take(); !reflect.DeepEqual(got, []Count{{Labels{"cgroup", "limit", "shop"}, 1}}) {
		t.Errorf("after Take: %v", got)
	}
}

// TestBounds: whatever the records say, the series are so many at most, no kill is lost, and a
// value that was there before keeps its own.
func TestBounds(t *testing.T) {
	var c Counter
	series, kills := make(map[Labels]bool), uint64(0)
	take := func() {
		for _, n := range c.Take() {
			series[n.Labels] = true
			kills += n.N
		}
	}
	const all = 20_000
	for i := range all {
		c.AddFields(kill("oom.kill", fmt.Sprint("scope", i%17), fmt.Sprint("cause", i%101), fmt.Sprint("namespace", i%1009)))
		if i%64 == 0 {
			take()
		}
	}
	take()
	namespaces := make(map[string]bool)
	for l := range series {
		namespaces[l.Namespace] = true
	}
	if kills != all || len(namespaces) != maxNamespaces+1 || !namespaces[other] || !namespaces["namespace0"] || namespaces["namespace999"] {
		t.Errorf("%d kills of %d, %d namespaces", kills, all, len(namespaces))
	}
	if most := maxSeries + (maxScopes+1)*(maxCauses+1); len(series) > most || len(c.series) > maxSeries {
		t.Errorf("%d series, want at most %d", len(series), most)
	}
}

// TestValues: what no record of ours can say is no value of a label.
func TestValues(t *testing.T) {
	for _, bad := range []string{strings.Repeat("x", 64), "a\x00b", "a\nb", "\xff", "\u2028"} {
		var c Counter
		c.AddFields(kill("oom.kill", bad, bad, bad))
		if got := c.Take(); len(got) != 1 || got[0].Labels != (Labels{other, other, other}) {
			t.Errorf("%q: %v", bad, got)
		}
	}
}
