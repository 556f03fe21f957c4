// SPDX-License-Identifier: Apache-2.0

package follow

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/oomtrail/oomtrail/internal/journalctl"
	"github.com/oomtrail/oomtrail/internal/kmsg"
	"github.com/oomtrail/oomtrail/internal/kmsg/kmsgtest"
	"github.com/oomtrail/oomtrail/internal/livelog"
	"github.com/oomtrail/oomtrail/parser"
)

// output is what a run prints, and says to a person.
type output struct {
	mu    sync.Mutex
	text  bytes.Buffer
	notes []string
	fail  error
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.fail != nil {
		return 0, o.fail
	}
	return o.text.Write(b)
}

func (o *output) note(text string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.notes = append(o.notes, text)
}

// printed are the records, in order.
func (o *output) printed(t require.TestingT) (records []map[string]any) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for line := range strings.Lines(o.text.String()) {
		if line == "\n" {
			continue
		}
		var r map[string]any
		require.NoError(t, json.Unmarshal([]byte(line), &r), line)
		records = append(records, r)
	}
	return records
}

// pids are the victims.
func (o *output) pids(t require.TestingT) []int {
	pids := []int{}
	for _, r := range o.printed(t) {
		if pid, ok := r["process.pid"].(float64); ok {
			pids = append(pids, int(pid))
		}
	}
	return pids
}

func (o *output) said() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return strings.Join(o.notes, "\n")
}

// machine is a machine under test: its kernel's log outlives the runs.
type machine struct {
	t *testing.T
	kmsgtest.Printk
	ring  *kmsgtest.Ring
	boot  string
	state string
}

func newMachine(t *testing.T) *machine {
	return &machine{t: t, ring: kmsgtest.NewRing(1000), boot: "boot-1", state: filepath.Join(t.TempDir(), "state")}
}

// kill has the kernel report a kill.
func (m *machine) kill(pid int) { m.ring.Write(m.Report(pid)...) }

func (m *machine) options(o *output) Options {
	return Options{
		Source: SourceKmsg, Host: m.ring.Host(m.boot), State: m.state, Out: o, Note: o.note,
		Parser: parser.Options{ReportTimeout: 100 * time.Millisecond},
	}
}

// run runs until stop is called, which returns what Run returned.
func run(t *testing.T, o Options) (stop func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- Run(ctx, o) }()
	return func() error {
		cancel()
		select {
		case err := <-ended:
			ended <- err
			return err
		case <-time.After(time.Minute):
			t.Fatal("Run does not end")
			return nil
		}
	}
}

// waitFor waits until these victims and no others were printed.
func (m *machine) waitFor(out *output, pids ...int) {
	m.t.Helper()
	require.EventuallyWithT(m.t, func(c *assert.CollectT) {
		assert.Equal(c, append([]int{}, pids...), out.pids(c))
	}, time.Minute, 2*time.Millisecond)
}

// waitForState waits until the state file holds a text.
func (m *machine) waitForState(text string) {
	m.t.Helper()
	require.EventuallyWithT(m.t, func(c *assert.CollectT) {
		b, _ := os.ReadFile(m.state)
		assert.Contains(c, string(b), text)
	}, time.Minute, 2*time.Millisecond)
}

// TestFollow: kills are printed as they come, not those before the start, and after a restart those
// that came in between, each once.
func TestFollow(t *testing.T) {
	m := newMachine(t)
	m.kill(100)
	first := &output{}
	stop := run(t, m.options(first))
	m.waitForState(`"kmsg"`)
	m.kill(101)
	m.waitFor(first, 101)
	m.kill(102)
	m.waitFor(first, 101, 102)
	require.NoError(t, stop())
	assert.Empty(t, first.said())
	r := first.printed(t)[0]
	assert.Equal(t, "oom.kill", r["event.name"])
	assert.Equal(t, "verified", r["oom.trust"])
	assert.EqualValues(t, len(kmsgtest.ReportLines), r["oom.report.lines"])
	assert.Equal(t, "boot-1", r["oom.boot.id"])

	m.kill(103)
	second := &output{}
	stop = run(t, m.options(second))
	m.waitFor(second, 103)
	m.kill(104)
	m.waitFor(second, 103, 104)
	require.NoError(t, stop())
	assert.Empty(t, second.said())
}

