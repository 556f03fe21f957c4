// SPDX-License-Identifier: Apache-2.0

package input

import (
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/oomtrail/oomtrail/fluentbit/fbtest"
	"github.com/oomtrail/oomtrail/internal/kmsg"
	"github.com/oomtrail/oomtrail/internal/kmsg/kmsgtest"
)

func TestMain(m *testing.M) {
	kmsgtest.BeHog()
	os.Exit(m.Run())
}

// TestRealKills: with this machine's kernel, which kills processes in a cgroup, an instance that is
// ended between the kills, cleanly or not, loses none. What comes again has the same uid and time,
// and the time is that of the kill.
func TestRealKills(t *testing.T) {
	device, err := os.Open(kmsg.Path)
	if err != nil {
		t.Skip("NOT RUN: the kernel log of this machine cannot be read: ", err)
	}
	require.NoError(t, device.Close())
	cgroup := kmsgtest.MemoryCgroup(t, 24<<20)
	r := newRig(t, 1)
	path := r.cursor
	begin := func() *engine {
		e := &engine{rig: r, stop: make(chan struct{}), ended: make(chan struct{}), wake: make(chan struct{}, 1)}
		e.Input, err = Start("oom_kill.0", "test", func(key string) string { return map[string]string{"Cursor": path}[key] }, nil, r.note, func() {
			select {
			case e.wake <- struct{}{}:
			default:
			}
		})
		require.NoError(t, err)
		go e.run()
		return e
	}
	var want []int64
	var events []fbtest.Decoded
	for run := range 4 {
		e := begin()
		before := time.Now()
		for range 2 {
			hog := kmsgtest.NewHog(cgroup)
			require.NoError(t, kmsgtest.RunHog(hog))
			want = append(want, int64(hog.Process.Pid))
		}
		if run < 3 { // else the next run reads it
			require.Eventually(t, func() bool { return slices.Contains(kills(e.events()), want[len(want)-1]) }, eventually, tick)
			last := e.events()
			assert.WithinRange(t, last[len(last)-1].Time, before.Add(-2*time.Second), time.Now().Add(2*time.Second))
		}
		if run%2 == 0 {
			events = append(events, e.end()...)
		} else {
			events = append(events, e.crash()...)
		}
	}
	last := begin()
	require.Eventually(t, func() bool { return slices.Contains(kills(append(last.events(), events...)), want[len(want)-1]) }, eventually, tick)
	events = append(events, last.end()...)

	seen := make(map[any]string)
	for _, e := range events {
		oom := e.Record["oom"].(map[string]any)
		pid := oom["process_pid"]
		identity := fmt.Sprint(oom["record_uid"], e.Time.UnixNano())
		if other, again := seen[pid]; again && slices.Contains(want, pid.(int64)) {
			assert.Equal(t, other, identity, "pid %v came again", pid)
		}
		seen[pid] = identity
	}
	for _, pid := range want {
		assert.Contains(t, seen, any(pid), "a kill is lost")
	}
}
