package output

import (
	"fmt"
	"time"

	"github.com/tinylib/msgp/msgp"

	"github.com/oomtrail/oomtrail/fluentbit/form"
	"github.com/oomtrail/oomtrail/fluentbit/logevent"
)

// maxDepth bounds how deep the values of a record may be nested.
const maxDepth = 32

var errTooDeep = fmt.Errorf("values nested more than %d deep", maxDepth)

// decodeEvents calls fn with each event of a chunk. The markers of a group, whose seconds are negative, are no events.
// What is no event is left out: bad is how often that was so, and err says it of the first.
func decodeEvents(chunk []byte, fn func(at time.Time, fields []form.KV)) (bad int, err error) {
	fail := func(rest []byte, e error) {
		if bad++; bad == 1 {
			err = fmt.Errorf("byte %d of the chunk: %w", len(chunk)-len(rest), e)
		}
	}
	var event logevent.Event
	for rest := chunk; len(rest) > 0; {
		here := rest
		var e error
		if rest, e = event.Next(here); e != nil {
			fail(here, e)
			continue
		}
		if event.Time.Unix() < 0 {
			continue
		}
		fields, _, e := decodeMap(event.Record, 0)
		if e != nil {
			fail(here, e)
			continue
		}
		fn(event.Time, fields)
	}
	return bad, err
}

// decodeMap reads a map in the order of its keys. b holds all of it, so that no count in it claims more than there is.
func decodeMap(b []byte, depth int) ([]form.KV, []byte, error) {
	n, b, err := msgp.ReadMapHeaderBytes(b)
	if err != nil {
		return nil, b, err
	}
	if depth == maxDepth {
		return nil, b, errTooDeep
	}
	fields := make([]form.KV, 0, n)
	for ; n > 0; n-- {
		var key, value any
		if key, b, err = decodeValue(b, depth+1); err != nil {
			return nil, b, err
		}
		if value, b, err = decodeValue(b, depth+1); err != nil {
			return nil, b, err
		}
		name, ok := key.(string)
		if !ok {
			name = fmt.Sprint(key)
		}
		fields = append(fields, form.KV{Key: name, Value: value})
	}
	return fields, b, nil
}

// decodeValue reads a value as string, int64, uint64, float64, bool, nil, []any or []form.KV.
func decodeValue(b []byte, depth int) (any, []byte, error) {
	switch msgp.NextType(b) {
	case msgp.StrType:
		return asAny(msgp.ReadStringBytes(b))
	case msgp.BinType:
		v, rest, err := msgp.ReadBytesZC(b)
		return string(v), rest, err
	case msgp.IntType:
		return asAny(msgp.ReadInt64Bytes(b))
	case msgp.UintType:
		return asAny(msgp.ReadUint64Bytes(b))
	case msgp.Float32Type, msgp.Float64Type:
		return asAny(msgp.ReadFloat64Bytes(b))
	case msgp.BoolType:
		return asAny(msgp.ReadBoolBytes(b))
	case msgp.MapType:
		return asAny(decodeMap(b, depth))
	case msgp.ArrayType:
		return decodeArray(b, depth)
	}
	rest, err := msgp.Skip(b) // nil, or an extension, which has no form in JSON
	return nil, rest, err
}

func asAny[T any](v T, rest []byte, err error) (any, []byte, error) { return v, rest, err }

func decodeArray(b []byte, depth int) (any, []byte, error) {
	n, b, err := msgp.ReadArrayHeaderBytes(b)
	if err != nil {
		return nil, b, err
	}
	if depth == maxDepth {
		return nil, b, errTooDeep
	}
	values := make([]any, 0, n)
	for ; n > 0; n-- {
		var v any
		if v, b, err = decodeValue(b, depth+1); err != nil {
			return nil, b, err
		}
		values = append(values, v)
	}
	return values, b, nil
}
