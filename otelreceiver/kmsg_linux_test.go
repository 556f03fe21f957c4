// SPDX-License-Identifier: Apache-2.0

package oomkillreceiver

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/oomtrail/oomtrail/internal/kmsg"
	"github.com/oomtrail/oomtrail/internal/kmsg/kmsgtest"
)

// packetPipe returns a pipe that, as /dev/kmsg, gives one record a read.
func packetPipe(t *testing.T) (path string, w *os.File) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "kmsg")
	require.NoError(t, unix.Mkfifo(path, 0o600))
	w, err := os.OpenFile(path, os.O_RDWR, 0)
	require.NoError(t, err)
	_, err = unix.FcntlInt(w.Fd(), unix.F_SETFL, unix.O_DIRECT)
	require.NoError(t, err)
	t.Cleanup(func() { _ = w.Close() })
	return path, w
}

func TestContractKmsg(t *testing.T) {
	path, w := packetPipe(t)
	cfg := quick(func(c *Config) { c.Kmsg.Path = path })
	checkContract(t, cfg, NewFactory(), func(records []string) {
		for _, record := range records {
			_, err := w.WriteString(record)
			require.NoError(t, err)
		}
	})
}

func TestKmsgOpenErrors(t *testing.T) {
	dir := t.TempDir()
	regular := filepath.Join(dir, "kern.log")
	require.NoError(t, os.WriteFile(regular, []byte("4,1,1,-;text\n"), 0o600))
	for path, want := range map[string]string{
		filepath.Join(dir, "missing"): "make the device visible here, or read the journal with source: journald",
		regular:                       "a regular file: read it with source: file",
		dir:                           "a directory: name the device, as in /dev/kmsg",
	} {
		src := newKmsgSource(quick(func(c *Config) { c.Kmsg.Path = path }))
		in := testIntake(t, src)
		err := src.open(in, nil)
		require.ErrorContains(t, err, want)
		assert.ErrorContains(t, err, "path: "+strconv.Quote(path))
		src.close()
	}
}

// kmsgOrSkip opens the machine's own kernel log for writing.
func kmsgOrSkip(t *testing.T) *os.File {
	t.Helper()
	r, err := kmsg.ThisHost().Open(kmsg.Path)
	if err != nil {
		t.Skip("the kernel log of this machine cannot be read: ", err)
	}
	require.NoError(t, r.Close())
	w, err := os.OpenFile(kmsg.Path, os.O_WRONLY, 0)
	if err != nil {
		t.Skip("the kernel log of this machine cannot be written: ", err)
	}
	t.Cleanup(func() { _ = w.Close() })
	return w
}

// Any user with access to /dev/kmsg can write a whole report there. The kernel marks it as not its
// own.
func TestRealKmsgFakedReport(t *testing.T) {
	w := kmsgOrSkip(t)
	host := newStorageHost()
	trusting, wary := &sink{}, &sink{}
	run(t, quick(func(c *Config) { c.StartAt, c.Trust = "end", "any" }), nil, trusting, newSource)
	run(t, quick(func(c *Config) { c.StartAt, c.Emit, c.Storage = "end", "all", &storageID }), host, wary, newSource)

	pid := 700000 + os.Getpid()%100000
	began := time.Now()
	var k printk
	for _, record := range k.report(pid) {
		_, text, _ := strings.Cut(record, ";")
		_, err := w.WriteString("<11>" + text)
		require.NoError(t, err)
	}
	// Others may write to the same log, or be killed, at the same time.
	require.Eventually(t, func() bool { return slices.Contains(trusting.pids(), int64(pid)) }, time.Minute, 5*time.Millisecond)
	lr := trusting.records[slices.Index(trusting.pids(), int64(pid))]
	assert.WithinRange(t, lr.Timestamp().AsTime(), began.Add(-time.Second), time.Now())

	kill := fmt.Sprintf("Killed process %d ", pid)
	require.Eventually(t, func() bool { // emit: all shows that the line itself has come through
		wary.mu.Lock()
		defer wary.mu.Unlock()
		for _, lr := range wary.records {
			if strings.Contains(lr.Body().Str(), kill) {
				return true
			}
		}
		return false
	}, time.Minute, 5*time.Millisecond)
	time.Sleep(300 * time.Millisecond)
	assert.NotContains(t, wary.pids(), int64(pid))
}

// TestHog is no test: it is the process that TestRealKill lets the kernel kill.
func TestHog(t *testing.T) {
	kmsgtest.BeHog()
	t.Skip("it is run by TestRealKill")
}
