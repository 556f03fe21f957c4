// SPDX-License-Identifier: Apache-2.0

package form

import (
	"time"

	"github.com/oomtrail/oomtrail/parser/record"
)

// flat is the form of the command line: the record's own names, and those of its envelope.
func flat(r *record.Record) []KV {
	kvs := make([]KV, 0, r.Len()+4)
	if !r.Time.IsZero() {
		kvs = append(kvs, KV{"time", r.Time.UTC().Format(time.RFC3339Nano)})
	}
	if r.HasUptime {
		kvs = append(kvs, KV{"uptime", float64(r.Uptime) / 1e6})
	}
	severity, _ := r.Severity()
	kvs = append(kvs, KV{"severity_number", int64(severity)}, KV{"body", r.Body})
	for a := range r.Attrs() {
		kvs = append(kvs, KV{a.Name, a.Value.Any()})
	}
	return kvs
}
