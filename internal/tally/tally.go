// SPDX-License-Identifier: Apache-2.0

// Package tally counts kills in series, one for each combination of some attributes of their
// records. Names of pods have no end, so the number of series is bounded, and a series that no
// further kill comes of ends. Receiver and processor of the collector share it.
package tally

import (
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/oomtrail/oomtrail/internal/plain"
)

const (
	// MaxSeries is how many series a tally holds. Kills of further ones are counted together.
	MaxSeries = 1000
	// Keep is how long a series is held after its last kill.
	Keep = 24 * time.Hour
	// Overflow is the attribute of the series that counts the kills beyond MaxSeries, true, and its
	// only one: OpenTelemetry's SDKs mark what goes beyond their own limits so.
	Overflow = "otel.metric.overflow"
	// maxValue bounds the value of an attribute, in bytes. No name of a host, a pod or a unit is
	// longer.
	maxValue = 255
)

// Names are the attributes that kills can be counted by.
const (
	Cause         = "oom.diagnosis.cause"
	Constraint    = "oom.constraint"
	ContainerName = "container.name"
	HostName      = "host.name"
	K8sContainer  = "k8s.container.name"
	K8sNamespace  = "k8s.namespace.name"
	K8sPod        = "k8s.pod.name"
	Killer        = "oom.killer"
	Scope         = "oom.scope"
	SystemdUnit   = "systemd.unit.name"
)

// All are these, in order.
var All = []string{ContainerName, HostName, K8sContainer, K8sNamespace, K8sPod, Constraint, Cause, Killer, Scope, SystemdUnit}

// Usual are the attributes that kills are counted by where nothing else is set: few values each.
var Usual = []string{Constraint, Scope}

// unknown is the value of an attribute of Usual that a record does not have.
const unknown = "unknown"

// Attribute is one attribute of a series.
type Attribute struct{ Name, Value string }

// Series is a count of kills.
type Series struct {
	// Attributes are those that its kills had, in the order of their names; none of the overflow.
	Attributes []Attribute
	// Overflow is set in the series of the kills that had no series of their own.
	Overflow bool
	// Kills is how many there were since Start.
	Kills int64
	// Start is when counting began: for a series that a kill made, that kill.
	Start time.Time
}

// Tally counts kills. It is safe for use by several goroutines.
type Tally struct {
	names []string

	mu     sync.Mutex
	series map[string]*held
	rest   *held // the overflow, nil before it is needed
}

// held is a series, and when the last kill of it was counted.
type held struct {
	Series
	last  time.Time
	stays bool // it does not end
}

// New returns a tally by the attributes names, of which each may be absent from a record. The two
// usual kinds of kill, at a cgroup's limit and of the host, have a series of zero from the start,
// so that the first kill is seen as a rise.
func New(names []string, now time.Time) *Tally {
	names = slices.Clone(names)
	slices.Sort(names)
	t := &Tally{names: slices.Compact(names), series: make(map[string]*held)}
	for _, usual := range []map[string]string{{Constraint: "none", Scope: "host"}, {Constraint: "memcg", Scope: "cgroup"}} {
		key, attributes := t.key(func(name string) string { return usual[name] })
		t.series[key] = &held{Series: Series{Attributes: attributes, Start: now}, stays: true}
	}
	return t
}

// key returns what identifies the series of a record, and its attributes.
func (t *Tally) key(text func(name string) string) (key string, attributes []Attribute) {
	var b strings.Builder
	for _, name := range t.names {
		value := printable(text(name))
		if value == "" && slices.Contains(Usual, name) {
			value = unknown
		}
		b.WriteString(value)
		b.WriteByte(0) // in no value that is printable
		if value != "" {
			attributes = append(attributes, Attribute{name, value})
		}
	}
	return b.String(), attributes
}

// printable returns a value as it stands in a series: cut to maxValue, and with what is not
// printable escaped. A sender may call its host anything; text that is no UTF-8 keeps exporters
// from sending all other series, too.
func printable(value string) string {
	n := min(len(value), maxValue)
	for n < len(value) && n > 0 && !utf8.RuneStart(value[n]) {
		n--
	}
	if value = value[:n]; plain.IsPrintable(value) {
		return strings.Clone(value) // the rest of a long one need not stay in memory
	}
	return string(plain.AppendPrintable(nil, value))
}

// Add counts a kill. text returns an attribute of its record, "" for one that it does not have.
func (t *Tally) Add(now time.Time, text func(name string) string) {
	key, attributes := t.key(text)
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.series[key]
	if s == nil && len(t.series) >= MaxSeries {
		t.forget(now)
	}
	switch {
	case s != nil:
	case len(t.series) < MaxSeries:
		s = &held{Series: Series{Attributes: attributes, Start: now}}
		t.series[key] = s
	default:
		if t.rest == nil {
			t.rest = &held{Series: Series{Overflow: true, Start: now}}
		}
		s = t.rest
	}
	s.Kills++
	s.last = now
}

// Read returns the series as they are now, in the order of their attributes.
func (t *Tally) Read(now time.Time) []Series {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.forget(now)
	all := make([]Series, 0, len(t.series)+1)
	for _, s := range t.series {
		all = append(all, s.Series)
	}
	slices.SortFunc(all, func(a, b Series) int {
		return slices.CompareFunc(a.Attributes, b.Attributes, func(a, b Attribute) int {
			if c := strings.Compare(a.Name, b.Name); c != 0 {
				return c
			}
			return strings.Compare(a.Value, b.Value)
		})
	})
	if t.rest != nil {
		all = append(all, t.rest.Series)
	}
	return all
}

// forget ends the series of which no kill has come for long.
func (t *Tally) forget(now time.Time) {
	for key, s := range t.series {
		if s.isOver(now) {
			delete(t.series, key)
		}
	}
	if t.rest != nil && t.rest.isOver(now) {
		t.rest = nil
	}
}

func (s *held) isOver(now time.Time) bool { return !s.stays && now.Sub(s.last) > Keep }
