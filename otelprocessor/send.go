// SPDX-License-Identifier: Apache-2.0

package oomkillprocessor

import (
	"context"
	"fmt"

	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.uber.org/zap"

	"github.com/oomtrail/oomtrail/otelreceiver/oomlogs"
)

// send passes on what work makes of a batch and lets its streams follow the answer. What is refused
// for good does not come again, so that its lines are taken as read.
func (p *oomProcessor) send(ctx context.Context, b *batch, work func() plog.Logs) error {
	var err error
	accepted := false
	defer func() { b.end(accepted) }() // whatever happens, or the streams would stay locked
	if out := work(); out.ResourceLogs().Len() > 0 {
		if b.madeCount > 0 {
			b.sent = plog.NewLogs()
			out.CopyTo(b.sent) // the next component owns what it gets
		}
		err = p.next.ConsumeLogs(ctx, out)
		switch {
		case b.madeCount == 0:
		case consumererror.IsPermanent(err):
			err = p.sendParts(ctx, b)
		case err == nil: // it stays wrong until then
			p.status.Set(troubleDrop, nil)
			b.accepted = recordsOf(b.sent, int(b.madeCount))
		}
	}
	accepted = err == nil || consumererror.IsPermanent(err)
	if accepted {
		p.telemetry.ProcessorOomKillRecords.Add(ctx, b.madeCount-b.lost, p.own...)
		p.countKills(b.accepted)
	}
	if err == nil {
		p.telemetry.ProcessorOomKillDuplicates.Add(ctx, b.duplicates, p.own...)
		p.telemetry.ProcessorOomKillDroppedLines.Add(ctx, b.dropped, p.own...)
		p.noteOrder(ctx, b)
		p.noteMixed(b)
		p.telemetry.ProcessorOomKillEvictedStreams.Add(ctx, b.evicted+p.table.gone.Swap(0), p.own...)
	}
	if !accepted && len(b.trials) > 0 {
		p.telemetry.ProcessorOomKillRollbacks.Add(ctx, 1, p.own...)
	}
	return err
}

// sendParts passes on a batch that was refused for good, the lines and the records apart, and
// halves the records until only what is at fault is lost. It returns what the sender is to hear of
// its lines. An error that is not permanent undoes all, since the sender sends the batch again.
func (p *oomProcessor) sendParts(ctx context.Context, b *batch) error {
	lines, records := takeApart(b.sent, int(b.madeCount))
	var linesErr, lostErr error
	if lines.ResourceLogs().Len() > 0 {
		if linesErr = p.next.ConsumeLogs(ctx, lines); linesErr != nil && !consumererror.IsPermanent(linesErr) {
			return linesErr
		}
	}
	var lost []plog.ResourceLogs
	for parts := [][]plog.ResourceLogs{records}; len(parts) > 0; {
		part := parts[0]
		parts = parts[1:]
		err := p.next.ConsumeLogs(ctx, together(part))
		switch {
		case err == nil:
			b.accepted = append(b.accepted, part...)
		case !consumererror.IsPermanent(err):
			return err
		case len(part) > 1:
			half := len(part) / 2
			parts = append([][]plog.ResourceLogs{part[:half], part[half:]}, parts...)
		default:
			lost, lostErr = append(lost, part...), err
		}
	}
	if len(lost) > 0 {
		b.lost = int64(len(lost))
		p.noteLost(ctx, lost, "the next component refused them for good", lostErr)
	}
	return linesErr
}

// noteLost counts, logs and reports records that were dropped.
func (p *oomProcessor) noteLost(ctx context.Context, lost []plog.ResourceLogs, why string, err error) {
	p.telemetry.ProcessorOomKillDroppedRecords.Add(ctx, int64(len(lost)), p.own...)
	// The collector's logger leaves out messages that repeat: a number makes each of these another.
	p.logger.Error(fmt.Sprintf("OOM records dropped (%d): %s", p.drops.Add(1), why),
		zap.Int("dropped", len(lost)), zap.Strings("log.record.uid", uidsOf(lost)), zap.Error(err))
	p.status.Set(troubleDrop, fmt.Errorf("OOM records were dropped, see the log for their ids: %w", err))
}

// takeApart parts a batch from the records that were added to its end.
func takeApart(logs plog.Logs, made int) (lines plog.Logs, records []plog.ResourceLogs) {
	lines = plog.NewLogs()
	for i := range logs.ResourceLogs().Len() - made {
		logs.ResourceLogs().At(i).CopyTo(lines.ResourceLogs().AppendEmpty())
	}
	return lines, recordsOf(logs, made)
}

// recordsOf returns the records that were added to the end of a batch, each under a resource of its
// own.
func recordsOf(logs plog.Logs, made int) (records []plog.ResourceLogs) {
	for i := logs.ResourceLogs().Len() - made; i < logs.ResourceLogs().Len(); i++ {
		records = append(records, logs.ResourceLogs().At(i))
	}
	return records
}

// together returns a copy of records as one batch.
func together(records []plog.ResourceLogs) plog.Logs {
	logs := plog.NewLogs()
	for _, rl := range records {
		rl.CopyTo(logs.ResourceLogs().AppendEmpty())
	}
	return logs
}

// uidsOf returns the ids of records.
func uidsOf(records []plog.ResourceLogs) (uids []string) {
	for _, rl := range records {
		for _, sl := range rl.ScopeLogs().All() {
			for _, lr := range sl.LogRecords().All() {
				if uid, ok := lr.Attributes().Get("log.record.uid"); ok && oomlogs.IsRecord(lr) {
					uids = append(uids, uid.Str())
				}
			}
		}
	}
	return uids
}
