// SPDX-License-Identifier: Apache-2.0

package oomkillprocessor

import (
	"context"
	"errors"
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

// TestBatchEndsBetweenLines: what needs several lines of a program gives the same records, wherever
// a batch ends, and where the next component refuses each batch once.
func TestBatchEndsBetweenLines(t *testing.T) {
	lines := []string{
		`May  2 10:00:00 node-7 kubelet[1021]: I0502 10:00:00.000000    1021 eviction_manager.go:376] "Eviction manager: attempting to reclaim" resourceName="memory"`,
		`May  2 10:00:50 node-7 kubelet[1021]: I0502 10:00:50.000000    1021 eviction_manager.go:629] "Eviction manager: pod is evicted successfully" pod="shop/cart-0"`,
		`May  2 10:02:00 node-7 nohang[530]: PID:       4410, name: ingest, state: R, EUID: 1000`,
		`May  2 10:02:00 node-7 nohang[530]: Vm, MiB:   Size: 5000, RSS: 4962 (Anon: 4960, File: 2, Shmem: 0), Swap: 0`,
		`May  2 10:02:01 node-7 nohang[530]: Sending SIGTERM to the victim`,
		`May  2 10:02:02 node-7 nohang[530]: The victim died in 0.12s`,
		`May  2 10:04:00 node-7 audisp-syslog[900]: type=SYSCALL msg=audit(1683021840.444:8812): arch=c000003e syscall=62 success=yes exit=0 a0=113a a1=9 a2=0 a3=0 items=0 ppid=900 pid=5521 auid=1000 uid=0 comm="bash" exe="/usr/bin/bash"`,
		`May  2 10:04:00 node-7 audisp-syslog[900]: type=OBJ_PID msg=audit(1683021840.444:8812): opid=4410 oauid=1000 ouid=998 oses=7 ocomm="ingest"`,
		`May  2 10:09:00 node-7 nohang[530]: The victim died in 0.12s`,
	}
	records := func(refuse bool, batches ...[]string) (records []map[string]any) {
		sink := &refusingSink{}
		p := start(t, sink, func(c *Config) { c.ReorderWait, c.Sigkill, c.Location = 0, true, "UTC" })
		for _, batch := range batches {
			if sink.refuses = refuse; refuse {
				require.Error(t, p.ConsumeLogs(context.Background(), fromHost("node-7", batch...)))
				sink.refuses = false
			}
			require.NoError(t, p.ConsumeLogs(context.Background(), fromHost("node-7", batch...)))
		}
		ours, _ := split(sink.AllLogs()...)
		for _, r := range ours {
			records = append(records, r.attrs)
		}
		return records
	}
	want := records(false, lines)
	require.Len(t, want, 3)
	for n := 1; n < len(lines); n++ {
		assert.ElementsMatch(t, want, records(false, lines[:n], lines[n:]), "after %d lines", n)
		assert.ElementsMatch(t, want, records(true, lines[:n], lines[n:]), "after %d lines, refused", n)
	}
}

// refusingSink is a next component that refuses all while refuses is set.
type refusingSink struct {
	consumertest.LogsSink
	refuses bool
}

func (s *refusingSink) ConsumeLogs(ctx context.Context, ld plog.Logs) error {
	if s.refuses {
		return errors.New("refused")
	}
	return s.LogsSink.ConsumeLogs(ctx, ld)
}
