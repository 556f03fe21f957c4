// SPDX-License-Identifier: Apache-2.0

package oomkillprocessor

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"

	"go.opentelemetry.io/collector/pdata/plog"
	"go.uber.org/zap"
)

// flushLoop closes reports that wait longer than report_timeout for their next line. What it sends
// has no sender that could hear of a refusal, so the component's status says so, when it changes.
func (p *oomProcessor) flushLoop(ctx context.Context) {
	every := min(max(p.cfg.ReportTimeout/4, 25*time.Millisecond), time.Second)
	if wait := p.cfg.ReorderWait; wait > 0 {
		every = min(every, max(wait/4, 25*time.Millisecond))
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	failing := false
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-tick.C:
			err := p.flushDue(ctx, now.Add(-p.cfg.ReportTimeout))
			if ctx.Err() != nil {
				return
			}
			if err != nil && !failing {
				p.logger.Warn("The next component refused OOM records of reports that timed out; they are sent again", zap.Error(err))
			}
			failing = err != nil
			p.status.Set(troubleFlush, err)
		}
	}
}

// flushDue closes the reports that nothing was added to since then, one stream at a time. It stops
// at the first refusal.
func (p *oomProcessor) flushDue(ctx context.Context, since time.Time) error {
	due := p.table.due(since)
	maps.Copy(due, p.table.waiting(since.Add(p.cfg.ReportTimeout-p.cfg.ReorderWait)))
	for key, from := range due {
		b, err := p.begin(map[streamKey]target{key: from})
		if err != nil {
			return err
		}
		if err := p.send(ctx, b, func() plog.Logs { return b.close(key, since, (*batch).flush) }); err != nil {
			return err
		}
	}
	return nil
}

// flushAll closes every open report, at the processor's own end. Its error names the records that
// were not accepted: no sender repeats them.
func (p *oomProcessor) flushAll(ctx context.Context) error {
	var errs []error
	since := time.Now().Add(time.Hour)
	for _, hosts := range [...]bool{false, true} { // a kill that a report shows may have to do with facts
		for key, from := range p.table.due(since) {
			if from.isHost == hosts {
				errs = append(errs, p.closeLast(ctx, key, from, since))
			}
		}
	}
	return errors.Join(errs...)
}

// closeLast closes what is open in a stream, or waits of a host, at the processor's own end.
func (p *oomProcessor) closeLast(ctx context.Context, key streamKey, from target, since time.Time) error {
	b, err := p.begin(map[streamKey]target{key: from})
	if err != nil {
		return err
	}
	err = p.send(ctx, b, func() plog.Logs { return b.close(key, since, (*batch).cutOff) })
	if err != nil && b.madeCount > 0 {
		_, lost := takeApart(b.sent, int(b.madeCount))
		p.noteLost(ctx, lost, "the next component refused them at shutdown", err)
		err = fmt.Errorf("OOM records lost at shutdown, log.record.uid %s: %w", strings.Join(uidsOf(lost), ", "), err)
	}
	return err
}

// close ends the reports of a stream, or what waits of a host, that no lines came with, unless one
// was fed while the batch waited for it.
func (b *batch) close(key streamKey, since time.Time, end func(*batch, *trial)) plog.Logs {
	t := b.trials[key]
	if t.parser != nil {
		b.readHeld(t, since.Add(b.p.cfg.ReportTimeout-b.p.cfg.ReorderWait))
	}
	if !t.gone && t.window.isEmpty() && !t.fed.After(since) && !b.p.table.fedAfter(t.stream, since) {
		end(b, t)
	}
	b.keepResources()
	return b.made
}
