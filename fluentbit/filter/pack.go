// SPDX-License-Identifier: Apache-2.0

package filter

import (
	"github.com/tinylib/msgp/msgp"

	"github.com/oomtrail/oomtrail/fluentbit/form"
	"github.com/oomtrail/oomtrail/fluentbit/logevent"
	"github.com/oomtrail/oomtrail/parser/record"
)

// AppendRecord appends one log event with a record of ours; stamp is its time as encoded.
func AppendRecord(b, stamp []byte, r *record.Record, f form.Format) []byte {
	b = logevent.AppendRecordHead(b, stamp, r.Text("oom.record.version"))
	return appendMap(b, form.Map(r, f))
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
