// SPDX-License-Identifier: Apache-2.0

package oomkillreceiver

import (
	"context"
	"fmt"
	"math"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/receiver"
	"go.opentelemetry.io/collector/receiver/receiverhelper"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.uber.org/zap"

	"github.com/oomtrail/oomtrail/internal/health"
	"github.com/oomtrail/oomtrail/otelreceiver/internal/metadata"
	"github.com/oomtrail/oomtrail/parser"
)

// oomReceiver is one configured receiver. It reads with one goroutine, delivers logs with another
// and metrics with a third, and serves a logs pipeline, a metrics pipeline or both.
type oomReceiver struct {
	cfg         *Config
	set         receiver.Settings
	nextLogs    consumer.Logs
	nextMetrics consumer.Metrics
	forget      func()

	source    source
	counts    *counts
	lag       time.Duration // how long the log may be behind the kernel's own count
	telemetry *metadata.TelemetryBuilder
	own       []metric.AddOption // which receiver telemetry is of, as the collector's own metrics say it
	obs       *receiverhelper.ObsReport
	status    *health.Status

	start, shutdown sync.Once
	startErr        error
	started         bool
	stopReading     context.CancelFunc
	reading         context.Context // ends with stopReading
	stopDelivery    context.CancelFunc
	delivering      context.Context // ends with stopDelivery
	patience        patience
	giveUp          chan struct{}
	readers         sync.WaitGroup
	deliveries      sync.WaitGroup
	queue           *queue
	deliverer       *deliverer
	store           *checkpointStore
	warnings        atomic.Pointer[watching] // nil for none
}

// What can be wrong with a running receiver, in the order in which its status names it.
const (
	troubleSource = iota
	troubleDelivery
)

// patience is how long Shutdown waits, in all less than the five seconds that hosts are known to
// give.
type patience struct {
	// accept is how long the next component may take to accept what was read, cancel how long it
	// may then take to notice that its call was cancelled, store how long the storage may take to
	// close.
	accept, cancel, store time.Duration
}

var defaultPatience = patience{accept: 3 * time.Second, cancel: time.Second, store: 500 * time.Millisecond}

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
	own := ownAttributes(set.ID)
	// They are there from the start, at 0: Prometheus sees no rise where a series begins at 1.
	for _, counter := range []metric.Int64Counter{
		telemetry.ReceiverOomKillDroppedLines, telemetry.ReceiverOomKillDroppedRecords, telemetry.ReceiverOomKillDroppedWarnings,
		telemetry.ReceiverOomKillLines, telemetry.ReceiverOomKillLostLines, telemetry.ReceiverOomKillRestarts,
	} {
		counter.Add(context.Background(), 0, own...)
	}
	r := &oomReceiver{
		cfg: cfg, set: set, source: src, counts: newCounts(cfg.killAttributes()), lag: cfg.lag(), telemetry: telemetry, obs: obs,
		own:    own,
		status: new(health.Status), giveUp: make(chan struct{}), patience: defaultPatience, forget: func() {},
	}
	return r, telemetry.RegisterReceiverOomKillHeldBackWarningsCallback(r.observeHeldBack)
}

// ownAttributes names the receiver in its own metrics, of which a collector may run several.
func ownAttributes(id component.ID) []metric.AddOption {
	return []metric.AddOption{ownAttribute(id)}
}

func ownAttribute(id component.ID) metric.MeasurementOption {
	return metric.WithAttributeSet(attribute.NewSet(attribute.String("receiver", id.String())))
}

// Start opens the source and begins to read. Called once for each signal, it starts once.
func (r *oomReceiver) Start(ctx context.Context, host component.Host) error {
	r.start.Do(func() { r.startErr = r.startOnce(ctx, host) })
	return r.startErr
}

func (r *oomReceiver) startOnce(ctx context.Context, host component.Host) error {
	r.status.Start(host)
	store, err := openCheckpoints(ctx, host, r.cfg.Storage, r.set.ID, r.cfg.Source, r.set.Logger)
	if err != nil {
		return err
	}
	r.store = store
	saved, err := store.load(ctx)
	if err != nil {
		return err
	}
	identity := r.cfg.identity(os.Getenv)
	options, err := r.cfg.withNames(r.cfg.parserOptions(identity), os.Getenv)
	if err != nil {
		r.set.Logger.Warn(err.Error())
	}
	warnings := r.newWatching(&options)
	r.warnings.Store(warnings)
	options.Warned = r.cfg.warnedBy(warnings)
	r.queue = newQueue(r.cfg.BufferSize)
	in := &intake{
		options: options, emitAll: r.cfg.Emit == "all", shed: r.cfg.Source == sourceKmsg,
		timeout: r.cfg.ReportTimeout, queue: r.queue, counts: r.counts, telemetry: r.telemetry, own: r.own,
		status: r.status, logger: r.set.Logger, source: r.source, now: time.Now,
	}
	if r.nextMetrics != nil && r.cfg.countsLost() {
		r.counts.lost = &lostKills{lag: r.lag, now: time.Now, count: r.cfg.kernelKills}
	}
	in.restore(saved)
	if err := r.source.open(in, saved); err != nil {
		return err
	}
	if first := in.checkpoint(); first != nil {
		store.save(first) // a crash from here on goes back no further, and no less far
	}
	if trusted, _ := parser.ParseTrustedSource(r.cfg.File.TrustedSource); r.cfg.Source == sourceFile && r.cfg.Trust == "kernel" && trusted == parser.TrustedNone {
		r.set.Logger.Warn("trust: kernel takes only what is known to be the kernel's, and of files nothing is without file::trusted_source: no record will be made. " +
			"Set file::trusted_source to kmsg, journald or syslog where the files hold nothing else, else set trust to auto")
	}
	if r.cfg.Storage == nil && r.cfg.startAtBeginning() {
		r.set.Logger.Info("no storage is set: after a restart the kills that are still in the log are sent again, with equal log.record.uid")
	}
	if r.nextMetrics == nil && len(r.cfg.CgroupMetrics.Include) > 0 {
		r.set.Logger.Warn(fmt.Sprintf("cgroup_metrics::include: %q: this receiver is in no metrics pipeline: add it to one, or remove the block", r.cfg.CgroupMetrics.Include))
	}
	r.started = true
	r.launch(in, identity)
	if warnings != nil {
		r.readers.Go(func() { r.watch(r.reading, warnings) })
	}
	return nil
}

