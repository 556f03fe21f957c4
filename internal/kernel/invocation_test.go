// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"testing"

	"github.com/oomtrail/oomtrail/parser/report"
)

func TestParseInvocation(t *testing.T) {
	named := func(mask uint64, text, names string) report.GFP {
		return report.GFP{Mask: mask, Text: text, Names: names, HasNames: true}
	}
	bare := func(mask uint64, text string) report.GFP { return report.GFP{Mask: mask, Text: text} }
	movable := "GFP_HIGHUSER_MOVABLE"
	for _, c := range []struct {
		form, line string
		want       report.Invocation
	}{
		{"I0 2.6.9", "oom-killer: gfp_mask=0xd0", report.Invocation{GFP: bare(0xd0, "0xd0"), Complete: true}},
		{"I1 2.6.18", "oom-killer: gfp_mask=0x201d2, order=0",
			report.Invocation{GFP: bare(0x201d2, "0x201d2"), Order: Some(0), Complete: true}},
		{"I2 2.6.20", "httpd invoked oom-killer: gfp_mask=0x201d2, order=0, oomkilladj=-17",
			report.Invocation{Comm: "httpd", HasComm: true, GFP: bare(0x201d2, "0x201d2"), Order: Some(0), OOMAdj: Some(-17), Complete: true}},
		{"I3 2.6.32", "knotify4 invoked oom-killer: gfp_mask=0x201da, order=0, oom_adj=0",
			report.Invocation{Comm: "knotify4", HasComm: true, GFP: bare(0x201da, "0x201da"), Order: Some(0), OOMAdj: Some(0), Complete: true}},
		{"I4 2.6.36", "sshd invoked oom-killer: gfp_mask=0x200d2, order=0, oom_adj=0, oom_score_adj=0",
			report.Invocation{Comm: "sshd", HasComm: true, GFP: bare(0x200d2, "0x200d2"), Order: Some(0), OOMAdj: Some(0), OOMScoreAdj: Some(0), Complete: true}},
		{"I5 3.8", "sed invoked oom-killer: gfp_mask=0x201da, order=0, oom_score_adj=-999",
			report.Invocation{Comm: "sed", HasComm: true, GFP: bare(0x201da, "0x201da"), Order: Some(0), OOMScoreAdj: Some(-999), Complete: true}},
		{"I6 4.6", "gunpowder-memho invoked oom-killer: gfp_mask=0x24000c0(GFP_KERNEL), order=0, oom_score_adj=0",
			report.Invocation{Comm: "gunpowder-memho", HasComm: true, GFP: named(0x24000c0, "0x24000c0", "GFP_KERNEL"), Order: Some(0), OOMScoreAdj: Some(0), Complete: true}},
		{"I7 4.9", "dd invoked oom-killer: gfp_mask=0x14000c0(GFP_KERNEL), nodemask=0-1,3, order=2, oom_score_adj=0",
			report.Invocation{Comm: "dd", HasComm: true, GFP: named(0x14000c0, "0x14000c0", "GFP_KERNEL"), Nodemask: "0-1,3", HasNodemask: true, Order: Some(2), OOMScoreAdj: Some(0), Complete: true}},
		{"I8 4.11", "php-fpm invoked oom-killer: gfp_mask=0x14201ca(GFP_HIGHUSER_MOVABLE|__GFP_COLD), nodemask=(null),  order=0, oom_score_adj=0",
			report.Invocation{Comm: "php-fpm", HasComm: true, GFP: named(0x14201ca, "0x14201ca", "GFP_HIGHUSER_MOVABLE|__GFP_COLD"), Nodemask: "(null)", HasNodemask: true, Order: Some(0), OOMScoreAdj: Some(0), Complete: true}},
		{"I8 empty list", "x invoked oom-killer: gfp_mask=0x14000c0(GFP_KERNEL), nodemask=,  order=0, oom_score_adj=0",
			report.Invocation{Comm: "x", HasComm: true, GFP: named(0x14000c0, "0x14000c0", "GFP_KERNEL"), HasNodemask: true, Order: Some(0), OOMScoreAdj: Some(0), Complete: true}},
		{"I9 4.15", "CPU 0/KVM invoked oom-killer: gfp_mask=0x15000c0(GFP_KERNEL_ACCOUNT), nodemask=(null), order=0, oom_score_adj=0",
			report.Invocation{Comm: "CPU 0/KVM", HasComm: true, GFP: named(0x15000c0, "0x15000c0", "GFP_KERNEL_ACCOUNT"), Nodemask: "(null)", HasNodemask: true, Order: Some(0), OOMScoreAdj: Some(0), Complete: true}},
		{"I10 5.15", "MCR 0 interpret invoked oom-killer: gfp_mask=0x1100cca(GFP_HIGHUSER_MOVABLE), order=0, oom_score_adj=0",
			report.Invocation{Comm: "MCR 0 interpret", HasComm: true, GFP: named(0x1100cca, "0x1100cca", movable), Order: Some(0), OOMScoreAdj: Some(0), Complete: true}},
		{"sysrq-f", "kworker/0:2 invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=-1, oom_score_adj=0",
			report.Invocation{Comm: "kworker/0:2", HasComm: true, GFP: named(0xcc0, "0xcc0", "GFP_KERNEL"), Order: Some(-1), OOMScoreAdj: Some(0), Complete: true}},
		{"page fault", "syz-executor invoked oom-killer: gfp_mask=0x0(), order=0, oom_score_adj=1000",
			report.Invocation{Comm: "syz-executor", HasComm: true, GFP: named(0, "0x0", ""), Order: Some(0), OOMScoreAdj: Some(1000), Complete: true}},
		{"unknown bit", "java invoked oom-killer: gfp_mask=0x8000cc0(GFP_KERNEL|0x8000000), order=0, oom_score_adj=0\r",
			report.Invocation{Comm: "java", HasComm: true, GFP: named(0x8000cc0, "0x8000cc0", "GFP_KERNEL|0x8000000"), Order: Some(0), OOMScoreAdj: Some(0), Complete: true}},
		// Damaged lines.
		{"cut at the colon", "mem_on_node0 invoked oom-killer", report.Invocation{Comm: "mem_on_node0", HasComm: true}},
		{"cut at the mask", "dd invoked oom-killer: ", report.Invocation{Comm: "dd", HasComm: true}},
		{"mask may lack digits", "dd invoked oom-killer: gfp_mask=0xcc", report.Invocation{Comm: "dd", HasComm: true}},
		{"names cut", "dd invoked oom-killer: gfp_mask=0xcc0(GFP_KER", report.Invocation{Comm: "dd", HasComm: true, GFP: bare(0xcc0, "0xcc0")}},
		{"wrapped by mail", "cifsd invoked oom-killer: gfp_mask=0x200da, order=0,",
			report.Invocation{Comm: "cifsd", HasComm: true, GFP: bare(0x200da, "0x200da"), Order: Some(0)}},
		{"order may lack digits", "cifsd invoked oom-killer: gfp_mask=0x200da, order=1",
			report.Invocation{Comm: "cifsd", HasComm: true, GFP: bare(0x200da, "0x200da")}},
	} {
		t.Run(c.form, func(t *testing.T) {
			got, ok := ParseInvocation(c.line)
			if !ok || got != c.want {
				t.Errorf("%q\n got %+v %v\nwant %+v", c.line, got, ok, c.want)
			}
		})
	}
}

// A comm is what the process wants it to be, in its 15 bytes.
func TestParseInvocationHostileComm(t *testing.T) {
	const rest = " invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0"
	for _, comm := range hostileComms {
		got, ok := ParseInvocation(comm + rest)
		if !ok || got.Comm != comm || !got.HasComm || !got.Complete {
			t.Errorf("%q: got %+v %v", comm, got, ok)
		}
		if kind := Classify(comm + rest); kind != InvocationLine {
			t.Errorf("%q is %v", comm, kind)
		}
	}
}

func TestParseInvocationRefuses(t *testing.T) {
	for _, line := range []string{
		"",
		"the admin of host seven invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0",
		"Docker invoked oom-killer: restarting the container",
		"oom-killer: restarting the container",
		"x invoked oom-killer: gfp_mask=12, order=0",
	} {
		if v, ok := ParseInvocation(line); ok {
			t.Errorf("%q: got %+v", line, v)
		}
	}
}
