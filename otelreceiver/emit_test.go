package oomkillreceiver

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/oomtrail/oomtrail/otelreceiver/oomlogs"
)

func TestEmitAll(t *testing.T) {
	var k kernel
	r := newRing(1000)
	next := &sink{}
	cfg := quick(func(c *Config) {
		c.Emit, c.HostName = "all", "node-7"
		c.Attributes, c.Resource = map[string]string{"team": "platform"}, map[string]string{"service.name": "kernel"}
	})
	run(t, cfg, nil, next, ringSource(r, "boot-1"))
	r.write(k.print("6;usb 1-1: a name with \\x1b and \\xff"))
	r.write(k.report(100)...)
	next.waitFor(t, 100)
	require.Equal(t, 1+len(reportLines)+1, next.len(), "each line, and the record")

	line := next.records[0]
	assert.False(t, oomlogs.IsRecord(line))
	assert.Equal(t, `usb 1-1: a name with \x1b and \xff`, line.Body().Str())
	assert.Equal(t, plog.SeverityNumberInfo, line.SeverityNumber())
	assert.Equal(t, map[string]any{"team": "platform", "oom.source": "kmsg", "oom.kmsg.sequence": int64(0)}, line.Attributes().AsRaw())
	assert.WithinDuration(t, time.Now(), line.Timestamp().AsTime(), 5*time.Second)
	res := next.logs[0].ResourceLogs().At(0).Resource().Attributes().AsRaw()
	assert.Equal(t, "node-7", res["host.name"])
	assert.Equal(t, "kernel", res["service.name"])
	assert.Equal(t, "linux", res["os.type"])

	kill := next.records[len(next.records)-1]
	team, _ := kill.Attributes().Get("team")
	assert.Equal(t, "platform", team.Str())
}

// A report that ends without a kill line is closed on wall time.
func TestReportTimeout(t *testing.T) {
	var k kernel
	r := newRing(1000)
	next := &sink{}
	run(t, quick(nil), nil, next, ringSource(r, "boot-1"))
	lines := k.report(100)
	r.write(lines[:len(lines)-1]...)
	require.Eventually(t, func() bool { return next.len() == 1 }, 5*time.Second, 5*time.Millisecond)
}
