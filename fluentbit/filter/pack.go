package filter

import (
	"github.com/tinylib/msgp/msgp"

	"github.com/oomtrail/oomtrail/fluentbit/form"
)

// appendEvent appends one log event with a record of ours. stamp is its time as encoded; modern chooses
// the form with (empty) metadata.
func appendEvent(b, stamp []byte, modern bool, record []form.KV) []byte {
	b = msgp.AppendArrayHeader(b, 2)
	if modern {
		b = msgp.AppendArrayHeader(b, 2)
	}
	b = append(b, stamp...)
	if modern {
		b = msgp.AppendMapHeader(b, 0)
	}
	return appendMap(b, record)
}

// appendMap appends an ordered map.
func appendMap(b []byte, kvs []form.KV) []byte {
	b = msgp.AppendMapHeader(b, uint32(len(kvs)))
	for i := range kvs {
		b = msgp.AppendString(b, kvs[i].Key)
		b = appendValue(b, kvs[i].Value)
	}
	return b
}

// appendValue appends a value of one of the types that [form.KV] has.
func appendValue(b []byte, value any) []byte {
	switch v := value.(type) {
	case string:
		return msgp.AppendString(b, v)
	case int64:
		return msgp.AppendInt64(b, v)
	case float64:
		return msgp.AppendFloat64(b, v)
	case bool:
		return msgp.AppendBool(b, v)
	case []string:
		b = msgp.AppendArrayHeader(b, uint32(len(v)))
		for _, s := range v {
			b = msgp.AppendString(b, s)
		}
		return b
	case []form.KV:
		return appendMap(b, v)
	}
	return msgp.AppendNil(b)
}
