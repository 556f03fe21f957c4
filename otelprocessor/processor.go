// SPDX-License-Identifier: Apache-2.0

package oomkillprocessor

import (
	"context"
	"errors"
	"hash/maphash"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/collector/client"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/processor"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.uber.org/zap"

	"github.com/oomtrail/oomtrail/internal/health"
	"github.com/oomtrail/oomtrail/internal/tally"
	"github.com/oomtrail/oomtrail/otelprocessor/internal/metadata"
	"github.com/oomtrail/oomtrail/otelreceiver/oomlogs"
	"github.com/oomtrail/oomtrail/parser"
)

// What can be wrong with a running processor, in the order in which its status names it.
const (
	troubleFlush = iota // records of reports that timed out are refused, and sent again
	troubleDrop         // records were dropped
)

// oomProcessor finds OOM reports in the logs that pass.
//
// A batch is sent on in one piece, lines and records together. What it changed in its streams holds
// only once the next component has accepted it: one that refuses gets the same batch again.
type oomProcessor struct {
	cfg          *Config
	options      parser.Options
	next         consumer.Logs
	logger       *zap.Logger
	telemetry    *metadata.TelemetryBuilder
	scopeVersion string
	omit         oomlogs.Omit
	own          []metric.AddOption // names the processor in its telemetry
	status       health.Status
	kills        *tally.Tally // of the records that were accepted
	drops        atomic.Int64 // how often records were given up

	seed    maphash.Seed
	table   *table
	seen    *seenRecords
	scratch sync.Pool // of *scanner

	stop    context.CancelFunc // nil until Start
	flusher sync.WaitGroup
	once    sync.Once // of Shutdown

	warnOrder, warnMixed sync.Once
}

func newProcessor(set processor.Settings, cfg *Config, next consumer.Logs) (*oomProcessor, error) {
	options, unnamed := cfg.withNames(cfg.options())
	if _, err := parser.New(options); err != nil {
		return nil, err
	}
	telemetry, err := metadata.NewTelemetryBuilder(set.TelemetrySettings)
	if err != nil {
		return nil, err
	}
	self := metric.WithAttributeSet(attribute.NewSet(attribute.String("processor", set.ID.String())))
	p := &oomProcessor{
		kills: tally.New(cfg.MetricAttributes, time.Now()),
		cfg:   cfg, options: options, next: next, logger: set.Logger, telemetry: telemetry,
		scopeVersion: set.BuildInfo.Version, omit: oomlogs.Omitted(cfg.ResourceAttributes), own: []metric.AddOption{self},
		seed: maphash.MakeSeed(), table: newTable(cfg.MaxStreams), seen: newSeen(),
	}
	if unnamed != nil {
		set.Logger.Warn(unnamed.Error())
	}
	p.within(new(parser.Budget))
	// They are there from the start, at 0: Prometheus sees no rise where a series begins at 1.
	for _, counter := range []metric.Int64Counter{
		telemetry.ProcessorOomKillDroppedLines, telemetry.ProcessorOomKillDroppedRecords, telemetry.ProcessorOomKillDuplicates,
		telemetry.ProcessorOomKillEvictedStreams, telemetry.ProcessorOomKillOutOfOrder, telemetry.ProcessorOomKillRecords, telemetry.ProcessorOomKillRollbacks,
	} {
		counter.Add(context.Background(), 0, p.own...)
	}
	p.scratch.New = func() any { return &scanner{keyer: p.newKeyer(), source: newSource(cfg)} }
	return p, errors.Join(
		telemetry.RegisterProcessorOomKillKillsCallback(func(_ context.Context, o metric.Int64Observer) error {
			p.observeKills(o, set.ID.String())
			return nil
		}),
		telemetry.RegisterProcessorOomKillStreamsCallback(func(_ context.Context, o metric.Int64Observer) error {
			o.Observe(int64(p.table.len()), self)
			return nil
		}))
}

// within puts the processor under a budget of memory that it shares with others, before the first
// batch comes.
func (p *oomProcessor) within(b *parser.Budget) {
	if p.table.share != nil {
		p.table.share.Leave()
	}
	p.table.share = b.Join(int64(p.cfg.MaxMemory), func() bool {
		done, _ := p.table.relieve(nil)
		return done
	})
}

