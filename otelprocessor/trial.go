// SPDX-License-Identifier: Apache-2.0

package oomkillprocessor

import (
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/oomtrail/oomtrail/internal/scan"
	"github.com/oomtrail/oomtrail/parser"
)

// trial is what one batch makes of one stream. It becomes the stream's state when the batch is
// accepted.
type trial struct {
	stream   *stream
	parser   *parser.Parser
	evidence *parser.Evidence // of a host, in place of a parser
	host     *trial           // that of the stream's host, nil where the stream has its own evidence
	resource pcommon.Map      // of the newest line of the report; of a host what all lines that wait have
	when     logged           // of the newest line
	fed      time.Time        // now, when a report grew
	gone     bool             // evicted
	past     *parser.Past     // what is remembered of it then
	held     int              // what reports and waiting lines held in it when it was counted last
	open     bool             // whether a report was open, or lines waited, then
	counted  bool
	skipped  scan.Skipped[skipped]

	window     window   // what waits to be read
	coming     *stretch // what is coming in with this batch, nil for nothing
	outOfOrder int64    // runs that came after lines that stand behind them
}

// skipped is a log record that was not fed.
type skipped struct {
	record plog.LogRecord
	of     origin
}

// reports reports whether a report is open, or facts of a host wait.
func (t *trial) reports() bool {
	if t.evidence != nil {
		return t.evidence.Waits()
	}
	return t.parser.Open()
}

// isOpen reports whether a report is open, or lines or facts wait.
func (t *trial) isOpen() bool { return t.reports() || !t.window.isEmpty() }

// ownMemory returns what a trial holds that the accepted stream does not.
func (t *trial) ownMemory() int {
	if t.evidence != nil {
		return t.evidence.Memory()
	}
	return t.parser.Memory() - t.parser.Shared() + int(t.window.bytes-t.stream.window.bytes)
}

// isBlank reports whether a trial leaves nothing to keep.
func (t *trial) isBlank() bool {
	if t.evidence != nil {
		return t.evidence.Blank() && !t.evidence.Waits()
	}
	return t.parser.Blank() && t.window.isEmpty()
}
