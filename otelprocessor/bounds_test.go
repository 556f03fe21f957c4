// SPDX-License-Identifier: Apache-2.0

package oomkillprocessor

import (
	"context"
	"fmt"
	"net"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/client"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/oomtrail/oomtrail/parser"
)

const (
	testHead = "6,1,1000000,-;app invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0"
	testKill = "3,2,1000100,-;Memory cgroup out of memory: Killed process 42 (app) total-vm:100kB, anon-rss:50kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:44kB oom_score_adj:0"
)

// killBehind is testKill behind the rows of a claim.
var killBehind = strings.Replace(testKill, "3,2,1000100,", "3,900000,1900100,", 1)

// heap returns how many bytes are in use.
func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// heapWithin returns how many bytes are in use. Where they are more than limit it looks again for a
// while: what a flush under way reads is let go of when the flush ends, however long the machine
// takes for it.
func heapWithin(limit int64) (used int64) {
	for range 600 {
		if used = heap(); used <= limit {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	return used
}

// claim returns the first lines of a report that has a task table of so many rows and never ends.
func claim(rows int) []string {
	lines := []string{testHead,
		"6,2,1000001,-;[  pid  ]   uid  tgid total_vm      rss rss_anon rss_file rss_shmem pgtables_bytes swapents oom_score_adj name"}
	for i := range rows {
		lines = append(lines, fmt.Sprintf("6,%d,%d,-;[%7d]  1000 %7d     9385     8302     8144      158         0   110592        0             0 worker-%07d", i+3, 1000002+i, i, i, i))
	}
	return lines
}

// from returns the context of a batch that a peer sent.
func from(address string) context.Context {
	return client.NewContext(context.Background(), client.Info{Addr: &net.TCPAddr{IP: net.ParseIP(address), Port: 1 + len(address)}})
}

// only keeps nothing but records.
type only struct {
	mu      sync.Mutex
	records []found
}

func (o *only) consume(_ context.Context, ld plog.Logs) error {
	ours, _ := split(ld)
	kept := plog.NewLogs() // what stands beside the records is let go of
	for _, r := range ours {
		r.lr.CopyTo(kept.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords().AppendEmpty())
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	for i, r := range ours {
		if r.lr.EventName() == "oom.kill" {
			r.lr = kept.ResourceLogs().At(i).ScopeLogs().At(0).LogRecords().At(0)
			o.records = append(o.records, r)
		}
	}
	return nil
}

// TestHostileGateway: one sender claims ten thousand hosts, by its resources or by the hosts that
// its lines name, and holds reports open under all of them, some with giant tables, while a node's
// report comes in line by line. The budget is held, and the node's kill is told whole.
func TestHostileGateway(t *testing.T) {
	const limit, claims = 16 << 20, 10_000
	lines := captured(t, "kill.kmsg")
	var want []found
	want, _ = split(run(t, nil, fromHost("real", lines...))...)
	require.Len(t, want, 1)
	for _, by := range []string{"resource", "text"} {
		t.Run(by, func(t *testing.T) {
			hostile := func(i, rows int) plog.Logs {
				if by == "resource" {
					return fromHost(fmt.Sprint("claim-", i), claim(rows)...)
				}
				texts := claim(rows)
				for j, line := range texts {
					_, text, _ := strings.Cut(line, ";")
					texts[j] = fmt.Sprintf("Nov 21 08:00:00 claim-%d kernel: [  100.000000] %s", i, text)
				}
				return fromHost("relay", texts...)
			}
			before := heap()
			sink := new(only)
			next, err := newNext(sink.consume)
			require.NoError(t, err)
			p := start(t, next, func(c *Config) { c.MaxMemory, c.ReportTimeout = limit, time.Hour })
			var budget parser.Budget
			p.within(&budget)
			const bound = limit + 12<<20 // with what is remembered of streams that are gone, and the pdata of one giant batch that the flush reads
			most, fed := int64(0), 0
			feed := func() {
				require.NoError(t, p.ConsumeLogs(from("10.0.0.1"), fromHost("real", lines[fed])))
				fed++
			}
			for i := range claims {
				rows := 0
				switch {
				case i%1000 == 500:
					rows = 20_000 // 3 MiB
				case i%10 == 0:
					rows = 100
				}
				ctx := context.Background() // nobody says who it came from
				if by == "resource" {
					ctx = from("10.6.6.6")
				}
				require.NoError(t, p.ConsumeLogs(ctx, hostile(i, rows)))
				// The flush counts what it reads of a stream before it makes room for it.
				require.LessOrEqual(t, budget.Used(), int64(limit+1<<20))
				if i%(claims/len(lines)) == 0 && fed < len(lines)-1 {
					feed()
				}
				if i%2000 == 1999 {
					most = max(most, heapWithin(before+bound)-before)
				}
			}
			for fed < len(lines) {
				feed()
			}
			t.Logf("%d KiB of the heap at most, %d KiB counted, %d streams", most>>10, budget.Used()>>10, p.table.len())
			assert.LessOrEqual(t, most, int64(bound))
			require.Eventually(t, func() bool { sink.mu.Lock(); defer sink.mu.Unlock(); return len(sink.records) > 0 }, time.Minute, 50*time.Millisecond)
			sink.mu.Lock()
			records := sink.records
			sink.mu.Unlock()
			if assert.Len(t, records, 1) {
				assert.Equal(t, want[0].attrs, records[0].attrs)
				assert.Equal(t, "real", records[0].resource["host.name"])
				assert.Equal(t, true, records[0].attrs["oom.report.complete"])
			}
			require.NoError(t, p.Shutdown(context.Background()))
			assert.Zero(t, budget.Used())
		})
	}
}

// TestSendersKeepTheirRoom: a peer with many open reports loses his own, not those of others,
// whatever hosts he claims.
func TestSendersKeepTheirRoom(t *testing.T) {
	sink := new(consumertest.LogsSink)
	p := start(t, sink, func(c *Config) { c.MaxStreams, c.ReportTimeout, c.ReorderWait = 20, time.Hour, 0 })
	for i := range 5 {
		require.NoError(t, p.ConsumeLogs(from("10.0.0.1"), fromHost(fmt.Sprint("node-", i), testHead)))
	}
	many := plog.NewLogs()
	for i := range 200 {
		require.NoError(t, p.ConsumeLogs(from("10.6.6.6"), fromHost(fmt.Sprint("claim-", i), testHead)))
		addHost(many, fmt.Sprint("batch-", i), testHead)
	}
	require.NoError(t, p.ConsumeLogs(from("10.6.6.6"), many))
	assert.LessOrEqual(t, p.table.len(), 20)
	sink.Reset()
	for i := range 5 {
		require.NoError(t, p.ConsumeLogs(from("10.0.0.2"), fromHost(fmt.Sprint("node-", i), testKill)))
	}
	kills := 0
	ours, _ := split(sink.AllLogs()...)
	for _, r := range ours {
		if r.lr.EventName() == "oom.kill" {
			kills++
			assert.Equal(t, "app", r.attrs["oom.trigger.name"], "the report is still open")
		}
	}
	assert.Equal(t, 5, kills)
}

// TestLargestSheds: where the budget is exceeded the largest open report sheds, and says so,
// whether it is being read or not; one that a refused batch had grown is as it was, but for what it
// had to shed.
func TestLargestSheds(t *testing.T) {
	sink := new(consumertest.LogsSink)
	refuse := false
	next, err := newNext(func(ctx context.Context, ld plog.Logs) error {
		if refuse {
			return errRefused
		}
		return sink.ConsumeLogs(ctx, ld)
	})
	require.NoError(t, err)
	p := start(t, next, func(c *Config) { c.MaxMemory, c.ReportTimeout = 4<<20, time.Hour })
	send := func(host string, lines []string) error {
		return p.ConsumeLogs(context.Background(), fromHost(host, lines...))
	}
	require.NoError(t, send("large", claim(15_000)))
	require.NoError(t, send("small", claim(2_000)))
	refuse = true
	require.Error(t, send("small", claim(12_000)[2002:]))
	refuse = false
	require.NoError(t, send("small", claim(3_000)[2002:]))
	sink.Reset()
	for _, host := range []string{"small", "large"} {
		require.NoError(t, send(host, []string{killBehind}))
	}
	ours, _ := split(sink.AllLogs()...)
	require.Len(t, ours, 2)
	small, large := ours[0].attrs, ours[1].attrs
	assert.EqualValues(t, 3_000, small["oom.tasks.count"])
	assert.Nil(t, small["oom.report.truncated"])
	assert.EqualValues(t, 15_000, large["oom.tasks.count"])
	assert.Contains(t, large["oom.report.truncated"], "tasks")
	assert.Equal(t, false, large["oom.report.complete"])

	// One batch that alone is too large.
	sink.Reset()
	require.NoError(t, send("giant", append(claim(40_000), killBehind)))
	ours, _ = split(sink.AllLogs()...)
	require.Len(t, ours, 1)
	assert.EqualValues(t, 40_000, ours[0].attrs["oom.tasks.count"])
	assert.Equal(t, false, ours[0].attrs["oom.report.complete"])
	assert.LessOrEqual(t, p.table.share.Held(), int64(4<<20))
}

// TestOneBudget: the processors of a factory share one budget, and several calls at once keep to
// it.
func TestOneBudget(t *testing.T) {
	var budget parser.Budget
	var processors []*oomProcessor
	for range 3 {
		p := start(t, new(consumertest.LogsSink), func(c *Config) { c.MaxMemory, c.ReportTimeout = 4<<20, time.Hour })
		p.within(&budget)
		processors = append(processors, p)
	}
	var wg sync.WaitGroup
	var most atomic.Int64
	for w := range 4 {
		wg.Go(func() {
			for i := range 30 {
				p := processors[(w+i)%3]
				assert.NoError(t, p.ConsumeLogs(context.Background(), fromHost(fmt.Sprint("host-", i%7), claim(2_000+100*w)...)))
				if used := budget.Used(); used > most.Load() {
					most.Store(used)
				}
			}
		})
	}
	wg.Wait()
	t.Logf("%d KiB at most", most.Load()>>10)
	assert.LessOrEqual(t, budget.Used(), int64(4<<20))
	assert.LessOrEqual(t, most.Load(), int64(4<<20+4*step), "each call may grow by a step before it counts")
	for _, p := range processors {
		require.NoError(t, p.Shutdown(context.Background()))
	}
	assert.Zero(t, budget.Used())
}

// TestNoStreamForOtherLines: lines that are no part of a report make no stream, whatever they say.
func TestNoStreamForOtherLines(t *testing.T) {
	p := start(t, new(consumertest.LogsSink), func(c *Config) { c.ReportTimeout = time.Hour })
	require.NoError(t, p.ConsumeLogs(context.Background(), fromHost("open", testHead)))
	for i := range 100 {
		require.NoError(t, p.ConsumeLogs(context.Background(), fromHost(fmt.Sprint("host-", i), "usb 1-1: new device", "the app's own Killed process 7 words", "Out of memory, they say")))
	}
	assert.Equal(t, 1, p.table.len())
	assert.EqualValues(t, 1, p.table.active.Load())
	assert.Len(t, p.table.senders, 1)
}

// TestNestedStreamAttributes: a map or a slice tells no host.
func TestNestedStreamAttributes(t *testing.T) {
	p := start(t, new(consumertest.LogsSink), func(c *Config) { c.ReportTimeout = time.Hour })
	for i := range 20 {
		ld := fromHost("", testHead)
		res := ld.ResourceLogs().At(0).Resource().Attributes()
		res.PutEmptyMap("host.name").PutInt("n", int64(i))
		res.PutEmptySlice("host.id").AppendEmpty().SetInt(int64(i))
		lr := ld.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().At(0)
		lr.Attributes().PutEmptyMap("log.file.path").PutInt("n", int64(i))
		body := lr.Body().SetEmptyMap()
		body.PutStr("MESSAGE", testHead[strings.Index(testHead, ";")+1:])
		body.PutStr("_TRANSPORT", "kernel")
		body.PutEmptySlice("_HOSTNAME").AppendEmpty().SetInt(int64(i))
		require.NoError(t, p.ConsumeLogs(context.Background(), ld))
	}
	assert.Equal(t, 1, p.table.len())
	ld := fromHost("", testHead)
	ld.ResourceLogs().At(0).Resource().Attributes().PutInt("host.id", 7)
	require.NoError(t, p.ConsumeLogs(context.Background(), ld))
	assert.Equal(t, 2, p.table.len(), "a number does")
}

// TestEvictedKillIsToldOnce: lines about a kill that come again after its stream had to go make no
// second record, and a report that was closed for want of room tells nobody to have been spared.
func TestEvictedKillIsToldOnce(t *testing.T) {
	lines := captured(t, "kill.kmsg")
	sink := new(consumertest.LogsSink)
	p := start(t, sink, func(c *Config) { c.MaxStreams, c.ReportTimeout = 2, time.Hour })
	send := func(host string, lines ...string) {
		require.NoError(t, p.ConsumeLogs(context.Background(), fromHost(host, lines...)))
	}
	evict := func() {
		send("x", testHead)
		send("y", testHead)
	}
	last := len(lines) - 1
	send("node", lines[:last]...)
	evict()
	send("node", lines[last])
	evict()
	send("node", lines[last])
	ours, _ := split(sink.AllLogs()...)
	var names []string
	for _, r := range ours {
		if r.resource["host.name"] == "node" {
			names = append(names, r.lr.EventName())
			assert.Equal(t, false, r.attrs["oom.report.complete"])
		}
	}
	assert.Equal(t, []string{"oom.unresolved", "oom.kill"}, names)
}

// TestReadmeSaysTheBounds: what the README promises is what holds.
func TestReadmeSaysTheBounds(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	assert.Contains(t, string(readme), fmt.Sprintf("| `max_memory` | size | `%v` |", createDefaultConfig().(*Config).MaxMemory))
	assert.Contains(t, string(readme), fmt.Sprintf("%d MiB", parser.DefaultMaxReportBytes>>20))
}
