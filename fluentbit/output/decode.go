package output

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/tinylib/msgp/msgp"

	"github.com/oomtrail/oomtrail/fluentbit/form"
)

// maxDepth bounds how deep the values of a record may be nested.
const maxDepth = 32

var (
	errNoEvent = errors.New("not a Fluent Bit event")
	errTooDeep = fmt.Errorf("values nested more than %d deep", maxDepth)
)

// decodeEvents calls fn with each event of a chunk: [[time, metadata], record], or the older [time, record].
// The markers of a group, whose seconds are negative, are no events. It stops at bytes that are no event.
func decodeEvents(chunk []byte, fn func(at time.Time, fields []form.KV)) error {
	for offset := 0; offset < len(chunk); {
		at, fields, rest, err := decodeEvent(chunk[offset:])
		if err != nil {
			return fmt.Errorf("byte %d of the chunk: %w", offset, err)
		}
		if at.Unix() >= 0 {
			fn(at, fields)
		}
		offset = len(chunk) - len(rest)
	}
	return nil
}

func decodeEvent(b []byte) (at time.Time, fields []form.KV, rest []byte, err error) {
	if b, err = pairHeader(b); err != nil {
		return
	}
	if msgp.NextType(b) != msgp.ArrayType {
		at, b, err = decodeTime(b)
	} else if b, err = pairHeader(b); err == nil {
		if at, b, err = decodeTime(b); err == nil {
			b, err = msgp.Skip(b) // the metadata
		}
	}
	if err != nil {
		return
	}
	fields, rest, err = decodeMap(b, 0)
	return
}

func pairHeader(b []byte) ([]byte, error) {
	n, rest, err := msgp.ReadArrayHeaderBytes(b)
	if err == nil && n != 2 {
		err = errNoEvent
	}
	return rest, err
}

// decodeTime reads an event's time: extension type 0 (seconds, nanoseconds), or a number of seconds.
func decodeTime(b []byte) (time.Time, []byte, error) {
	switch msgp.NextType(b) {
	case msgp.IntType, msgp.UintType:
		sec, rest, err := msgp.ReadInt64Bytes(b)
		return time.Unix(sec, 0), rest, err
	case msgp.Float64Type:
		sec, rest, err := msgp.ReadFloat64Bytes(b)
		whole := int64(sec)
		return time.Unix(whole, int64((sec-float64(whole))*1e9)), rest, err
	}
	var stamp msgp.RawExtension
	rest, err := msgp.ReadExtensionBytes(b, &stamp)
	if err != nil {
		return time.Time{}, b, err
	}
	if stamp.Type != 0 || len(stamp.Data) != 8 {
		return time.Time{}, b, errNoEvent
	}
	sec := int32(binary.BigEndian.Uint32(stamp.Data))
	return time.Unix(int64(sec), int64(binary.BigEndian.Uint32(stamp.Data[4:]))), rest, nil
}

// decodeMap reads a map in the order of its keys.
func decodeMap(b []byte, depth int) ([]form.KV, []byte, error) {
	n, b, err := msgp.ReadMapHeaderBytes(b)
	if err != nil {
		return nil, b, err
	}
	if depth == maxDepth {
		return nil, b, errTooDeep
	}
	fields := make([]form.KV, 0, min(int(n), len(b)/2))
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
		v, rest, err := msgp.ReadBytesBytes(b, nil)
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
	values := make([]any, 0, min(int(n), len(b)))
	for ; n > 0; n-- {
		var v any
		if v, b, err = decodeValue(b, depth+1); err != nil {
			return nil, b, err
		}
		values = append(values, v)
	}
	return values, b, nil
}
