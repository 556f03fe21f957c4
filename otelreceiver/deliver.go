// SPDX-License-Identifier: Apache-2.0

package oomkillreceiver

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v7"
	"go.opentelemetry.io/collector/config/configretry"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/receiver/receiverhelper"
	"go.opentelemetry.io/otel/metric"
	"go.uber.org/zap"

	"github.com/oomtrail/oomtrail/internal/health"
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
	own        []metric.AddOption // names the receiver in its telemetry
	status     *health.Status
	logger     *zap.Logger
	stopping   chan struct{} // closed when there is no more patience for retries
	drops      int           // how often something was given up

	mu       sync.Mutex
	inFlight []item // taken off the queue and not done with
	refusal  error  // what ended the delivery
}

// run delivers until the queue is closed and empty, or shutdown gives up on what is refused.
func (d *deliverer) run(ctx context.Context) {
	defer d.queue.close()
	for {
		batch, ok := d.queue.take(maxBatch)
		if !ok {
			return
		}
		d.note(batch)
		if err := d.deliver(ctx, batch); err != nil {
			d.mu.Lock()
			d.refusal = err
			d.mu.Unlock()
			return
		}
		d.note(nil)
		for i := len(batch) - 1; i >= 0; i-- {
			if batch[i].checkpoint != nil {
				d.store.save(batch[i].checkpoint)
				break
			}
		}
		d.queue.release(batch)
	}
}

// note keeps what is being delivered.
func (d *deliverer) note(items []item) {
	d.mu.Lock()
	d.inFlight = items
	d.mu.Unlock()
}

// left takes what was read and is not done with, also while a call is under way that nobody waits
// for any more.
func (d *deliverer) left() (items []item, refusal error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	items = slices.Clone(d.inFlight)
	for {
		batch, _ := d.queue.takeNow(maxBatch)
		if len(batch) == 0 {
			return items, d.refusal
		}
		items = append(items, batch...)
	}
}

// deliver returns nil when the batch is done with: accepted, or given up and logged. What is
// refused for good must not be sent again, not even in part. So each record goes in a call of its
// own, and the refusal of one costs no other.
func (d *deliverer) deliver(ctx context.Context, batch []item) error {
	data := slices.DeleteFunc(slices.Clone(batch), func(it item) bool { return it.isProgress() })
	if len(data) == 0 || d.next == nil {
		return nil
	}
	var lost error
	for parts := partsOf(data); len(parts) > 0; {
		why, err := d.deliverPart(ctx, parts[0])
		if errors.Is(err, errStopped) {
			return err
		}
		if err != nil {
			d.giveUp(ctx, parts[0], why, err)
			lost = err
		}
		parts = parts[1:]
		d.note(slices.Concat(parts...))
	}
	if lost != nil { // it stays until a later batch is accepted as a whole
		d.status.Set(troubleDelivery, fmt.Errorf("data was dropped, see the log for its ids: %w", lost))
		return nil
	}
	d.status.Set(troubleDelivery, nil)
	return nil
}

// partsOf cuts items into single records and runs of lines.
func partsOf(items []item) (parts [][]item) {
	for len(items) > 0 {
		n := 1
		for items[0].line != nil && n < len(items) && items[n].line != nil {
			n++
		}
		parts = append(parts, items[:n])
		items = items[n:]
	}
	return parts
}

// deliverPart hands on a part of a batch until it is accepted. It returns why it is given up, and
// the refusal.
func (d *deliverer) deliverPart(ctx context.Context, part []item) (why string, err error) {
	wait := backoff.ExponentialBackOff{
		InitialInterval: d.retry.InitialInterval, RandomizationFactor: d.retry.RandomizationFactor,
		Multiplier: d.retry.Multiplier, MaxInterval: d.retry.MaxInterval,
	}
	wait.Reset()
	for began := time.Now(); ; {
		if ctx.Err() != nil {
			return "", errStopped
		}
		err := d.consume(ctx, part)
		pause := max(wait.NextBackOff(), minPause)
		switch {
		case err == nil:
			return "", nil
		case ctx.Err() != nil: // it was interrupted, which says nothing about the data, whatever the error says
			return "", fmt.Errorf("%w: %w", errStopped, err)
		case consumererror.IsPermanent(err):
			return "the next component refused them for good", err
		case !d.retry.Enabled:
			return "the next component refused them and retry_on_failure is off", err
		case d.retry.MaxElapsedTime > 0 && time.Since(began)+pause > d.retry.MaxElapsedTime:
			return "the next component refused them for longer than retry_on_failure::max_elapsed_time", err
		}
		d.status.Set(troubleDelivery, fmt.Errorf("the next component refuses data, trying again: %w", err))
		if !d.sleep(ctx, pause) {
			return "", fmt.Errorf("%w: %w", errStopped, err)
		}
	}
}

// consume makes one attempt. The data is built anew for each, since the next component may change
// what it gets.
func (d *deliverer) consume(ctx context.Context, part []item) error {
	ctx = d.obs.StartLogsOp(ctx)
	err := d.next.ConsumeLogs(ctx, d.translator.logs(part))
	d.obs.EndLogsOp(ctx, "oom_kill", len(part), err)
	return err
}

// giveUp counts and logs what is lost here.
func (d *deliverer) giveUp(ctx context.Context, part []item, why string, err error) {
	d.telemetry.ReceiverOomKillDroppedRecords.Add(ctx, int64(len(part)), d.own...)
	// The collector's logger leaves out messages that repeat: a number makes each of these another.
	d.drops++
	d.logger.Error(fmt.Sprintf("records dropped (%d): %s", d.drops, why), zap.Int("dropped", len(part)), zap.Strings("log.record.uid", uidsOf(part)), zap.Error(err))
}

// countData returns how many of the items carry data.
func countData(items []item) (n int) {
	for i := range items {
		if !items[i].isProgress() {
			n++
		}
	}
	return n
}

// uidsOf returns the ids of the records among the items.
func uidsOf(items []item) (uids []string) {
	for i := range items {
		if items[i].record != nil {
			uids = append(uids, items[i].record.Text("log.record.uid"))
		}
	}
	return uids
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
