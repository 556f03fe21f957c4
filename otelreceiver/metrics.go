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

	"github.com/oomtrail/oomtrail/internal/tally"
	"github.com/oomtrail/oomtrail/internal/warning"
	"github.com/oomtrail/oomtrail/otelreceiver/internal/metadata"
	"github.com/oomtrail/oomtrail/otelreceiver/oomlogs"
	"github.com/oomtrail/oomtrail/parser/report"
	"github.com/oomtrail/oomtrail/watch"
)

// The metrics whose points begin at a time of their own.
const (
	vmstatKills  = "oom.vmstat_kills"  // at boot
	pressureTime = "oom.pressure.time" // at boot
	oomKills     = "oom.kills"         // at their first kill
)

// metricsSender sends what was counted, once an interval.
type metricsSender struct {
	next     consumer.Metrics
	interval time.Duration
	builder  *metadata.MetricsBuilder
	resource pcommon.Resource
	counts   *counts
	// kernel reads the kernel's own count and the time of boot.
	kernel func() (kills int64, boot time.Time, ok bool)
	// pressure reads how long tasks waited, and the time of boot.
	pressure func() (p watch.Pressure, boot time.Time, ok bool)
	cgroups  *cgroupMetrics // nil for none
	omit     oomlogs.Omit
	obs      *receiverhelper.ObsReport
	logger   *zap.Logger
	failed   bool
	lost     int64 // kills that a warning was logged of
}

func newMetricsSender(r *oomReceiver, host hostIdentity, names func(report.Workload) report.Names) *metricsSender {
	m := &metricsSender{
		next: r.nextMetrics, interval: r.cfg.CollectionInterval, counts: r.counts, obs: r.obs, logger: r.set.Logger,
		kernel:   func() (int64, time.Time, bool) { return kernelKills(systemOf(r.cfg.RootPath)) },
		builder:  metadata.NewMetricsBuilder(r.cfg.MetricsBuilderConfig, r.set),
		resource: pcommon.NewResource(),
		omit:     oomlogs.Omitted(r.cfg.MetricsBuilderConfig.ResourceAttributes),
	}
	for name, value := range r.cfg.Resource {
		m.resource.Attributes().PutStr(name, value)
	}
	host.putInto(m.resource.Attributes())
	m.resource.Attributes().PutStr("os.type", "linux")
	m.omit.From(m.resource.Attributes())
	if !r.cfg.readsThisMachine() {
		m.kernel = func() (int64, time.Time, bool) { return 0, time.Time{}, false }
		m.pressure = func() (watch.Pressure, time.Time, bool) { return watch.Pressure{}, time.Time{}, false }
		return m
	}
	system := systemOf(r.cfg.RootPath)
	m.pressure = r.cfg.pressureOf(system, r.set.Logger)
	if c := r.cfg.CgroupMetrics; len(c.Include) > 0 {
		m.cgroups = &cgroupMetrics{
			system: system, patterns: warning.Patterns(c.Include), limit: c.Limit, names: names, logger: r.set.Logger,
			listed: map[string]watch.Events{}, said: map[string]bool{},
		}
	}
	return m
}

// countsLost reports whether what is read holds every line of the running kernel. A namespace of
// the journal has none.
func (c *Config) countsLost() bool { return c.readsThisMachine() && c.Journald.Namespace == "" }

// lag is how long the log that is read may be behind the kernel's own count.
func (c *Config) lag() time.Duration {
	if c.Source == sourceKmsg {
		return kmsgLag
	}
	return journaldLag
}

// kernelKills is what the kernel has counted.
func (c *Config) kernelKills() (kills int64, ok bool) {
	v, err := systemOf(c.RootPath).VMStat()
	return v.OOMKill.V, err == nil && v.OOMKill.OK
}

// pressureOf returns what reads the pressure of a machine. Where there is none it says so, once.
func (c *Config) pressureOf(system watch.System, logger *zap.Logger) func() (watch.Pressure, time.Time, bool) {
	said := !c.MetricsBuilderConfig.Metrics.OomPressureTime.Enabled
	return func() (watch.Pressure, time.Time, bool) {
		p, err := system.Pressure()
		if err != nil && !said {
			said = true
			logger.Info("metrics::oom.pressure.time: it is absent: " + err.Error())
		}
		boot, _ := system.Boot()
		return p, boot, err == nil
	}
}

