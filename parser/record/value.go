// SPDX-License-Identifier: Apache-2.0

package record

import (
	"math"
	"strconv"

	"github.com/oomtrail/oomtrail/internal/enum"
)

// Kind is the kind of a [Value], under the names of log/slog.
type Kind uint8

// The kinds of values.
const (
	KindNone    Kind = iota // no value: the zero Value
	KindString              // a string
	KindInt64               // an int64
	KindFloat64             // a float64
	KindBool                // a bool
)

var kindNames = enum.New[Kind]("kind", "", "string", "int", "double", "bool")

// String returns string, int, double or bool, the names of OpenTelemetry; "" for no value.
func (k Kind) String() string { return kindNames.String(k) }

// Value is a string, an int64, a float64 or a bool, with the methods of [log/slog.Value]. The zero
// Value is no value.
type Value struct {
	text string
	num  int64 // an int64, a bool as 0 or 1, the bits of a float64
	kind Kind
}

// StringValue returns a Value for a string.
func StringValue(s string) Value { return Value{kind: KindString, text: s} }

// Int64Value returns a Value for an int64.
func Int64Value(i int64) Value { return Value{kind: KindInt64, num: i} }

// Float64Value returns a Value for a float64.
func Float64Value(f float64) Value { return Value{kind: KindFloat64, num: int64(math.Float64bits(f))} }

// BoolValue returns a Value for a bool.
func BoolValue(b bool) Value {
	v := Value{kind: KindBool}
	if b {
		v.num = 1
	}
	return v
}

// Kind returns the value's kind.
func (v Value) Kind() Kind { return v.kind }

// String returns a string value's text; of any other value the text that formats it, "" for no
// value.
func (v Value) String() string {
	switch v.kind {
	case KindInt64:
		return strconv.FormatInt(v.num, 10)
	case KindFloat64:
		return strconv.FormatFloat(v.Float64(), 'g', -1, 64)
	case KindBool:
		return strconv.FormatBool(v.Bool())
	}
	return v.text
}

// Int64 returns an int64 value's number, else 0.
func (v Value) Int64() int64 {
	if v.kind != KindInt64 {
		return 0
	}
	return v.num
}

// Float64 returns a float64 value's number, else 0.
func (v Value) Float64() float64 {
	if v.kind != KindFloat64 {
		return 0
	}
	return math.Float64frombits(uint64(v.num))
}

// Bool returns a bool value's truth, else false.
func (v Value) Bool() bool { return v.kind == KindBool && v.num == 1 }

// Any returns the value as string, int64, float64 or bool; nil for no value.
func (v Value) Any() any {
	switch v.kind {
	case KindString:
		return v.text
	case KindInt64:
		return v.num
	case KindFloat64:
		return v.Float64()
	case KindBool:
		return v.num == 1
	}
	return nil
}
