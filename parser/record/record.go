// SPDX-License-Identifier: Apache-2.0

// Package record holds the records of out-of-memory kills: one flat list of names and values for
// each event. Its one table, [Fields], documents every field.
package record

import (
	"iter"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/oomtrail/oomtrail/internal/plain"
)

// Record is one structured event: a kill, or a report that killed no process.
type Record struct {
	// Body is one sentence for people, of at most [MaxBody] bytes. No search for the words of a
	// kernel line matches it.
	Body string
	// Time is the wall time of the kill line, zero where it is not known.
	Time time.Time
	// Uptime is the kernel's timestamp of the kill line in microseconds since boot, valid iff
	// HasUptime.
	Uptime    int64
	HasUptime bool
	// Position is the caller's own mark of the line that completed the record.
	Position int64
	// Input is the caller's own name of the input that the record is from: its last line, where
	// several inputs share in it.
	Input string
	// items are the attributes, text is the memory of all their strings, and more the names that
	// are in no table.
	items []item
	text  string
	more  []string
}

// The names of events: the values of event.name.
const (
	EventKill       = "oom.kill"         // a process was killed
	EventNoVictim   = "oom.no_victim"    // memory ran out, and it is proven that no process was killed
	EventPanic      = "oom.panic"        // the kernel panicked because memory ran out
	EventReapFailed = "oom.reap_failed"  // the reaper gave a victim up
	EventUnresolved = "oom.unresolved"   // memory ran out, and the log does not show how that ended
	EventAttempt    = "oom.kill_attempt" // a program decided to kill, and did not or may not have done so
	EventObserved   = "oom.observed"     // a program says that another one killed for memory
	EventEviction   = "oom.eviction"     // the kubelet evicted a pod for memory
	EventSigkill    = "oom.sigkill"      // a death by SIGKILL, with its verdict
	EventWarning    = "oom.warning"      // memory is about to run out
)

// The OpenTelemetry severity numbers of records.
const (
	SeverityInfo  = 9
	SeverityWarn  = 13
	SeverityError = 17
)

// Version is the version of the contract.
const Version = "2"

// MaxBody bounds [Record.Body], in bytes. Names are shortened for it, numbers never.
const MaxBody = 200

// Severity returns the OpenTelemetry severity of the record, number and text: ERROR for a kill and
// a panic, INFO for a death by SIGKILL, WARN for every other event.
func (r *Record) Severity() (number int, text string) {
	switch r.Text(Fields[EventName].Name) {
	case EventKill, EventPanic:
		return SeverityError, "ERROR"
	case EventSigkill:
		return SeverityInfo, "INFO"
	}
	return SeverityWarn, "WARN"
}

// Attr is one attribute of a record.
type Attr struct {
	// Name is the attribute's name, such as oom.victim.memory.rss.
	Name string
	// Value is its value.
	Value Value
	// Resource is true where the collector carries it as a resource attribute.
	Resource bool
}

// Len returns how many attributes the record has.
func (r *Record) Len() int { return len(r.items) }

// Attrs returns an iterator over the attributes, in the order of [Fields]. No name comes twice.
func (r *Record) Attrs() iter.Seq[Attr] {
	return func(yield func(Attr) bool) {
		for i := range r.items {
			it := &r.items[i]
			if !yield(Attr{Name: it.id.nameOf(r.more), Value: r.value(it), Resource: it.id.isResource()}) {
				return
			}
		}
	}
}

// Get returns the value of the attribute with that name. ok is false where the record has none.
func (r *Record) Get(name string) (Value, bool) {
	for i := range r.items {
		if it := &r.items[i]; it.id.nameOf(r.more) == name {
			return r.value(it), true
		}
	}
	return Value{}, false
}

// With returns a copy of the record with further attributes after its own. One of the same name is
// replaced. A string that is not UTF-8 is made printable. The table says which are resource
// attributes, not [Attr.Resource].
func (r *Record) With(attrs ...Attr) *Record {
	more := *r
	more.items, more.more = slices.Clone(r.items), slices.Clone(r.more)
	text := []byte(r.text)
	for _, a := range attrs {
		more.items = slices.DeleteFunc(more.items, func(it item) bool { return it.id.nameOf(more.more) == a.Name })
		id := slices.Index(knownNames, a.Name)
		if id < 0 {
			id = len(knownNames) + len(more.more)
			more.more = append(more.more, a.Name)
		}
		it := item{num: a.Value.num, id: ID(id), kind: a.Value.kind}
		if it.kind == KindString {
			start := len(text)
			if utf8.ValidString(a.Value.text) {
				text = append(text, a.Value.text...)
			} else {
				text = plain.AppendPrintable(text, a.Value.text)
			}
			it.num = spanOf(start, len(text))
		}
		more.items = append(more.items, it)
	}
	more.text = string(text)
	return &more
}

// Without returns a copy of the record without the attributes of those names. It holds nothing of
// their text.
func (r *Record) Without(names ...string) *Record {
	less := *r
	less.items = make([]item, 0, len(r.items))
	var text []byte
	for _, it := range r.items {
		if slices.Contains(names, it.id.nameOf(r.more)) {
			continue
		}
		if it.kind == KindString {
			start, end := it.span()
			it.num = spanOf(len(text), len(text)+end-start)
			text = append(text, r.text[start:end]...)
		}
		less.items = append(less.items, it)
	}
	less.text, less.Body = string(text), strings.Clone(r.Body) // which is a part of the text
	return &less
}

// value returns the value of an item.
func (r *Record) value(it *item) Value {
	if it.kind == KindString {
		start, end := it.span()
		return StringValue(r.text[start:end])
	}
	return Value{kind: it.kind, num: it.num}
}

// Text returns the attribute's string, "" where it is absent or not a string.
func (r *Record) Text(name string) string {
	v, _ := r.Get(name)
	return v.text
}