// relieve makes room where the streams of the process hold too much. Reports that have to go go
// with the batch b.
func (p *oomProcessor) relieve(b *batch) {
	if !p.table.share.Over(step) { // a trial may weigh that much more as the stream that it becomes
		return
	}
	p.table.share.Relieve(func() bool {
		done, goes := p.table.relieve(b)
		for _, s := range goes {
			_ = b.try(s) // its options are those of the others
		}
		if n := len(goes); n > 0 {
			b.evict(b.trials[goes[n-1].key])
		}
		return done
	})
}

func (p *oomProcessor) newKeyer() keyer { return keyer{seed: p.seed, names: p.cfg.Stream} }

// Capabilities tells that a batch is never changed: what differs from it goes out as a copy.
func (*oomProcessor) Capabilities() consumer.Capabilities {
	return consumer.Capabilities{MutatesData: false}
}

// Start begins to close reports that wait too long. ctx ends with the start, so it is not kept.
func (p *oomProcessor) Start(_ context.Context, host component.Host) error {
	if p.options.Trust == parser.TrustKernel && p.options.TrustedSource == parser.TrustedNone {
		p.logger.Warn("trust: kernel takes only what is known to be the kernel's, and without trusted_source nothing is: no record will be made. " +
			"Set trusted_source to kmsg, journald or syslog where all that comes in is from that source, else set trust to auto")
	}
	p.status.Start(host)
	ctx, stop := context.WithCancel(context.Background())
	p.stop = stop
	p.flusher.Go(func() { p.flushLoop(ctx) })
	return nil
}

// Shutdown sends on what open reports hold: their lines have been accepted and do not come again.
func (p *oomProcessor) Shutdown(ctx context.Context) error {
	var err error
	p.once.Do(func() {
		if p.stop != nil {
			p.stop()
		}
		p.flusher.Wait()
		err = p.flushAll(ctx)
		p.table.share.Leave()
		p.telemetry.Shutdown()
	})
	return err
}

// ConsumeLogs passes a batch on, with the records that it completes.
func (p *oomProcessor) ConsumeLogs(ctx context.Context, ld plog.Logs) error {
	peer := peerOf(ctx)
	holding := p.cfg.holds(peer)
	if p.cfg.Mode != modeOnly && !p.matters(ld, holding) {
		return p.next.ConsumeLogs(ctx, ld)
	}
	plan := p.planFor(ld, peer, holding)
	b, err := p.begin(plan.targets)
	if err != nil {
		return err
	}
	b.holding = holding
	return p.send(ctx, b, func() plog.Logs { return b.run(ld, plan.keys) })
}

// noteOrder counts the batches of a stream that came out of order, and says once what that comes
// from.
func (p *oomProcessor) noteOrder(ctx context.Context, b *batch) {
	outOfOrder := int64(0)
	for _, t := range b.trials {
		outOfOrder += t.outOfOrder
	}
	if outOfOrder == 0 {
		return
	}
	p.telemetry.ProcessorOomKillOutOfOrder.Add(ctx, outOfOrder, p.own...)
	p.warnOrder.Do(func() {
		p.logger.Warn("Batches with lines of an OOM report come out of order. They wait reorder_wait to be put in order; a report whose lines come later "+
			"than that is not complete. Set sending_queue.num_consumers to 1 in the exporter of the node that sends them; said once",
			zap.Duration("reorder_wait", p.cfg.ReorderWait))
	})
}

// noteMixed says once that a report began inside another one.
func (p *oomProcessor) noteMixed(b *batch) {
	if b.mixed {
		p.warnMixed.Do(func() {
			p.logger.Warn("A report begins inside another one of the same stream, so that neither is complete. Where lines of several hosts come in and none of the attributes of " +
				"stream separates them, add the one that does to stream; said once")
		})
	}
}

// peerOf returns the address that a batch came from, without the port, "" when the receiver does
// not tell.
func peerOf(ctx context.Context) string {
	switch a := client.FromContext(ctx).Addr.(type) {
	case nil:
		return ""
	case *net.IPAddr:
		return a.IP.String()
	case *net.TCPAddr:
		return a.IP.String()
	case *net.UDPAddr:
		return a.IP.String()
	default:
		return a.String()
	}
}

// optionsFor returns the settings of the parsers of streams of a class.
func (p *oomProcessor) optionsFor(c class) parser.Options {
	o := p.options
	if c != proven {
		o.TrustedSource = parser.TrustedNone
	}
	return o
}
