// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/receiver/receivertest"

	"github.com/oomtrail/oomtrail/conformance/corpus/ordinary"
	oomkillreceiver "github.com/oomtrail/oomtrail/otelreceiver"
	"github.com/oomtrail/oomtrail/parser"
)

// lastVictim is the pid of the kill that ends each file that [measureReceiver] reads.
const lastVictim = 4194303

// measureReceiver measures what the receiver takes for a file, from its start to the record of the
// file's last kill, beside [parser.ReadAll] of the same file. Both times include the reading of the
// file.
func measureReceiver(rounds int) error {
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	captures, err := allCaptures()
	if err != nil {
		return err
	}
	texts := []struct {
		name string
		text []byte
	}{{"all captures back to back", captures}}
	for _, c := range []ordinary.Format{ordinary.Syslog, ordinary.Dmesg, ordinary.Kmsg} {
		texts = append(texts, struct {
			name string
			text []byte
		}{fmt.Sprintf("ordinary kernel log as %v", c), ordinary.Log(c, 8*daySize, 1)})
	}
	for _, t := range texts {
		text := fmt.Appendf(t.text, "[99999.000001] Out of memory: Killed process %d (last) total-vm:8kB, anon-rss:4kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:4kB oom_score_adj:0\n", lastVictim)
		path := filepath.Join(dir, "kern.log")
		if err := os.WriteFile(path, text, 0o600); err != nil {
			return err
		}
		compare(fmt.Sprintf("A file read by the receiver: %s, %d lines", t.name, bytes.Count(text, []byte{'\n'})), rounds,
			&candidate{name: "parser.ReadAll", text: text, read: func([]byte) { must(readFile(path)) }},
			&candidate{name: "the receiver", text: text, read: func([]byte) { must(receiveFile(path)) }})
	}
	return nil
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// readFile reads a file as `oomtrail parse` does.
func readFile(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // it was only read
	return parser.ReadAll(f, parser.Options{}, func(*parser.Record) error { sink++; return nil })
}

// receiveFile runs a receiver until it has handed on the record of the last kill.
func receiveFile(path string) error {
	done := make(chan struct{})
	next, err := consumer.NewLogs(func(_ context.Context, ld plog.Logs) error {
		for _, rl := range ld.ResourceLogs().All() {
			for _, sl := range rl.ScopeLogs().All() {
				for _, lr := range sl.LogRecords().All() {
					if pid, ok := lr.Attributes().Get("process.pid"); ok && pid.Int() == lastVictim {
						close(done)
					}
				}
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	factory := oomkillreceiver.NewFactory()
	cfg := factory.CreateDefaultConfig().(*oomkillreceiver.Config)
	cfg.Source, cfg.StartAt, cfg.File.Include = "file", "beginning", []string{path}
	r, err := factory.CreateLogs(context.Background(), receivertest.NewNopSettings(factory.Type()), cfg, next)
	if err != nil {
		return err
	}
	if err := r.Start(context.Background(), componenttest.NewNopHost()); err != nil {
		return err
	}
	select {
	case <-done:
	case <-time.After(time.Minute):
		return fmt.Errorf("the receiver has made no record of the last kill in a minute")
	}
	return r.Shutdown(context.Background())
}