// killAttributes are the attributes that kills are counted by.
func (c *Config) killAttributes() []string {
	var names []string
	for _, name := range c.MetricsBuilderConfig.Metrics.OomKills.EnabledAttributes {
		names = append(names, string(name))
	}
	return names
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
	m.builder.RecordOomKillsDataPoint(ts, 0, "", 0, "", "", "", "", "", 0, "") // which putKills replaces
	m.builder.RecordOomKillLinesDataPoint(ts, m.counts.lines.Load())
	kills, boot, ok := m.kernel()
	if ok {
		m.builder.RecordOomVmstatKillsDataPoint(ts, kills)
	}
	if lost, ok := m.counts.lost.total(); ok {
		m.builder.RecordOomLostKillsDataPoint(ts, lost)
		if more := lost - m.lost; more > 0 {
			m.lost = lost
			m.logger.Warn("The kernel counted kills that have no line in its log", zap.Int64("kills", more), zap.Int64("since_start", lost))
		}
	}
	pressure, pressureBoot, ok := m.pressure()
	if ok {
		m.putPressure(ts, pressure)
	}
	var list []watch.Cgroup
	if m.cgroups != nil {
		var omitted int
		list, omitted = m.cgroups.look(now)
		m.builder.RecordOomOmittedCgroupsDataPoint(ts, int64(omitted))
	}
	m.builder.EmitForResource(metadata.WithResource(m.resource))
	for i := range list {
		m.emitCgroup(ts, &list[i])
	}
	metrics := m.builder.Emit()
	for _, rm := range metrics.ResourceMetrics().All() {
		rm.SetSchemaUrl(oomlogs.SchemaURL)
		for _, sm := range rm.ScopeMetrics().All() {
			for _, metric := range sm.Metrics().All() {
				switch metric.Name() {
				case vmstatKills:
					setStart(metric.Sum().DataPoints(), boot)
				case pressureTime:
					setStart(metric.Sum().DataPoints(), pressureBoot)
				case oomKills:
					putKills(metric.Sum().DataPoints(), ts, m.counts.kills.Read(now))
				}
			}
		}
	}
	return metrics
}

// putPressure records how long tasks waited.
func (m *metricsSender) putPressure(ts pcommon.Timestamp, p watch.Pressure) {
	if p.Some.OK {
		m.builder.RecordOomPressureTimeDataPoint(ts, p.Some.Total.Seconds(), metadata.AttributePressureKindSome)
	}
	if p.Full.OK {
		m.builder.RecordOomPressureTimeDataPoint(ts, p.Full.Total.Seconds(), metadata.AttributePressureKindFull)
	}
}

// emitCgroup adds the metrics of a cgroup, under a resource of its own, which enrichers find its
// pod by.
func (m *metricsSender) emitCgroup(ts pcommon.Timestamp, g *watch.Cgroup) {
	m.cgroups.putInto(m.builder, ts, g)
	options := []metadata.ResourceMetricsOption{metadata.WithResource(m.cgroups.resource(m.resource, g.Path, m.omit))}
	if start := m.cgroups.chosen[g.Path]; !start.IsZero() {
		options = append(options, metadata.WithStartTimeOverride(pcommon.NewTimestampFromTime(start)))
	}
	m.builder.EmitForResource(options...)
}

// setStart says since when points count, where that is known.
func setStart(points pmetric.NumberDataPointSlice, start time.Time) {
	if start.IsZero() {
		return
	}
	for _, p := range points.All() {
		p.SetStartTimestamp(pcommon.NewTimestampFromTime(start))
	}
}

// putKills makes points of series. The builder knows neither an attribute that is absent nor a
// point with a start of its own.
func putKills(points pmetric.NumberDataPointSlice, ts pcommon.Timestamp, series []tally.Series) {
	points.RemoveIf(func(pmetric.NumberDataPoint) bool { return true })
	points.EnsureCapacity(len(series))
	for _, s := range series {
		p := points.AppendEmpty()
		p.SetStartTimestamp(pcommon.NewTimestampFromTime(s.Start))
		p.SetTimestamp(ts)
		p.SetIntValue(s.Kills)
		for _, a := range s.Attributes {
			p.Attributes().PutStr(a.Name, a.Value)
		}
		if s.Overflow {
			p.Attributes().PutBool(tally.Overflow, true)
		}
	}
}
