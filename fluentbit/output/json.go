// SPDX-License-Identifier: Apache-2.0

package output

import (
	"encoding/json"
	"math"

	"github.com/oomtrail/oomtrail/fluentbit/form"
)

// appendJSON appends fields as one JSON object, in their order.
func appendJSON(dst []byte, fields []form.KV) []byte {
	dst = append(dst, '{')
	for i := range fields {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendScalar(dst, fields[i].Key)
		dst = append(dst, ':')
		dst = appendValue(dst, fields[i].Value)
	}
	return append(dst, '}')
}

func appendValue(dst []byte, value any) []byte {
	switch v := value.(type) {
	case []form.KV:
		return appendJSON(dst, v)
	case []any:
		dst = append(dst, '[')
		for i := range v {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendValue(dst, v[i])
		}
		return append(dst, ']')
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return append(dst, "null"...)
		}
	}
	return appendScalar(dst, value)
}

// appendScalar appends what encoding/json makes of a string, number, bool, nil or []string.
// Bytes that are not UTF-8 become U+FFFD: JSON has no others.
func appendScalar(dst []byte, value any) []byte {
	b, err := json.Marshal(value)
	if err != nil {
		return append(dst, "null"...)
	}
	return append(dst, b...)
}
