// SPDX-License-Identifier: Apache-2.0

package oomkillprocessor

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/plog"
)

// programLine is a log record of one syslog line of a host.
func programLine(text string) plog.Logs {
	ld := plog.NewLogs()
	rl := ld.ResourceLogs().AppendEmpty()
	rl.Resource().Attributes().PutStr("host.name", "node-7")
	rl.ScopeLogs().AppendEmpty().LogRecords().AppendEmpty().Body().SetStr(text)
	return ld
}

// TestWitnessesWait: what another program says waits for its outcome over batches, has the resource
// of its line, and is settled by the clock.
func TestWitnessesWait(t *testing.T) {
	const decision = `May  2 10:00:01 node-7 earlyoom[699]: sending SIGTERM to process 4410 uid 0 "python3": oom_score 1201, oom_score_adj 0, VmRSS 30511 MiB, cmdline "python3 train.py"`
	const later = "May  2 10:05:01 node-7 systemd[1]: b.service: Failed with result 'oom-kill'."
	for _, test := range []struct {
		next, event string
	}{
		{"May  2 10:00:01 node-7 earlyoom[699]: process 4410 exited after 0.412 seconds", "oom.kill"},
		{"May  2 10:00:01 node-7 earlyoom[699]: kill failed: Operation not permitted", "oom.kill_attempt"},
		{later, "oom.kill"},
	} {
		sink := new(consumertest.LogsSink)
		p := start(t, sink, func(c *Config) { c.ReorderWait, c.ReportTimeout = 0, 300*time.Millisecond })
		require.NoError(t, p.ConsumeLogs(context.Background(), programLine(decision)))
		ours, _ := split(sink.AllLogs()...)
		assert.Empty(t, ours, "before %s", test.next)
		require.NoError(t, p.ConsumeLogs(context.Background(), programLine(test.next)))
		if test.event == "oom.kill" && test.next != later { // nothing proves it: the kernel may
			require.NoError(t, p.ConsumeLogs(context.Background(), programLine(later)))
		}
		require.Eventually(t, func() bool { ours, _ = split(sink.AllLogs()...); return len(ours) > 0 }, 5*time.Second, 10*time.Millisecond, test.next)
		require.Len(t, ours, 1, test.next)
		assert.Equal(t, test.event, ours[0].attrs["event.name"], test.next)
		assert.Equal(t, "earlyoom", ours[0].attrs["oom.killer"], test.next)
		assert.Equal(t, "node-7", ours[0].resource["host.name"], test.next)
	}
}
