// SPDX-License-Identifier: Apache-2.0

// Package equality sends the same captures through every frontend and compares what comes out. A
// new frontend is one file: a test that sends all captures through it and gives the records that it
// got to check.
package equality

import (
	"bytes"

	"github.com/oomtrail/oomtrail/conformance/corpus/captures"
	"github.com/oomtrail/oomtrail/conformance/oracle/contract"
	"github.com/oomtrail/oomtrail/parser"
	"github.com/oomtrail/oomtrail/parser/record"
)

// Log chooses one of a capture's logs.
type Log func(*captures.Capture) []byte

// Kmsg is the log as read from /dev/kmsg.
func Kmsg(c *captures.Capture) []byte { return c.Kmsg }

// Syslog is the log as read by syslog(2).
func Syslog(c *captures.Capture) []byte { return c.Syslog }

// Expected returns what the parser itself makes of the captures.
func Expected(list []*captures.Capture, log Log, options parser.Options) (records []contract.Record, err error) {
	for _, c := range list {
		err := parser.ReadAll(bytes.NewReader(log(c)), options, func(r *record.Record) error {
			one, err := contract.FromJSON(r.AppendJSON(nil))
			records = append(records, one)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return records, nil
}
