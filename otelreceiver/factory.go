// SPDX-License-Identifier: Apache-2.0

package oomkillreceiver

import (
	"context"
	"sync"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/receiver"

	"github.com/oomtrail/oomtrail/otelreceiver/internal/metadata"
)

// NewFactory returns the factory of the receiver oom_kill.
func NewFactory() receiver.Factory {
	return newFactory(newSource)
}

// newFactory returns a factory whose receivers read from what make returns.
func newFactory(makeSource func(*Config) source) receiver.Factory {
	running := &registry{makeSource: makeSource, receivers: map[registryKey]*oomReceiver{}}
	return receiver.NewFactory(metadata.Type, createDefaultConfig,
		receiver.WithLogs(running.createLogs, metadata.LogsStability),
		receiver.WithMetrics(running.createMetrics, metadata.MetricsStability))
}

// registry lets the logs and the metrics pipeline of one configured receiver share one reader: the
// kernel log is read once, and what is counted is what is sent.
type registry struct {
	makeSource func(*Config) source
	mu         sync.Mutex
	receivers  map[registryKey]*oomReceiver
}

type registryKey struct {
	id  component.ID
	cfg *Config
}

func (g *registry) createLogs(_ context.Context, set receiver.Settings, cfg component.Config, next consumer.Logs) (receiver.Logs, error) {
	r, err := g.get(set, cfg.(*Config))
	if err != nil {
		return nil, err
	}
	r.nextLogs = next
	return r, nil
}

func (g *registry) createMetrics(_ context.Context, set receiver.Settings, cfg component.Config, next consumer.Metrics) (receiver.Metrics, error) {
	r, err := g.get(set, cfg.(*Config))
	if err != nil {
		return nil, err
	}
	r.nextMetrics = next
	return r, nil
}

// get returns the receiver of a configuration, a new one unless the other signal has made it.
func (g *registry) get(set receiver.Settings, cfg *Config) (*oomReceiver, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	key := registryKey{set.ID, cfg}
	if r, ok := g.receivers[key]; ok {
		return r, nil
	}
	r, err := newReceiver(set, cfg, g.makeSource(cfg))
	if err != nil {
		return nil, err
	}
	r.forget = func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		delete(g.receivers, key)
	}
	g.receivers[key] = r
	return r, nil
}
