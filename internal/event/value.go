// SPDX-License-Identifier: Apache-2.0

package event

import "strconv"

// Value is the value of a field, or one of several values. The zero value is one of a kind that
// says nothing here.
type Value struct {
	// Text is the text of a value that has one, else nil. It is not copied.
	Text []byte
	// Int is the value of a whole number, valid when IsInt.
	Int   int64
	IsInt bool
	// Several is set for one value of an array, which names no host.
	Several bool
}

// Text returns the value of a text.
func Text(b []byte) Value {
	if b == nil {
		b = []byte{}
	}
	return Value{Text: b}
}

// Int returns the value of a whole number.
func Int(n int64) Value { return Value{Int: n, IsInt: true} }

// number returns the number that a value is, as such or as text.
func (v *Value) number() (n int64, ok bool) {
	if v.IsInt || len(v.Text) == 0 || len(v.Text) > 20 {
		return v.Int, v.IsInt
	}
	n, err := strconv.ParseInt(string(v.Text), 10, 64)
	return n, err == nil
}
