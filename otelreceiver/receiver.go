package oomkillreceiver

import (
	"context"
	"math"
	"os"
	"sync"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/receiver"
	"go.opentelemetry.io/collector/receiver/receiverhelper"

	"github.com/oomtrail/oomtrail/otelreceiver/internal/metadata"
	"github.com/oomtrail/oomtrail/parser"
)

// oomReceiver is one configured receiver. It reads with one goroutine, delivers logs with another and
// metrics with a third, and serves a logs pipeline, a metrics pipeline or both.
type oomReceiver struct {
	cfg         *Config
	set         receiver.Settings
	nextLogs    consumer.Logs
	nextMetrics consumer.Metrics
	forget      func()

	source    source
	counts    *counts
	telemetry *metadata.TelemetryBuilder
	obs       *receiverhelper.ObsReport
	status    *status

	start, shutdown sync.Once
	startErr        error
	started         bool
	stopReading     context.CancelFunc
	stopDelivery    context.CancelFunc
	giveUp          chan struct{}
	readers         sync.WaitGroup
	deliveries      sync.WaitGroup
	queue           *queue
	store           *checkpointStore
}

func newReceiver(set receiver.Settings, cfg *Config, src source) (*oomReceiver, error) {
	telemetry, err := metadata.NewTelemetryBuilder(set.TelemetrySettings)
	if err != nil {
		return nil, err
	}
	obs, err := receiverhelper.NewObsReport(receiverhelper.ObsReportSettings{
		ReceiverID: set.ID, Transport: cfg.Source, ReceiverCreateSettings: set,
	})
	if err != nil {
		return nil, err
	}
	return &oomReceiver{
		cfg: cfg, set: set, source: src, counts: newCounts(), telemetry: telemetry, obs: obs,
		status: &status{}, giveUp: make(chan struct{}), forget: func() {},
	}, nil
}

// Start opens the source and begins to read. Called once for each signal, it starts once.
func (r *oomReceiver) Start(ctx context.Context, host component.Host) error {
	r.start.Do(func() { r.startErr = r.startOnce(ctx, host) })
	return r.startErr
}

func (r *oomReceiver) startOnce(ctx context.Context, host component.Host) error {
	r.status.host = host
	store, err := openCheckpoints(ctx, host, r.cfg.Storage, r.set.ID, r.cfg.Source, r.set.Logger)
	if err != nil {
		return err
	}
	r.store = store
	saved, err := store.load(ctx)
	if err != nil {
		return err
	}
	identity := identifyHost(r.cfg.HostName, r.cfg.RootPath, os.Getenv)
	r.queue = newQueue(r.cfg.BufferSize)
	in := &intake{
		options: r.cfg.parserOptions(identity), emitAll: r.cfg.Emit == "all", shed: r.cfg.Source == sourceKmsg,
		timeout: r.cfg.ReportTimeout, queue: r.queue, counts: r.counts, telemetry: r.telemetry,
		status: r.status, logger: r.set.Logger, source: r.source, now: time.Now,
	}
	if err := r.source.open(in, saved); err != nil {
		return err
	}
	if first := r.source.checkpoint(); first != nil {
		store.save(first) // a crash from here on goes back no further, and no less far
	}
	if r.cfg.Storage == nil && r.cfg.startAtBeginning() {
		r.set.Logger.Info("no storage is set: after a restart the kills that are still in the log are sent again, with equal log.record.uid")
	}
	r.started = true
	r.launch(in, identity)
	return nil
}

// launch starts the goroutines.
func (r *oomReceiver) launch(in *intake, identity hostIdentity) {
	var reading, delivering context.Context
	reading, r.stopReading = context.WithCancel(context.Background())
	delivering, r.stopDelivery = context.WithCancel(context.Background())
	d := &deliverer{
		queue: r.queue, next: r.nextLogs, translator: newTranslator(r.cfg, r.set.BuildInfo.Version, identity),
		retry: r.cfg.RetryOnFailure, store: r.store, obs: r.obs, telemetry: r.telemetry, status: r.status,
		logger: r.set.Logger, stopping: r.giveUp,
	}
	r.deliveries.Go(func() { d.run(delivering) })
	r.readers.Go(func() {
		r.source.run(reading)
		r.finish(delivering, in)
	})
	if r.nextMetrics != nil {
		m := newMetricsSender(r, identity)
		r.readers.Go(func() { m.run(reading) })
	}
}

// finish ends the reading. With storage an open report is read again, whole, after the restart; without, this
// is the last chance to send what there is of it.
func (r *oomReceiver) finish(ctx context.Context, in *intake) {
	if r.cfg.Storage == nil {
		_ = in.flush(ctx) // an error says that shutdown has no more time
	}
	in.pushProgress(math.MaxInt)
}

// Shutdown stops reading, delivers what was read unless it is refused, and stores the checkpoint. Called once
// for each signal, and perhaps without Start, it works once.
func (r *oomReceiver) Shutdown(ctx context.Context) error {
	var err error
	r.shutdown.Do(func() { err = r.shutdownOnce(ctx) })
	return err
}

func (r *oomReceiver) shutdownOnce(ctx context.Context) error {
	r.forget()
	if r.started {
		close(r.giveUp)
		r.stopReading()
		stop := context.AfterFunc(ctx, r.stopDelivery)
		r.readers.Wait()
		r.queue.close()
		r.deliveries.Wait()
		stop()
		r.stopDelivery()
		r.source.close()
	}
	r.telemetry.Shutdown()
	if r.store == nil {
		return nil
	}
	return r.store.close(context.WithoutCancel(ctx))
}

// parserOptions are the settings of the parser.
func (c *Config) parserOptions(host hostIdentity) parser.Options {
	o := parser.Options{
		Trust: trusts[c.Trust], MemoryStat: memoryStats[c.MemoryStat], TasksTop: c.TasksTop,
		IncludeOriginal: c.IncludeLogRecordOriginal, HostName: host.name, HostID: host.id,
		Source: c.Source, ReportTimeout: c.ReportTimeout,
	}
	if c.TasksTop == 0 {
		o.TasksTop = -1
	}
	return o
}
