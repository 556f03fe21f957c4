// SPDX-License-Identifier: Apache-2.0

// Package form shapes a record as Fluent Bit's users expect it: one of three
// forms, an ordered list of keys and values. The filter packs it as msgpack,
// the output as JSON.
package form

import (
	"strings"

	"github.com/oomtrail/oomtrail/internal/enum"
	"github.com/oomtrail/oomtrail/parser/record"
)

// Format names a form.
type Format uint8

const (
	// OOM is `message` and one map `oom` with flat keys: nothing of ours at top level can clash
	// with a neighbour's field.
	OOM Format = iota
	// Flat has the dotted names of the record at top level, as the command line prints them.
	Flat
	// ECS has the names of the Elastic Common Schema, and `oom.*` unchanged. `@timestamp` is not
	// among them: out_es adds it from the event's own time, and a document with two is refused.
	ECS
)

var names = enum.New[Format]("form", "oom", "flat", "ecs")

// String returns the form's name as [Parse] reads it.
func (f Format) String() string { return names.String(f) }

// Parse reads the name of a form, in any case of letters.
func Parse(name string) (Format, error) { return names.Parse(strings.ToLower(name)) }

// Names returns the names of the forms, by value.
func Names() []string { return names.All() }

// KV is one key with its value.
type KV struct {
	Key string
	// Value is a string, int64, float64, bool, []string (never empty), or a map as []KV.
	Value any
}

// Map returns the record in a form. The order is the record's own, the message first.
func Map(r *record.Record, f Format) []KV {
	switch f {
	case Flat:
		return flat(r)
	case ECS:
		return ecs(r)
	}
	return oom(r)
}

// oom is the default form.
func oom(r *record.Record) []KV {
	inner := make([]KV, 0, r.Len())
	for a := range r.Attrs() {
		inner = append(inner, KV{ShortName(a.Name), a.Value.Any()})
	}
	return []KV{{"message", r.Body}, {"oom", inner}}
}

// ShortName returns an attribute's key inside the map `oom`: the name without a leading "oom." (for
// the record's own uid and text without "log."), an underscore for each dot.
func ShortName(attribute string) string {
	name := strings.TrimPrefix(attribute, "oom.")
	name = strings.TrimPrefix(name, "log.")
	return strings.ReplaceAll(name, ".", "_")
}
