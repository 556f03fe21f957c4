// SPDX-License-Identifier: Apache-2.0

package follow

import (
	"context"
	"errors"
	"io"
	"os"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/oomtrail/oomtrail/internal/kmsg/kmsgtest"
	"github.com/oomtrail/oomtrail/parser"
	"github.com/oomtrail/oomtrail/parser/record"
)

// warner warns when a test says so.
type warner struct {
	due   chan *parser.Record
	ended chan error // what emit returned last
}

func newWarner() *warner {
	return &warner{due: make(chan *parser.Record), ended: make(chan error, 1)}
}

// run is an Options.Warn.
func (w *warner) run(ctx context.Context, emit func(context.Context, *parser.Record) error) (err error) {
	defer func() { w.ended <- err }()
	for {
		select {
		case <-ctx.Done():
			return nil
		case r := <-w.due:
			if err := emit(ctx, r); err != nil && ctx.Err() == nil {
				return err
			}
		}
	}
}

// warningOf is a warning about a cgroup.
func warningOf(path string) *parser.Record {
	r := &parser.Record{Time: time.Now(), Body: "Near its limit: " + path}
	return r.With(
		record.Attr{Name: "event.name", Value: record.StringValue(record.EventWarning)},
		record.Attr{Name: "oom.cgroup.path", Value: record.StringValue(path)},
	)
}

// cgroups are those that were warned of.
func cgroups(t require.TestingT, o *output) (paths []string) {
	for _, r := range o.printed(t) {
		if r["event.name"] == record.EventWarning {
			paths = append(paths, r["oom.cgroup.path"].(string))
		}
	}
	return paths
}

// TestWarnings: they are printed between the kills, what chooses kills chooses them, and the state
// does not know of them: a restart repeats none.
func TestWarnings(t *testing.T) {
	m, w, out := newMachine(t), newWarner(), &output{}
	o := m.options(out)
	o.Warn = w.run
	o.Keep = func(r *parser.Record) bool { return r.Text("oom.cgroup.path") != "/other" }
	stop := run(t, o)
	m.waitForState(`"kmsg"`)
	before, err := os.ReadFile(m.state)
	require.NoError(t, err)
	w.due <- warningOf("/a")
	w.due <- warningOf("/other")
	w.due <- warningOf("/b")
	require.EventuallyWithT(t, func(c *assert.CollectT) { assert.Equal(c, []string{"/a", "/b"}, cgroups(c, out)) }, time.Minute, time.Millisecond)
	after, err := os.ReadFile(m.state)
	require.NoError(t, err)
	assert.Equal(t, string(before), string(after))
	m.kill(100)
	m.waitFor(out, 100)
	require.NoError(t, stop())
	require.NoError(t, <-w.ended, "the warner has ended before Run returns")

	again := &output{}
	o = o.with(again)
	stop = run(t, o)
	m.kill(101)
	m.waitFor(again, 101)
	require.NoError(t, stop())
	assert.Empty(t, cgroups(t, again))
}

// TestWarningsBesideKills: both come from goroutines of their own, and none of their lines is torn
// by another.
func TestWarningsBesideKills(t *testing.T) {
	const each = 200
	m, w, out := newMachine(t), newWarner(), &output{}
	m.ring = kmsgtest.NewRing(2 * each * len(kmsgtest.ReportLines))
	o := m.options(out)
	o.Warn, o.State, o.Boot = w.run, "", true
	rest := 0
	o.Keep = func(*parser.Record) bool { rest++; return true } // counts, as a filter does
	stop := run(t, o)
	var kills sync.WaitGroup
	kills.Go(func() {
		for i := range each {
			m.kill(100 + i)
		}
	})
	for i := range each {
		w.due <- warningOf("/" + strconv.Itoa(i))
	}
	kills.Wait()
	require.EventuallyWithT(t, func(c *assert.CollectT) { assert.Len(c, out.pids(c), each) }, time.Minute, 2*time.Millisecond)
	require.NoError(t, stop())
	assert.Len(t, cgroups(t, out), each)
	assert.Equal(t, 2*each, rest)
}

// TestWarningIntoAnOutputThatFails: it ends the run, as a kill does.
func TestWarningIntoAnOutputThatFails(t *testing.T) {
	for _, failure := range []error{syscall.EPIPE, syscall.ENOSPC} {
		m, w := newMachine(t), newWarner()
		o := m.options(&output{fail: failure})
		o.Warn = w.run
		ended := make(chan error, 1)
		go func() { ended <- Run(t.Context(), o) }()
		m.waitForState(`"kmsg"`)
		w.due <- warningOf("/a")
		require.ErrorIs(t, <-w.ended, failure)
		select {
		case err := <-ended:
			if errors.Is(failure, syscall.EPIPE) {
				require.NoError(t, err)
			} else {
				require.ErrorIs(t, err, failure)
			}
		case <-time.After(time.Minute):
			t.Fatal("Run goes on")
		}
	}
}

// TestKillIntoAnOutputThatFails: it ends the warnings, too.
func TestKillIntoAnOutputThatFails(t *testing.T) {
	m, w := newMachine(t), newWarner()
	o := m.options(&output{fail: syscall.EPIPE})
	o.Warn = w.run
	ended := make(chan error, 1)
	go func() { ended <- Run(t.Context(), o) }()
	m.waitForState(`"kmsg"`)
	m.kill(100)
	require.NoError(t, <-w.ended)
	require.NoError(t, <-ended)
}

// TestOutputThatNobodyReads: Ctrl-C ends the run all the same, and the state does not pass what was
// not written.
func TestOutputThatNobodyReads(t *testing.T) {
	for name, print := range map[string]func(*machine, *warner){
		"a warning": func(_ *machine, w *warner) { w.due <- warningOf("/a") },
		"a kill":    func(m *machine, _ *warner) { m.kill(100) },
		"both":      func(m *machine, w *warner) { m.kill(100); w.due <- warningOf("/a") },
	} {
		t.Run(name, func(t *testing.T) {
			m, w := newMachine(t), newWarner()
			read, write := io.Pipe()
			defer read.Close()
			o := m.options(&output{})
			o.Warn, o.Out = w.run, write
			stop := run(t, o)
			m.waitForState(`"kmsg"`)
			before, err := os.ReadFile(m.state)
			require.NoError(t, err)
			print(m, w)
			require.Eventually(t, m.ring.Drained, time.Minute, time.Millisecond)
			time.Sleep(5 * time.Millisecond) // the last line was taken, and is being printed
			require.ErrorIs(t, stop(), ErrUnread)
			after, err := os.ReadFile(m.state)
			require.NoError(t, err)
			assert.Equal(t, string(before), string(after))
		})
	}
}

// TestOutputThatIsReadLate: what is read a moment after the end is printed whole.
func TestOutputThatIsReadLate(t *testing.T) {
	m, w := newMachine(t), newWarner()
	read, write := io.Pipe()
	o := m.options(&output{})
	o.Warn, o.Out = w.run, write
	stop := run(t, o)
	m.waitForState(`"kmsg"`)
	w.due <- warningOf("/a")
	line := make(chan []byte)
	time.AfterFunc(lastWrite/4, func() {
		b := make([]byte, 1000)
		n, _ := read.Read(b)
		line <- b[:n]
	})
	require.NoError(t, stop())
	assert.Contains(t, string(<-line), `"oom.cgroup.path":"/a"`)
}
