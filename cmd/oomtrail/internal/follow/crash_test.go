// SPDX-License-Identifier: Apache-2.0

package follow

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/oomtrail/oomtrail/internal/kmsg"
	"github.com/oomtrail/oomtrail/internal/kmsg/kmsgtest"
)

// crashes is how often a process is killed.
const crashes = 200

// TestMain is also the process that the tests of crashes kill: one that follows the log in a file,
// or this machine's own, and prints to standard output.
func TestMain(m *testing.M) {
	kmsgtest.BeHog()
	state := os.Getenv("OOMTRAIL_FOLLOW_STATE")
	if state == "" {
		os.Exit(m.Run())
	}
	o := Options{Source: SourceKmsg, State: state, Out: os.Stdout, Note: func(text string) { fmt.Fprintln(os.Stderr, text) }}
	if path := os.Getenv("OOMTRAIL_FOLLOW_LOG"); path != "" {
		o.Host, o.Boot = fileHost(path), true
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	if err := Run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// fileHost is a machine whose kernel log is kept in a file, a record a line: it outlives processes,
// as the kernel's ring does.
func fileHost(path string) kmsg.Host {
	return kmsg.Host{
		Open: func(string) (kmsg.Device, error) {
			f, err := os.Open(path)
			return &fileDevice{file: f, lines: bufio.NewReader(f)}, err
		},
		BootID: func() string { return "boot-1" },
		Clocks: func() (time.Time, time.Duration) { return time.Now(), 0 },
	}
}

type fileDevice struct {
	file        *os.File
	lines       *bufio.Reader
	part        []byte
	interrupted atomic.Bool
}

func (d *fileDevice) TryNext(buf []byte) (int, error) {
	line, err := d.lines.ReadBytes('\n')
	d.part = append(d.part, line...)
	if err != nil {
		return 0, os.ErrDeadlineExceeded
	}
	n := copy(buf, d.part)
	d.part = d.part[:0]
	return n, nil
}

func (d *fileDevice) Next(buf []byte) (n int, waited bool, err error) {
	for range 100 {
		if d.interrupted.Load() {
			break
		}
		if n, err = d.TryNext(buf); err == nil {
			return n, waited, nil
		}
		waited = true
		time.Sleep(time.Millisecond)
	}
	return 0, false, os.ErrDeadlineExceeded
}

func (d *fileDevice) Rewind() error {
	_, err := d.file.Seek(0, io.SeekStart)
	d.lines.Reset(d.file)
	return err
}
func (d *fileDevice) Interrupt()   { d.interrupted.Store(true) }
func (d *fileDevice) Close() error { return d.file.Close() }

// crasher runs processes that follow a log, and kills them.
type crasher struct {
	t             *testing.T
	state, output string
	log           string // "" for this machine's own
}

func newCrasher(t *testing.T) *crasher {
	dir := t.TempDir()
	return &crasher{t: t, state: filepath.Join(dir, "state"), output: filepath.Join(dir, "output")}
}

// start starts a process that adds to the output.
func (c *crasher) start() *exec.Cmd {
	out, err := os.OpenFile(c.output, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	require.NoError(c.t, err)
	defer out.Close()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "OOMTRAIL_FOLLOW_STATE="+c.state, "OOMTRAIL_FOLLOW_LOG="+c.log)
	cmd.Stdout, cmd.Stderr = out, os.Stderr
	require.NoError(c.t, cmd.Start())
	return cmd
}

// crash kills a process -9 at a random moment.
func (c *crasher) crash(within time.Duration) {
	cmd := c.start()
	time.Sleep(time.Duration(rand.Int64N(int64(within))))
	require.NoError(c.t, cmd.Process.Kill())
	err := cmd.Wait()
	var exit *exec.ExitError
	require.True(c.t, errors.As(err, &exit) && !exit.Exited(), "%v", err)
}

// kills are the victims that were printed by the uid of their record, with how often.
func (c *crasher) kills() (pids map[string]int, records, torn int) {
	b, err := os.ReadFile(c.output)
	require.NoError(c.t, err)
	pids = map[string]int{}
	for line := range bytes.Lines(b) {
		var r struct {
			Event string `json:"event.name"`
			UID   string `json:"log.record.uid"`
			PID   int    `json:"process.pid"`
		}
		if len(line) > 1 && json.Unmarshal(line, &r) != nil {
			torn++
			continue
		}
		if r.Event != "oom.kill" {
			continue
		}
		records++
		if known, ok := pids[r.UID]; ok {
			require.Equal(c.t, known, r.PID, "one uid of two kills")
		}
		pids[r.UID] = r.PID
	}
	return pids, records, torn
}

// check checks that all of these victims were printed, each with one uid, and says how often one
// was repeated. Other tests may have processes killed by this machine's kernel at the same time.
func (c *crasher) check(want []int) {
	c.t.Helper()
	last := c.start()
	have := func() []int {
		pids, _, _ := c.kills()
		maps.DeleteFunc(pids, func(_ string, pid int) bool { return c.log == "" && !slices.Contains(want, pid) })
		return slices.Sorted(maps.Values(pids))
	}
	slices.Sort(want)
	require.Eventually(c.t, func() bool { return len(have()) >= len(want) }, time.Minute, 20*time.Millisecond)
	require.NoError(c.t, last.Process.Kill())
	_ = last.Wait() // it was killed
	assert.Equal(c.t, want, have())
	_, records, torn := c.kills()
	assert.LessOrEqual(c.t, torn, crashes)
	c.t.Logf("%d kills, %d records, %d of them repeats, %d lines torn", len(want), records, records-len(want), torn)
}

// TestCrashes: a process that is killed -9 at any moment, again and again, loses no kill, and what
// it repeats has the same uid.
func TestCrashes(t *testing.T) {
	c := newCrasher(t)
	c.log = filepath.Join(t.TempDir(), "log")
	log, err := os.Create(c.log)
	require.NoError(t, err)
	defer log.Close()
	ended := make(chan struct{})
	var want []int
	go func() {
		defer close(ended)
		var k kmsgtest.Printk
		for pid := 1000; pid < 1000+2*crashes; pid++ {
			want = append(want, pid)
			for _, record := range k.Report(pid) {
				_, _ = log.WriteString(record)
				time.Sleep(time.Duration(rand.Int64N(int64(time.Millisecond))))
			}
			time.Sleep(time.Duration(rand.Int64N(int64(20 * time.Millisecond))))
		}
	}()
	for range crashes {
		c.crash(60 * time.Millisecond)
	}
	<-ended
	c.check(want)
}
