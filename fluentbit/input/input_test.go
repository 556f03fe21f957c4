// SPDX-License-Identifier: Apache-2.0

package input

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/oomtrail/oomtrail/fluentbit/killcount"
	"github.com/oomtrail/oomtrail/fluentbit/logevent"
	"github.com/oomtrail/oomtrail/parser"
)

const (
	eventually = 30 * time.Second
	tick       = time.Millisecond
)

// TestEvents: a record is verified, marked and of the time of its kill. A line is what in_kmsg
// makes of it, with its facility and its boot, and its record stands right behind it.
func TestEvents(t *testing.T) {
	r := newRig(t, 1000)
	e := r.start(r.settings("Emit", "all"), nil)
	r.write(append(r.report(4242), r.printk.Print(`14;a program's line: caf\xc3\xa9 \x5cx41`), strings.TrimSuffix(r.printk.Print("6;usb 1-1: new device"), "\n")+"\n SUBSYSTEM=usb\n DEVICE=+usb:1-1\n")...)
	e.settled()
	events := e.end()
	require.Len(t, events, 11)
	assert.Equal(t, []uint64{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, sequences(events))

	record := events[8]
	oom := record.Record["oom"].(map[string]any)
	assert.Equal(t, "oom.kill", oom["event_name"])
	assert.Equal(t, "verified", oom["trust"])
	assert.Equal(t, "kmsg", oom["source"])
	assert.Equal(t, "node-1", oom["host_name"])
	var judged logevent.Event
	_, err := judged.Next(record.Raw)
	require.NoError(t, err)
	verdict, _ := judged.Judge(logevent.AcceptMarked)
	assert.Equal(t, logevent.Own, verdict)
	at := time.Unix(0, r.booted.Load()).UTC()
	assert.Equal(t, at.Add(700*time.Microsecond), record.Time.UTC())

	user := events[9]
	assert.Equal(t, map[string]any{
		"priority": int64(6), "sequence": uint64(8), "sec": uint64(0), "usec": uint64(100800),
		"msg": `a program's line: caf\xc3\xa9 \x5cx41`, "facility": int64(1), "boot_id": "boot-1",
	}, numbers(user.Record))
	assert.Equal(t, at.Add(100800*time.Microsecond), user.Time.UTC())
	assert.Equal(t, "usb 1-1: new device\n SUBSYSTEM=usb\n DEVICE=+usb:1-1", events[10].Record["msg"])
	assertNothingSaid(t, r)
}

// numbers gives each number the type that it stands for in in_kmsg.
func numbers(record map[string]any) map[string]any {
	for _, key := range []string{"sequence", "sec", "usec"} {
		if n, ok := record[key].(int64); ok {
			record[key] = uint64(n)
		}
	}
	return record
}

// TestUserLines: what a program writes into the kernel's log makes no kill.
func TestUserLines(t *testing.T) {
	r := newRig(t, 1000)
	e := r.start(r.settings(), nil)
	for _, line := range r.report(1) {
		priority, rest, _ := strings.Cut(line, ",")
		r.write(fmt.Sprintf("%c%s,%s", '1', priority, rest)) // facility 1
	}
	r.write(r.report(2)...)
	e.settled()
	assert.Equal(t, []int64{2}, kills(e.end()))
}

// TestBounded: what the host does not take fills the queue to its bound, and waits in the ring.
func TestBounded(t *testing.T) {
	const n = 5000
	r := newRig(t, n)
	e, err := r.idle("oom_kill.0", r.settings("Emit", "all"))
	require.NoError(t, err)
	r.write(r.lines(n)...)
	held := func() (bytes, events int) {
		e.queue.mu.Lock()
		defer e.queue.mu.Unlock()
		return len(e.queue.next.events) + len(e.queue.offered.events), e.queue.next.n + e.queue.offered.n
	}
	require.Eventually(t, func() bool { return !e.queue.ready() }, eventually, tick)
	time.Sleep(20 * time.Millisecond) // it would go on
	bytes, events := held()
	assert.LessOrEqual(t, bytes, maxQueued+1024)
	assert.LessOrEqual(t, events, maxQueuedEvents)
	assert.False(t, r.ring.Drained())
	go e.run()
	e.settled()
	got := sequences(e.end())
	require.Len(t, got, n)
	for i, number := range got {
		require.EqualValues(t, i, number)
	}
	assert.Zero(t, e.Metrics().LostRecords)
}

// TestPause: while the host pauses nothing is read, and nothing is lost as long as the ring has
// room. What it overwrites is counted, and said once.
func TestPause(t *testing.T) {
	const size = 50
	r := newRig(t, size)
	e := r.start(r.settings("Emit", "all"), nil)
	r.write(r.lines(3)...)
	e.settled()
	e.Pause()
	r.write(r.lines(size)...)
	time.Sleep(20 * time.Millisecond)
	assert.False(t, r.ring.Drained())
	assert.Len(t, e.events(), 3)
	e.Resume()
	e.settled()
	assert.Len(t, e.events(), 3+size)
	assert.Zero(t, e.Metrics().LostRecords)

	e.Pause()
	time.Sleep(20 * time.Millisecond)
	r.write(r.lines(3 * size)...)
	r.write(r.report(7)...)
	e.Resume()
	e.settled()
	events := e.end()
	assert.Equal(t, []int64{7}, kills(events))
	read := len(sequences(events))
	lost := e.Metrics().LostRecords
	assert.EqualValues(t, 3+size+3*size+8, read+int(lost), "each line was read, or counted as lost")
	assert.Positive(t, lost)
	said := r.said()
	require.Len(t, said, 1)
	assert.Contains(t, said[0], fmt.Sprintf("%d lines of the kernel log were overwritten", lost))
	assert.Zero(t, e.Metrics().LostRecords, "counted once")
}

// TestOverrunSinceCursor: what the ring overwrote while no instance ran is counted and said.
func TestOverrunSinceCursor(t *testing.T) {
	r := newRig(t, 20)
	first := r.start(r.settings(), nil)
	r.write(r.lines(10)...)
	first.settled()
	first.end()
	r.write(r.lines(100)...)
	second := r.start(r.settings(), nil)
	second.settled()
	second.end()
	assert.EqualValues(t, 80, second.Metrics().LostRecords)
	require.Len(t, r.said(), 1)
}

// TestFirstStart: what the ring lost before the first start is nobody's loss, also where that ended
// before it had read anything.
func TestFirstStart(t *testing.T) {
	r := newRig(t, 20)
	r.write(r.lines(100)...)
	r.ring.Break(nil)
	first, err := r.idle("oom_kill.0", r.settings())
	require.NoError(t, err)
	first.Pause()
	first.Exit()
	second := r.start(r.settings(), nil)
	second.settled()
	second.end()
	assert.Zero(t, first.Metrics().LostRecords+second.Metrics().LostRecords)
	assertNothingSaid(t, r)
}

// TestCursorFiles: a cursor that is of no use is said, with what to do; one that cannot be kept, or
// is another program's, refuses the start.
func TestCursorFiles(t *testing.T) {
	good := func(r *rig) []byte {
		first := r.start(r.settings(), nil)
		first.settled()
		first.end()
		b, err := os.ReadFile(r.cursor)
		require.NoError(r.t, err)
		return b
	}
	for _, c := range []struct {
		name    string
		prepare func(r *rig)
		refused string
		said    string
		kills   int
	}{
		{name: "none yet", prepare: func(r *rig) { _ = os.Remove(r.cursor) }, kills: 1},
		{name: "all read", prepare: func(r *rig) {}, kills: 0},
		{name: "another boot", prepare: func(r *rig) { r.boot = "boot-2" }, said: `is of another boot: all of this boot's log is read`, kills: 1},
		{name: "no boot", prepare: func(r *rig) { r.boot = "" }, said: `the id of this boot cannot be read`, kills: 1},
		{name: "cut", prepare: func(r *rig) { b := good(r); _ = os.WriteFile(r.cursor, b[:len(b)/2], 0o600) }, said: `is torn: all that the kernel still has is read`, kills: 1},
		{name: "empty", prepare: func(r *rig) { _ = os.WriteFile(r.cursor, nil, 0o600) }, said: `is torn: all that the kernel still has is read`, kills: 1},
		{name: "zeros", prepare: func(r *rig) { _ = os.WriteFile(r.cursor, make([]byte, 200), 0o600) }, said: `is torn: all that the kernel still has is read`, kills: 1},
		{name: "beyond all", prepare: func(r *rig) {
			_ = os.WriteFile(r.cursor, []byte(`{"oomtrail_cursor":1,"boot_id":"boot-1","sequence":5000,"read":5000}`), 0o600)
		}, said: `the kernel log ends before the place where reading stopped, so that all of it is read`, kills: 1},
		{name: "another file", prepare: func(r *rig) { _ = os.WriteFile(r.cursor, []byte("[SERVICE]\n"), 0o600) }, refused: `it is no cursor of this input: name another file`},
		{name: "of a later version", prepare: func(r *rig) { _ = os.WriteFile(r.cursor, []byte(`{"oomtrail_cursor":2,"boot_id":"boot-1"}`), 0o600) }, refused: `it is no cursor of this input: name another file`},
		{name: "a directory", prepare: func(r *rig) { _ = os.Remove(r.cursor); _ = os.Mkdir(r.cursor, 0o700) }, refused: `it is a directory: name a file in it, as in `},
		{name: "no directory", prepare: func(r *rig) { r.cursor = filepath.Join(filepath.Dir(r.cursor), "none", "cursor") }, refused: `no such file or directory: create its directory`},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t, 1000)
			r.write(r.report(7)...)
			r.write(r.lines(1)...)
			good(r)
			require.Empty(t, r.said())
			c.prepare(r)
			_ = r.said()
			e, err := r.idle("oom_kill.0", r.settings())
			if c.refused != "" {
				require.Error(t, err)
				assert.Contains(t, err.Error(), fmt.Sprintf("Cursor %q: %s", r.cursor, c.refused))
				assert.NotContains(t, err.Error(), "\n")
				return
			}
			require.NoError(t, err)
			go e.run()
			e.settled()
			if c.name == "beyond all" {
				require.Eventually(t, func() bool { return len(e.events()) > 0 }, eventually, tick)
			}
			assert.Len(t, kills(e.end()), c.kills)
			said := r.said()
			if c.said == "" {
				assert.Empty(t, said)
			} else {
				require.Len(t, said, 1)
				assert.Contains(t, said[0], c.said)
			}
		})
	}
}

