// SPDX-License-Identifier: Apache-2.0

package follow

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/oomtrail/oomtrail/internal/kmsg"
	"github.com/oomtrail/oomtrail/internal/kmsg/kmsgtest"
)

// hog is the process that the kernel kills.
func hog(cgroup string) {
	fmt.Fprintln(os.Stderr, kmsgtest.Hog(cgroup))
	os.Exit(1)
}

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
			hog := exec.Command(os.Args[0])
			hog.Env = append(os.Environ(), "OOMTRAIL_HOG_CGROUP="+cgroup)
			out, err := hog.CombinedOutput()
			var exit *exec.ExitError
			if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
				t.Errorf("the kernel has not killed it: %v: %s", err, out)
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
