// SPDX-License-Identifier: Apache-2.0

package output

import (
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/oomtrail/oomtrail/fluentbit/form"
)

// label is one label of a Loki stream: a fixed value, or that of an attribute.
type label struct {
	name, value, attribute string
}

// defaultLabels name the stream by what is few: a host's kills of one kind.
const defaultLabels = "service_name=kernel, host_name=$host.name, event_name=$event.name, oom_scope=$oom.scope, oom_constraint=$oom.constraint"

// bounded are the attributes that may be labels. Each value of a label makes a stream of its own in
// Loki, so that an attribute with as many values as there are kills must be none. A value comes
// from a log that anybody may write to, and a Deployment gives each of its pods a new name:
// [streams] bounds what becomes of it.
var bounded = []string{
	"container.runtime.name", "event.name", "host.id", "host.name", "k8s.namespace.name", "k8s.pod.name", "oom.cgroup.level", "oom.constraint", "oom.diagnosis.cause",
	"oom.k8s.qos_class", "oom.kernel.release", "oom.killer", "oom.record.version", "oom.scope", "oom.source", "oom.trust",
}

// The limits of Loki as it comes; a record beyond them is refused and lost.
const (
	maxLabels        = 15
	maxLabelName     = 128
	maxLabelValue    = 253 // as long as the name of a host can be
	maxMetadata      = 128
	maxMetadataBytes = 60 << 10
)

// parseLabels reads `name=value, name=$attribute`.
func parseLabels(text string) ([]label, error) {
	var labels []label
	for _, part := range strings.Split(text, ",") {
		name, value, ok := strings.Cut(strings.TrimSpace(part), "=")
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		if !ok || value == "" {
			return nil, fmt.Errorf("Labels: %q is no label: use name=value or name=$attribute", strings.TrimSpace(part))
		}
		if name == "" || name != labelName(name) {
			return nil, fmt.Errorf("Labels: %q is no name of a label: use letters, digits and _", name)
		}
		if len(name) > maxLabelName || strings.HasPrefix(name, "__") {
			return nil, fmt.Errorf("Labels: %q is no name for a label: use at most %d characters, and not __ in front, which is Loki's", name, maxLabelName)
		}
		if slices.ContainsFunc(labels, func(l label) bool { return l.name == name }) {
			return nil, fmt.Errorf("Labels: %q is given twice: keep one", name)
		}
		if len(value) > maxLabelValue || !utf8.ValidString(value) {
			return nil, fmt.Errorf("Labels: the value of %s is no label's: use up to %d bytes of UTF-8", name, maxLabelValue)
		}
		attribute, isAttribute := strings.CutPrefix(value, "$")
		if isAttribute && !slices.Contains(bounded, attribute) {
			return nil, fmt.Errorf("Labels: %s=$%s would make a stream for each of its values: leave it to the structured metadata, or use one of %s",
				name, attribute, strings.Join(bounded, ", "))
		}
		if isAttribute {
			labels = append(labels, label{name: name, attribute: attribute})
		} else {
			labels = append(labels, label{name: name, value: value})
		}
	}
	if len(labels) > maxLabels {
		return nil, fmt.Errorf("Labels: %d are given, Loki takes %d: leave the rest to the structured metadata", len(labels), maxLabels)
	}
	sort.Slice(labels, func(i, j int) bool { return labels[i].name < labels[j].name })
	return labels, nil
}

// labelSet is the name of an event's stream. An attribute that the event lacks, or whose value is
// no label's, is left out; Loki wants one label at least.
func labelSet(labels []label, e *event) []form.KV {
	var set []form.KV
	for _, l := range labels {
		value := l.value
		if l.attribute != "" {
			if value = text(lookup(e.fields, l.attribute)); !isLabelValue(value) {
				continue
			}
		}
		set = append(set, form.KV{Key: l.name, Value: value})
	}
	if set == nil {
		return []form.KV{{Key: "service_name", Value: "kernel"}}
	}
	return set
}

// isLabelValue reports whether a value has the length and the characters of what [bounded] names:
// words, versions, names of hosts.
func isLabelValue(value string) bool {
	for i := range len(value) {
		if c := value[i]; !isLetterOrDigit(rune(c)) && !strings.ContainsRune("_.-:+~@%/", rune(c)) {
			return false
		}
	}
	return value != "" && len(value) <= maxLabelValue
}

// metadata are the fields of an event that are not its line nor in its labels, in their order, as
// far as Loki takes them.
func metadata(labels []form.KV, e *event) []form.KV {
	var m []form.KV
	seen := make(map[string]bool, len(e.fields)+len(labels))
	for i := range labels {
		seen[labels[i].Key] = true
	}
	total := 0
	eachScalar("", e.fields, func(key, value string) {
		name := labelName(key)
		if value == "" || value == e.message || seen[name] || len(m) == maxMetadata || total+len(name)+len(value) > maxMetadataBytes {
			return
		}
		seen[name] = true
		total += len(name) + len(value)
		m = append(m, form.KV{Key: name, Value: value})
	})
	return m
}

// eachScalar calls fn with each field that is no map. The fields of the map `oom` stand for
// themselves, as in out_loki's structured_metadata_map_keys; those of another map get its name
// before them.
func eachScalar(prefix string, fields []form.KV, fn func(key, value string)) {
	for i := range fields {
		key := prefix + fields[i].Key
		switch v := fields[i].Value.(type) {
		case []form.KV:
			if key == "oom" {
				eachScalar("", v, fn)
			} else {
				eachScalar(key+"_", v, fn)
			}
		case []any:
			values := make([]string, len(v))
			for i := range v {
				values[i] = text(v[i])
			}
			fn(key, strings.Join(values, ","))
		default:
			fn(key, text(v))
		}
	}
}

// text is a scalar as Loki carries it; "" for what is none.
func text(value any) string {
	switch v := value.(type) {
	case string:
		return strings.ToValidUTF8(v, "\uFFFD")
	case int64:
		return strconv.FormatInt(v, 10)
	case uint64:
		return strconv.FormatUint(v, 10)
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	case bool:
		return strconv.FormatBool(v)
	}
	return ""
}

func isLetterOrDigit(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
}

// labelName turns a key into a name that Loki takes.
func labelName(key string) string {
	name := strings.Map(func(r rune) rune {
		if isLetterOrDigit(r) {
			return r
		}
		return '_'
	}, key)
	if name != "" && name[0] >= '0' && name[0] <= '9' {
		name = "_" + name
	}
	return name
}