// TestBegin: where to begin without a state.
func TestBegin(t *testing.T) {
	m := newMachine(t)
	m.state = ""
	m.kill(100)
	for name, set := range map[string]func(*Options){
		"boot":  func(o *Options) { o.Boot = true },
		"since": func(o *Options) { o.Since = time.Now().Add(-time.Hour) },
	} {
		out := &output{}
		o := m.options(out)
		set(&o)
		stop := run(t, o)
		m.waitFor(out, 100)
		require.NoError(t, stop(), name)
	}
	out := &output{}
	o := m.options(out)
	o.Since = time.Now().Add(time.Hour)
	stop := run(t, o)
	require.Eventually(t, m.ring.Drained, time.Minute, time.Millisecond)
	require.NoError(t, stop())
	assert.Empty(t, out.pids(t))
}

// TestStopInsideAReport: what is open comes out, incomplete, and the next start prints it whole.
func TestStopInsideAReport(t *testing.T) {
	for lines := 1; lines < len(kmsgtest.ReportLines); lines++ {
		m := newMachine(t)
		report := m.Report(100)
		m.ring.Write(report[:lines]...)
		first := &output{}
		o := m.options(first)
		o.Boot, o.Parser.ReportTimeout = true, time.Hour
		stop := run(t, o)
		m.waitForState(`"source"`)
		require.Eventually(t, m.ring.Drained, time.Minute, time.Millisecond)
		time.Sleep(5 * time.Millisecond) // the last line was taken, and is being read
		require.NoError(t, stop())
		for _, r := range first.printed(t) {
			assert.NotEqual(t, "oom.kill", r["event.name"], "nothing was killed yet")
			assert.Equal(t, false, r["oom.report.complete"])
		}
		assert.Len(t, first.printed(t), 1)
		assert.Contains(t, first.said(), "the next start with this --state prints it whole")

		m.ring.Write(report[lines:]...)
		second := &output{}
		stop = run(t, m.options(second))
		m.waitFor(second, 100)
		require.NoError(t, stop())
		assert.EqualValues(t, len(report), second.printed(t)[0]["oom.report.lines"])
	}
}

// TestStopAfterTheKill: the report of a kill that was printed is open for further victims; a
// restart reads it again and does not print it again.
func TestStopAfterTheKill(t *testing.T) {
	m := newMachine(t)
	first := &output{}
	o := m.options(first)
	o.Parser.ReportTimeout = time.Hour
	stop := run(t, o)
	m.waitForState(`"kmsg"`)
	m.kill(100)
	m.waitFor(first, 100)
	m.waitForState(`"printed"`)
	b, err := os.ReadFile(m.state)
	require.NoError(t, err)
	assert.NotContains(t, string(b), `"sequence":8`, "the report is open")
	require.NoError(t, stop())
	assert.Len(t, first.printed(t), 1)

	second := &output{}
	stop = run(t, o.with(second))
	m.kill(101)
	m.waitFor(second, 101)
	require.NoError(t, stop())
}

// with is the options with another output.
func (o Options) with(out *output) Options {
	o.Out, o.Note = out, out.note
	return o
}

// TestQuietLog: a report that no further line comes of is closed, and the state then passes it.
func TestQuietLog(t *testing.T) {
	m := newMachine(t)
	out := &output{}
	stop := run(t, m.options(out))
	m.waitForState(`"kmsg"`)
	lines := m.Report(100)
	m.ring.Write(lines[:len(lines)-1]...) // the kill line was lost
	require.EventuallyWithT(t, func(c *assert.CollectT) { assert.Len(c, out.printed(c), 1) }, time.Minute, 2*time.Millisecond)
	m.waitForState(`"sequence":7`)
	require.NoError(t, stop())
}

// TestOutputThatFails: the state does not pass what was not written. The end of a pipe ends the run
// in peace, another failure is an error.
func TestOutputThatFails(t *testing.T) {
	for _, failure := range []error{syscall.EPIPE, syscall.ENOSPC} {
		m := newMachine(t)
		out := &output{fail: failure}
		stop := run(t, m.options(out))
		m.waitForState(`"kmsg"`)
		m.kill(100)
		if err := stop(); errors.Is(failure, syscall.EPIPE) {
			require.NoError(t, err)
		} else if err != nil { // stop may come before the line is read
			require.ErrorIs(t, err, failure)
		}
		again := &output{}
		stop = run(t, m.options(again))
		m.waitFor(again, 100)
		require.NoError(t, stop())
	}
}

