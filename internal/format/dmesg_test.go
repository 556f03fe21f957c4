// SPDX-License-Identifier: Apache-2.0

package format

import (
	"testing"

	"github.com/oomtrail/oomtrail/parser/report"
)

func TestDmesg(t *testing.T) {
	lost := func(n uint64) func(*testing.T, *Line) {
		return func(t *testing.T, l *Line) {
			if l.Lost != n {
				t.Errorf("lost %d, want %d", l.Lost, n)
			}
		}
	}
	checkTable(t, report.Dmesg, []one{
		{"default", "[   16.713564] mysqld invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL)",
			line{text: "mysqld invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL)", format: report.Dmesg, level: -1, uptime: 16713564}},
		{"indented text", "[   16.713925]  dump_stack_lvl+0x5d/0x80",
			line{text: " dump_stack_lvl+0x5d/0x80", format: report.Dmesg, level: -1, uptime: 16713925}},
		{"empty text", "[   16.713925] ", line{format: report.Dmesg, level: -1, uptime: 16713925}},
		{"task row behind a stamp", "[ 2787.181724] [  13432]     0 13432   787016   786745  6344704        0             0 mem_on_node1",
			line{text: "[  13432]     0 13432   787016   786745  6344704        0             0 mem_on_node1", format: report.Dmesg, level: -1, uptime: 2787181724}},
		{"head of the table", "[ 2786.885738] [  pid  ]   uid  tgid total_vm",
			line{text: "[  pid  ]   uid  tgid total_vm", format: report.Dmesg, level: -1, uptime: 2786885738}},
		{"frame of a call trace", "[93334.020253] [c0000001cb163b50] [c00000000052b544] do_anonymous_page+0x124/0xac0",
			line{text: "[c0000001cb163b50] [c00000000052b544] do_anonymous_page+0x124/0xac0", format: report.Dmesg, level: -1, uptime: 93334020253}},
		{"caller of the console", "[71146.532049][  T177] Call Trace:",
			line{text: "Call Trace:", format: report.Dmesg, level: -1, uptime: 71146532049, caller: "T177"}},
		{"caller of dmesg", "[71146.532049] [    C0] Call Trace:",
			line{text: "Call Trace:", format: report.Dmesg, level: -1, uptime: 71146532049, caller: "C0"}},
		{"proc/kmsg", "<6>[598175.284919] cifsd cpuset=/ mems_allowed=0",
			line{text: "cifsd cpuset=/ mems_allowed=0", format: report.Dmesg, origin: report.OriginKernel, level: 6, uptime: 598175284919}},
		{"proc/kmsg with caller", "<4>[ 5678.901234][ T4242] text",
			line{text: "text", format: report.Dmesg, origin: report.OriginKernel, level: 4, uptime: 5678901234, caller: "T4242"}},
		{"proc/kmsg without stamps", "<4>Out of memory: Killed process 1 (a)",
			line{text: "Out of memory: Killed process 1 (a)", format: report.Dmesg, origin: report.OriginKernel, level: 4, uptime: -1}},
		{"a user's line", "<30>[    4.362320] systemd[1]: Listening on a socket",
			line{text: "systemd[1]: Listening on a socket", format: report.Dmesg, origin: report.OriginUser, level: 6, uptime: 4362320}},
		{"-T", "[Mon Aug 31 18:23:18 2015] php.bin invoked oom-killer: gfp_mask=0xd0",
			line{text: "php.bin invoked oom-killer: gfp_mask=0xd0", format: report.Dmesg, level: -1, uptime: -1, stamp: "Mon Aug 31 18:23:18 2015", more: wall("")}},
		{"-T German", "[Di Aug 12 03:54:03 2025] Call Trace:",
			line{text: "Call Trace:", format: report.Dmesg, level: -1, uptime: -1, stamp: "Di Aug 12 03:54:03 2025", more: wall("")}},
		{"-T Chinese", "[五 5月 15 17:19:17 2026] Call Trace:",
			line{text: "Call Trace:", format: report.Dmesg, level: -1, uptime: -1, stamp: "五 5月 15 17:19:17 2026", more: wall("")}},
		{"-x", "kern  :warn  : [    1.000000] foo",
			line{text: "foo", format: report.Dmesg, origin: report.OriginKernel, level: 4, uptime: 1000000}},
		{"-x of a user", "daemon:info  : [    2.000000] systemd[1]: x",
			line{text: "systemd[1]: x", format: report.Dmesg, origin: report.OriginUser, level: 6, uptime: 2000000}},
		{"-x -T", "kern  :err   : [Sat Nov 21 08:00:17 2026] foo",
			line{text: "foo", format: report.Dmesg, origin: report.OriginKernel, level: 3, uptime: -1, stamp: "Sat Nov 21 08:00:17 2026"}},
		{"-d", "[    2.000000 <    1.000000>] foo",
			line{text: "foo", format: report.Dmesg, level: -1, uptime: 2000000}},
		{"-d -T", "[Sat Nov 21 08:00:18 2026 <    1.000000>] foo",
			line{text: "foo", format: report.Dmesg, level: -1, uptime: -1, stamp: "Sat Nov 21 08:00:18 2026"}},
		{"-e", "[Nov21 08:00] foo",
			line{text: "foo", format: report.Dmesg, level: -1, uptime: -1, stamp: "Nov21 08:00", more: wall("")}},
		{"-e, one digit", "[May 1 12:00] foo",
			line{text: "foo", format: report.Dmesg, level: -1, uptime: -1, stamp: "May 1 12:00"}},
		{"-e, a step", "[  +0.000012] foo", line{text: "foo", format: report.Dmesg, level: -1, uptime: -1}},
		{"delta", "[<    0.000012>] foo", line{text: "foo", format: report.Dmesg, level: -1, uptime: -1}},
		{"-d, stamps out of order", "[    0.278811 <   -0.000008>] thermal_sys: x", line{text: "thermal_sys: x", format: report.Dmesg, level: -1, uptime: 278811}},
		{"-e, stamps out of order", "[  -0.000008] thermal_sys: x", line{text: "thermal_sys: x", format: report.Dmesg, level: -1, uptime: -1}},
		{"delta, stamps out of order", "[<   -0.000008>] thermal_sys: x", line{text: "thermal_sys: x", format: report.Dmesg, level: -1, uptime: -1}},
		{"iso", "2026-11-21T08:00:17,000012+00:00 foo bar: baz",
			line{text: "foo bar: baz", format: report.Dmesg, level: -1, uptime: -1, stamp: "2026-11-21T08:00:17,000012+00:00", more: wall("2026-11-21T08:00:17.000012Z")}},
		{"iso -x", "kern  :warn  : 2026-11-21T08:00:17,000012+01:00 foo",
			line{text: "foo", format: report.Dmesg, origin: report.OriginKernel, level: 4, uptime: -1, stamp: "2026-11-21T08:00:17,000012+01:00", more: wall("2026-11-21T07:00:17.000012Z")}},
		{"escaped by dmesg", `[    1.000000] a\x1b\xd0\xbc.mount b\x2dc`,
			line{text: "a\x1bм.mount b\\x2dc", format: report.Dmesg, level: -1, uptime: 1000000}},
		{"raw bytes are not unescaped", `<4>[    1.000000] a\x1bb`,
			line{text: `a\x1bb`, format: report.Dmesg, origin: report.OriginKernel, level: 4, uptime: 1000000}},
		{"lost, alone", "** 12 printk messages dropped **",
			line{format: report.Dmesg, level: -1, uptime: -1, more: lost(12)}},
		{"lost, same line", "** 340 printk messages dropped ** [    1.000000] foo",
			line{text: "foo", format: report.Dmesg, level: -1, uptime: 1000000, more: lost(340)}},
		{"carriage return of a console", "[    1.000000] foo\r", line{text: "foo", format: report.Dmesg, level: -1, uptime: 1000000}},
		{"json on one line", `{"dmesg":[{"pri":4,"time": 5678.901234,"caller":"T4242","msg":"a \"b\" \u001b"}]}`,
			line{text: "a \"b\" \x1b", format: report.Dmesg, level: 4, uptime: 5678901234, caller: "T4242"}},
		{"json -x", `{"dmesg":[{"fac":"kern","pri":"warn","time":     1.000000,"msg":"foo"}]}`,
			line{text: "foo", format: report.Dmesg, origin: report.OriginKernel, level: 4, uptime: 1000000}},
	})
}

