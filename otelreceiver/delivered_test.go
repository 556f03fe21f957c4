// SPDX-License-Identifier: Apache-2.0

package oomkillreceiver

import (
	"context"
	"encoding/json"
	"errors"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/oomtrail/oomtrail/parser/record"
)

// TestReloads: twenty reloads while the report of a kill is open give its record once, from each
// source; what comes after them gives its own.
func TestReloads(t *testing.T) {
	var k printk
	ring, journal := newRing(10000), &fakeJournal{}
	t.Cleanup(journal.kill)
	w := &logWriter{t: t, path: filepath.Join(t.TempDir(), "kern.log")}
	w.append("Nov 29 10:00:00 node-1 kernel: [    1.000000] Linux version 6.12")
	for name, tc := range map[string]struct {
		cfg    *Config
		source func(*Config) source
		kill   func(pid int)
	}{
		sourceKmsg: {quick(func(c *Config) { c.Storage = &storageID }), ringSource(ring, "boot-1"), func(pid int) { ring.write(k.report(pid)...) }},
		sourceFile: {fileConfig(true, w.path), newSource, func(pid int) { w.append(w.syslog(pid)...) }},
		sourceJournald: {journaldConfig(true), journal.source, func(pid int) {
			journal.write(journalEntries(k.report(pid))...)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			tc.cfg.ReportTimeout = time.Hour
			host, next := newStorageHost(), &sink{}
			stop := run(t, tc.cfg, host, next, tc.source)
			tc.kill(100)
			next.waitFor(t, 100)
			host.waitForStored(t, name, `"delivered":["`)
			for range 20 {
				stop()
				stop = run(t, tc.cfg, host, next, tc.source)
			}
			tc.kill(101)
			next.waitFor(t, 100, 101)
			for range 3 {
				stop()
				stop = run(t, tc.cfg, host, next, tc.source)
			}
			tc.kill(102)
			next.waitFor(t, 100, 101, 102)
		})
	}
}

// TestDeliveredIsForgotten: a checkpoint names the records of open reports only.
func TestDeliveredIsForgotten(t *testing.T) {
	var k printk
	ring := newRing(1000)
	host, next := newStorageHost(), &sink{}
	cfg := quick(func(c *Config) { c.Storage = &storageID })
	run(t, cfg, host, next, ringSource(ring, "boot-1"))
	ring.write(k.report(100)...)
	next.waitFor(t, 100)
	host.waitForCheckpoint(t, k.Sequence)
}

// TestDeliveredOfAnotherHost: a clone's record has another key, so that it is not taken for one
// that was delivered.
func TestDeliveredOfAnotherHost(t *testing.T) {
	of := func(host string) *record.Record {
		return (&record.Record{}).With(record.Attr{Name: "oom.record.key", Value: record.StringValue(record.Key("uid", "", host, ""))})
	}
	in := testIntake(t, nil)
	saved, err := json.Marshal(deliveredPart{Delivered: []string{of("node-1").Text("oom.record.key")}})
	require.NoError(t, err)
	in.restore(saved)
	assert.True(t, in.restored.Has(of("node-1")))
	assert.False(t, in.restored.Has(of("node-2")))
}

// TestNoCheckpointPastWhatWasNotQueued: a record that found no room before the end is not covered
// by a later checkpoint.
func TestNoCheckpointPastWhatWasNotQueued(t *testing.T) {
	var k printk
	src := &kmsgSource{host: newRing(1).host("boot-1")}
	in := testIntake(t, src)
	require.NoError(t, src.open(in, nil))
	in.queue.limit = 1
	require.NoError(t, in.queue.push(t.Context(), item{line: &kernelLine{}, size: 1}))
	ended, end := context.WithCancel(t.Context())
	end()
	var failed error
	for _, line := range k.report(100) {
		if err := src.log.Take(ended, []byte(line), false); err != nil {
			failed = err
		}
	}
	require.ErrorIs(t, failed, context.Canceled)
	in.pushProgress(1 << 30)
	batch, _ := in.queue.takeNow(10)
	for i := range batch {
		assert.Nil(t, batch[i].checkpoint)
	}
}

// TestObservedWhenRead: a report that is closed later, by the clock or by a line, was observed when
// its own newest line was read.
func TestObservedWhenRead(t *testing.T) {
	for _, close := range []func(*intake, *kmsgSource, *printk) error{
		func(in *intake, _ *kmsgSource, _ *printk) error {
			return errors.Join(in.tick(t.Context(), true), in.tick(t.Context(), true))
		},
		func(_ *intake, src *kmsgSource, k *printk) error {
			k.Stamp += time.Hour
			return src.log.Take(t.Context(), []byte(k.print("6;usb 1-1: new device")), false)
		},
		func(_ *intake, src *kmsgSource, k *printk) error {
			k.Stamp += time.Hour
			return src.log.Take(t.Context(), []byte(k.report(101)[0]), false)
		},
	} {
		var k printk
		src := &kmsgSource{host: newRing(1).host("boot-1")}
		in := testIntake(t, src)
		read := time.Now()
		now := read
		in.now = func() time.Time { return now }
		require.NoError(t, src.open(in, nil))
		lines := k.report(100)
		for _, line := range lines[:len(lines)-1] {
			require.NoError(t, src.log.Take(t.Context(), []byte(line), false))
		}
		now = now.Add(time.Hour)
		require.NoError(t, close(in, src, &k))
		batch, _ := in.queue.takeNow(10)
		batch = slices.DeleteFunc(batch, func(it item) bool { return it.record == nil })
		require.NotEmpty(t, batch)
		assert.Equal(t, read, batch[0].observed)
	}
}
