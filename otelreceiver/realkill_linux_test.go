// SPDX-License-Identifier: Apache-2.0

package oomkillreceiver

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/plog"
	"golang.org/x/sys/unix"

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
	hog := exec.Command(os.Args[0], "-test.run=^TestHog$")
	hog.Env = append(os.Environ(), "OOMTRAIL_HOG_CGROUP="+cgroup)
	out, err := hog.CombinedOutput()
	ended := time.Now()
	var exit *exec.ExitError
	require.ErrorAs(t, err, &exit, string(out))
	if status, ok := exit.Sys().(unix.WaitStatus); ok {
		require.Equal(t, unix.SIGKILL, status.Signal(), string(out))
	}
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