// TestTwoInstances: two instances read the same log, each with its cursor; with the same cursor the
// second one is refused, until the first has ended.
func TestTwoInstances(t *testing.T) {
	r := newRig(t, 1000)
	r.write(r.report(7)...)
	first := r.start(r.settings(), nil)
	link := r.cursor + ".link"
	require.NoError(t, os.Symlink(filepath.Dir(r.cursor), link))
	for _, path := range []string{r.cursor, filepath.Join(link, filepath.Base(r.cursor))} {
		_, err := r.idle("oom_kill.1", r.settings("Cursor", path))
		assert.EqualError(t, err, fmt.Sprintf("Cursor %q: the instance oom_kill.0 uses it, too: name another file", path))
	}
	first.settled()
	r2 := newRig(t, 1000) // its ring is for one reader
	r2.write(r2.report(7)...)
	second, err := r2.idle("oom_kill.1", r2.settings("Cursor", r.cursor+".1"))
	require.NoError(t, err)
	go second.run()
	second.settled()
	assert.Equal(t, []int64{7}, kills(second.end()))
	assert.Equal(t, []int64{7}, kills(first.end()))
	third := r.start(r.settings(), nil)
	third.settled()
	assert.Empty(t, third.end())
}

// TestUnreadable: a device that cannot be read refuses the start, in a line that says what to do.
// One that breaks later is tried again.
func TestUnreadable(t *testing.T) {
	r := newRig(t, 1000)
	for _, c := range []struct {
		err  error
		want string
	}{
		{os.ErrPermission, `Path "/dev/kmsg": permission denied, or read the journal with the input systemd and the filter oom_kill`},
		{os.ErrNotExist, `Path "/dev/kmsg": file does not exist, or read the journal with the input systemd and the filter oom_kill`},
	} {
		r.ring.Break(c.err)
		_, err := r.idle("oom_kill.0", r.settings())
		assert.EqualError(t, err, c.want)
	}
	r.ring.Break(nil)
	file := filepath.Join(t.TempDir(), "log")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	_, err := Start("oom_kill.0", "test", func(key string) string { return map[string]string{"Path": "/dev/null"}[key] }, nil, r.note, func() {})
	assert.EqualError(t, err, `Path "/dev/null": another device than the kernel's log: in a container, make the host's /dev/kmsg visible here`)
	get := func(key string) string { return map[string]string{"Path": file}[key] }
	_, err = Start("oom_kill.0", "test", get, nil, r.note, func() {})
	assert.EqualError(t, err, fmt.Sprintf("Path %q: a regular file: read it with the input tail and the filter oom_kill", file))
	_ = r.said()

	e := r.start(r.settings(), nil)
	e.settled()
	r.ring.Break(os.ErrClosed)
	require.Eventually(t, func() bool { r.mu.Lock(); defer r.mu.Unlock(); return len(r.log) > 1 }, eventually, tick)
	r.ring.Break(nil)
	r.write(r.report(7)...)
	require.Eventually(t, func() bool { return len(e.events()) > 0 }, eventually, tick)
	assert.Equal(t, []int64{7}, kills(e.end()))
	assert.Equal(t, []string{"1 the kernel log cannot be read, trying again: file already closed", "3 the kernel log can be read again"}, r.said())
}

