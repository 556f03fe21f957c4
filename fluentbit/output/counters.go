// SPDX-License-Identifier: Apache-2.0

package output

import "fmt"

// counters are what one instance counts from its start.
type counters struct {
	chunks, bytes     uint64 // all that came in, those sent again by Fluent Bit included
	again             uint64 // chunks of those that Fluent Bit sent again
	records           uint64 // records found or made
	twice             uint64 // records left out since the same chunk held them already
	delivered         uint64 // records that the server accepted
	present           uint64 // records that the server had already
	refused           uint64 // records that the server will not have, or that a defect cost: they are lost
	requests, retries uint64 // requests made; chunks handed back to be sent again
	left              uint64 // records in those chunks
	unawaited         uint64 // flushes that came back before their try did
	forgotten         uint64 // chunks sent again so late that they must be read anew
	errors            uint64 // values in chunks that are no log events
}

// String returns the counters for a log line.
func (c *counters) String() string {
	return fmt.Sprintf("delivery: chunks=%d bytes=%d again=%d records=%d twice=%d delivered=%d present=%d refused=%d requests=%d retries=%d forgotten=%d errors=%d unawaited=%d",
		c.chunks, c.bytes, c.again, c.records, c.twice, c.delivered, c.present, c.refused, c.requests, c.retries, c.forgotten, c.errors, c.unawaited)
}
