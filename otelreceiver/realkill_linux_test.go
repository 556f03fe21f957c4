// SPDX-License-Identifier: Apache-2.0

package oomkillreceiver

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"go.opentelemetry.io/collector/pdata/plog"
)

const hogLimit = 64 << 20

// memoryCgroup makes a cgroup whose members may use hogLimit bytes, below the test's own.
func memoryCgroup(t *testing.T) string {
	t.Helper()
	own, err := os.ReadFile("/proc/self/cgroup")
	require.NoError(t, err)
	parent, limit := "", ""
	for line := range strings.Lines(string(own)) {
		fields := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(fields) < 3 {
			continue
		}
		if fields[1] == "memory" {
			parent, limit = filepath.Join("/sys/fs/cgroup/memory", fields[2]), "memory.limit_in_bytes"
		} else if fields[0] == "0" && parent == "" {
			parent, limit = filepath.Join("/sys/fs/cgroup", fields[2]), "memory.max"
		}
	}
	cgroup := filepath.Join(parent, fmt.Sprintf("oomtrail-test-%d", os.Getpid()))
	if err := os.Mkdir(cgroup, 0o755); err != nil {
		t.Skip("no memory cgroup can be made here: ", err)
	}
	t.Cleanup(func() {
		assert.Eventually(t, func() bool { return os.Remove(cgroup) == nil }, time.Minute, 10*time.Millisecond)
	})
	if err := os.WriteFile(filepath.Join(cgroup, limit), []byte(strconv.Itoa(hogLimit)), 0); err != nil {
		t.Skip("no memory limit can be set here: ", err)
	}
	swap := map[string]string{"memory.max": "memory.swap.max", "memory.limit_in_bytes": "memory.swappiness"}[limit]
	if err := os.WriteFile(filepath.Join(cgroup, swap), []byte("0"), 0); err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Skip("swap cannot be turned off here: ", err)
	}
	return cgroup
}

// The kernel of this machine kills a process in a cgroup of its own, and the record of it comes
// through /dev/kmsg.
func TestRealKill(t *testing.T) {
	kmsgOrSkip(t)
	cgroup := memoryCgroup(t)
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
