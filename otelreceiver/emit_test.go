// SPDX-License-Identifier: Apache-2.0

package oomkillreceiver

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/oomtrail/oomtrail/otelreceiver/internal/metadata"
	"github.com/oomtrail/oomtrail/otelreceiver/oomlogs"
)

func TestEmitAll(t *testing.T) {
	var k printk
	r := newRing(1000)
	next := &sink{}
	cfg := quick(func(c *Config) {
		c.Emit, c.HostName = "all", "node-7"
		c.Attributes, c.Resource = map[string]string{"team": "platform"}, map[string]string{"service.name": "kernel"}
	})
	began := time.Now()
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
	assert.WithinRange(t, line.Timestamp().AsTime(), began.Add(-5*time.Second), time.Now())
	res := next.logs[0].ResourceLogs().At(0).Resource().Attributes().AsRaw()
	assert.Equal(t, "node-7", res["host.name"])
	assert.Equal(t, "kernel", res["service.name"])
	assert.Equal(t, "linux", res["os.type"])

	for _, logs := range next.logs {
		for _, rl := range logs.ResourceLogs().All() {
			for _, sl := range rl.ScopeLogs().All() {
				assert.True(t, oomlogs.IsMarked(sl), "records and lines carry the mark that the processor looks for")
			}
		}
	}
	assert.Equal(t, metadata.ScopeName, oomlogs.ScopeName, "the scope that the description of the receiver names")

	kill := next.records[len(next.records)-1]
	assert.True(t, oomlogs.IsRecord(kill))
	team, _ := kill.Attributes().Get("team")
	assert.Equal(t, "platform", team.Str())
}

// A report that ends without a kill line is closed on wall time.
func TestReportTimeout(t *testing.T) {
	var k printk
	r := newRing(1000)
	next := &sink{}
	run(t, quick(nil), nil, next, ringSource(r, "boot-1"))
	lines := k.report(100)
	r.write(lines[:len(lines)-1]...)
	require.Eventually(t, func() bool { return next.len() == 1 }, time.Minute, 5*time.Millisecond)
}

// A reader that was kept from running does not take its own delay for the end of a report.
func TestReportTimeoutWaitsForWhatIsThere(t *testing.T) {
	src := &kmsgSource{host: newRing(1).host("boot-1")}
	in := testIntake(t, src)
	now := time.Now()
	in.now = func() time.Time { return now }
	require.NoError(t, src.open(in, nil))
	var k printk
	lines := k.report(100)
	feed := func(records []string) {
		for _, record := range records {
			require.NoError(t, src.log.Take(t.Context(), []byte(record), false))
		}
	}
	feed(lines[:7])
	now = now.Add(time.Hour)
	require.NoError(t, in.tick(t.Context(), false))
	require.NoError(t, in.tick(t.Context(), true))
	require.NoError(t, in.tick(t.Context(), false))
	assert.True(t, src.stream.Parser.Open())
	feed(lines[7:])
	batch, _ := in.queue.take(10)
	require.NotEmpty(t, batch)
	lineCount, _ := batch[len(batch)-1].record.Get("oom.report.lines")
	assert.EqualValues(t, len(reportLines), lineCount.Int64())

	now = now.Add(time.Hour)
	require.NoError(t, in.tick(t.Context(), true))
	require.NoError(t, in.tick(t.Context(), true))
	assert.False(t, src.stream.Parser.Open(), "two looks an hour later found nothing")
}
