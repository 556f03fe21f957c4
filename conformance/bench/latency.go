// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"time"

	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/receiver/receivertest"

	oomkillreceiver "github.com/oomtrail/oomtrail/otelreceiver"
)

// The kernel takes ten lines in five seconds from a program (kernel.printk_devkmsg=ratelimit).
const (
	limited    = 8
	limitedFor = 5500 * time.Millisecond
)

// measureLatency writes kill lines to /dev/kmsg and measures when the receiver hands their records
// to its consumer.
func measureLatency(rounds int) error {
	kmsg, err := os.OpenFile("/dev/kmsg", os.O_WRONLY, 0)
	if err != nil {
		fmt.Printf("\nKill to consumer through /dev/kmsg: not measured: %v\n", err)
		return nil
	}
	defer func() { _ = kmsg.Close() }() // each write was looked at
	got := make(chan time.Time, 16)
	next, err := consumer.NewLogs(func(_ context.Context, ld plog.Logs) error {
		now := time.Now()
		for range ld.LogRecordCount() {
			got <- now
		}
		return nil
	})
	if err != nil {
		return err
	}
	factory := oomkillreceiver.NewFactory()
	cfg := factory.CreateDefaultConfig().(*oomkillreceiver.Config)
	cfg.Source, cfg.StartAt, cfg.Trust = "kmsg", "end", "any"

	r, err := factory.CreateLogs(context.Background(), receivertest.NewNopSettings(factory.Type()), cfg, next)
	if err != nil {
		return err
	}
	if err := r.Start(context.Background(), componenttest.NewNopHost()); err != nil {
		fmt.Printf("\nKill to consumer through /dev/kmsg: not measured: %v\n", err)
		return nil
	}
	defer func() { _ = r.Shutdown(context.Background()) }()
	time.Sleep(300 * time.Millisecond)
	var micros []float64
	for i := range max(40, rounds) {
		if i > 0 && i%limited == 0 {
			time.Sleep(limitedFor)
		}
		line := fmt.Sprintf("<11>Memory cgroup out of memory: Killed process %d (bench) total-vm:8kB, anon-rss:4kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:4kB oom_score_adj:0\n", 100_000+i)
		began := time.Now()
		if _, err := kmsg.WriteString(line); err != nil {
			return err
		}
		select {
		case at := <-got:
			micros = append(micros, float64(at.Sub(began).Microseconds()))
		case <-time.After(5 * time.Second):
			fmt.Printf("\nKill to consumer through /dev/kmsg: not measured: no record came within 5 s\n")
			return nil
		}
		time.Sleep(5 * time.Millisecond)
	}
	slices.Sort(micros)
	fmt.Printf("\nFrom the write to /dev/kmsg to the consumer: p50 %.0f µs, p90 %.0f µs, p99 %.0f µs, slowest %.0f µs of %d lines\n",
		micros[len(micros)/2], micros[len(micros)*9/10], micros[len(micros)*99/100], micros[len(micros)-1], len(micros))
	return nil
}
