package oomkillreceiver

import (
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/oomtrail/oomtrail/otelreceiver/oomlogs"
	"github.com/oomtrail/oomtrail/parser/record"
	"github.com/oomtrail/oomtrail/parser/transport"
)

// kernelLine is one line of the kernel log that is passed on as it is (emit: all).
type kernelLine struct {
	text     string
	level    int8 // syslog severity, -1 when not known
	time     time.Time
	host     string
	sequence uint64
	hasSeq   bool
}

func newKernelLine(l *transport.Line) *kernelLine {
	return &kernelLine{
		text: string(l.Text), level: l.Level, time: l.Wall, host: string(l.Host),
		sequence: l.Sequence, hasSeq: l.HasSequence,
	}
}

// size is about how many bytes the line holds in memory.
func (l *kernelLine) size() int { return 128 + len(l.text) + len(l.host) }

// severities are the OpenTelemetry numbers and the kernel's words for the syslog severities.
var severities = [8]struct {
	number plog.SeverityNumber
	text   string
}{
	{plog.SeverityNumberFatal, "emerg"}, {plog.SeverityNumberError3, "alert"}, {plog.SeverityNumberError2, "crit"}, {plog.SeverityNumberError, "err"},
	{plog.SeverityNumberWarn, "warn"}, {plog.SeverityNumberInfo2, "notice"}, {plog.SeverityNumberInfo, "info"}, {plog.SeverityNumberDebug, "debug"},
}

// translator turns items into logs.
type translator struct {
	options oomlogs.Options
	source  string
	host    pcommon.Map // host.name and host.id of lines that name no host
}

func newTranslator(cfg *Config, version string, host hostIdentity) *translator {
	t := &translator{source: cfg.Source, host: pcommon.NewMap()}
	t.options = oomlogs.Options{ScopeVersion: version, Attributes: cfg.Attributes, Base: pcommon.NewMap()}
	for name, value := range cfg.Resource {
		t.options.Base.PutStr(name, value)
	}
	host.putInto(t.host)
	return t
}

// logs returns the data of a batch: records each under a resource of its own, a host's kernel lines under one.
func (t *translator) logs(batch []item) plog.Logs {
	logs := plog.NewLogs()
	lines := map[string]plog.LogRecordSlice{}
	for i := range batch {
		switch it := &batch[i]; {
		case it.record != nil:
			options := t.options
			options.Observed = it.observed
			oomlogs.Append(logs, it.record, options)
		case it.line != nil:
			slice, ok := lines[it.line.host]
			if !ok {
				slice = t.appendHost(logs, it.line.host)
				lines[it.line.host] = slice
			}
			t.putLine(slice.AppendEmpty(), it)
		}
	}
	return logs
}

// appendHost adds the resource of one host's kernel lines.
func (t *translator) appendHost(logs plog.Logs, host string) plog.LogRecordSlice {
	rl := logs.ResourceLogs().AppendEmpty()
	rl.SetSchemaUrl(oomlogs.SchemaURL)
	res := rl.Resource().Attributes()
	t.options.Base.CopyTo(res)
	if host != "" {
		res.PutStr("host.name", host)
	} else {
		for name, value := range t.host.All() {
			value.CopyTo(res.PutEmpty(name))
		}
	}
	res.PutStr("os.type", "linux")
	return oomlogs.AppendScope(rl, t.options.ScopeVersion).LogRecords()
}

func (t *translator) putLine(lr plog.LogRecord, it *item) {
	lr.Body().SetStr(string(record.AppendPrintable(nil, it.line.text)))
	lr.SetObservedTimestamp(pcommon.NewTimestampFromTime(it.observed))
	if !it.line.time.IsZero() {
		lr.SetTimestamp(pcommon.NewTimestampFromTime(it.line.time))
	}
	if level := it.line.level; level >= 0 && int(level) < len(severities) {
		lr.SetSeverityNumber(severities[level].number)
		lr.SetSeverityText(severities[level].text)
	}
	for name, value := range t.options.Attributes {
		lr.Attributes().PutStr(name, value)
	}
	lr.Attributes().PutStr("oom.source", t.source)
	if it.line.hasSeq {
		lr.Attributes().PutInt("oom.kmsg.sequence", int64(it.line.sequence))
	}
}
