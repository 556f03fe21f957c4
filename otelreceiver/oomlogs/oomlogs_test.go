// SPDX-License-Identifier: Apache-2.0

package oomlogs

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/oomtrail/oomtrail/conformance/corpus/warnings"
	"github.com/oomtrail/oomtrail/parser/record"
)

// killUID is the id of the record that kill makes.
const killUID = "0123456789abcdef0123456789abcdef"

func kill() *record.Record {
	return (&record.Record{
		Body: "OOM kill: app (157)",
		Time: time.Unix(1700000000, 5000),
	}).With(
		record.Attr{Name: "event.name", Value: record.StringValue("oom.kill")},
		record.Attr{Name: "log.record.uid", Value: record.StringValue(killUID)},
		record.Attr{Name: "oom.record.version", Value: record.StringValue(record.Version)},
		record.Attr{Name: "process.pid", Value: record.Int64Value(157)},
		record.Attr{Name: "oom.victim.share", Value: record.Float64Value(0.5)},
		record.Attr{Name: "oom.report.complete", Value: record.BoolValue(true)},
		record.Attr{Name: "k8s.pod.uid", Value: record.StringValue("pod-of-victim")},
		record.Attr{Name: "host.name", Value: record.StringValue("node-1")},
	)
}

func TestAppend(t *testing.T) {
	logs := plog.NewLogs()
	opts := Options{ScopeVersion: "1", Observed: time.Unix(1700000001, 0), Attributes: map[string]string{"team": "a", "process.pid": "0"}}
	Append(logs, kill(), opts)
	Append(logs, kill(), opts)

	require.Equal(t, 2, logs.ResourceLogs().Len(), "each victim has a ResourceLogs of its own")
	rl := logs.ResourceLogs().At(0)
	assert.Equal(t, SchemaURL, rl.SchemaUrl())
	assert.Equal(t, map[string]any{"os.type": "linux", "k8s.pod.uid": "pod-of-victim", "host.name": "node-1"}, rl.Resource().Attributes().AsRaw())
	assert.Equal(t, ScopeName, rl.ScopeLogs().At(0).Scope().Name())
	lr := rl.ScopeLogs().At(0).LogRecords().At(0)
	assert.Equal(t, "oom.kill", lr.EventName())
	assert.Equal(t, "OOM kill: app (157)", lr.Body().Str())
	assert.Equal(t, plog.SeverityNumberError, lr.SeverityNumber())
	assert.Equal(t, "ERROR", lr.SeverityText())
	assert.EqualValues(t, 1700000000000005000, lr.Timestamp())
	assert.EqualValues(t, 1700000001000000000, lr.ObservedTimestamp())
	assert.Equal(t, map[string]any{"team": "a", "event.name": "oom.kill", "log.record.uid": killUID, "oom.record.key": record.Key(killUID, "", "node-1", ""), "oom.record.version": record.Version, "process.pid": int64(157), "oom.victim.share": 0.5, "oom.report.complete": true},
		lr.Attributes().AsRaw(), "the record's own word stands above the settings'")
}

func TestAppendWithoutTime(t *testing.T) {
	r := kill()
	r.Time = time.Time{}
	lr := Append(plog.NewLogs(), r, Options{}).ScopeLogs().At(0).LogRecords().At(0)
	assert.Zero(t, lr.Timestamp())
	assert.Zero(t, lr.ObservedTimestamp())
}

func TestAppendKeepsOnlyWhatIsNotTheWriter(t *testing.T) {
	base := pcommon.NewMap()
	for _, name := range []string{"service.name", "k8s.node.name", "k8s.cluster.name", "host.id", "host.name"} {
		base.PutStr(name, "base")
	}
	for _, name := range []string{"k8s.pod.uid", "k8s.pod.name", "k8s.namespace.name", "k8s.daemonset.name", "container.id", "process.pid", "systemd.unit.name"} {
		base.PutStr(name, "agent")
	}
	rl := Append(plog.NewLogs(), kill(), Options{Base: base})
	assert.Equal(t, map[string]any{
		"service.name": "base", "k8s.node.name": "base", "k8s.cluster.name": "base", "host.id": "base",
		"host.name": "base", "k8s.pod.uid": "pod-of-victim", "os.type": "linux",
	}, rl.Resource().Attributes().AsRaw())
	assert.Equal(t, "node-1", textOf(rl.ScopeLogs().At(0).LogRecords().At(0).Attributes(), "oom.log_host"))
	assert.Equal(t, 12, base.Len(), "the base is the caller's")
}

