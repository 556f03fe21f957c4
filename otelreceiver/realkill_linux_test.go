// SPDX-License-Identifier: Apache-2.0

package oomkillreceiver

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/oomtrail/oomtrail/internal/kmsg"
	"github.com/oomtrail/oomtrail/internal/kmsg/kmsgtest"
)

const hogLimit = 64 << 20

// The kernel of this machine kills a process in a cgroup of its own, and the record of it comes
// through /dev/kmsg.
func TestRealKill(t *testing.T) {
	kmsgOrSkip(t)
	cgroup := kmsgtest.MemoryCgroup(t, hogLimit)
	next := &sink{}
	run(t, quick(func(c *Config) { c.StartAt = "end" }), nil, next, newSource)

	began := time.Now()
	hog := hogIn(t, cgroup)
	wasKilled(t, hog)
	ended := time.Now()
	pid := int64(hog.Process.Pid)
	var lr plog.LogRecord
	require.Eventually(t, func() bool {
		next.mu.Lock()
		defer next.mu.Unlock()
		for _, r := range next.records {
			if v, ok := r.Attributes().Get("process.pid"); ok && v.Int() == pid {
				lr = r
				return true
			}
		}
		return false
	}, time.Minute, time.Millisecond)
	t.Logf("from the end of the process to the record: %s", time.Since(ended).Round(time.Microsecond))
	t.Log(lr.Body().Str())

	attrs := lr.Attributes().AsRaw()
	assert.Equal(t, "memcg", attrs["oom.constraint"])
	assert.Equal(t, "cgroup", attrs["oom.scope"])
	assert.Equal(t, "verified", attrs["oom.trust"])
	assert.EqualValues(t, hogLimit, attrs["oom.cgroup_memory.limit"])
	assert.True(t, strings.HasSuffix(attrs["oom.cgroup.path"].(string), filepath.Base(cgroup)), attrs["oom.cgroup.path"])
	assert.WithinRange(t, lr.Timestamp().AsTime(), began.Add(-2*time.Second), ended.Add(2*time.Second))
}

// TestRealKillIsCounted: of a kill by this machine's kernel, whose line the receiver reads, nothing
// is lost. Of one whose line a filter between kernel and receiver keeps back, the kernel's counter
// shows that it is.
func TestRealKillIsCounted(t *testing.T) {
	kmsgOrSkip(t)
	if _, _, ok := kernelKills(systemOf("")); !ok {
		t.Skip("NOT RUN: this kernel does not count its kills, as kernels before 4.13 do not")
	}
	var mu sync.Mutex // of hidden; nothing passes while it is held
	hidden := "no line has this"
	cfg := quick(func(c *Config) {
		c.Kmsg.Path = filteredKmsg(t, func(record string) bool {
			mu.Lock()
			defer mu.Unlock()
			return !strings.Contains(record, hidden)
		})
		c.CollectionInterval = 100 * time.Millisecond
	})
	require.NoError(t, cfg.Validate())
	r, err := newReceiver(settingsOf(t), cfg, newSource(cfg))
	require.NoError(t, err)
	m := measured{r, &sink{}, &consumertest.MetricsSink{}}
	r.nextLogs, r.nextMetrics, r.lag = m.logs, m.metrics, time.Second
	require.NoError(t, r.Start(t.Context(), componenttest.NewNopHost()))
	t.Cleanup(func() { require.NoError(t, r.Shutdown(context.Background())) })
	cgroup := kmsgtest.MemoryCgroup(t, hogLimit)
	wasKilled(t, hogIn(t, cgroup)) // a line of the kernel, by which it is known whose log this is
	m.waitFor(t, "oom.lost_kills", 0)
	m.looks(t, 20) // the lines of kills by other tests, which are on their way at the first look, have come

	mu.Lock()
	hog := hogIn(t, cgroup)
	hidden = fmt.Sprintf("Killed process %d ", hog.Process.Pid)
	mu.Unlock()
	wasKilled(t, hog)
	m.waitFor(t, "oom.lost_kills", 1)

	killed := m.value("oom.kills memcg cgroup")
	wasKilled(t, hogIn(t, cgroup))
	require.Eventually(t, func() bool { return m.value("oom.kills memcg cgroup") > killed }, time.Minute, time.Millisecond)
	m.looks(t, 30)
	assert.EqualValues(t, 1, m.value("oom.lost_kills"))
}

// wasKilled waits for a process, which SIGKILL ends.
func wasKilled(t *testing.T, hog *exec.Cmd) {
	t.Helper()
	err := hog.Wait()
	var exit *exec.ExitError
	require.ErrorAs(t, err, &exit)
	require.Equal(t, syscall.SIGKILL, exit.Sys().(syscall.WaitStatus).Signal(), "%v: %s", err, hog.Stdout)
}

// hogIn starts a process that the kernel kills in a cgroup.
func hogIn(t *testing.T, cgroup string) *exec.Cmd {
	t.Helper()
	hog := kmsgtest.NewHog(cgroup)
	hog.Args = append(hog.Args, "-test.run=^TestHog$")
	said := new(bytes.Buffer)
	hog.Stdout, hog.Stderr = said, said
	require.NoError(t, hog.Start())
	return hog
}

// filteredKmsg returns a device that gives the records of this machine's kernel log which pass.
func filteredKmsg(t *testing.T, pass func(record string) bool) (path string) {
	t.Helper()
	path, w := packetPipe(t)
	log, err := kmsg.ThisHost().Open(kmsg.Path)
	require.NoError(t, err)
	buf := make([]byte, kmsg.RecordMax)
	for { // what is there already: a pipe holds little
		if _, err := log.TryNext(buf); errors.Is(err, os.ErrDeadlineExceeded) {
			break
		}
	}
	ctx, stop := context.WithCancel(context.Background())
	var copying sync.WaitGroup
	copying.Go(func() {
		for ctx.Err() == nil {
			n, _, err := log.Next(buf)
			if err == nil && pass(string(buf[:n])) {
				_, _ = w.Write(buf[:n]) // the receiver, which is gone after the test, reads
			}
		}
	})
	t.Cleanup(func() {
		stop()
		log.Interrupt()
		copying.Wait()
		_ = log.Close()
	})
	return path
}
