// SPDX-License-Identifier: Apache-2.0

// Package oomlogs puts records into OpenTelemetry logs. Receiver and processor
// share it, so that a kill looks the same whichever of them found it.
package oomlogs

import (
	"strings"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/oomtrail/oomtrail/parser/record"
)

// ScopeName and SchemaURL are the instrumentation scope and the schema of every record, whichever
// component made it, and of the lines that the receiver passes on: the mark that [IsMarked] looks
// for.
const (
	// ScopeName is the receiver's scope. Elasticsearch files records by it.
	ScopeName = "github.com/oomtrail/oomtrail/receiver/oomkillreceiver"
	// SchemaURL names the semantic conventions that the attributes follow.
	SchemaURL = "https://opentelemetry.io/schemas/1.44.0"
)

const (
	// eventName is the attribute that repeats the event name, since released versions of some
	// backends drop the field.
	eventName = "event.name"
	trust     = "oom.trust"
)

// Options say what a record is put in.
type Options struct {
	// ScopeVersion is the version of the instrumentation scope.
	ScopeVersion string
	// Observed is when the kill line was read.
	Observed time.Time
	// Base holds resource attributes that every record gets, unless the record says otherwise:
	// those of the resource that the kernel's lines came under, or of the settings. The zero Map is
	// none.
	Base pcommon.Map
	// OnlyEventName leaves the attribute event.name out: the field EventName says the same.
	OnlyEventName bool
	// HostFrom is [HostFromResource], as is "", or [HostFromLog].
	HostFrom string
	// Omit is left out of the resource.
	Omit Omit
	// Attributes are put on the log record, unless the record says otherwise.
	Attributes map[string]string
}

// Append adds r to dst as a ResourceLogs of its own and returns it: enrichers such as
// k8s_attributes associate by resource attributes, so no two victims may share one.
func Append(dst plog.Logs, r *record.Record, o Options) plog.ResourceLogs {
	rl := dst.ResourceLogs().AppendEmpty()
	rl.SetSchemaUrl(SchemaURL)
	res := rl.Resource().Attributes()
	host := HostFor(r, o)
	if o.Base != (pcommon.Map{}) {
		o.Base.CopyTo(res)
		res.RemoveIf(func(name string, _ pcommon.Value) bool { return describesWriter(name) })
	}
	res.PutStr("os.type", "linux")

	lr := AppendScope(rl, o.ScopeVersion).LogRecords().AppendEmpty()
	lr.SetEventName(r.Text(eventName))
	lr.Body().SetStr(r.Body)
	severity, text := r.Severity()
	lr.SetSeverityNumber(plog.SeverityNumber(severity))
	lr.SetSeverityText(text)
	if !r.Time.IsZero() {
		lr.SetTimestamp(pcommon.NewTimestampFromTime(r.Time))
	}
	if !o.Observed.IsZero() {
		lr.SetObservedTimestamp(pcommon.NewTimestampFromTime(o.Observed))
	}
	attrs := lr.Attributes()
	attrs.EnsureCapacity(r.Len() + len(o.Attributes))
	for name, text := range o.Attributes {
		attrs.PutStr(name, text)
	}
	for a := range r.Attrs() {
		if a.Resource {
			put(res, &a)
		} else {
			put(attrs, &a)
		}
	}
	if o.OnlyEventName {
		attrs.Remove(eventName)
	}
	host.PutResource(res)
	host.PutLog(attrs)
	if uid := r.Text("log.record.uid"); uid != "" {
		attrs.PutStr("oom.record.key", record.Key(uid, host.ID, host.Name, host.Log))
	}
	o.Omit.From(res)
	return rl
}

// AppendScope adds a ScopeLogs with the mark to rl and returns it.
func AppendScope(rl plog.ResourceLogs, version string) plog.ScopeLogs {
	sl := rl.ScopeLogs().AppendEmpty()
	sl.SetSchemaUrl(SchemaURL)
	sl.Scope().SetName(ScopeName)
	sl.Scope().SetVersion(version)
	return sl
}

// IsMarked reports whether the log records of sl carry the mark: the receiver or a processor put
// them there. Who writes a line that a receiver reads can set its body and its attributes, but not
// scope and schema. Who may send OTLP can.
func IsMarked(sl plog.ScopeLogs) bool {
	return sl.Scope().Name() == ScopeName && sl.SchemaUrl() == SchemaURL
}

// IsRecord reports whether lr can be a record: its event, its id and its version are such as
// records have. Who made it, only [IsMarked] can show.
func IsRecord(lr plog.LogRecord) bool {
	attrs := lr.Attributes()
	event := lr.EventName()
	if repeated := textOf(attrs, eventName); event == "" {
		event = repeated
	} else if repeated != "" && repeated != event {
		return false
	}
	return strings.HasPrefix(event, "oom.") &&
		record.CanBeRecord(event, textOf(attrs, "log.record.uid"), textOf(attrs, "oom.record.version"))
}

// ClaimsTrust reports whether lr says, as a record does, how far it is to be trusted.
func ClaimsTrust(lr plog.LogRecord) bool {
	_, ok := lr.Attributes().Get(trust)
	return ok
}

// Distrust makes lr say that nobody has verified it.
func Distrust(lr plog.LogRecord) { lr.Attributes().PutStr(trust, "unverified") }

// textOf returns the text of an attribute, "" when it is absent or no text.
func textOf(m pcommon.Map, name string) string {
	if v, ok := m.Get(name); ok && v.Type() == pcommon.ValueTypeStr {
		return v.Str()
	}
	return ""
}

// describesWriter reports whether a resource attribute says which workload wrote the kernel's lines
// into the pipeline. On a record it would be taken for the victim, who is somebody else.
func describesWriter(name string) bool {
	switch {
	case strings.HasPrefix(name, "k8s."):
		return !strings.HasPrefix(name, "k8s.node.") && !strings.HasPrefix(name, "k8s.cluster.")
	case strings.HasPrefix(name, "container."), strings.HasPrefix(name, "process."), strings.HasPrefix(name, "systemd."):
		return true
	}
	return false
}

// put writes one attribute with its own type.
func put(m pcommon.Map, a *record.Attr) {
	switch a.Value.Kind() {
	case record.KindString:
		m.PutStr(a.Name, a.Value.String())
	case record.KindInt64:
		m.PutInt(a.Name, a.Value.Int64())
	case record.KindFloat64:
		m.PutDouble(a.Name, a.Value.Float64())
	case record.KindBool:
		m.PutBool(a.Name, a.Value.Bool())
	}
}
