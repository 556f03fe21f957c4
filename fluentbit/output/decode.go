// SPDX-License-Identifier: Apache-2.0

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

// decodeRecords calls fn with each record of ours in a chunk. What is no event is left out: bad is
// how often that was so, and err says it of the first.
func decodeRecords(chunk []byte, accept logevent.Accept, fn func(at time.Time, fields []form.KV)) (bad int, err error) {
	return eachEvent(chunk, func(e *logevent.Event) error {
		if verdict, _ := e.Judge(accept); verdict != logevent.Own {
			return nil
		}
		fields, _, err := decodeMap(e.Record, 0)
		if err == nil {
			fn(e.Time, fields)
		}
		return err
	})
}

// eachEvent calls fn with each event of a chunk, but not with the markers of a group. bad is how
// many values are no events, or made fn fail; err is the first error.
func eachEvent(chunk []byte, fn func(*logevent.Event) error) (bad int, err error) {
	var e logevent.Event
	for rest := chunk; len(rest) > 0; {
		at := len(chunk) - len(rest)
		var problem error
		if rest, problem = e.Next(rest); problem == nil && !e.Marker {
			problem = fn(&e)
		}
		if problem == nil {
			continue
		}
		if bad++; bad == 1 {
			err = fmt.Errorf("byte %d of the chunk: %w", at, problem)
		}
	}
	return bad, err
}

// decodeMap reads a map in the order of its keys. b holds all of it, so that no count in it claims
// more than there is.
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
