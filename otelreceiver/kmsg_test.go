// SPDX-License-Identifier: Apache-2.0

package oomkillreceiver

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestKmsgReadsTheRingFromItsBeginning(t *testing.T) {
	var k printk
	r := newRing(1000)
	r.write(k.report(100)...)
	next := &sink{}
	began := time.Now()
	run(t, quick(nil), nil, next, ringSource(r, "boot-1"))
	next.waitFor(t, 100)
	r.write(k.report(101)...)
	next.waitFor(t, 100, 101)

	lr := next.records[1]
	assert.Equal(t, "oom.kill", lr.EventName())
	sequence, _ := lr.Attributes().Get("oom.kmsg.sequence")
	assert.EqualValues(t, 2*len(reportLines)-1, sequence.Int())
	boot, _ := lr.Attributes().Get("oom.boot.id")
	assert.Equal(t, "boot-1", boot.Str())
	trust, _ := lr.Attributes().Get("oom.trust")
	assert.Equal(t, "verified", trust.Str())
	assert.WithinRange(t, lr.Timestamp().AsTime(), began.Add(-5*time.Second), time.Now())
}

func TestKmsgStartAtEnd(t *testing.T) {
	var k printk
	r := newRing(1000)
	r.write(k.report(100)...)
	next := &sink{}
	host := newStorageHost()
	stop := run(t, quick(func(c *Config) { c.StartAt, c.Storage = "end", &storageID }), host, next, ringSource(r, "boot-1"))
	r.write(k.report(101)...)
	next.waitFor(t, 101)
	host.waitForCheckpoint(t, k.Sequence)
	stop()

	r.write(k.report(102)...)
	run(t, quick(func(c *Config) { c.StartAt, c.Storage = "end", &storageID }), host, next, ringSource(r, "boot-1"))
	next.waitFor(t, 101, 102)
}

func TestKmsgGoesOnAfterRestart(t *testing.T) {
	for name, tc := range map[string]struct {
		between func(k *printk, r *ring) (*ring, string)
		want    []int64
	}{
		"nothing happened": {func(_ *printk, r *ring) (*ring, string) { return r, "boot-1" }, nil},
		"a kill": {func(k *printk, r *ring) (*ring, string) {
			r.write(k.report(101)...)
			return r, "boot-1"
		}, []int64{101}},
		"a reboot: the stored sequence number means nothing": {func(*printk, *ring) (*ring, string) {
			r := newRing(1000)
			r.write(new(printk).report(102)...)
			return r, "boot-2"
		}, []int64{102}},
		"the machine was put back to an earlier state": {func(*printk, *ring) (*ring, string) {
			r := newRing(1000)
			r.write(new(printk).report(103)...)
			return r, "boot-1"
		}, []int64{103}},
	} {
		t.Run(name, func(t *testing.T) {
			var k printk
			r := newRing(1000)
			for range 20 {
				r.write(k.print("6;usb 1-1: new device"))
			}
			r.write(k.report(100)...)
			host, next := newStorageHost(), &sink{}
			cfg := quick(func(c *Config) { c.Storage = &storageID })
			stop := run(t, cfg, host, next, ringSource(r, "boot-1"))
			next.waitFor(t, 100)
			host.waitForCheckpoint(t, k.Sequence)
			stop()

			r, boot := tc.between(&k, r)
			again := &sink{}
			run(t, cfg, host, again, ringSource(r, boot))
			again.waitFor(t, tc.want...)
			time.Sleep(50 * time.Millisecond)
			assert.Equal(t, tc.want, again.pids())
		})
	}
}

func TestKmsgCountsWhatTheRingLost(t *testing.T) {
	var k printk
	r := newRing(12)
	next := &sink{}
	host := newStorageHost()
	cfg := quick(func(c *Config) { c.Storage = &storageID })
	r.write(k.report(100)...)
	stop := run(t, cfg, host, next, ringSource(r, "boot-1"))
	next.waitFor(t, 100)
	host.waitForCheckpoint(t, k.Sequence)
	stop()

	r.write(k.report(101)...)
	for range 6 { // pushes the head of the report out of the ring
		r.write(k.print("6;usb 1-1: new device"))
	}
	run(t, cfg, host, next, ringSource(r, "boot-1"))
	next.waitFor(t, 100, 101)
	lost, ok := next.records[1].Attributes().Get("oom.report.lost_records")
	require.True(t, ok)
	assert.EqualValues(t, 2, lost.Int())
	complete, _ := next.records[1].Attributes().Get("oom.report.complete")
	assert.False(t, complete.Bool())
}

func TestKmsgReopensAfterAnError(t *testing.T) {
	var k printk
	r := newRing(1000)
	r.write(k.report(100)...)
	next := &sink{}
	run(t, quick(nil), nil, next, ringSource(r, "boot-1"))
	next.waitFor(t, 100)

	r.Break(assert.AnError)
	r.write(k.report(101)...)
	time.Sleep(20 * time.Millisecond)
	r.Break(nil)
	next.waitFor(t, 100, 101)
}