// TestOverrun: what the kernel overwrote is counted, and said.
func TestOverrun(t *testing.T) {
	m := newMachine(t)
	m.ring = kmsgtest.NewRing(12)
	m.ring.Write(m.Print("6;usb 1-1: new device"))
	require.NoError(t, run(t, m.options(&output{}))())
	for range 100 {
		m.ring.Write(m.Print("6;usb 1-1: new device"))
	}
	m.kill(100)
	out := &output{}
	stop := run(t, m.options(out))
	m.waitFor(out, 100)
	require.Eventually(t, func() bool { return strings.Contains(out.said(), "96 lines of the kernel log were overwritten") }, time.Minute, time.Millisecond)
	require.NoError(t, stop())
}

// TestStates: a state that cannot be used is named, with what is done or to do.
func TestStates(t *testing.T) {
	for name, c := range map[string]struct {
		state string
		note  string
		err   string
		pids  []int
	}{
		"another boot's":    {`{"oomtrail_state":1,"source":"kmsg","kmsg":{"boot_id":"boot-0","sequence":500}}`, "is of another boot: all of this boot's log is read", "", []int{100}},
		"another source's":  {`{"oomtrail_state":1,"source":"journal","journal":{"cursor":"s=1"}}`, "is of --source journal: all of the log is read", "", []int{100}},
		"torn":              {`{"oomtrail_state":1,"source":"km`, "is torn: all of the log is read", "", []int{100}},
		"torn early":        {`{"oomt`, "is torn", "", []int{100}},
		"empty":             {"", "is torn", "", []int{100}},
		"zeros":             {"\x00\x00\x00\x00", "is torn", "", []int{100}},
		"ahead of the ring": {`{"oomtrail_state":1,"source":"kmsg","kmsg":{"boot_id":"boot-1","sequence":500}}`, "so that all of it is read", "", []int{100}},
		"another program's": {`{"cursor":"s=1"}`, "", "it is no state of oomtrail follow: name another file", nil},
		"a text":            {"root:x:0:0\n", "", "it is no state of oomtrail follow: name another file", nil},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMachine(t)
			m.kill(100)
			require.NoError(t, os.WriteFile(m.state, []byte(c.state), 0o600))
			out := &output{}
			stop := run(t, m.options(out))
			if c.err != "" {
				err := stop()
				require.ErrorContains(t, err, c.err)
				assert.ErrorContains(t, err, `--state: "`+m.state+`"`)
				b, err := os.ReadFile(m.state)
				require.NoError(t, err)
				assert.Equal(t, c.state, string(b), "it is left as it is")
				return
			}
			m.waitFor(out, c.pids...)
			require.NoError(t, stop())
			assert.Contains(t, out.said(), c.note)
			assert.Equal(t, 1, len(out.notes), out.notes)
		})
	}
}

// TestStateThatCannotBeWritten: at the start it is an error; later it is said once, and kills are
// printed.
func TestStateThatCannotBeWritten(t *testing.T) {
	m := newMachine(t)
	o := m.options(&output{})
	o.State = filepath.Join(filepath.Dir(m.state), "missing", "state")
	require.EqualError(t, run(t, o)(), `--state: "`+o.State+`": no such file or directory: create its directory`)

	out := &output{}
	stop := run(t, m.options(out))
	m.waitForState(`"kmsg"`)
	require.NoError(t, os.MkdirAll(filepath.Join(m.state+".tmp", "in the way"), 0o700))
	for pid := 100; pid < 103; pid++ {
		m.kill(pid)
	}
	m.waitFor(out, 100, 101, 102)
	require.NoError(t, stop())
	assert.Equal(t, 1, strings.Count(out.said(), "after a restart records come again, with the same log.record.uid"), out.said())
}

// TestSources: what cannot be read is named with what to do instead; auto falls back.
func TestSources(t *testing.T) {
	denied := kmsg.Host{
		Open:   func(string) (kmsg.Device, error) { return nil, os.ErrPermission },
		BootID: func() string { return "boot-1" },
		Clocks: func() (time.Time, time.Duration) { return time.Now(), 0 },
	}
	out := &output{}
	o := Options{Source: SourceKmsg, Host: denied, Out: out, Note: out.note, Journal: journalctl.Command{Path: "/nowhere/journalctl"}}
	require.EqualError(t, run(t, o)(), "cannot read /dev/kmsg: permission denied, or read the journal with --source journal")
	o.Source = SourceJournal
	require.ErrorContains(t, run(t, o)(), "cannot run journalctl: fork/exec /nowhere/journalctl: no such file or directory: install systemd's journalctl, or use --source kmsg")
	o.Source = SourceAuto
	require.ErrorContains(t, run(t, o)(), "cannot read /dev/kmsg: permission denied; the journal cannot be read either: ")
	o.Source = "dmesg"
	require.EqualError(t, run(t, o)(), `--source: unknown source "dmesg": use auto, kmsg or journal`)
}

