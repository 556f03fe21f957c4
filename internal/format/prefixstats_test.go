// SPDX-License-Identifier: Apache-2.0

package format

import (
	"testing"

	"github.com/oomtrail/oomtrail/parser/report"
)

// A process may have any name of 15 bytes: none may look like a prefix.
func TestCraftedNames(t *testing.T) {
	for _, name := range []string{
		"<0>x", "<4>[9.1] x", "[9.1] Out of", "[9.000001] x", "[ T1] x", "[    T1] x", "kernel: x", "a kernel: x", "a b[1]: x",
		"> x", "** 9 printk", "kern  :warn  : ", "1 - a b - - - x", "{", "{}", `{"a":1}`, "__CURSOR=", "4,1,1,-;x", "4,1,1;x", " ", "  x", "&gt;", "<br>", "```x", "=3D", "a=",
		"-- x", "May 1 12:00:00", "#012x", `\x41`, "<truncated>", "kernel:x", "... kernel: x", "[C0] x", "x:[9.000001] y", "a:b:c: d",
	} {
		before := []string{"CPU: 1 PID: 1 Comm: a", "Mem-Info:", "Call Trace:"}
		names := []string{name + " invoked oom-killer: gfp_mask=0x0, order=0", name + " cpuset=/ mems_allowed=0", "CPU: 1 PID: 2 Comm: " + name + " Not tainted"}
		for _, c := range []struct {
			name, prefix string
			format       report.Format
		}{
			{"kmsg", "4,1,5000,-;", report.Kmsg},
			{"kmsg/auto", "4,1,5000,-;", report.Auto},
			{"dmesg", "[    0.005000] ", report.Dmesg},
			{"dmesg/auto", "[    0.005000] ", report.Auto},
			{"dmesg with caller", "[    0.005000] [    T9] ", report.Dmesg},
			{"console with caller/auto", "[    0.005000][    T9] ", report.Auto},
			{"syslog(2)", "<4>[    0.005000] ", report.Dmesg},
			{"syslog(2)/auto", "<4>[    0.005000] ", report.Auto},
			{"syslog(2)/syslog", "<4>[    0.005000] ", report.Syslog},
			{"syslog(2) without stamps", "<4>", report.Dmesg},
			{"syslog", "May  1 12:00:00 host kernel: [    0.005000] ", report.Syslog},
			{"syslog/auto", "May  1 12:00:00 host kernel: [    0.005000] ", report.Auto},
			{"short-monotonic", "[    0.005000] host kernel: ", report.Syslog},
			{"short-monotonic/auto", "[    0.005000] host kernel: ", report.Auto},
			{"short", "May 01 12:00:00 host kernel: ", report.Auto},
			{"none", "", report.None},
			{"dmesg -t", "", report.Dmesg},
		} {
			if known := ambiguous[c.name+" "+name]; known {
				continue
			}
			var in []string
			for _, l := range append(before, names...) {
				in = append(in, c.prefix+l)
			}
			got := decodeAll(c.format, in...)
			if len(got) != 6 {
				t.Errorf("%s, %q: %d lines", c.name, name, len(got))
				continue
			}
			for i, want := range names {
				if text := string(got[3+i].Text); text != want {
					t.Errorf("%s: %q read as %q", c.name, want, text)
				}
				if got[3+i].Origin != got[0].Origin || got[3+i].HasUptime != got[0].HasUptime || got[3+i].Uptime != got[0].Uptime {
					t.Errorf("%s: %q changed the origin or the time: %+v", c.name, want, got[3+i])
				}
			}
		}
	}
}

// ambiguous lists what no reader can tell apart: the carrier escapes without
// escaping its own escape character, or leaves the kernel's stamp out in some lines.
var ambiguous = map[string]bool{
	"short #012x": true, // an imjournal line looks the same
}
