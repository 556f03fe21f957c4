// SPDX-License-Identifier: Apache-2.0

package record

import (
	"bytes"
	"encoding/json"
	"strconv"
	"time"
)

// AppendJSON appends the record as one flat JSON object: time (RFC 3339 in UTC, where the wall time
// is known), uptime (seconds, where the kernel's timestamp is known), severity_number, body, then
// the attributes under their own names.
func (r *Record) AppendJSON(dst []byte) []byte {
	dst = append(dst, '{')
	if !r.Time.IsZero() {
		dst = append(dst, `"time":"`...)
		dst = r.Time.UTC().AppendFormat(dst, time.RFC3339Nano)
		dst = append(dst, `",`...)
	}
	if r.HasUptime {
		dst = append(dst, `"uptime":`...)
		dst = strconv.AppendFloat(dst, float64(r.Uptime)/1e6, 'f', 6, 64)
		dst = append(dst, ',')
	}
	severity, _ := r.Severity()
	dst = append(dst, `"severity_number":`...)
	dst = strconv.AppendInt(dst, int64(severity), 10)
	dst = append(dst, `,"body":`...)
	dst = appendJSONString(dst, r.Body)
	for a := range r.Attrs() {
		dst = append(dst, ',')
		dst = appendJSONString(dst, a.Name)
		dst = append(dst, ':')
		if a.Value.kind == KindString {
			dst = appendJSONString(dst, a.Value.text)
		} else {
			dst = AppendJSONValue(dst, a.Value.Any())
		}
	}
	return append(dst, '}')
}

// appendJSONString is [AppendJSONValue] of a text: most have nothing to escape.
func appendJSONString(dst []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			return AppendJSONValue(dst, s)
		}
	}
	return append(append(append(dst, '"'), s...), '"')
}

// AppendJSONValue appends a value as JSON, with characters such as < as they are; null where JSON
// cannot hold it.
func AppendJSONValue(dst []byte, v any) []byte {
	b := bytes.NewBuffer(dst)
	enc := json.NewEncoder(b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return append(dst, "null"...)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}
