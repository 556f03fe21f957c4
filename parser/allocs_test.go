// SPDX-License-Identifier: Apache-2.0

package parser

import (
	"bytes"
	"os"
	"testing"

	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/parser/report"
)

// TestAllocations: what passes costs no allocation, a whole report with its record at most 8.
func TestAllocations(t *testing.T) {
	const most = 8
	for _, file := range []string{"6.12/c_memcg_v2", "6.12/a_global_anon", "6.12/e_k8s_systemd", "6.12/p_memcg_swap", "5.10/e_docker@v1", "5.10/a_global_2nodes"} {
		log, err := os.ReadFile("../testdata/captures/" + file + "/kmsg.raw")
		if err != nil {
			t.Fatal(err)
		}
		p, _ := New(Options{})
		decoder := format.NewDecoder(report.Kmsg)
		hours, records := int64(0), 0
		later := func(l *format.Line) { // the same report again, hours later
			l.Uptime += hours * 3600e6
			l.HasSequence = false
			records += len(p.FeedLine(l).Records)
		}
		n := testing.AllocsPerRun(10, func() {
			records = 0
			hours++
			for line := range bytes.Lines(log) {
				decoder.Decode(line[:len(line)-1], later)
			}
			records += len(p.Flush())
		})
		t.Logf("%s: %.0f allocations for %d lines, %d records", file, n, bytes.Count(log, []byte{'\n'}), records)
		if n > most || records == 0 {
			t.Errorf("%s: %.0f allocations for %d records, want at most %d", file, n, records, most)
		}
	}
	p, _ := New(Options{})
	line := []byte("<6>[  100.000000] usb 1-1: new high-speed USB device number 4 using xhci_hcd")
	if n := testing.AllocsPerRun(100, func() {
		p.Feed(line)
		MayContainOOM(line)
	}); n > 0 {
		t.Errorf("%.0f allocations for a line that passes", n)
	}
	block := bytes.Repeat(append(line, '\n'), 1000)
	if n := testing.AllocsPerRun(10, func() {
		if _, err := p.FeedBlock(block, func([]*Record) error { return nil }); err != nil {
			t.Error(err)
		}
	}); n > 0 {
		t.Errorf("%.0f allocations for a block that passes", n)
	}
}