// launch starts the goroutines.
func (r *oomReceiver) launch(in *intake, identity hostIdentity) {
	r.reading, r.stopReading = context.WithCancel(context.Background())
	r.delivering, r.stopDelivery = context.WithCancel(context.Background())
	r.deliverer = &deliverer{
		queue: r.queue, next: r.nextLogs, translator: newTranslator(r.cfg, r.set.BuildInfo.Version, identity),
		retry: r.cfg.RetryOnFailure, store: r.store, obs: r.obs, telemetry: r.telemetry, own: r.own, status: r.status,
		logger: r.set.Logger, stopping: r.giveUp,
	}
	r.deliveries.Go(func() { r.deliverer.run(r.delivering) })
	r.readers.Go(func() {
		r.source.run(r.reading)
		r.finish(r.delivering, in)
	})
	if r.nextMetrics != nil {
		m := newMetricsSender(r, identity, in.options.Names)
		r.deliveries.Go(func() { m.run(r.reading, r.delivering) })
	}
}

// finish ends the reading. With storage an open report is read again, whole, after the restart;
// without, this is the last chance to send what there is of it.
func (r *oomReceiver) finish(ctx context.Context, in *intake) {
	if r.cfg.Storage == nil {
		_ = in.flush(ctx) // an error says that shutdown has no more time
	}
	in.pushProgress(math.MaxInt)
}

// Shutdown stops reading, delivers what was read unless that is refused or takes too long, and
// stores the checkpoint. It takes less than five seconds, whatever the next component does. Called
// once for each signal, and perhaps without Start, it works once.
func (r *oomReceiver) Shutdown(ctx context.Context) error {
	var err error
	r.shutdown.Do(func() { err = r.shutdownOnce(ctx) })
	return err
}

func (r *oomReceiver) shutdownOnce(ctx context.Context) error {
	r.forget()
	if r.started {
		r.stop(ctx)
		r.noteLeft()
	}
	r.telemetry.Shutdown()
	if r.store == nil {
		return nil
	}
	return r.store.close(context.WithoutCancel(ctx), r.patience.store)
}

// stop ends the goroutines. One that hangs, in a call of the next component or a read of a file
// system that is gone, is left behind: it stores and delivers nothing any more.
func (r *oomReceiver) stop(ctx context.Context) {
	close(r.giveUp)
	r.stopReading()
	defer context.AfterFunc(ctx, r.stopDelivery)()
	defer time.AfterFunc(r.patience.accept, r.stopDelivery).Stop()
	ended := make(chan struct{})
	go func() {
		r.readers.Wait()
		r.source.close()
		r.queue.close()
		r.deliveries.Wait()
		close(ended)
	}()
	defer r.stopDelivery()
	select {
	case <-ended:
		return
	case <-r.delivering.Done():
	}
	select {
	case <-ended:
	case <-time.After(r.patience.cancel):
		r.queue.close()
		r.set.Logger.Warn("shut down without waiting for a call that goes on although it was cancelled")
	}
}

// noteLeft says what was read and not accepted.
func (r *oomReceiver) noteLeft() {
	items, err := r.deliverer.left()
	if r.nextLogs == nil {
		return
	}
	if r.cfg.Storage != nil {
		again := slices.DeleteFunc(slices.Clone(items), func(it item) bool { return it.unlogged })
		if n := countData(again); n > 0 {
			r.set.Logger.Warn("shut down before the next component accepted; with the storage it is read again after the restart",
				zap.Int("records", n), zap.Error(err))
		}
		items = slices.DeleteFunc(items, func(it item) bool { return !it.unlogged })
		r.noteLost(items, "shut down before the next component accepted these warnings, which no log has: they are lost", err)
		return
	}
	r.noteLost(items, "shut down before the next component accepted, and no storage is set: what the log no longer holds is lost", err)
}

// noteLost counts and logs what does not come again.
func (r *oomReceiver) noteLost(items []item, why string, err error) {
	n := countData(items)
	if n == 0 {
		return
	}
	r.telemetry.ReceiverOomKillDroppedRecords.Add(context.Background(), int64(n), r.own...)
	r.set.Logger.Error(why, zap.Int("dropped", n), zap.Strings("log.record.uid", uidsOf(items)), zap.Error(err))
}

// parserOptions are the settings of the parser.
func (c *Config) parserOptions(host hostIdentity) parser.Options {
	trust, _ := parser.ParseTrust(c.Trust) // Validate has checked these
	memoryStat, _ := parser.ParseMemoryStat(c.MemoryStat)
	observations, _ := parser.ParseObservations(c.Observations)
	return parser.Options{
		Observations: observations, Sigkill: c.Sigkill,
		Trust: trust, MemoryStat: memoryStat, TasksTop: c.TasksTop, NoTasks: c.TasksTop == 0,
		IncludeOriginal: c.IncludeLogRecordOriginal, HostName: host.name, HostID: host.id,
		Source: c.Source, ReportTimeout: c.ReportTimeout,
	}
}