// TestHostsOfAGateway: hosts that stand under the gateway's own name or id do not share a key.
func TestHostsOfAGateway(t *testing.T) {
	for _, base := range []Host{{ID: "gateway-id"}, {Name: "gateway"}, {ID: "gateway-id", Name: "gateway"}} {
		for _, from := range []string{HostFromResource, HostFromLog} {
			keys := map[string]bool{}
			for _, name := range []string{"node-1", "node-2"} {
				r := (&record.Record{}).With(record.Attr{Name: "log.record.uid", Value: record.StringValue(killUID)},
					record.Attr{Name: "host.name", Value: record.StringValue(name)})
				resource := pcommon.NewMap()
				base.PutResource(resource)
				rl := Append(plog.NewLogs(), r, Options{Base: resource, HostFrom: from})
				keys[textOf(rl.ScopeLogs().At(0).LogRecords().At(0).Attributes(), "oom.record.key")] = true
			}
			assert.Len(t, keys, 2, "%+v, %s", base, from)
		}
	}
}

func TestHostMayBe(t *testing.T) {
	for name, tc := range map[string]struct {
		a, b Host
		want bool
	}{
		"nothing is known":             {Host{}, Host{ID: "1", Name: "a"}, true},
		"equal":                        {Host{ID: "1", Name: "a"}, Host{ID: "1", Name: "a"}, true},
		"the id of one":                {Host{ID: "1", Name: "a"}, Host{Name: "a"}, true},
		"another id":                   {Host{ID: "1", Name: "a"}, Host{ID: "2", Name: "a"}, false},
		"another name":                 {Host{Name: "a"}, Host{Name: "b"}, false},
		"another name in the resource": {Host{Name: "worker-a", Log: "a"}, Host{Name: "a"}, true},
		"the user's name":              {Host{Name: "worker-a", Log: "a"}, Host{Name: "worker-a"}, true},
		"two of one gateway":           {Host{Name: "gateway", Log: "a"}, Host{Name: "gateway", Log: "b"}, false},
		"two of one gateway's id":      {Host{ID: "1", Log: "a"}, Host{ID: "1", Log: "b"}, false},
	} {
		assert.Equal(t, tc.want, tc.a.MayBe(tc.b), name)
		assert.Equal(t, tc.want, tc.b.MayBe(tc.a), name)
	}
}

