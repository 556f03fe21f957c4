// SPDX-License-Identifier: Apache-2.0

package input

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/oomtrail/oomtrail/fluentbit/fbtest"
	"github.com/oomtrail/oomtrail/fluentbit/filter"
	"github.com/oomtrail/oomtrail/internal/kmsg"
	"github.com/oomtrail/oomtrail/internal/kmsg/kmsgtest"
)

// rig is a machine with a kernel log in memory, on which instances run one after the other.
type rig struct {
	t      testing.TB
	ring   *kmsgtest.Ring
	printk kmsgtest.Printk
	boot   string
	cursor string
	// reads counts the calls of Next.
	reads atomic.Int64
	// uptime is that of the machine, booted its wall time at boot, in nanoseconds.
	uptime, booted atomic.Int64

	mu  sync.Mutex
	log []string
}

func newRig(t testing.TB, size int) *rig {
	r := &rig{t: t, ring: kmsgtest.NewRing(size), boot: "boot-1", cursor: filepath.Join(t.TempDir(), "cursor")}
	r.booted.Store(time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC).UnixNano())
	return r
}

func (r *rig) host() kmsg.Host {
	host := r.ring.Host(r.boot)
	host.Clocks = func() (time.Time, time.Duration) {
		uptime := r.uptime.Load()
		return time.Unix(0, r.booted.Load()+uptime), time.Duration(uptime)
	}
	open := host.Open
	host.Open = func(path string) (kmsg.Device, error) {
		d, err := open(path)
		return device{d, r}, err
	}
	return host
}

// device is the ring, whose reads are counted.
type device struct {
	kmsg.Device
	rig *rig
}

func (d device) Next(buf []byte) (n int, waited bool, err error) {
	d.rig.reads.Add(1)
	return d.Device.Next(buf)
}

// write puts records into the ring; the machine's clock follows.
func (r *rig) write(records ...string) {
	r.uptime.Store(int64(r.printk.Stamp))
	r.ring.Write(records...)
}

// report returns the records of one kill, of an application of its own: what is said of a kill
// depends on those before it.
func (r *rig) report(pid int) []string {
	records := r.printk.Report(pid)
	r.printk.Stamp -= 900 * time.Millisecond
	for i := range records {
		records[i] = strings.NewReplacer("app-main", fmt.Sprint("app-", pid), "app.service", fmt.Sprint("app-", pid, ".service")).Replace(records[i])
	}
	return records
}

// lines returns n records that say nothing of kills.
func (r *rig) lines(n int) (records []string) {
	for range n {
		records = append(records, r.printk.Print("6;usb 1-1: new high-speed USB device number 2 using xhci_hcd"))
	}
	return records
}

func (r *rig) note(level filter.Level, line string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.log = append(r.log, fmt.Sprintf("%d %s", level, line))
}

// said returns what was logged, but for the line at start.
func (r *rig) said() (lines []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, line := range r.log {
		if !strings.Contains(line, "version test: ") {
			lines = append(lines, line)
		}
	}
	r.log = nil
	return lines
}

// settings reads settings: pairs of a key and its value. The cursor is the rig's unless they say
// otherwise.
func (r *rig) settings(pairs ...string) Settings {
	r.t.Helper()
	s, err := ParseSettings(func(key string) string {
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i] == key {
				return pairs[i+1]
			}
		}
		return map[string]string{"Host_Name": "node-1", "Cursor": r.cursor}[key]
	}, nil)
	require.NoError(r.t, err)
	return s
}

// engine is what Fluent Bit does with one instance: it takes each batch, unless refuse says no.
type engine struct {
	*Input
	rig    *rig
	refuse func() bool
	stop   chan struct{}
	ended  chan struct{}
	wake   chan struct{}

	mu    sync.Mutex
	taken []byte
}

// start begins an instance and an engine that takes what it gives.
func (r *rig) start(s Settings, refuse func() bool) *engine {
	r.t.Helper()
	e, err := r.idle("oom_kill.0", s)
	require.NoError(r.t, err)
	e.refuse = refuse
	go e.run()
	return e
}