// TestMetrics: kills are counted once the host has taken them, by scope and cause, each once.
func TestMetrics(t *testing.T) {
	r := newRig(t, 1000)
	e, err := r.idle("oom_kill.0", r.settings())
	require.NoError(t, err)
	r.write(append(r.report(7), r.report(8)...)...)
	require.Eventually(t, func() bool { return e.Metrics().OpenReports == 1 && r.ring.Drained() }, eventually, tick)
	<-e.wake
	require.Eventually(t, func() bool { e.queue.mu.Lock(); defer e.queue.mu.Unlock(); return e.queue.next.n == 2 }, eventually, tick)
	require.NotNil(t, e.Batch())
	e.Done(false)
	assert.Empty(t, e.Metrics().Kills)
	e.collect()
	kills := e.Metrics().Kills
	require.Len(t, kills, 1)
	assert.Equal(t, killcount.Count{Labels: killcount.Labels{Scope: "cgroup", Cause: kills[0].Cause}, N: 2}, kills[0])
	assert.NotEmpty(t, kills[0].Cause)
	assert.Equal(t, Metrics{OpenReports: 1}, e.Metrics())
	e.Exit()
}

// TestMemory: what open reports take counts in the budget of the process, and is given back.
func TestMemory(t *testing.T) {
	r := newRig(t, 1000)
	e := r.start(r.settings(), nil)
	var budget parser.Budget
	e.Within(&budget)
	r.write(r.report(7)[:6]...)
	e.settled()
	require.Eventually(t, func() bool { return budget.Used() > 0 }, eventually, tick)
	e.end()
	assert.Zero(t, budget.Used())
}

