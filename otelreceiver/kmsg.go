// SPDX-License-Identifier: Apache-2.0

package oomkillreceiver

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"go.uber.org/zap"

	"github.com/oomtrail/oomtrail/internal/kmsg"
)

// kmsgSource reads /dev/kmsg.
type kmsgSource struct {
	path      string
	beginning bool
	host      kmsg.Host

	*live
	log *kmsg.Log
}

func newKmsgSource(cfg *Config) source {
	return &kmsgSource{path: cfg.Kmsg.Path, beginning: cfg.startAtBeginning(), host: kmsg.ThisHost()}
}

func (k *kmsgSource) open(in *intake, saved []byte) error {
	var err error
	if k.live, err = newLive(in, "the kernel log cannot be read, trying again", zap.String("path", k.path)); err != nil {
		return err
	}
	cursor, beginning := k.restore(saved)
	host := k.host
	host.Open = func(path string) (kmsg.Device, error) {
		device, err := k.host.Open(path)
		if err != nil {
			return nil, err
		}
		return watched{device, in.counts.lost}, nil
	}
	k.log, err = kmsg.Open(kmsg.Options{
		Path: k.path, Host: host, Cursor: cursor, Beginning: beginning || k.beginning,
		UseJournal: "source: journald", UseFile: "source: file",
	}, k.live)
	if err != nil {
		return fmt.Errorf("kmsg::path: %q: %w", k.path, err)
	}
	k.stream.Next = k.log.Position()
	info, err := os.Stat(k.path)
	in.counts.lost.of(k.host.BootID(), err == nil && kmsg.IsDevice(info))
	return nil
}

// watched is a device that has the kernel's count looked at where all there was had been read,
// which a log that is never quiet shows only so.
type watched struct {
	kmsg.Device
	lost *lostKills
}

func (w watched) Next(buf []byte) (n int, waited bool, err error) {
	n, waited, err = w.Device.Next(buf)
	if waited {
		w.lost.look()
	}
	return n, waited, err
}

// restore reads a checkpoint, nil for none. beginning is set for one that cannot be read.
func (k *kmsgSource) restore(saved []byte) (cursor *kmsg.Cursor, beginning bool) {
	if saved == nil {
		return nil, false
	}
	cursor = new(kmsg.Cursor)
	if err := json.Unmarshal(saved, cursor); err != nil {
		k.in.logger.Warn("the stored checkpoint cannot be read; beginning with the oldest line", zap.Error(err))
		return nil, true
	}
	return cursor, false
}

func (k *kmsgSource) close() {
	if k.log != nil {
		k.log.Close()
	}
}

func (k *kmsgSource) run(ctx context.Context) { _ = k.log.Run(ctx) } // an error is the queue's, which has ended

func (k *kmsgSource) checkpoint() []byte {
	cursor, ok := k.log.Cursor()
	if !ok {
		return nil
	}
	b, err := json.Marshal(cursor)
	if err != nil {
		return nil // two plain fields cannot fail
	}
	return b
}
