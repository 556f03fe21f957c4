// SPDX-License-Identifier: Apache-2.0

package oomkillreceiver

import (
	"context"
	"time"

	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/receiver/receiverhelper"
	"go.uber.org/zap"

	"github.com/oomtrail/oomtrail/otelreceiver/internal/metadata"
	"github.com/oomtrail/oomtrail/otelreceiver/oomlogs"
)

// vmstatKills is the metric that counts from boot, not from the receiver's start.
const vmstatKills = "oom.vmstat_kills"

// metricsSender sends what was counted, once an interval.
type metricsSender struct {
	next     consumer.Metrics
	interval time.Duration
	builder  *metadata.MetricsBuilder
	resource pcommon.Resource
	counts   *counts
	// kernel reads the kernel's own count and the time of boot.
	kernel func() (kills int64, boot time.Time, ok bool)
	obs    *receiverhelper.ObsReport
	logger *zap.Logger
	failed bool
}

func newMetricsSender(r *oomReceiver, host hostIdentity) *metricsSender {
	m := &metricsSender{
		next: r.nextMetrics, interval: r.cfg.CollectionInterval, counts: r.counts, obs: r.obs, logger: r.set.Logger,
		kernel:   func() (int64, time.Time, bool) { return kernelKills("/proc") },
		builder:  metadata.NewMetricsBuilder(r.cfg.MetricsBuilderConfig, r.set),
		resource: pcommon.NewResource(),
	}
	for name, value := range r.cfg.Resource {
		m.resource.Attributes().PutStr(name, value)
	}
	host.putInto(m.resource.Attributes())
	m.resource.Attributes().PutStr("os.type", "linux")
	oomlogs.Omitted(r.cfg.MetricsBuilderConfig.ResourceAttributes).From(m.resource.Attributes())
	if !countsThisHost(r.cfg) {
		m.kernel = func() (int64, time.Time, bool) { return 0, time.Time{}, false }
	}
	return m
}

// countsThisHost reports whether the log that is read is that of the running kernel, whose own
// count then says the same thing.
func countsThisHost(cfg *Config) bool {
	switch cfg.Source {
	case sourceKmsg:
		return true
	case sourceJournald:
		return cfg.Journald.Directory == "" && len(cfg.Journald.Files) == 0
	}
	return false
}

// run sends until ctx ends, and once more then unless last has ended, too.
func (m *metricsSender) run(ctx, last context.Context) {
	ticker := time.NewTicker(m.interval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			m.send(last)
			return
		case <-ticker.C:
			m.send(ctx)
		}
	}
}

// send makes and hands on one set of metrics. Being cumulative, what is refused now is part of the
// next.
func (m *metricsSender) send(ctx context.Context) {
	metrics := m.collect(time.Now())
	points := metrics.DataPointCount()
	if points == 0 {
		return
	}
	ctx = m.obs.StartMetricsOp(ctx)
	err := m.next.ConsumeMetrics(ctx, metrics)
	m.obs.EndMetricsOp(ctx, "oom_kill", points, err)
	if err != nil && !m.failed {
		m.logger.Warn("metrics were refused; the next ones include them", zap.Error(err))
	}
	m.failed = err != nil
}

// collect builds the metrics as they are at now.
func (m *metricsSender) collect(now time.Time) pmetric.Metrics {
	ts := pcommon.NewTimestampFromTime(now)
	lines := m.counts.read(func(kind killKind, n int64) {
		m.builder.RecordOomKillsDataPoint(ts, n, kind.constraint, kind.scope)
	})
	m.builder.RecordOomKillLinesDataPoint(ts, lines)
	kills, boot, ok := m.kernel()
	if ok {
		m.builder.RecordOomVmstatKillsDataPoint(ts, kills)
	}
	metrics := m.builder.Emit(metadata.WithResource(m.resource))
	for _, rm := range metrics.ResourceMetrics().All() {
		rm.SetSchemaUrl(oomlogs.SchemaURL)
		for _, sm := range rm.ScopeMetrics().All() {
			for _, metric := range sm.Metrics().All() {
				if metric.Name() == vmstatKills {
					metric.Sum().DataPoints().At(0).SetStartTimestamp(pcommon.NewTimestampFromTime(boot))
				}
			}
		}
	}
	return metrics
}
