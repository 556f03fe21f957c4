// SPDX-License-Identifier: Apache-2.0

package oomkillprocessor

import (
	"sync"
	"time"
	"unsafe"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/oomtrail/oomtrail/internal/roster"
	"github.com/oomtrail/oomtrail/parser"
)

// stream is one log of a host. The evidence of a host has a place among them, too: it is locked,
// tried, weighed and dropped as a stream is.
type stream struct {
	key streamKey
	// host is the key of the evidence that the stream shares with others of its host, 0 where it
	// has its own: nothing names its host.
	host streamKey
	// isHost is set for the evidence of a host, which has no parser and no lines that wait.
	isHost bool
	names  []string // of that host
	// mu is held by the call that works on the stream, until the next component has answered.
	mu sync.Mutex

	// Guarded by mu; by the table where no call uses the stream.
	parser   *parser.Parser   // what was accepted; nil for a stream of which nothing was yet
	evidence *parser.Evidence // of a host, likewise
	resource pcommon.Map      // the resource of the newest lines of the open report, or of all facts that wait
	when     logged           // of these lines
	window   window           // lines that wait to be read
	reading  time.Time        // when the line that is being read was written at the latest

	// Guarded by the table.
	sender *sender
	users  int       // calls that hold mu or wait for it
	open   bool      // a report is open
	fed    time.Time // when a report last grew
	held   time.Time // since when lines wait to be read, zero for none
	place  *roster.Entry[*stream]
}

// writtenBy returns when the line that is being read was written at the latest: stamps without a
// year lie before that. The stream's parsers, the accepted one and the trials, ask for it.
func (s *stream) writtenBy() time.Time { return s.reading }

// target returns the target that a stream is.
func (s *stream) target() target {
	return target{sender: s.sender.key, peer: s.sender.peer, host: s.host, names: s.names, isHost: s.isHost}
}

// ofHost returns the target that the evidence of the stream's host is.
func (s *stream) ofHost() target {
	return target{sender: s.sender.key, peer: s.sender.peer, names: s.names, isHost: true}
}

// isGone reports whether nothing of the stream was accepted, or it was dropped. Of this and the
// next two the caller holds the stream's mu, or the table's where no call uses the stream.
func (s *stream) isGone() bool { return s.parser == nil && s.evidence == nil }

// reports reports whether a report is open, or facts wait, in a stream that is not gone.
func (s *stream) reports() bool {
	if s.evidence != nil {
		return s.evidence.Waits()
	}
	return s.parser.Open()
}

// isOpen reports whether a report is open, or lines or facts wait.
func (s *stream) isOpen() bool { return !s.isGone() && (s.reports() || !s.window.isEmpty()) }

// shed gives up what the accepted stream can do without.
func (s *stream) shed() {
	switch {
	case s.evidence != nil:
		s.evidence.Shed()
	case s.parser != nil:
		s.parser.Shed()
	}
}

// streamBytes is what a stream takes besides its parser: itself, entries of maps and of lists, and
// what the allocator rounds up.
const streamBytes = int(unsafe.Sizeof(stream{})+unsafe.Sizeof(sender{})) + 1<<10

// size returns what a stream holds. The caller holds the stream's mu, or the table's where no call
// uses the stream.
func (s *stream) size() int64 {
	n := streamBytes
	if s.parser != nil {
		n += s.parser.Memory() + int(s.window.bytes)
	}
	if s.evidence != nil {
		n += s.evidence.Memory()
	}
	if s.resource != (pcommon.Map{}) {
		n += sizeOfMap(s.resource)
	}
	return int64(n)
}

// sizeOfMap returns about how many bytes a map holds.
func sizeOfMap(m pcommon.Map) int {
	n := 64
	for name, v := range m.All() {
		n += 64 + len(name) + sizeOfValue(v)
	}
	return n
}

func sizeOfValue(v pcommon.Value) int {
	switch v.Type() {
	case pcommon.ValueTypeStr:
		return len(v.Str())
	case pcommon.ValueTypeBytes:
		return v.Bytes().Len()
	case pcommon.ValueTypeMap:
		return sizeOfMap(v.Map())
	case pcommon.ValueTypeSlice:
		n := 64
		for _, e := range v.Slice().All() {
			n += 48 + sizeOfValue(e)
		}
		return n
	}
	return 0
}