// TestAppendHost: what the resource says of the host wins, unless the log is to say it; a record is
// keyed by the host that it goes out with, and hosts of one gateway keep keys of their own.
func TestAppendHost(t *testing.T) {
	const uid, id, idG = "a14531e0dda7391d69b2e06224e31222", "a8f5f167f44f4964e6c998dee827110c", "00000000000000000000000000000009"
	none := Host{}
	for name, tc := range map[string]struct {
		base, own     Host
		want, wantLog Host // by host_from: resource, and by log
	}{
		"no host":                              {none, none, none, none},
		"the record's":                         {none, Host{ID: id, Name: "node-1"}, Host{ID: id, Name: "node-1"}, Host{ID: id, Name: "node-1"}},
		"the resource's":                       {Host{ID: id, Name: "node-1"}, none, Host{ID: id, Name: "node-1"}, Host{ID: id, Name: "node-1"}},
		"the resource's name, the log's alike": {Host{Name: "node-1"}, Host{Name: "node-1"}, Host{Name: "node-1"}, Host{Name: "node-1"}},
		"the user's name for the host":         {Host{Name: "worker-a"}, Host{Name: "ip-10-0-0-1"}, Host{Name: "worker-a", Log: "ip-10-0-0-1"}, Host{Name: "ip-10-0-0-1"}},
		"its id from the journal":              {Host{Name: "worker-a"}, Host{ID: id, Name: "ip-10-0-0-1"}, Host{ID: id, Name: "worker-a", Log: "ip-10-0-0-1"}, Host{ID: id, Name: "ip-10-0-0-1"}},
		"its name from the journal":            {Host{ID: id}, Host{ID: id, Name: "node-1"}, Host{ID: id, Name: "node-1"}, Host{ID: id, Name: "node-1"}},
		"with and without its domain": {Host{ID: id, Name: "node-1.example"}, Host{Name: "node-1"},
			Host{ID: id, Name: "node-1.example", Log: "node-1"}, Host{ID: id, Name: "node-1"}},
		"a gateway that names itself":     {Host{ID: idG, Name: "gateway"}, Host{Name: "node-1"}, Host{ID: idG, Name: "gateway", Log: "node-1"}, Host{Name: "node-1"}},
		"a gateway that gives its id":     {Host{ID: idG}, Host{Name: "node-1"}, Host{ID: idG, Log: "node-1"}, Host{Name: "node-1"}},
		"a gateway, and a node's journal": {Host{ID: idG, Name: "gateway"}, Host{ID: id, Name: "node-1"}, Host{ID: idG, Name: "gateway", Log: "node-1"}, Host{ID: id, Name: "node-1"}},
	} {
		for from, want := range map[string]Host{"": tc.want, HostFromResource: tc.want, HostFromLog: tc.wantLog} {
			t.Run(name+" "+from, func(t *testing.T) {
				r := (&record.Record{}).With(record.Attr{Name: "log.record.uid", Value: record.StringValue(uid)},
					record.Attr{Name: "oom.record.key", Value: record.StringValue(record.Key(uid, tc.own.ID, tc.own.Name, ""))})
				for name, text := range map[string]string{"host.id": tc.own.ID, "host.name": tc.own.Name} {
					if text != "" {
						r = r.With(record.Attr{Name: name, Value: record.StringValue(text)})
					}
				}
				base := pcommon.NewMap()
				base.PutStr("host.name", "") // as of an environment variable that is not set
				tc.base.PutResource(base)
				rl := Append(plog.NewLogs(), r, Options{Base: base, HostFrom: from})
				attrs := rl.ScopeLogs().At(0).LogRecords().At(0).Attributes()
				assert.Equal(t, want, HostOfRecord(rl.Resource().Attributes(), attrs))
				assert.Equal(t, record.Key(uid, want.ID, want.Name, want.Log), textOf(attrs, "oom.record.key"))
			})
		}
	}
	noID := Append(plog.NewLogs(), &record.Record{}, Options{}).ScopeLogs().At(0).LogRecords().At(0)
	assert.Empty(t, textOf(noID.Attributes(), "oom.record.key"), "no key of no id")
}

func TestIsRecord(t *testing.T) {
	whole := func(lr plog.LogRecord) {
		lr.SetEventName("oom.kill")
		lr.Attributes().PutStr("log.record.uid", killUID)
		lr.Attributes().PutStr("oom.record.version", record.Version)
	}
	for name, tc := range map[string]struct {
		change func(plog.LogRecord)
		want   bool
	}{
		"ours":                        {func(plog.LogRecord) {}, true},
		"ours, event name repeated":   {func(lr plog.LogRecord) { lr.Attributes().PutStr("event.name", "oom.kill") }, true},
		"ours, event name dropped":    {func(lr plog.LogRecord) { lr.SetEventName(""); lr.Attributes().PutStr("event.name", "oom.panic") }, true},
		"two event names":             {func(lr plog.LogRecord) { lr.Attributes().PutStr("event.name", "oom.panic") }, false},
		"an event of ours no more":    {func(lr plog.LogRecord) { lr.SetEventName("oom.party") }, false},
		"another event":               {func(lr plog.LogRecord) { lr.SetEventName("browser.click") }, false},
		"no event":                    {func(lr plog.LogRecord) { lr.SetEventName("") }, false},
		"an event name of no text":    {func(lr plog.LogRecord) { lr.SetEventName(""); lr.Attributes().PutInt("event.name", 1) }, false},
		"no id":                       {func(lr plog.LogRecord) { lr.Attributes().Remove("log.record.uid") }, false},
		"an id of another form":       {func(lr plog.LogRecord) { lr.Attributes().PutStr("log.record.uid", "1") }, false},
		"an id of no text":            {func(lr plog.LogRecord) { lr.Attributes().PutInt("log.record.uid", 1) }, false},
		"no version":                  {func(lr plog.LogRecord) { lr.Attributes().Remove("oom.record.version") }, false},
		"a version that is not known": {func(lr plog.LogRecord) { lr.Attributes().PutStr("oom.record.version", "1000") }, false},
	} {
		t.Run(name, func(t *testing.T) {
			lr := plog.NewLogRecord()
			whole(lr)
			tc.change(lr)
			assert.Equal(t, tc.want, IsRecord(lr))
		})
	}
	line := plog.NewLogRecord()
	line.Body().SetStr("Out of memory: Killed process 1 (init)")
	assert.False(t, IsRecord(line), "a kernel line")
	assert.True(t, IsRecord(Append(plog.NewLogs(), kill(), Options{}).ScopeLogs().At(0).LogRecords().At(0)))
}

