// SPDX-License-Identifier: Apache-2.0

package story

import (
	"fmt"
	"strings"
	"testing"

	"github.com/oomtrail/oomtrail/parser"
)

// TestCollectorKeepsOnlyItsRecords: what other programs say is kept of the deaths, and of no other
// record.
func TestCollectorKeepsOnlyItsRecords(t *testing.T) {
	var log strings.Builder
	for i := range 6000 {
		fmt.Fprintf(&log, "2026-05-02T%02d:%02d:%02d.000000+00:00 web-1 systemd-oomd[700]: Marked /system.slice/job-%d.service for killing due to memory pressure for /system.slice being 87.02%% > 50.00%% for > 20s with reclaim activity\n", i/3600, i/60%60, i%60, i)
	}
	opt := parser.Options{}
	var c Collector
	evidence, err := c.Evidence(opt)
	if err != nil {
		t.Fatal(err)
	}
	opt.Evidence, opt.Sigkill = evidence, true
	told := 0
	err = parser.ReadAll(strings.NewReader(log.String()), opt, func(rec *parser.Record) error { told++; c.Take(rec); return nil })
	if err != nil {
		t.Fatal(err)
	}
	c.Stories()
	if told == 0 || len(c.records) > 0 || len(c.lines) > 0 {
		t.Errorf("%d records while reading, %d kept, and the lines of %d", told, len(c.records), len(c.lines))
	}
}
