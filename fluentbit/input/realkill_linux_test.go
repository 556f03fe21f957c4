// SPDX-License-Identifier: Apache-2.0

package input

import (
	"fmt"
	"os"
	"regexp"
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

// needKernelLog skips a test where this machine's log cannot be read.
func needKernelLog(t *testing.T) {
	t.Helper()
	device, err := os.Open(kmsg.Path)
	if err != nil {
		t.Skip("NOT RUN: the kernel log of this machine cannot be read: ", err)
	}
	require.NoError(t, device.Close())
}

// startReal is start on this machine, with settings: pairs of a key and its value.
func (r *rig) startReal(pairs ...string) *engine {
	r.t.Helper()
	e := &engine{rig: r, stop: make(chan struct{}), ended: make(chan struct{}), wake: make(chan struct{}, 1)}
	var err error
	e.Input, err = Start("oom_kill.0", "test", given(pairs).get, nil, r.note, func() {
		select {
		case e.wake <- struct{}{}:
		default:
		}
	})
	require.NoError(r.t, err)
	go e.run()
	return e
}

// TestRealKills: with this machine's kernel, which kills processes in a cgroup, an instance that is
// ended between the kills, cleanly or not, loses none. What comes again has the same uid and time,
// and the time is that of the kill.
func TestRealKills(t *testing.T) {
	needKernelLog(t)
	cgroup := kmsgtest.MemoryCgroup(t, 24<<20)
	r := newRig(t, 1)
	path := r.cursor
	begin := func() *engine { return r.startReal("Cursor", path) }
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

// TestRealWarning: a leak is warned of before this machine's kernel kills it, and the kill names
// the warning, also when the input was reloaded between them.
func TestRealWarning(t *testing.T) {
	needKernelLog(t)
	kmsgtest.UntilReported(t, func() bool { return warnsOfRealLeak(t) })
}

// warnsOfRealLeak is one attempt. It returns false where the kernel has not said where it killed.
func warnsOfRealLeak(t *testing.T) bool {
	const limit = 64 << 20
	cgroup := kmsgtest.MemoryCgroup(t, limit)
	path := "/" + regexp.MustCompile(`^/sys/fs/cgroup/(memory/)?`).ReplaceAllString(cgroup, "")
	r := newRig(t, 1)
	settings := []string{"Cursor", r.cursor, "Warnings", "on", "Warnings_Cgroups", path}
	about := func(events []fbtest.Decoded, event string) (found []map[string]any) {
		for _, e := range events {
			if oom := e.Record["oom"].(map[string]any); oom["event_name"] == event && oom["cgroup_path"] == path {
				found = append(found, oom)
			}
		}
		return found
	}
	e := r.startReal(settings...)
	leak := kmsgtest.NewLeak(cgroup, limit>>20*3/4, 300*time.Millisecond)
	require.NoError(t, leak.Start())
	require.Eventually(t, func() bool { return len(about(e.events(), "oom.warning")) > 0 }, time.Minute, tick, "no warning")
	events := e.end()
	e = r.startReal(settings...)
	require.True(t, kmsgtest.IsKilled(leak.Wait()))
	pid := int64(leak.Process.Pid)
	if !kmsgtest.Reported(t, leak.Process.Pid) {
		e.end()
		return false
	}
	require.Eventually(t, func() bool { return slices.Contains(kills(e.events()), pid) }, eventually, tick)
	events = append(events, e.end()...)

	warnings := about(events, "oom.warning")
	died := slices.DeleteFunc(about(events, "oom.kill"), func(oom map[string]any) bool { return oom["process_pid"] != pid }) // others died here before
	require.Len(t, died, 1)
	last := warnings[len(warnings)-1]
	assert.Equal(t, last["record_uid"], last["warning_id"])
	assert.Equal(t, last["warning_id"], died[0]["warning_id"])
	assert.Greater(t, died[0]["warning_lead"], 0.0)
	causes := make(map[any]bool)
	for _, w := range warnings {
		assert.False(t, causes[w["warning_cause"]], "%v comes twice", w["warning_cause"])
		causes[w["warning_cause"]] = true
	}
	assert.Contains(t, causes, any("cgroup_near_limit"))
	var n uint64
	for _, k := range e.Metrics().Kills {
		n += k.N
	}
	assert.EqualValues(t, len(kills(e.events())), n, "a warning is no kill")
	t.Logf("%v, %v s before the kill", causes, died[0]["warning_lead"])
	return true
}
