// SPDX-License-Identifier: Apache-2.0

package oomkillreceiver

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"sync"
	"syscall"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/extension/xextension/storage"
	"go.uber.org/zap"
)

// checkpointStore keeps the checkpoint of one source in the configured storage extension.
type checkpointStore struct {
	client  storage.Client
	key     string
	stored  []byte
	failing bool
	logger  *zap.Logger

	mu     sync.Mutex // held while the client is in use
	closed bool
}

// openCheckpoints connects to the storage extension id; with none configured nothing is kept.
func openCheckpoints(ctx context.Context, host component.Host, id *component.ID, self component.ID, key string, logger *zap.Logger) (*checkpointStore, error) {
	s := &checkpointStore{client: storage.NewNopClient(), key: key, logger: logger}
	if id == nil {
		return s, nil
	}
	ext, ok := host.GetExtensions()[*id]
	if !ok {
		return nil, fmt.Errorf("storage: %q: no such extension is running: list it under service::extensions", id)
	}
	keeper, ok := ext.(storage.Extension)
	if !ok {
		return nil, fmt.Errorf("storage: %q: not a storage extension: use one such as file_storage", id)
	}
	client, err := keeper.GetClient(ctx, component.KindReceiver, self, "")
	switch {
	case errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS):
		return nil, fmt.Errorf("storage: %q: %w: let it have a directory that the collector's user may write to", id, err)
	case err != nil:
		return nil, fmt.Errorf("storage: %q: %w", id, err)
	}
	s.client = client
	return s, nil
}

// load returns the stored checkpoint, nil when there is none.
func (s *checkpointStore) load(ctx context.Context) ([]byte, error) {
	b, err := s.client.Get(ctx, s.key)
	if err != nil {
		return nil, fmt.Errorf("storage: read the checkpoint: %w", err)
	}
	s.stored = b
	return b, nil
}

// save stores a checkpoint. A failure costs a repetition after a restart, not data: it is told
// once.
func (s *checkpointStore) save(checkpoint []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || bytes.Equal(checkpoint, s.stored) {
		return
	}
	const patience = 10 * time.Second
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	err := s.client.Set(ctx, s.key, checkpoint)
	if err != nil && !s.failing {
		s.logger.Error("the checkpoint cannot be stored; after a restart records will come again, with equal log.record.uid", zap.Error(err))
	}
	s.failing = err != nil
	if err == nil {
		s.stored = checkpoint
	}
}

// close ends the storing. A storage that takes longer than patience is left to itself.
func (s *checkpointStore) close(ctx context.Context, patience time.Duration) error {
	closed := make(chan error, 1)
	go func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.closed = true
		closed <- s.client.Close(ctx)
	}()
	select {
	case err := <-closed:
		return err
	case <-time.After(patience):
		return errors.New("storage: it does not close; shut down without waiting for it")
	}
}
