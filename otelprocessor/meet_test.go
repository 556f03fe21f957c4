// SPDX-License-Identifier: Apache-2.0

package oomkillprocessor

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
)

// The kernel's lines of a kill, and what systemd says of it.
var (
	meetKernel = []string{
		"ingest invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0",
		"oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=/system.slice/ingest.service,task_memcg=/system.slice/ingest.service,task=ingest,pid=24117,uid=0",
		"Memory cgroup out of memory: Killed process 24117 (ingest) total-vm:812340kB, anon-rss:524288kB, file-rss:1024kB, shmem-rss:0kB, UID:0 pgtables:1200kB oom_score_adj:0",
	}
	meetUnit = []string{
		"ingest.service: A process of this unit has been killed by the OOM killer.",
		"ingest.service: Failed with result 'oom-kill'.",
	}
	meetTime = time.Date(2026, 5, 2, 10, 0, 0, 0, time.UTC)
)

// under returns a batch, and its records under a resource.
func under(resource map[string]any) (plog.Logs, plog.LogRecordSlice) {
	ld := plog.NewLogs()
	rl := ld.ResourceLogs().AppendEmpty()
	_ = rl.Resource().Attributes().FromRaw(resource)
	return ld, rl.ScopeLogs().AppendEmpty().LogRecords()
}

// syslogOf returns lines of a syslog file of a host, as the filelog receiver reads it.
func syslogOf(host, program, file string, resource map[string]any, lines []string) plog.Logs {
	ld, records := under(resource)
	for i, line := range lines {
		lr := records.AppendEmpty()
		lr.SetObservedTimestamp(pcommon.NewTimestampFromTime(meetTime.Add(time.Second)))
		lr.Attributes().PutStr("log.file.name", file)
		if program == "kernel:" {
			line = fmt.Sprintf("[ 100.%06d] %s", i, line)
		}
		lr.Body().SetStr("2026-05-02T10:00:00+00:00 " + host + " " + program + " " + line)
	}
	return ld
}

// journalOf returns entries as the journald receiver makes them.
func journalOf(host, boot, program string, resource map[string]any, lines []string) plog.Logs {
	ld, records := under(resource)
	for i, line := range lines {
		lr := records.AppendEmpty()
		lr.SetTimestamp(pcommon.NewTimestampFromTime(meetTime.Add(time.Duration(i) * time.Millisecond)))
		fields := map[string]any{
			"MESSAGE": line, "_HOSTNAME": host, "_BOOT_ID": strings.Repeat(boot, 32), "_MACHINE_ID": strings.Repeat("c", 32),
			"__MONOTONIC_TIMESTAMP": fmt.Sprint(100_000_000 + i), "_TRANSPORT": "journal", "SYSLOG_IDENTIFIER": program, "_COMM": program,
		}
		switch program {
		case "kernel":
			fields["_TRANSPORT"] = "kernel"
			delete(fields, "_COMM")
		case "systemd":
			fields["_PID"], fields["_UID"], fields["UNIT"], fields["_SYSTEMD_UNIT"] = "1", "0", "ingest.service", "init.scope"
		}
		_ = lr.Body().SetEmptyMap().FromRaw(fields)
	}
	return ld
}

// both returns two batches as one.
func both(a, b plog.Logs) plog.Logs {
	ld := plog.NewLogs()
	a.CopyTo(ld)
	more := plog.NewLogs()
	b.CopyTo(more)
	more.ResourceLogs().MoveAndAppendTo(ld.ResourceLogs())
	return ld
}

