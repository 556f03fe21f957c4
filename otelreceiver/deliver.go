package oomkillreceiver

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/cenkalti/backoff/v7"
	"go.opentelemetry.io/collector/config/configretry"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/receiver/receiverhelper"
	"go.uber.org/zap"

	"github.com/oomtrail/oomtrail/otelreceiver/internal/metadata"
)

// maxBatch is how many items are sent in one call.
const maxBatch = 64

// minPause keeps a retry_on_failure without intervals from spinning.
const minPause = 10 * time.Millisecond

// errStopped ends the delivery when the receiver shuts down while data is refused.
var errStopped = errors.New("shutting down")

// deliverer takes items off the queue, in order, hands them to the next
// component until it accepts, and only then lets the checkpoint move on.
type deliverer struct {
	queue      *queue
	next       consumer.Logs // nil without a logs pipeline
	translator *translator
	retry      configretry.BackOffConfig
	store      *checkpointStore
	obs        *receiverhelper.ObsReport
	telemetry  *metadata.TelemetryBuilder
	status     *status
	logger     *zap.Logger
	stopping   chan struct{} // closed when there is no more patience for retries
	drops      int           // how often something was given up
}

// run delivers until the queue is closed and empty, or shutdown gives up on what is refused.
func (d *deliverer) run(ctx context.Context) {
	defer d.queue.close()
	for {
		batch, ok := d.queue.take(maxBatch)
		if !ok {
			return
		}
		if err := d.deliver(ctx, batch); err != nil {
			d.logger.Warn("shut down before the next component accepted; with storage it is read again after the restart", zap.Error(err))
			return
		}
		for i := len(batch) - 1; i >= 0; i-- {
			if batch[i].checkpoint != nil {
				d.store.save(batch[i].checkpoint)
				break
			}
		}
		d.queue.release(batch)
	}
}

// deliver returns nil when the batch is done with: accepted, or given up and told.
func (d *deliverer) deliver(ctx context.Context, batch []item) error {
	records := 0
	for i := range batch {
		if !batch[i].isProgress() {
			records++
		}
	}
	if records == 0 || d.next == nil {
		return nil
	}
	wait := backoff.ExponentialBackOff{
		InitialInterval: d.retry.InitialInterval, RandomizationFactor: d.retry.RandomizationFactor,
		Multiplier: d.retry.Multiplier, MaxInterval: d.retry.MaxInterval,
	}
	wait.Reset()
	for began := time.Now(); ; {
		err := d.consume(ctx, batch, records)
		if err == nil {
			d.status.set(troubleDelivery, nil)
			return nil
		}
		pause := max(wait.NextBackOff(), minPause)
		switch {
		case consumererror.IsPermanent(err):
			d.giveUp(ctx, batch, records, "the next component refused them for good", err)
			return nil
		case !d.retry.Enabled:
			d.giveUp(ctx, batch, records, "the next component refused them and retry_on_failure is off", err)
			return nil
		case d.retry.MaxElapsedTime > 0 && time.Since(began)+pause > d.retry.MaxElapsedTime:
			d.giveUp(ctx, batch, records, "the next component refused them for longer than retry_on_failure::max_elapsed_time", err)
			return nil
		}
		d.status.set(troubleDelivery, fmt.Errorf("the next component refuses data, trying again: %w", err))
		if !d.sleep(ctx, pause) {
			return fmt.Errorf("%w: %w", errStopped, err)
		}
	}
}

// consume makes one attempt. The data is built anew for each, since the next component may change what it gets.
func (d *deliverer) consume(ctx context.Context, batch []item, records int) error {
	ctx = d.obs.StartLogsOp(ctx)
	err := d.next.ConsumeLogs(ctx, d.translator.logs(batch))
	d.obs.EndLogsOp(ctx, "oom_kill", records, err)
	return err
}

// giveUp counts and tells what is lost here.
func (d *deliverer) giveUp(ctx context.Context, batch []item, records int, why string, err error) {
	d.telemetry.ReceiverOomKillDroppedRecords.Add(ctx, int64(records))
	uids := make([]string, 0, records)
	for i := range batch {
		if batch[i].record != nil {
			uids = append(uids, batch[i].record.Text("log.record.uid"))
		}
	}
	// The collector's logger leaves out messages that repeat: a number makes each of these another.
	d.drops++
	d.logger.Error(fmt.Sprintf("records dropped (%d): %s", d.drops, why), zap.Int("dropped", records), zap.Strings("log.record.uid", uids), zap.Error(err))
	d.status.set(troubleDelivery, nil)
}

// sleep waits, and returns false when shutdown or the context ends the patience.
func (d *deliverer) sleep(ctx context.Context, pause time.Duration) bool {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-d.stopping:
		return false
	case <-ctx.Done():
		return false
	}
}
