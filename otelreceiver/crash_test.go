// SPDX-License-Identifier: Apache-2.0

package oomkillreceiver

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/extension/xextension/storage"
)

// Shutdown does not wait for a next component that goes on refusing, and what it refused comes
// after the restart.
func TestShutdownWhileRefused(t *testing.T) {
	var k printk
	r := newRing(1000)
	host, next := newStorageHost(), &sink{answer: func() error { return errRefused }}
	cfg := quick(func(c *Config) { c.Storage, c.RetryOnFailure.InitialInterval = &storageID, time.Hour })
	cfg.RetryOnFailure.MaxInterval = time.Hour
	rcv, err := newFactory(ringSource(r, "boot-1")).CreateLogs(t.Context(), settingsOf(t), cfg, next)
	require.NoError(t, err)
	rcv.(*oomReceiver).patience.accept = time.Hour // what is refused needs no patience
	require.NoError(t, rcv.Start(t.Context(), host))
	r.write(k.report(100)...)
	time.Sleep(50 * time.Millisecond)
	stopped := make(chan error)
	go func() { stopped <- rcv.Shutdown(context.Background()) }()
	select {
	case err := <-stopped:
		require.NoError(t, err)
	case <-time.After(time.Minute):
		t.Fatal("Shutdown waits for the next attempt")
	}

	again := &sink{}
	run(t, cfg, host, again, ringSource(r, "boot-1"))
	again.waitFor(t, 100)
}

// A receiver that dies at any moment loses nothing, and what it sends again carries the same id.
func TestDyingReceiver(t *testing.T) {
	const rounds = 60
	var k printk
	r := newRing(1 << 20)
	host := newStorageHost()
	all := &sink{}
	var want []int64
	var calls atomic.Int64
	all.answer = func() error {
		if calls.Add(1)%3 == 0 {
			return errRefused
		}
		return nil
	}
	cfg := quick(func(c *Config) { c.Storage, c.ReportTimeout = &storageID, 100*time.Millisecond })
	for round := range rounds {
		rcv, err := newFactory(ringSource(r, "boot-1")).CreateLogs(t.Context(), settingsOf(t), cfg, all)
		require.NoError(t, err)
		require.NoError(t, rcv.Start(t.Context(), host))
		for i := range 3 {
			pid := 1000 + 3*round + i
			want = append(want, int64(pid))
			for _, record := range k.report(pid) {
				r.write(record)
				time.Sleep(time.Duration(round%5) * 100 * time.Microsecond)
			}
		}
		kill(rcv.(*oomReceiver), host)
	}
	all.answer = nil
	run(t, cfg, host, all, ringSource(r, "boot-1"))
	uids := map[string]int64{}
	distinct := func() []int64 {
		all.mu.Lock()
		defer all.mu.Unlock()
		var pids []int64
		for _, lr := range all.records {
			uid, _ := lr.Attributes().Get("log.record.uid")
			pid, _ := lr.Attributes().Get("process.pid")
			if known, ok := uids[uid.Str()]; ok {
				require.Equal(t, known, pid.Int(), "one id for two kills")
			}
			uids[uid.Str()] = pid.Int()
		}
		for _, pid := range uids {
			pids = append(pids, pid)
		}
		slices.Sort(pids)
		return pids
	}
	require.Eventually(t, func() bool { return slices.Equal(want, distinct()) }, time.Minute, 10*time.Millisecond)
	t.Logf("%d kills, %d records, %d of them repeats", len(want), all.len(), all.len()-len(want))
}

// kill ends a receiver as kill -9 does: nothing is delivered or stored any more.
func kill(r *oomReceiver, host *storageHost) {
	host.extension.generation.Add(1)
	r.stopDelivery()
	close(r.giveUp)
	r.queue.close()
	r.stopReading()
	r.readers.Wait()
	r.deliveries.Wait()
	r.source.close()
	r.telemetry.Shutdown()
}

// The storage extension failing costs repeats after a restart, nothing else.
func TestStorageThatFails(t *testing.T) {
	w := &logWriter{t: t, path: filepath.Join(t.TempDir(), "kern.log")}
	w.append(w.syslog(100)...)
	host, next := newStorageHost(), &sink{}
	host.extension.fail = errors.New("disk full")
	stop := run(t, fileConfig(true, w.path), host, next, newSource)
	next.waitFor(t, 100)
	stop()
	host.extension.fail = nil
	run(t, fileConfig(true, w.path), host, next, newSource)
	next.waitFor(t, 100, 100)
}

// Shutdown may come without Start, and twice.
func TestShutdownTwice(t *testing.T) {
	for _, started := range []bool{false, true} {
		r, err := newFactory(ringSource(newRing(10), "boot-1")).CreateLogs(t.Context(), settingsOf(t), quick(nil), &sink{})
		require.NoError(t, err)
		if started {
			require.NoError(t, r.Start(t.Context(), componenttest.NewNopHost()))
		}
		require.NoError(t, r.Shutdown(t.Context()))
		require.NoError(t, r.Shutdown(t.Context()))
	}
}

// The settings that name another component are checked at Start, where it is known.
func TestStorageThatIsNotThere(t *testing.T) {
	cfg := quick(func(c *Config) { c.Storage = &storageID })
	r, err := newFactory(ringSource(newRing(10), "boot-1")).CreateLogs(t.Context(), settingsOf(t), cfg, &sink{})
	require.NoError(t, err)
	err = r.Start(t.Context(), componenttest.NewNopHost())
	require.EqualError(t, err, `storage: "file_storage": no such extension is running: list it under service::extensions`)
	require.NoError(t, r.Shutdown(t.Context()))
}

// A directory that cannot be written to is said with what to do.
func TestStorageThatIsReadOnly(t *testing.T) {
	cfg := quick(func(c *Config) { c.Storage = &storageID })
	r, err := newFactory(ringSource(newRing(10), "boot-1")).CreateLogs(t.Context(), settingsOf(t), cfg, &sink{})
	require.NoError(t, err)
	host := &readOnlyHost{Host: componenttest.NewNopHost()}
	err = r.Start(t.Context(), host)
	require.EqualError(t, err, `storage: "file_storage": open state: read-only file system: let it have a directory that the collector's user may write to`)
	require.NoError(t, r.Shutdown(t.Context()))
}

// readOnlyHost has a storage extension that can open nothing.
type readOnlyHost struct {
	component.Host
	component.StartFunc
	component.ShutdownFunc
}

func (h *readOnlyHost) GetExtensions() map[component.ID]component.Component {
	return map[component.ID]component.Component{storageID: h}
}

func (*readOnlyHost) GetClient(context.Context, component.Kind, component.ID, string) (storage.Client, error) {
	return nil, &fs.PathError{Op: "open", Path: "state", Err: syscall.EROFS}
}