// namesOf returns the events of records, sorted.
func namesOf(logs []plog.Logs) string {
	ours, _ := split(logs...)
	var names []string
	for _, r := range ours {
		names = append(names, r.lr.EventName())
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

// meetCase is the two streams of a kill, and what comes of them.
type meetCase struct {
	name              string
	kernel, witnesses plog.Logs
	want              string
}

func meetCases() []meetCase {
	node := map[string]any{"host.name": "node-7"}
	id := map[string]any{"host.id": "i-0abc"}
	apart := "oom.kill oom.observed"
	return []meetCase{
		{"journal and syslog of a name", journalOf("node-7", "b", "kernel", nil, meetKernel), syslogOf("node-7", "systemd[1]:", "syslog", nil, meetUnit), "oom.kill"},
		{"two files of a name", syslogOf("node-7", "kernel:", "kern.log", nil, meetKernel), syslogOf("node-7", "systemd[1]:", "syslog", nil, meetUnit), "oom.kill"},
		{"a resource with a domain", syslogOf("node-7", "kernel:", "kern.log", map[string]any{"host.name": "node-7.example.com"}, meetKernel), journalOf("node-7", "b", "systemd", map[string]any{"host.name": "node-7.example.com"}, meetUnit), "oom.kill"},
		{"a resource for lines of no host", fromTime(node, meetKernel), journalOf("node-7", "b", "systemd", node, meetUnit), "oom.kill"},
		{"an id", fromTime(id, meetKernel), fromTime(id, prefixed("systemd[1]: ", meetUnit)), "oom.kill"},
		{"two hosts", syslogOf("node-7", "kernel:", "kern.log", nil, meetKernel), syslogOf("node-8", "systemd[1]:", "syslog", nil, meetUnit), apart},
		{"two hosts by resource", fromTime(node, meetKernel), fromTime(map[string]any{"host.name": "node-8"}, prefixed("systemd[1]: ", meetUnit)), apart},
		{"two ids of a name", fromTime(map[string]any{"host.name": "n", "host.id": "1"}, meetKernel), fromTime(map[string]any{"host.name": "n", "host.id": "2"}, prefixed("systemd[1]: ", meetUnit)), apart},
		{"a log server's and its own", fromTime(node, meetKernel), syslogOf("node-8", "systemd[1]:", "syslog", node, meetUnit), apart},
		{"two log servers", syslogOf("node-7", "kernel:", "kern.log", map[string]any{"host.name": "a"}, meetKernel), syslogOf("node-7", "systemd[1]:", "syslog", map[string]any{"host.name": "b"}, meetUnit), apart},
		{"nothing names a host", fromTime(map[string]any{"service.name": "x"}, meetKernel), syslogOf("node-7", "systemd[1]:", "syslog", nil, meetUnit), apart},
		{"a name that is none", syslogOf("localhost", "kernel:", "kern.log", nil, meetKernel), syslogOf("localhost", "systemd[1]:", "syslog", map[string]any{"log.file.path": "x"}, meetUnit), apart},
		{"two boots", journalOf("node-7", "b", "kernel", nil, meetKernel), journalOf("node-7", "d", "systemd", nil, meetUnit), apart},
		{"a container's log", fromTime(node, meetKernel), syslogOf("node-7", "systemd[1]:", "0.log", map[string]any{"host.name": "node-7", "k8s.container.name": "x"}, meetUnit), "oom.kill"},
	}
}

// fromTime returns lines that name no host, under a resource.
func fromTime(resource map[string]any, lines []string) plog.Logs {
	ld, records := under(resource)
	for i, line := range lines {
		lr := records.AppendEmpty()
		lr.SetTimestamp(pcommon.NewTimestampFromTime(meetTime))
		if !strings.Contains(line, "systemd[1]") {
			line = fmt.Sprintf("kernel: [ 100.%06d] %s", i, line)
			lr.Attributes().PutStr("log.file.name", "kern.log")
		}
		lr.Body().SetStr("2026-05-02T10:00:00+00:00 " + line)
	}
	return ld
}

func prefixed(prefix string, lines []string) (out []string) {
	for _, line := range lines {
		out = append(out, prefix+line)
	}
	return out
}

// TestStreamsOfAHostMeet: what two streams of one host say of a kill is one record, in whatever
// order and batches it comes, at once, and where the next component refuses each batch first. Two
// streams of what may be two machines stay apart.
func TestStreamsOfAHostMeet(t *testing.T) {
	for _, c := range meetCases() {
		for _, order := range []struct {
			name    string
			batches [][]plog.Logs // those of one list are sent at once
		}{
			{"kernel first", [][]plog.Logs{{c.kernel}, {c.witnesses}}},
			{"witness first", [][]plog.Logs{{c.witnesses}, {c.kernel}}},
			{"one batch", [][]plog.Logs{{both(c.kernel, c.witnesses)}}},
			{"one batch, witness first", [][]plog.Logs{{both(c.witnesses, c.kernel)}}},
			{"at once", [][]plog.Logs{{c.kernel, c.witnesses}}},
			{"again", [][]plog.Logs{{c.witnesses}, {c.kernel}, {c.witnesses}}},
		} {
			for _, refuses := range []bool{false, true} {
				t.Run(fmt.Sprint(c.name, ", ", order.name, ", refused ", refuses), func(t *testing.T) {
					sink := new(consumertest.LogsSink)
					var mu sync.Mutex
					refused := make(map[string]bool)
					next, err := newNext(func(ctx context.Context, ld plog.Logs) error {
						key := fmt.Sprint(ld.LogRecordCount(), ld.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().At(0).Body().AsRaw())
						mu.Lock()
						defer mu.Unlock()
						if refuses && !refused[key] {
							refused[key] = true
							return errRefused
						}
						return sink.ConsumeLogs(ctx, ld)
					})
					require.NoError(t, err)
					p := start(t, next, func(cfg *Config) { cfg.ReportTimeout = time.Hour })
					for _, batches := range order.batches {
						var wait sync.WaitGroup
						for _, ld := range batches {
							wait.Go(func() {
								copied := plog.NewLogs()
								ld.CopyTo(copied)
								for p.ConsumeLogs(context.Background(), copied) != nil {
								}
							})
						}
						wait.Wait()
					}
					refuses = false
					require.NoError(t, p.Shutdown(context.Background()))
					assert.Equal(t, c.want, namesOf(sink.AllLogs()))
				})
			}
		}
	}
}

// TestResourceOfAVerdict: a record of what waited when another stream's line came has no attribute
// that only the resource of the other line has.
func TestResourceOfAVerdict(t *testing.T) {
	later := func(file, stamp string) plog.Logs {
		ld := plog.NewLogs()
		rl := ld.ResourceLogs().AppendEmpty()
		_ = rl.Resource().Attributes().FromRaw(map[string]any{"host.name": "node-7", "file": file})
		rl.ScopeLogs().AppendEmpty().LogRecords().AppendEmpty().Body().SetStr(stamp + " node-7 systemd[1]: " + file + ".service: A process of this unit has been killed by the OOM killer.")
		return ld
	}
	sink := new(consumertest.LogsSink)
	p := start(t, sink, func(cfg *Config) { cfg.ReportTimeout = time.Hour })
	require.NoError(t, p.ConsumeLogs(context.Background(), later("a", "2026-05-02T10:00:00+00:00")))
	require.NoError(t, p.ConsumeLogs(context.Background(), later("b", "2026-05-02T12:00:00+00:00")))
	require.NoError(t, p.Shutdown(context.Background()))
	ours, _ := split(sink.AllLogs()...)
	require.Len(t, ours, 2)
	for _, r := range ours {
		assert.Equal(t, "node-7", r.resource["host.name"])
		if file, has := r.resource["file"]; has {
			assert.Contains(t, r.attrs["systemd.unit"], file)
		}
	}
}

// TestHostsAreBounded: what programs of many hosts say comes out once each, however few streams may
// be held, and however often a batch is refused.
func TestHostsAreBounded(t *testing.T) {
	const hosts, limit = 200, 8
	sink := new(consumertest.LogsSink)
	calls, closing := 0, false
	next, err := newNext(func(ctx context.Context, ld plog.Logs) error {
		if calls++; !closing && calls%3 == 0 {
			return errRefused
		}
		return sink.ConsumeLogs(ctx, ld)
	})
	require.NoError(t, err)
	p := start(t, next, func(cfg *Config) { cfg.MaxStreams, cfg.ReportTimeout = limit, time.Hour })
	for i := range hosts {
		host := fmt.Sprint("node-", i)
		ld := both(syslogOf(host, "systemd[1]:", "syslog", nil, meetUnit), syslogOf(host, "kernel:", "kern.log", map[string]any{"host.name": host}, meetKernel[:i%2]))
		for p.ConsumeLogs(context.Background(), ld) != nil {
		}
		p.table.mu.RLock()
		held, all := p.table.hosts, len(p.table.byKey)
		p.table.mu.RUnlock()
		require.LessOrEqual(t, held, limit)
		require.LessOrEqual(t, all, 2*limit)
	}
	closing = true
	require.NoError(t, p.Shutdown(context.Background()))
	observed := make(map[string]int)
	ours, _ := split(sink.AllLogs()...)
	for _, r := range ours {
		if r.lr.EventName() == "oom.observed" {
			observed[fmt.Sprint(r.resource["host.name"])]++
		}
	}
	assert.Len(t, observed, hosts)
	for host, n := range observed {
		assert.Equal(t, 1, n, host)
	}
}

// TestHostsAtOnce: batches of many hosts, two streams each, at once, a few streams held: each kill
// is one, and no call waits for ever.
func TestHostsAtOnce(t *testing.T) {
	const hosts = 24
	sink := new(consumertest.LogsSink)
	var calls atomic.Int64
	closing := atomic.Bool{}
	next, err := newNext(func(ctx context.Context, ld plog.Logs) error {
		if !closing.Load() && calls.Add(1)%4 == 0 {
			return errRefused
		}
		return sink.ConsumeLogs(ctx, ld)
	})
	require.NoError(t, err)
	p := start(t, next, func(cfg *Config) { cfg.ReportTimeout = time.Hour })
	var wait sync.WaitGroup
	for i := range hosts {
		// A batch has the kernel's lines of one host, and what systemd says of another one.
		host, other := fmt.Sprint("node-", i), fmt.Sprint("node-", (i+hosts/2)%hosts)
		ld := both(syslogOf(host, "kernel:", "kern.log", nil, meetKernel), syslogOf(other, "systemd[1]:", "syslog", nil, meetUnit))
		wait.Go(func() {
			for p.ConsumeLogs(context.Background(), ld) != nil {
			}
		})
	}
	wait.Wait()
	closing.Store(true)
	require.NoError(t, p.Shutdown(context.Background()))
	assert.Equal(t, strings.TrimSpace(strings.Repeat("oom.kill ", hosts)), namesOf(sink.AllLogs()))
}
