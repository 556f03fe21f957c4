// SPDX-License-Identifier: Apache-2.0

package format

import (
	"testing"

	"github.com/oomtrail/oomtrail/parser/report"
)

// ordinary lines of each carrier: what a decoder sees nearly all the time.
var ordinary = []struct {
	name   string
	format report.Format
	lines  []string
}{
	{"kmsg", report.Kmsg, []string{"6,352,4274134,-;usb 1-1: new high-speed USB device number 2 using xhci_hcd", " SUBSYSTEM=usb", "4,1533,16713564,-,caller=T12;a\\x0ab"}},
	{"kmsg/auto", report.Auto, []string{"6,352,4274134,-;usb 1-1: new high-speed USB device number 2 using xhci_hcd", " SUBSYSTEM=usb"}},
	{"dmesg", report.Dmesg, []string{"[   16.713564] usb 1-1: new high-speed USB device number 2 using xhci_hcd", "                continued"}},
	{"dmesg/auto", report.Auto, []string{"[   16.713564] usb 1-1: new high-speed USB device number 2 using xhci_hcd"}},
	{"dmesg -T/auto", report.Auto, []string{"[Mon Aug 31 18:23:18 2015] usb 1-1: new high-speed USB device number 2 using xhci_hcd"}},
	{"syslog(2)/auto", report.Auto, []string{"<6>[   16.713564] usb 1-1: new high-speed USB device number 2 using xhci_hcd"}},
	{"syslog", report.Syslog, []string{"May  1 12:00:00 host kernel: [ 5678.901234] usb 1-1: new high-speed USB device number 2", "May  1 12:00:00 host sshd[812]: Accepted publickey for root from 10.0.0.1 port 51234 ssh2"}},
	{"syslog/auto", report.Auto, []string{"May  1 12:00:00 host kernel: [ 5678.901234] usb 1-1: new high-speed USB device number 2", "May  1 12:00:00 host sshd[812]: Accepted publickey for root from 10.0.0.1 port 51234 ssh2"}},
	{"FileFormat/auto", report.Auto, []string{"2023-05-01T12:00:00.123456+00:00 host sshd[812]: Accepted publickey for root from 10.0.0.1 port 51234 ssh2"}},
	{"bare/auto", report.Auto, []string{"usb 1-1: new high-speed USB device number 2 using xhci_hcd"}},
	{"journal-json", report.JournalJSON, []string{journalKernel}},
}

func BenchmarkDecode(b *testing.B) {
	for _, c := range ordinary {
		b.Run(c.name, func(b *testing.B) {
			d := NewDecoder(c.format)
			lines := make([][]byte, len(c.lines))
			bytes := 0
			for i, l := range c.lines {
				lines[i] = []byte(l)
				bytes += len(l)
			}
			n := 0
			emit := func(l *Line) { n += len(l.Text) }
			b.SetBytes(int64(bytes))
			b.ReportAllocs()
			for b.Loop() {
				for _, l := range lines {
					d.Decode(l, emit)
				}
			}
		})
	}
}

func TestOrdinaryLinesDoNotAllocate(t *testing.T) {
	for _, c := range ordinary {
		d := NewDecoder(c.format)
		lines := make([][]byte, len(c.lines))
		for i, l := range c.lines {
			lines[i] = []byte(l)
		}
		emit := func(*Line) {}
		allocs := testing.AllocsPerRun(100, func() {
			for _, l := range lines {
				d.Decode(l, emit)
			}
		})
		if allocs != 0 {
			t.Errorf("%s: %v allocations", c.name, allocs)
		}
	}
}