func TestDmesgBare(t *testing.T) {
	for _, f := range []report.Format{report.Dmesg, report.Auto, report.None} {
		for _, in := range []string{
			"[   1234]  1000  1234     1294      319      208 bash",
			"[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name",
			"[<ffffffff81124447>] mem_cgroup_oom_synchronize+0x273/0x28c",
			" [<ffffffff81124447>] mem_cgroup_oom_synchronize+0x273/0x28c",
			"[9.1] Out of invoked oom-killer: gfp_mask=0x0",
			"Memory cgroup out of memory: Killed process 1 (a) total-vm:1kB",
			"CPU: 0 PID: 735 Comm: kworker/0:2 Not tainted 5.13.0-19-generic #19-Ubuntu",
			"Hardware name: QEMU Standard PC (i440FX + PIIX, 1996), BIOS 1.16.2-debian-1.16.2-1 04/01/2014",
			"oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0",
			"Node 0 DMA free:7640kB min:380kB low:472kB high:568kB",
		} {
			got := decodeAll(f, in)
			if len(got) != 1 || string(got[0].Text) != in || got[0].HasUptime || got[0].Origin != report.OriginUnknown {
				t.Errorf("%v: %q made %+v", f, in, got)
			}
		}
	}
}

func TestDmesgContinuation(t *testing.T) {
	for _, f := range []report.Format{report.Dmesg, report.Auto} {
		for name, in := range map[string][]string{
			"default": {"[482114.336295] active_anon:439000", "                 active_file:310", "[482114.336302] Node 0"},
			"-x":      {"kern  :warn  : [    1.000000] active_anon:439000", "                               active_file:310", "kern  :warn  : [    1.000000] Node 0"},
			"-T":      {"[Di Aug 12 03:54:03 2025] active_anon:439000", "                           active_file:310", "[Di Aug 12 03:54:03 2025] Node 0"},
			"-T wide": {"[五 5月 15 17:19:17 2026] active_anon:439000", "                             active_file:310", "[五 5月 15 17:19:17 2026] Node 0"},
		} {
			got := decodeAll(f, in...)
			if s := texts(got); s != "active_anon:439000|+ active_file:310|Node 0" {
				t.Errorf("%v %s: %q", f, name, s)
				continue
			}
			if got[1].Uptime != got[0].Uptime || got[1].Number != 2 || string(got[1].Stamp) != string(got[0].Stamp) || got[1].Origin != got[0].Origin {
				t.Errorf("%v %s: %+v", f, name, got[1])
			}
		}
	}
}

func TestDmesgPrettyJSON(t *testing.T) {
	for _, f := range []report.Format{report.Dmesg, report.Auto} {
		got := decodeAll(f,
			"{", `   "dmesg": [`, "      {",
			`         "pri": 4,`, `         "time":     1.000000,`, `         "msg": "active_anon:1\n active_file:2"`,
			"      },{",
			`         "pri": 6,`, `         "time":     2.000000,`, `         "msg": "next"`,
			"      }", "   ]", "}", "[    3.000000] after")
		if s := texts(got); s != "active_anon:1\n active_file:2|next|after" {
			t.Fatalf("%v: %q", f, s)
		}
		if got[0].Level != 4 || got[0].Uptime != 1000000 || got[0].Number != 6 || got[1].Uptime != 2000000 || got[1].Number != 10 {
			t.Errorf("%v: %+v", f, got)
		}
	}
}