// idle begins an instance that nobody takes anything of.
func (r *rig) idle(name string, s Settings) (*engine, error) {
	e := &engine{rig: r, stop: make(chan struct{}), ended: make(chan struct{}), wake: make(chan struct{}, 1)}
	var err error
	e.Input, err = start(name, "test", s, r.host(), r.note, func() {
		select {
		case e.wake <- struct{}{}:
		default:
		}
	})
	return e, err
}

// run takes batches until the instance is stopped. What was refused is offered again in a while.
func (e *engine) run() {
	defer close(e.ended)
	again := time.NewTicker(5 * time.Millisecond)
	defer again.Stop()
	for {
		select {
		case <-e.stop:
			return
		case <-e.wake:
		case <-again.C:
		}
		e.collect()
	}
}

// collect takes one batch, as cb_collect does.
func (e *engine) collect() {
	b := e.Batch()
	if b == nil {
		return
	}
	accepted := e.refuse == nil || !e.refuse()
	if accepted {
		e.mu.Lock()
		e.taken = append(e.taken, b...)
		e.mu.Unlock()
	}
	e.Done(accepted)
}

// events returns what the host has taken.
func (e *engine) events() []fbtest.Decoded {
	e.rig.t.Helper()
	e.mu.Lock()
	defer e.mu.Unlock()
	events, err := fbtest.Decode(append([]byte(nil), e.taken...))
	require.NoError(e.rig.t, err)
	return events
}

// settled waits until all of the ring was read, and the host has taken all that came of it.
func (e *engine) settled() {
	e.rig.t.Helper()
	require.Eventually(e.rig.t, e.rig.ring.Drained, eventually, tick)
	reads := e.rig.reads.Load()
	require.Eventually(e.rig.t, func() bool { return e.rig.reads.Load() > reads }, eventually, tick) // the last line is done with
	require.Eventually(e.rig.t, func() bool {
		e.queue.mu.Lock()
		defer e.queue.mu.Unlock()
		return len(e.queue.next.events)+len(e.queue.offered.events) == 0
	}, eventually, tick)
}

// end ends the instance as a stop or a reload does, and returns what the host has taken of it.
func (e *engine) end() []fbtest.Decoded {
	e.rig.t.Helper()
	close(e.stop)
	<-e.ended
	e.Exit()
	return e.events()
}

// crash ends the instance as kill -9 does: the file is what it was.
func (e *engine) crash() []fbtest.Decoded {
	e.rig.t.Helper()
	path := e.settings.Cursor
	file, err := os.ReadFile(path)
	require.NoError(e.rig.t, err)
	events := e.end()
	require.NoError(e.rig.t, os.WriteFile(path, file, 0o600))
	return events
}

// kills returns the pids of kills, in order.
func kills(events []fbtest.Decoded) (pids []int64) {
	for _, e := range events {
		if record, ok := e.Record["oom"].(map[string]any); ok && record["event_name"] == "oom.kill" {
			pids = append(pids, record["process_pid"].(int64))
		}
	}
	return pids
}

// raw returns events as they were encoded, each once, and how many came again.
func raw(events []fbtest.Decoded) (all map[string]bool, repeats int) {
	all = make(map[string]bool)
	for _, e := range events {
		if all[string(e.Raw)] {
			repeats++
		}
		all[string(e.Raw)] = true
	}
	return all, repeats
}

// sameEvents demands that two sets of events are the same, and says what is not in few words.
func sameEvents(t *testing.T, want, got map[string]bool, message string) {
	t.Helper()
	for event := range want {
		if !got[event] {
			t.Errorf("%s: missing %.300q", message, event)
		}
	}
	for event := range got {
		if !want[event] {
			t.Errorf("%s: not wanted %.300q", message, event)
		}
	}
}

// sequences returns the numbers of lines.
func sequences(events []fbtest.Decoded) (numbers []uint64) {
	for _, e := range events {
		switch n := e.Record["sequence"].(type) {
		case uint64:
			numbers = append(numbers, n)
		case int64:
			numbers = append(numbers, uint64(n))
		}
	}
	return numbers
}

func assertNothingSaid(t *testing.T, r *rig) {
	t.Helper()
	assert.Empty(t, r.said())
}
