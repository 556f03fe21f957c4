// SPDX-License-Identifier: Apache-2.0

// Package killcount counts kills for the host's metrics, by what ran out, why and in which
// namespace. The number of its series is bounded, whatever the records say.
package killcount

import (
	"cmp"
	"slices"
	"unicode"
	"unicode/utf8"

	"github.com/oomtrail/oomtrail/parser/record"
)

// other is every value of a label that there is no room for.
const other = "other"

// maxNamespaces is how many namespaces a Counter keeps apart. The kills of further ones have the
// namespace other.
const maxNamespaces = 200

// The bounds of the other labels, and of a value. Records of this version have four scopes and some
// thirty causes; what another program sends may have any.
const (
	maxScopes = 8
	maxCauses = 64
	maxValue  = 63 // bytes: the longest name of a namespace
)

// maxSeries bounds the combinations of all three labels that have a namespace of their own.
const maxSeries = 1000

// Labels are what one series of kills has in common, by the values of the records; "" where a
// record has no such field.
type Labels struct {
	// Scope is oom.scope: host, cgroup, cpuset or numa_policy.
	Scope string
	// Cause is oom.diagnosis.cause.
	Cause string
	// Namespace is k8s.namespace.name.
	Namespace string
}

// Count is how many kills one series grew by.
type Count struct {
	Labels
	// N is at least 1.
	N uint64
}

// Counter counts kills. The zero value is ready. It is not safe for concurrent use.
type Counter struct {
	scopes, causes, namespaces values
	series                     map[Labels]struct{} // those with a namespace of their own
	grown                      map[Labels]uint64   // since the last Take
}

// Add counts a record if it is a kill.
func (c *Counter) Add(r *record.Record) {
	c.AddFields(r.Text)
}

// AddFields counts an event if it is the record of a kill. text returns the text of a record's
// field by its name, "" where it is absent.
func (c *Counter) AddFields(text func(name string) string) {
	if text(record.Fields[record.EventName].Name) != record.EventKill {
		return
	}
	l := Labels{
		Scope:     c.scopes.value(text(record.Fields[record.Scope].Name), maxScopes),
		Cause:     c.causes.value(text(record.Fields[record.DiagnosisCause].Name), maxCauses),
		Namespace: c.namespaces.value(text(record.Fields[record.K8sNamespaceName].Name), maxNamespaces),
	}
	if c.grown == nil {
		c.series, c.grown = make(map[Labels]struct{}), make(map[Labels]uint64)
	}
	if _, known := c.series[l]; !known && l.Namespace != "" && l.Namespace != other {
		if len(c.series) >= maxSeries {
			l.Namespace = other
		} else {
			c.series[l] = struct{}{}
		}
	}
	c.grown[l]++
}

// Take returns what was counted since it was called last, in the order of scope, cause and
// namespace; nil where nothing was.
func (c *Counter) Take() []Count {
	if len(c.grown) == 0 {
		return nil
	}
	counts := make([]Count, 0, len(c.grown))
	for l, n := range c.grown {
		counts = append(counts, Count{Labels: l, N: n})
	}
	clear(c.grown)
	slices.SortFunc(counts, func(a, b Count) int {
		return cmp.Or(cmp.Compare(a.Scope, b.Scope), cmp.Compare(a.Cause, b.Cause), cmp.Compare(a.Namespace, b.Namespace))
	})
	return counts
}

// values are the values that a label has had.
type values map[string]struct{}

// value returns the value that a text has as a label: itself, or other where there are most
// others already or where it is none that a record of ours has.
func (v *values) value(text string, most int) string {
	if text == "" || text == other {
		return text
	}
	if _, known := (*v)[text]; known {
		return text
	}
	if len(*v) >= most || len(text) > maxValue || !printable(text) {
		return other
	}
	if *v == nil {
		*v = make(values)
	}
	(*v)[text] = struct{}{}
	return text
}

// printable reports whether a text is valid UTF-8 without control characters.
func printable(text string) bool {
	if !utf8.ValidString(text) {
		return false
	}
	for _, r := range text {
		if !unicode.IsPrint(r) {
			return false
		}
	}
	return true
}