func TestIsMarked(t *testing.T) {
	made := func() plog.ScopeLogs {
		return Append(plog.NewLogs(), kill(), Options{ScopeVersion: "1"}).ScopeLogs().At(0)
	}
	assert.True(t, IsMarked(made()))
	other := made()
	other.Scope().SetVersion("2")
	assert.True(t, IsMarked(other), "of another version")
	for name, change := range map[string]func(plog.ScopeLogs){
		"no scope":       func(sl plog.ScopeLogs) { sl.Scope().SetName("") },
		"another scope":  func(sl plog.ScopeLogs) { sl.Scope().SetName("otelcol/filelogreceiver") },
		"no schema":      func(sl plog.ScopeLogs) { sl.SetSchemaUrl("") },
		"another schema": func(sl plog.ScopeLogs) { sl.SetSchemaUrl("https://example.org/schema") },
	} {
		sl := made()
		change(sl)
		assert.False(t, IsMarked(sl), name)
	}
}

func TestDistrust(t *testing.T) {
	lr := plog.NewLogRecord()
	assert.False(t, ClaimsTrust(lr))
	lr.Attributes().PutStr("oom.trust", "verified")
	assert.True(t, ClaimsTrust(lr))
	Distrust(lr)
	assert.Equal(t, map[string]any{"oom.trust": "unverified"}, lr.Attributes().AsRaw())
}

// TestOnlyEventName: without the attribute a record is still known by its field.
func TestOnlyEventName(t *testing.T) {
	lr := Append(plog.NewLogs(), kill(), Options{OnlyEventName: true}).ScopeLogs().At(0).LogRecords().At(0)
	assert.Equal(t, "oom.kill", lr.EventName())
	assert.Empty(t, textOf(lr.Attributes(), "event.name"))
	assert.True(t, IsRecord(lr))
}

// TestAppendWarning: a warning is an event of its own, of severity WARN, with the resource of what
// it is about.
func TestAppendWarning(t *testing.T) {
	all, err := warnings.Load("../../testdata")
	require.NoError(t, err)
	require.NotEmpty(t, all)
	logs := plog.NewLogs()
	Append(logs, all[0], Options{})
	rl := logs.ResourceLogs().At(0)
	for name, want := range map[string]any{"k8s.namespace.name": "shop", "k8s.pod.name": "cart-0", "k8s.container.name": "app", "host.name": "node-1"} {
		assert.Equal(t, want, rl.Resource().Attributes().AsRaw()[name], name)
	}
	lr := rl.ScopeLogs().At(0).LogRecords().At(0)
	assert.Equal(t, "oom.warning", lr.EventName())
	assert.Equal(t, plog.SeverityNumberWarn, lr.SeverityNumber())
	assert.Equal(t, "WARN", lr.SeverityText())
	assert.Equal(t, all[0].Body, lr.Body().Str())
	assert.Equal(t, all[0].Time.UnixNano(), lr.Timestamp().AsTime().UnixNano())
	attrs := lr.Attributes().AsRaw()
	assert.Equal(t, "cgroup_near_limit", attrs["oom.warning.cause"])
	assert.Equal(t, attrs["log.record.uid"], attrs["oom.warning.id"])
	assert.InDelta(t, 4.2, attrs["oom.warning.time_left"], 0)
}
