// SPDX-License-Identifier: Apache-2.0

package reportview

import (
	"bufio"
	"fmt"
	"iter"
	"reflect"
	"strings"
	"unicode"

	"github.com/oomtrail/oomtrail/internal/plain"
	"github.com/oomtrail/oomtrail/parser/record"
	"github.com/oomtrail/oomtrail/parser/report"
)

// object is a JSON object that keeps its order.
type object []member

// list is a JSON list whose elements are made as they are printed, since a report can hold a great
// many; nil is no list.
type list iter.Seq[any]

// listOf returns a list of what make makes of each element.
func listOf[T any](elements []T, make func(*T) any) list {
	if len(elements) == 0 {
		return nil
	}
	return func(yield func(any) bool) {
		for i := range elements {
			if !yield(make(&elements[i])) {
				return
			}
		}
	}
}

type member struct {
	name  string
	value any
}

// add appends a member, unless its value says nothing: an empty text or list, a false, an absent
// number.
func (o *object) add(name string, value any) {
	switch v := value.(type) {
	case nil:
		return
	case string:
		if v == "" {
			return
		}
		value = plain.Printable(v)
	case bool:
		if !v && name != "complete" {
			return
		}
	case object:
		if len(v) == 0 {
			return
		}
	case list:
		if v == nil {
			return
		}
	}
	*o = append(*o, member{name, value})
}

// write prints a value as indented JSON: an object, a list, or what JSON has a word for. Nothing of
// it is held in memory but one element of each list that it stands in. An error stays in w.
func write(w *bufio.Writer, value any, indent string) {
	inner := indent + "  "
	first := true
	next := func() {
		if !first {
			w.WriteByte(',')
		}
		first = false
		w.WriteByte('\n')
		w.WriteString(inner)
	}
	switch v := value.(type) {
	case object:
		w.WriteByte('{')
		for _, m := range v {
			next()
			w.Write(plain.EscapeJSON(record.AppendJSONValue(w.AvailableBuffer(), m.name)))
			w.WriteString(": ")
			write(w, m.value, inner)
		}
		end(w, '}', first, indent)
	case list:
		w.WriteByte('[')
		for element := range v {
			next()
			write(w, element, inner)
		}
		end(w, ']', first, indent)
	default:
		w.Write(plain.EscapeJSON(record.AppendJSONValue(w.AvailableBuffer(), v)))
	}
}

// end prints the bracket that closes an object or a list.
func end(w *bufio.Writer, bracket byte, empty bool, indent string) {
	if !empty {
		w.WriteByte('\n')
		w.WriteString(indent)
	}
	w.WriteByte(bracket)
}

// valueView turns a value of the typed report into what add takes: structs become objects whose
// names are the fields' in snake_case, an absent number goes, a named number with words of its own
// becomes its word.
func valueView(v any) any { return plainValue(reflect.ValueOf(v)) }

func plainValue(v reflect.Value) any {
	if n, ok := v.Interface().(report.Int); ok {
		if !n.OK {
			return nil
		}
		return n.V
	}
	if s, ok := v.Interface().(fmt.Stringer); ok && v.Kind() != reflect.Struct {
		return s.String()
	}
	switch v.Kind() {
	case reflect.Struct:
		o := object{}
		if v.IsZero() {
			return o
		}
		for i := range v.NumField() {
			field := v.Type().Field(i)
			value := plainValue(v.Field(i))
			if inner, ok := value.(object); ok && field.Anonymous {
				o = append(o, inner...)
				continue
			}
			if strings.HasPrefix(field.Name, "Has") {
				continue // what is absent is left out: that says it
			}
			o.add(snake(field.Name), value)
		}
		return o
	case reflect.Slice:
		if v.Len() == 0 {
			return list(nil)
		}
		return list(func(yield func(any) bool) {
			for i := range v.Len() {
				if !yield(plainValue(v.Index(i))) {
					return
				}
			}
		})
	}
	return v.Interface()
}

// snake writes a Go name in snake_case: UsageKB is usage_kb, OOMScoreAdj is oom_score_adj.
func snake(name string) string {
	var b strings.Builder
	runes := []rune(name)
	for i, r := range runes {
		startsWord := i > 0 && unicode.IsUpper(r) &&
			(!unicode.IsUpper(runes[i-1]) || (i+1 < len(runes) && unicode.IsLower(runes[i+1])))
		if startsWord {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}
