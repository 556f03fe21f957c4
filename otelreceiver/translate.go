// SPDX-License-Identifier: Apache-2.0

package oomkillreceiver

import (
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/internal/plain"
	"github.com/oomtrail/oomtrail/otelreceiver/oomlogs"
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

func newKernelLine(l *format.Line) *kernelLine {
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
	host    oomlogs.Host // of lines that name no host
}

func newTranslator(cfg *Config, version string, host hostIdentity) *translator {
	t := &translator{source: cfg.Source, host: oomlogs.Host{ID: host.id, Name: host.name}}
	t.options = oomlogs.Options{ScopeVersion: version, Attributes: cfg.Attributes, Base: pcommon.NewMap(), HostFrom: cfg.HostFrom, OnlyEventName: !cfg.EventNameAttribute, Omit: oomlogs.Omitted(cfg.MetricsBuilderConfig.ResourceAttributes)}
	for name, value := range cfg.Resource {
		t.options.Base.PutStr(name, value)
	}
	return t
}

// logs returns the data of a batch: records each under a resource of its own, a host's kernel lines
// under one.
func (t *translator) logs(batch []item) plog.Logs {
	logs := plog.NewLogs()
	lines := map[string]hostLines{}
	for i := range batch {
		switch it := &batch[i]; {
		case it.record != nil:
			options := t.options
			options.Observed = it.observed
			oomlogs.Append(logs, it.record, options)
		case it.line != nil:
			of, ok := lines[it.line.host]
			if !ok {
				of = t.appendHost(logs, it.line.host)
				lines[it.line.host] = of
			}
			t.putLine(of, it)
		}
	}
	return logs
}

// hostLines are the kernel lines of one host.
type hostLines struct {
	host    oomlogs.Host
	records plog.LogRecordSlice
}

// appendHost adds the resource of one host's kernel lines.
func (t *translator) appendHost(logs plog.Logs, name string) hostLines {
	rl := logs.ResourceLogs().AppendEmpty()
	rl.SetSchemaUrl(oomlogs.SchemaURL)
	res := rl.Resource().Attributes()
	t.options.Base.CopyTo(res)
	host := t.host
	if name != "" {
		host = oomlogs.Host{Name: name}
	}
	host = host.In(oomlogs.HostOf(res), t.options.HostFrom)
	host.PutResource(res)
	res.PutStr("os.type", "linux")
	t.options.Omit.From(res)
	return hostLines{host, oomlogs.AppendScope(rl, t.options.ScopeVersion).LogRecords()}
}

func (t *translator) putLine(of hostLines, it *item) {
	lr := of.records.AppendEmpty()
	lr.Body().SetStr(string(plain.AppendPrintable(nil, it.line.text)))
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
	of.host.PutLog(lr.Attributes())
	lr.Attributes().PutStr("oom.source", t.source)
	if it.line.hasSeq {
		lr.Attributes().PutInt("oom.kmsg.sequence", int64(it.line.sequence))
	}
}
