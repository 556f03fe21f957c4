// SPDX-License-Identifier: Apache-2.0

package follow

import (
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/oomtrail/oomtrail/internal/kmsg"
	"github.com/oomtrail/oomtrail/internal/kmsg/kmsgtest"
)

// TestRealCrashes is TestCrashes with this machine's kernel, which kills processes in a cgroup.
func TestRealCrashes(t *testing.T) {
	device, err := kmsg.ThisHost().Open(kmsg.Path)
	if err != nil {
		t.Skip("the kernel log of this machine cannot be read: ", err)
	}
	require.NoError(t, device.Close())
	cgroup := kmsgtest.MemoryCgroup(t, 24<<20)
	c := newCrasher(t)
	first := c.start() // the log from here on
	require.Eventually(t, func() bool { _, err := os.Stat(c.state); return err == nil }, time.Minute, time.Millisecond)
	require.NoError(t, first.Process.Kill())
	_ = first.Wait()

	ended := make(chan struct{})
	var want []int
	go func() {
		defer close(ended)
		for range crashes / 2 {
			hog := kmsgtest.NewHog(cgroup)
			if err := kmsgtest.RunHog(hog); err != nil {
				t.Error(err)
				return
			}
			want = append(want, hog.Process.Pid)
		}
	}()
	for range crashes {
		c.crash(60 * time.Millisecond)
	}
	<-ended
	c.check(want)
	assert.NotEmpty(t, want)
}
