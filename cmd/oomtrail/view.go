package main

import (
	"fmt"
	"reflect"
	"strings"
	"unicode"

	"github.com/oomtrail/oomtrail/parser/grammar"
	"github.com/oomtrail/oomtrail/parser/record"
)

// object is a JSON object that keeps its order.
type object []member

type member struct {
	name  string
	value any
}

// add appends a member, unless its value says nothing: an empty text or list, a false, an absent number.
func (o *object) add(name string, value any) {
	switch v := value.(type) {
	case nil:
		return
	case string:
		if v == "" {
			return
		}
		value = printable(v)
	case bool:
		if !v && name != "complete" {
			return
		}
	case object:
		if len(v) == 0 {
			return
		}
	default:
		if rv := reflect.ValueOf(value); rv.Kind() == reflect.Slice && rv.Len() == 0 {
			return
		}
	}
	*o = append(*o, member{name, value})
}

// MarshalJSON writes the members in their order.
func (o object) MarshalJSON() ([]byte, error) {
	b := []byte{'{'}
	for i, m := range o {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(record.AppendJSONValue(b, m.name), ':')
		b = record.AppendJSONValue(b, m.value)
	}
	return append(b, '}'), nil
}

// printable writes bytes that are not printable UTF-8 as \xNN.
func printable(s string) string { return string(record.AppendPrintable(nil, s)) }

// plain turns a value of the typed report into what add takes: structs become objects whose names are the
// fields' in snake_case, an absent number goes, a named number with words of its own becomes its word.
func plain(v any) any { return plainValue(reflect.ValueOf(v)) }

func plainValue(v reflect.Value) any {
	if n, ok := v.Interface().(grammar.Int); ok {
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
		list := []any{}
		for i := range v.Len() {
			list = append(list, plainValue(v.Index(i)))
		}
		return list
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
