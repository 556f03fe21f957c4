// SPDX-License-Identifier: Apache-2.0

package oomkillprocessor

import (
	"context"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/processor"

	"github.com/oomtrail/oomtrail/otelprocessor/internal/metadata"
	"github.com/oomtrail/oomtrail/parser"
)

// NewFactory returns the factory of the oom_kill processor. All processors that it makes share one
// budget of memory: a collector has one factory of each kind.
func NewFactory() processor.Factory {
	budget := new(parser.Budget)
	createLogs := func(_ context.Context, set processor.Settings, cfg component.Config, next consumer.Logs) (processor.Logs, error) {
		p, err := newProcessor(set, cfg.(*Config), next)
		if err != nil {
			return nil, err
		}
		p.within(budget)
		return p, nil
	}
	return processor.NewFactory(
		metadata.Type,
		createDefaultConfig,
		processor.WithLogs(createLogs, metadata.LogsStability),
	)
}
