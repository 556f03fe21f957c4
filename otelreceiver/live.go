// SPDX-License-Identifier: Apache-2.0

package oomkillreceiver

import (
	"context"

	"go.uber.org/zap"

	"github.com/oomtrail/oomtrail/internal/format"
)

// live gives a stream of the intake what a reader of package livelog reads: it is a
// livelog.Handler.
type live struct {
	in     *intake
	stream *stream
	// failing is what is logged, with where, while the log cannot be read.
	failing  string
	where    []zap.Field
	failures bounded
}

func newLive(in *intake, failing string, where ...zap.Field) (*live, error) {
	s, err := in.newStream()
	return &live{in: in, stream: s, failing: failing, where: where}, err
}

// Line implements livelog.Handler.
func (v *live) Line(ctx context.Context, l *format.Line, next int64) error {
	v.in.telemetry.ReceiverOomKillLines.Add(ctx, 1, v.in.own...)
	if !ofOtherProgram(l) {
		v.in.counts.lost.hear(l.BootID)
	}
	return v.stream.feed(ctx, l, next)
}

// Pending implements livelog.Handler.
func (v *live) Pending() (position int64, ok bool) { return v.stream.Parser.Pending() }

// Tick implements livelog.Handler.
func (v *live) Tick(ctx context.Context, idle bool) error { return v.in.tick(ctx, idle) }

// Trouble implements livelog.Handler.
func (v *live) Trouble(err error) {
	v.in.status.Set(troubleSource, err)
	if err == nil {
		return
	}
	v.failures.log(v.in.logger.Error, v.failing, append([]zap.Field{zap.Error(err)}, v.where...)...)
	v.in.telemetry.ReceiverOomKillRestarts.Add(context.Background(), 1, v.in.own...)
}

// Lost implements livelog.Handler.
func (v *live) Lost(n uint64) {
	v.in.telemetry.ReceiverOomKillLostLines.Add(context.Background(), int64(n), v.in.own...)
	v.in.logger.Warn("the kernel overwrote lines before they were read", zap.Uint64("lost", n))
}

// Anew implements livelog.Handler.
func (v *live) Anew(why string, next int64) {
	v.in.logger.Warn(why)
	v.stream.Next = next
}