// TestMaxMemory: a report that is too large for Max_Memory gives up its table, and its record says
// so.
func TestMaxMemory(t *testing.T) {
	r := newRig(t, 100_000)
	e := r.start(r.settings("Max_Memory", "1MiB"), nil)
	var budget parser.Budget
	e.Within(&budget)
	report := r.report(7)
	for _, line := range report[:6] {
		r.ring.Write(line)
	}
	for pid := range 30_000 {
		r.ring.Write(r.printk.Print(fmt.Sprintf("6;[%7d]  1000 %5d     7337     6256     6096      160         0    94208        0           985 app-7", pid+10, pid+10)))
	}
	e.settled()
	assert.LessOrEqual(t, budget.Used(), int64(5<<18), "the bound, and a little")
	r.ring.Write(r.printk.Print("3;Memory cgroup out of memory: Killed process 7 (app-7) total-vm:29348kB, anon-rss:24384kB, file-rss:640kB, shmem-rss:0kB, UID:1000 pgtables:92kB oom_score_adj:985"))
	e.settled()
	events := e.end()
	require.Equal(t, []int64{7}, kills(events))
	oom := events[0].Record["oom"].(map[string]any)
	assert.Equal(t, false, oom["report_complete"])
	assert.NotEmpty(t, oom["report_truncated"])
}