// TestJournal: the journal is read where the device cannot be, and read on after a restart.
func TestJournal(t *testing.T) {
	m := newMachine(t)
	dir := t.TempDir()
	entries, path := filepath.Join(dir, "entries"), filepath.Join(dir, "journalctl")
	// It prints the entries after the cursor, and to follow waits for those to come.
	require.NoError(t, os.WriteFile(path, []byte(`#!/bin/sh
n=1
for a; do case "$a" in --cursor=*) n=${a##*i=} ;; esac; done
case "$*" in
*--follow*) exec tail -n +$n -f `+entries+` ;;
*) exec tail -n +$n `+entries+` ;;
esac
`), 0o700))
	file, err := os.Create(entries)
	require.NoError(t, err)
	defer file.Close()
	i := 0
	kill := func(pid int) {
		for _, record := range m.Report(pid) {
			i++
			header, text, _ := strings.Cut(strings.TrimSuffix(record, "\n"), ";")
			fields := strings.Split(header, ",")
			b, err := json.Marshal(map[string]string{
				"__CURSOR": "s=1;b=aa;i=" + strconv.Itoa(i), "__REALTIME_TIMESTAMP": "1777716001000000", "_TRANSPORT": "kernel", "PRIORITY": fields[0],
				"SYSLOG_IDENTIFIER": "kernel", "_BOOT_ID": "aa", "_SOURCE_MONOTONIC_TIMESTAMP": fields[2], "MESSAGE": text,
			})
			require.NoError(t, err)
			_, err = file.Write(append(b, '\n'))
			require.NoError(t, err)
		}
	}
	kill(100)
	out := &output{}
	o := m.options(out)
	o.Host.Open = func(string) (kmsg.Device, error) { return nil, os.ErrPermission }
	o.Source, o.Boot, o.Journal = SourceAuto, true, journalctl.Command{Path: path}
	stop := run(t, o)
	m.waitFor(out, 100)
	kill(101)
	m.waitFor(out, 100, 101)
	require.NoError(t, stop())
	assert.Equal(t, "cannot read /dev/kmsg: permission denied: reading the journal instead", out.said())
	assert.Equal(t, "journald", out.printed(t)[0]["oom.source"])

	kill(102)
	again := &output{}
	o = o.with(again)
	o.Host = m.ring.Host(m.boot) // the device can be read again; the state is the journal's
	stop = run(t, o)
	m.waitFor(again, 102)
	require.NoError(t, stop())
	assert.Empty(t, again.said())
}

// TestJournalThatShowsNothing: a user who may not read the journal would wait for ever.
func TestJournalThatShowsNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journalctl")
	require.NoError(t, os.WriteFile(path, []byte("#!/bin/sh\ncase \"$*\" in *--follow*) exec sleep 60 ;; esac\n"), 0o700))
	out := &output{}
	stop := run(t, Options{Source: SourceJournal, Journal: journalctl.Command{Path: path}, Out: out, Note: out.note})
	require.Eventually(t, func() bool { return out.said() != "" }, time.Minute, time.Millisecond)
	require.NoError(t, stop())
	assert.Equal(t, "the journal shows no line of the kernel: if this user may not read it, run follow as root or in the group systemd-journal", out.said())
}

// TestCrash: after a crash the output goes on in a line of its own.
func TestCrash(t *testing.T) {
	m := newMachine(t)
	stop := run(t, m.options(&output{}))
	m.waitForState(`"running":true`)
	running, err := os.ReadFile(m.state)
	require.NoError(t, err)
	require.NoError(t, stop())
	ended, err := os.ReadFile(m.state)
	require.NoError(t, err)
	assert.NotContains(t, string(ended), "running")

	for state, want := range map[string]string{string(running): "\n", string(ended): ""} {
		require.NoError(t, os.WriteFile(m.state, []byte(state), 0o600))
		out := &output{}
		stop := run(t, m.options(out))
		m.waitForState(`"running":true`)
		require.NoError(t, stop())
		assert.Equal(t, want, out.text.String())
	}
}

// TestComplaints: what journalctl says without end does not fill the terminal.
func TestComplaints(t *testing.T) {
	out := &output{}
	l := limited{note: out.note}
	for range 1000 {
		l.say("Journal file is truncated, ignoring file.")
	}
	assert.Len(t, out.notes, livelog.BurstSize)
	l.burst.Now = func() time.Time { return time.Now().Add(livelog.BurstSpan) }
	l.say("again")
	assert.Equal(t, "again (and 995 more before)", out.notes[livelog.BurstSize])
}
