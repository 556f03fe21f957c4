// SPDX-License-Identifier: Apache-2.0

// Package record turns a report into records: one flat list of names and
// values for each killed process. Its one table, [Fields], names every field.
package record

import (
	"github.com/oomtrail/oomtrail/internal/assembly"

	"iter"
	"math"
	"slices"
	"time"
	"unicode/utf8"
)

// Record is one structured event: a kill, or a report that killed nobody.
type Record struct {
	// Body is one sentence for a person, of at most [MaxBody] bytes. No kernel grammar matches it.
	Body string
	// Time is the wall time of the kill line, zero where it is not known.
	Time time.Time
	// Uptime is the kernel's stamp of the kill line in microseconds since boot, where HasUptime is set.
	Uptime    int64
	HasUptime bool
	// Position is the feeder's own mark of the line that completed the record.
	Position int64
	// items are the attributes, text is what all their strings stand in, and stats the names that are in no table.
	items []item
	text  string
	stats []string
}

// Severity returns the OpenTelemetry severity number of the record and the word for it: 17, ERROR, for a kill and a panic, and 13,
// WARN, for every other event.
func (r *Record) Severity() (number int, text string) {
	switch r.Text(Fields[fEventName].Name) {
	case eventNames[assembly.EventKill], eventNames[assembly.EventPanic]:
		return 17, "ERROR"
	}
	return 13, "WARN"
}

// Attr is one attribute of a record.
type Attr struct {
	// Name is the attribute's name, "oom.victim.memory.rss".
	Name string
	// Value is its value.
	Value Value
	// Resource is true where the collector carries it as a resource attribute.
	Resource bool
}

// Len returns how many attributes the record has.
func (r *Record) Len() int { return len(r.items) }

// Attrs hands out the attributes, in the order of [Fields]; no name stands twice.
func (r *Record) Attrs() iter.Seq[Attr] {
	return func(yield func(Attr) bool) {
		for i := range r.items {
			it := &r.items[i]
			if !yield(Attr{Name: it.field.name(r.stats), Value: r.value(it), Resource: it.field.isResource()}) {
				return
			}
		}
	}
}

// Get returns the value of the attribute with that name.
func (r *Record) Get(name string) (Value, bool) {
	for i := range r.items {
		if it := &r.items[i]; it.field.name(r.stats) == name {
			return r.value(it), true
		}
	}
	return Value{}, false
}

// With returns a copy of the record that has further attributes, behind its own; one of the same name is replaced. A text that is no
// UTF-8 is made printable. Which are
// resource attributes the table says, not [Attr.Resource].
func (r *Record) With(attrs ...Attr) *Record {
	more := *r
	more.items, more.stats = slices.Clone(r.items), slices.Clone(r.stats)
	text := []byte(r.text)
	for _, a := range attrs {
		more.items = slices.DeleteFunc(more.items, func(it item) bool { return it.field.name(more.stats) == a.Name })
		f := slices.Index(fieldNames, a.Name)
		if f < 0 {
			f = len(fieldNames) + len(more.stats)
			more.stats = append(more.stats, a.Name)
		}
		it := item{num: a.Value.num, field: field(f), typ: a.Value.typ}
		if it.typ == TypeString {
			start := len(text)
			if utf8.ValidString(a.Value.text) {
				text = append(text, a.Value.text...)
			} else {
				text = AppendPrintable(text, a.Value.text)
			}
			it.num = spanOf(start, len(text))
		}
		more.items = append(more.items, it)
	}
	more.text = string(text)
	return &more
}

// Without returns a copy of the record that lacks the attributes with those names.
func (r *Record) Without(names ...string) *Record {
	less := *r
	less.items = slices.DeleteFunc(slices.Clone(r.items), func(it item) bool { return slices.Contains(names, it.field.name(r.stats)) })
	return &less
}

// value returns the value of an item.
func (r *Record) value(it *item) Value {
	if it.typ == TypeString {
		start, end := it.span()
		return String(r.text[start:end])
	}
	return Value{typ: it.typ, num: it.num}
}

// Text returns the attribute's text, "" when it is absent or not a string.
func (r *Record) Text(name string) string {
	v, _ := r.Get(name)
	return v.Str()
}

// Type is the type of a value.
type Type uint8

// The types of values.
const (
	TypeString Type = iota + 1
	TypeInt
	TypeDouble
	TypeBool
)

// String returns the type's name as the table of fields prints it.
func (t Type) String() string { return [...]string{"", "string", "int", "double", "bool"}[t] }

// Value is a string, an int64, a float64 or a bool. The zero Value is no value.
type Value struct {
	text string
	num  int64 // an int, a bool as 0 or 1, the bits of a double
	typ  Type
}

// String, Int, Double and Bool make values.
func String(s string) Value { return Value{typ: TypeString, text: s} }

// Int makes an int value.
func Int(i int64) Value { return Value{typ: TypeInt, num: i} }

// Double makes a double value.
func Double(f float64) Value { return Value{typ: TypeDouble, num: int64(math.Float64bits(f))} }

// Bool makes a bool value.
func Bool(b bool) Value {
	v := Value{typ: TypeBool}
	if b {
		v.num = 1
	}
	return v
}

// Type returns the value's type, 0 for no value.
func (v Value) Type() Type { return v.typ }

// Str returns a string value's text, else "".
func (v Value) Str() string { return v.text }

// Int64 returns an int value's number, else 0.
func (v Value) Int64() int64 {
	if v.typ != TypeInt {
		return 0
	}
	return v.num
}

// Float returns a double value's number, else 0.
func (v Value) Float() float64 {
	if v.typ != TypeDouble {
		return 0
	}
	return math.Float64frombits(uint64(v.num))
}

// IsTrue returns a bool value's truth, else false.
func (v Value) IsTrue() bool { return v.typ == TypeBool && v.num == 1 }

// Any returns the value as string, int64, float64 or bool; nil for no value.
func (v Value) Any() any {
	switch v.typ {
	case TypeString:
		return v.text
	case TypeInt:
		return v.num
	case TypeDouble:
		return v.Float()
	case TypeBool:
		return v.num == 1
	}
	return nil
}
