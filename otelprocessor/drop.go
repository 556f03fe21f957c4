package oomkillprocessor

import "go.opentelemetry.io/collector/pdata/plog"

// dropSet says which log records of a batch are left out, in the order of the batch.
type dropSet struct {
	drop  []bool
	count int
}

// next notes the verdict on the next log record.
func (d *dropSet) next(drop bool) {
	d.drop = append(d.drop, drop)
	if drop {
		d.count++
	}
}

// rest returns a copy of ld without what is left out. A copy it must be: the batch belongs to the sender, who
// sends it again when it is refused.
func (d *dropSet) rest(ld plog.Logs) plog.Logs {
	out := plog.NewLogs()
	if d.count == 0 {
		ld.CopyTo(out)
		return out
	}
	i := 0
	for _, rl := range ld.ResourceLogs().All() {
		var toRL plog.ResourceLogs
		hasRL := false
		for _, sl := range rl.ScopeLogs().All() {
			var toSL plog.ScopeLogs
			hasSL := false
			for _, lr := range sl.LogRecords().All() {
				i++
				if d.drop[i-1] {
					continue
				}
				if !hasRL {
					toRL, hasRL = out.ResourceLogs().AppendEmpty(), true
					rl.Resource().CopyTo(toRL.Resource())
					toRL.SetSchemaUrl(rl.SchemaUrl())
				}
				if !hasSL {
					toSL, hasSL = toRL.ScopeLogs().AppendEmpty(), true
					sl.Scope().CopyTo(toSL.Scope())
					toSL.SetSchemaUrl(sl.SchemaUrl())
				}
				lr.CopyTo(toSL.LogRecords().AppendEmpty())
			}
		}
	}
	return out
}
