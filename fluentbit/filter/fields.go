// SPDX-License-Identifier: Apache-2.0

package filter

import (
	"math"

	"github.com/tinylib/msgp/msgp"

	"github.com/oomtrail/oomtrail/fluentbit/logevent"
	"github.com/oomtrail/oomtrail/internal/event"
)

// fields are the fields of one record.
type fields struct {
	event.Event
	form event.Form
	// text is nil in a record without a text of interest.
	text []byte
	// verifiable is set where it can be proven that the kernel wrote the text.
	verifiable bool
	// nested is set where a field is a map.
	nested bool
}

// read reads the fields of a record. key is the setting Key.
func (f *fields) read(record []byte, key string) {
	f.Reset()
	f.nested = false
	var named []byte
	logevent.Each(record, func(name, value []byte) bool {
		if key != "" && string(name) == key {
			named = firstText(value)
		}
		f.add(name, value)
		return true
	})
	if key != "" {
		f.form, f.text = f.Form(), named
		return
	}
	if f.nested && isObject(record) {
		f.form, f.text = event.Raw, objectText(record)
		return
	}
	form, field := f.Find()
	f.form, f.text = form, f.Text(field)
}

// add adds a field: each value of an array.
func (f *fields) add(name, value []byte) {
	t := msgp.NextType(value)
	switch t {
	case msgp.ArrayType:
		none := true
		eachValue(value, func(v []byte) bool {
			one := valueOf(v, msgp.NextType(v))
			one.Several, none = true, false
			f.Add(name, one)
			return true
		})
		if none {
			f.AddEmpty(name)
		}
		return
	case msgp.MapType:
		f.nested = true
		if string(name) == "kubernetes" {
			f.SetNode(textOf(logevent.Find(value, "host")))
		}
	}
	f.Add(name, valueOf(value, t))
}

// valueOf reads one value of a type: a text, or a whole number.
func valueOf(value []byte, t msgp.Type) (v event.Value) {
	switch t {
	case msgp.StrType:
		if text, _, err := msgp.ReadStringZC(value); err == nil {
			v.Text = trimControl(text)
		}
	case msgp.BinType:
		v.Text = textOf(value)
	case msgp.IntType, msgp.UintType:
		n, _, err := msgp.ReadInt64Bytes(value)
		v.Int, v.IsInt = n, err == nil
	case msgp.Float64Type:
		if x, _, err := msgp.ReadFloat64Bytes(value); err == nil && x == math.Trunc(x) && math.Abs(x) < 1<<53 {
			v.Int, v.IsInt = int64(x), true
		}
	}
	return v
}

// firstText returns the text of a value, the first one of an array; nil where it has none.
func firstText(value []byte) (text []byte) {
	eachValue(value, func(v []byte) bool { text = textOf(v); return false })
	return text
}

// eachValue calls fn with a value, or with each one of an array, until fn returns false.
func eachValue(value []byte, fn func([]byte) bool) {
	if msgp.NextType(value) != msgp.ArrayType {
		fn(value)
		return
	}
	n, rest, err := msgp.ReadArrayHeaderBytes(value)
	for ; err == nil && n > 0; n-- {
		value = rest
		if rest, err = msgp.Skip(value); err == nil && !fn(value[:len(value)-len(rest)]) {
			return
		}
	}
}

// textOf reads a value that is a text, without the control bytes that in_systemd may leave at its
// end; nil when it is none.
func textOf(value []byte) []byte {
	text, _, err := logevent.Text(value)
	if err != nil {
		return nil
	}
	return trimControl(text)
}

// trimControl cuts control bytes off the end. A tab may belong to the text.
func trimControl(b []byte) []byte {
	for len(b) > 0 && (b[len(b)-1] < ' ' && b[len(b)-1] != '\t' || b[len(b)-1] == 0x7f) {
		b = b[:len(b)-1]
	}
	return b
}