// TestIdle: a report that no further line comes of is closed by the timer.
func TestIdle(t *testing.T) {
	r := newRig(t, 1000)
	s := r.settings("Cursor", filepath.Join(t.TempDir(), "cursor"))
	options, _ := s.options(environment)
	options.ReportTimeout = 30 * time.Millisecond
	e := &engine{rig: r, stop: make(chan struct{}), ended: make(chan struct{}), wake: make(chan struct{}, 1)}
	e.Input = &Input{name: "oom_kill.0", settings: s, log: r.note, ended: make(chan struct{})}
	require.NoError(t, e.begin(options, r.host(), nil, nil, func() {}))
	go e.run()
	r.write(r.report(7)[:6]...)
	require.Eventually(t, func() bool { return len(e.events()) > 0 }, eventually, tick)
	require.Eventually(t, func() bool { return e.Metrics().OpenReports == 0 }, eventually, tick)
	events := e.end()
	require.Len(t, events, 1)
	assert.Equal(t, "oom.unresolved", events[0].Record["oom"].(map[string]any)["event_name"])
}

// TestNames: a record has the names that the node's files give its pod.
func TestNames(t *testing.T) {
	raw, err := os.ReadFile("../../testdata/captures/6.12/e_k8s_systemd/kmsg.raw")
	require.NoError(t, err)
	node, err := filepath.Abs("../../testdata/node/root")
	require.NoError(t, err)
	for _, names := range []string{"on", "off"} {
		r := newRig(t, 1000)
		e := r.start(r.settings("Root_Path", node, "Names", names, "Format", "flat"), nil)
		for line := range strings.Lines(string(raw)) {
			r.ring.Write(line)
		}
		e.settled()
		events := e.end()
		require.Len(t, events, 1)
		want := map[string]any{"on": "cart-0", "off": nil}[names]
		assert.Equal(t, want, events[0].Record["k8s.pod.name"])
	}
}

// TestFailingDisk: where the cursor cannot be written any more, that is said once, and reading goes
// on.
func TestFailingDisk(t *testing.T) {
	r := newRig(t, 1000)
	e := r.start(r.settings(), nil)
	require.NoError(t, os.Rename(filepath.Dir(r.cursor), filepath.Dir(r.cursor)+".gone"))
	r.write(r.report(7)...)
	require.Eventually(t, func() bool { r.mu.Lock(); defer r.mu.Unlock(); return len(r.log) > 1 }, eventually, tick)
	r.write(r.report(8)...)
	e.settled()
	require.NoError(t, os.Rename(filepath.Dir(r.cursor)+".gone", filepath.Dir(r.cursor)))
	assert.Equal(t, []int64{7, 8}, kills(e.end()))
	said := r.said()
	require.NotEmpty(t, said)
	assert.Equal(t, fmt.Sprintf("1 Cursor %q cannot be saved: no such file or directory: create its directory; after a restart records come again, with the same log.record.uid", r.cursor), said[0])
	second := r.start(r.settings(), nil)
	second.settled()
	assert.Empty(t, second.end(), "the last save went well")
}

// TestPanic: a defect ends neither Fluent Bit nor the reading: it is said, once in full.
func TestPanic(t *testing.T) {
	r := newRig(t, 1000)
	s := r.settings()
	options, _ := s.options(environment)
	asked := 0
	options.Names = func(parser.Workload) (names parser.Names) {
		if asked++; asked == 1 {
			panic("a defect")
		}
		return names
	}
	e := &engine{rig: r, stop: make(chan struct{}), ended: make(chan struct{}), wake: make(chan struct{}, 1)}
	e.Input = &Input{name: "oom_kill.0", settings: s, log: r.note, ended: make(chan struct{})}
	require.NoError(t, e.begin(options, r.host(), nil, nil, func() {}))
	go e.run()
	for pid := 7; pid < 9; pid++ {
		for _, line := range r.report(pid) {
			r.write(strings.ReplaceAll(line, fmt.Sprintf("/system.slice/app-%d.service", pid),
				"/kubepods.slice/kubepods-pod0c1d2e3f_4a5b_6c7d_8e9f_0a1b2c3d4e5f.slice/cri-containerd-"+strings.Repeat("7", 64)+".scope"))
		}
	}
	require.Eventually(t, func() bool { return len(e.events()) > 0 }, eventually, tick)
	assert.Equal(t, []int64{8}, kills(e.end()))
	said := r.said()
	require.Len(t, said, 1)
	assert.Contains(t, said[0], "this is a defect of the plugin, please report it; the open reports are given up: a defect")
}
