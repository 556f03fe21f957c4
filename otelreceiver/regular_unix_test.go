// SPDX-License-Identifier: Apache-2.0

//go:build unix

package oomkillreceiver

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/oomtrail/oomtrail/internal/kmsg/kmsgtest"
)

// noLogs make, at a path, what is no log file, and say what the receiver calls it.
var noLogs = map[string]struct {
	make func(t *testing.T, path string)
	said string
}{
	"pipe":      {func(t *testing.T, path string) { require.NoError(t, syscall.Mkfifo(path, 0o600)) }, "a named pipe"},
	"directory": {func(t *testing.T, path string) { require.NoError(t, os.Mkdir(path, 0o700)) }, "a directory"},
	"device":    {func(t *testing.T, path string) { require.NoError(t, os.Symlink("/dev/zero", path)) }, "a device"},
	"terminal":  {func(t *testing.T, path string) { require.NoError(t, os.Symlink("/dev/ptmx", path)) }, "a device"},
	"socket": {func(t *testing.T, path string) {
		l, err := net.Listen("unix", path)
		require.NoError(t, err)
		l.(*net.UnixListener).SetUnlinkOnClose(false)
		t.Cleanup(func() { require.NoError(t, l.Close()) })
	}, "a socket"},
	"link to a pipe": {func(t *testing.T, path string) {
		_ = os.Remove(path + "-pipe")
		require.NoError(t, syscall.Mkfifo(path+"-pipe", 0o600))
		require.NoError(t, os.Symlink(path+"-pipe", path))
	}, "a named pipe"},
}

// waitForWarning waits until the receiver says once what stands at path.
func waitForWarning(t *testing.T, logs *observer.ObservedLogs, path, said string) {
	t.Helper()
	about := func() []observer.LoggedEntry { return logs.FilterField(zap.String("path", path)).All() }
	require.Eventually(t, func() bool { return len(about()) > 0 }, time.Minute, 2*time.Millisecond)
	time.Sleep(50 * time.Millisecond) // ten more looks
	require.Len(t, about(), 1, "it is said once")
	reason, _ := about()[0].ContextMap()["error"].(string)
	assert.True(t, strings.HasPrefix(reason, said), reason)
}

// What is no log file, when the receiver starts or later, is left alone and said once, the files
// beside it are read, and so is a log file that takes its place.
func TestWhatIsNoLogFile(t *testing.T) {
	for name, special := range noLogs {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			early := &logWriter{t: t, path: filepath.Join(dir, "early.log")}
			late := &logWriter{t: t, path: filepath.Join(dir, "late.log"), printk: printk{kmsgtest.Printk{Sequence: 10_000}}}
			beside := &logWriter{t: t, path: filepath.Join(dir, "z.log"), printk: printk{kmsgtest.Printk{Sequence: 20_000}}}
			special.make(t, early.path)
			beside.append(beside.syslog(300)...)
			next := &sink{}
			logs := runObserved(t, fileConfig(false, filepath.Join(dir, "*.log")), next)
			next.waitFor(t, 300)
			waitForWarning(t, logs, early.path, special.said)

			special.make(t, late.path)
			waitForWarning(t, logs, late.path, special.said)
			beside.append(beside.syslog(301)...)
			next.waitFor(t, 300, 301)

			require.NoError(t, os.Remove(early.path))
			early.append(early.syslog(100)...)
			next.waitFor(t, 300, 301, 100)
			require.NoError(t, os.Remove(late.path))
			late.append(late.syslog(200)...)
			next.waitFor(t, 300, 301, 100, 200)
		})
	}
}

// What takes the place of a watched log is no log file: the old one is read to its end, and a log
// that comes there later, too.
func TestWhatTakesALogsPlace(t *testing.T) {
	for name, special := range noLogs {
		t.Run(name, func(t *testing.T) {
			w := &logWriter{t: t, path: filepath.Join(t.TempDir(), "kern.log")}
			w.append(w.syslog(100)...)
			next := &sink{}
			logs := runObserved(t, fileConfig(false, w.path), next)
			next.waitFor(t, 100)
			require.NoError(t, os.Rename(w.path, w.path+".1"))
			old := &logWriter{t: t, path: w.path + ".1", printk: w.printk}
			special.make(t, w.path)
			waitForWarning(t, logs, w.path, special.said)
			old.append(old.syslog(101)...)
			next.waitFor(t, 100, 101)
			require.NoError(t, os.Remove(w.path))
			w.append(w.syslog(102)...)
			next.waitFor(t, 100, 101, 102)

			require.NoError(t, os.Remove(w.path))
			special.make(t, w.path)
			require.Eventually(t, func() bool { return logs.FilterField(zap.String("path", w.path)).Len() == 2 }, time.Minute, 2*time.Millisecond,
				"it is said again when it comes again")
		})
	}
}

// A pipe is not opened: to open it would wake its writer, who then writes to nobody.
func TestAPipeIsNotOpened(t *testing.T) {
	dir := t.TempDir()
	pipe := filepath.Join(dir, "a.log")
	require.NoError(t, syscall.Mkfifo(pipe, 0o600))
	next := &sink{}
	logs := runObserved(t, fileConfig(false, filepath.Join(dir, "*.log")), next)
	waitForWarning(t, logs, pipe, "a named pipe")
	for range 2000 {
		fd, err := syscall.Open(pipe, syscall.O_WRONLY|syscall.O_NONBLOCK, 0)
		if err == nil {
			require.NoError(t, syscall.Close(fd))
		}
		require.ErrorIs(t, err, syscall.ENXIO, "somebody reads the pipe")
	}
}

// A pipe takes the place of a file between the look and the opening: whatever is met, it is not
// waited for.
func TestOpeningDoesNotWait(t *testing.T) {
	dir := t.TempDir()
	path, pipe, file := filepath.Join(dir, "kern.log"), filepath.Join(dir, "pipe"), filepath.Join(dir, "file")
	require.NoError(t, syscall.Mkfifo(pipe, 0o600))
	require.NoError(t, os.WriteFile(file, []byte("[    1.000000] usb\n"), 0o600))
	done := make(chan struct{})
	var replacing sync.WaitGroup
	replacing.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-done:
				return
			default:
			}
			_ = os.Remove(path)
			_ = os.Link([]string{pipe, file}[i%2], path)
		}
	})
	defer replacing.Wait() // the directory is removed after it
	defer close(done)
	opened := 0
	for opened < 200 {
		log, err := openLog(path)
		if err == nil {
			opened++
			require.NoError(t, log.Close())
			continue
		}
		require.True(t, isNotRegular(err) || errors.Is(err, os.ErrNotExist), "%v", err)
	}
}
