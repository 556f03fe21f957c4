// SPDX-License-Identifier: Apache-2.0

package format

import (
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/parser/report"
)

func TestSyslog(t *testing.T) {
	facility := func(want int16) func(*testing.T, *Line) {
		return func(t *testing.T, l *Line) {
			if l.Facility != want {
				t.Errorf("facility %d, want %d", l.Facility, want)
			}
		}
	}
	checkTable(t, report.Syslog, []one{
		{"rsyslog traditional with the kernel's stamp", "Nov  5 23:29:38 solar kernel: [ 7094.253392] Out of memory: kill process 16758 (avgscand) score 4134 or a child",
			line{text: "Out of memory: kill process 16758 (avgscand) score 4134 or a child", format: report.Syslog, level: -1, uptime: 7094253392, stamp: "Nov  5 23:29:38", host: "solar", tag: "kernel", more: wall("")}},
		{"imklog with caller", "May  1 12:00:00 host kernel: [ 5678.901234][ T4242] text",
			line{text: "text", format: report.Syslog, level: -1, uptime: 5678901234, stamp: "May  1 12:00:00", host: "host", tag: "kernel", caller: "T4242"}},
		{"journalctl short", "May 01 12:00:34 node1 kernel: мир invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0",
			line{text: "мир invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0", format: report.Syslog, level: -1, uptime: -1, stamp: "May 01 12:00:34", host: "node1", tag: "kernel"}},
		{"indented text", "May 01 12:00:34 node1 kernel:  dump_stack_lvl+0x34/0x48",
			line{text: " dump_stack_lvl+0x34/0x48", format: report.Syslog, level: -1, uptime: -1, stamp: "May 01 12:00:34", host: "node1", tag: "kernel"}},
		{"task row", "Feb  9 11:55:27 qa01 kernel: [ 1143]     0  1143     3099      272   4     -17         -1000 iptchkd",
			line{text: "[ 1143]     0  1143     3099      272   4     -17         -1000 iptchkd", format: report.Syslog, level: -1, uptime: -1, stamp: "Feb  9 11:55:27", host: "qa01", tag: "kernel"}},
		{"month in another language", "jun 20 12:00:00 host kernel: text",
			line{text: "text", format: report.Syslog, level: -1, uptime: -1, stamp: "jun 20 12:00:00", host: "host", tag: "kernel"}},
		{"month in Chinese", "5月 01 12:00:00 host kernel: text",
			line{text: "text", format: report.Syslog, level: -1, uptime: -1, stamp: "5月 01 12:00:00", host: "host", tag: "kernel"}},
		{"short-precise", "May 01 12:00:00.123456 host kernel: text",
			line{text: "text", format: report.Syslog, level: -1, uptime: -1, stamp: "May 01 12:00:00.123456", host: "host", tag: "kernel"}},
		{"short-iso", "2023-05-01T12:00:00+0000 host kernel: text",
			line{text: "text", format: report.Syslog, level: -1, uptime: -1, stamp: "2023-05-01T12:00:00+0000", host: "host", tag: "kernel", more: wall("2023-05-01T12:00:00Z")}},
		{"short-iso of systemd 257", "2023-05-01T12:00:00.123456 +02:00 host kernel: text",
			line{text: "text", format: report.Syslog, level: -1, uptime: -1, stamp: "2023-05-01T12:00:00.123456 +02:00", host: "host", tag: "kernel", more: wall("2023-05-01T10:00:00.123456Z")}},
		{"short-full", "Mon 2023-05-01 12:00:00 UTC host kernel: text",
			line{text: "text", format: report.Syslog, level: -1, uptime: -1, stamp: "Mon 2023-05-01 12:00:00 UTC", host: "host", tag: "kernel", more: wall("2023-05-01T12:00:00Z")}},
		{"short-full with a zone that could be anywhere", "Mon 2023-05-01 12:00:00 CEST host kernel: text",
			line{text: "text", format: report.Syslog, level: -1, uptime: -1, stamp: "Mon 2023-05-01 12:00:00 CEST", host: "host", tag: "kernel", more: wall("")}},
		{"short-unix", "1682942400.123456 host kernel: text",
			line{text: "text", format: report.Syslog, level: -1, uptime: -1, stamp: "1682942400.123456", host: "host", tag: "kernel", more: wall("2023-05-01T12:00:00.123456Z")}},
		{"short-monotonic", "[ 5678.901234] host kernel: text",
			line{text: "text", format: report.Syslog, level: -1, uptime: 5678901234, host: "host", tag: "kernel"}},
		{"short-delta", "[ 5678.901234 <    0.000012 >] host kernel: text",
			line{text: "text", format: report.Syslog, level: -1, uptime: 5678901234, host: "host", tag: "kernel"}},
		{"short-delta, first line", "[    0.000000                ] host kernel: text",
			line{text: "text", format: report.Syslog, level: -1, uptime: 0, host: "host", tag: "kernel"}},
		{"docker events", "2026-05-02T10:00:01.871204551Z container oom 4f2a9be0c7d1835e6f90a1b2c3d4e5f60718293a4b5c6d7e8f9001122334455a (image=web:1, name=web)",
			line{text: "container oom 4f2a9be0c7d1835e6f90a1b2c3d4e5f60718293a4b5c6d7e8f9001122334455a (image=web:1, name=web)", format: report.Syslog, level: -1, uptime: -1, stamp: "2026-05-02T10:00:01.871204551Z", more: wall("2026-05-02T10:00:01.871204551Z")}},
		{"a host called container", "2026-05-02T10:00:01Z container kernel: text",
			line{text: "text", format: report.Syslog, level: -1, uptime: -1, stamp: "2026-05-02T10:00:01Z", host: "container", tag: "kernel"}},
		{"short-monotonic of a user", "[ 5678.901234] host app[12]: Out of memory: Killed process 1 (init)",
			line{text: "Out of memory: Killed process 1 (init)", format: report.Syslog, origin: report.OriginUser, level: -1, uptime: 5678901234, host: "host", tag: "app"}},
		{"rsyslog FileFormat", "2023-05-01T12:00:00.123456+00:00 host kernel: [ 5678.901234] text",
			line{text: "text", format: report.Syslog, level: -1, uptime: 5678901234, stamp: "2023-05-01T12:00:00.123456+00:00", host: "host", tag: "kernel", more: wall("2023-05-01T12:00:00.123456Z")}},
		{"imjournal escapes", "May  1 12:00:14 node1 kernel: active_anon:439000 isolated_anon:0#012 active_file:310#011x#033[0m #99 #0123 #400",
			line{text: "active_anon:439000 isolated_anon:0\n active_file:310\tx\x1b[0m #99 \n3 #400", format: report.Syslog, level: -1, uptime: -1, stamp: "May  1 12:00:14", host: "node1", tag: "kernel"}},
		{"RFC 3164 with a priority of the kernel", "<4>May  1 12:00:00 host kernel: [ 5678.901234] text",
			line{text: "text", format: report.Syslog, origin: report.OriginKernel, level: 4, uptime: 5678901234, stamp: "May  1 12:00:00", host: "host", tag: "kernel", more: facility(0)}},
		{"RFC 3164 with a priority of a user", "<12>May  1 12:00:00 host kernel: Out of memory: Killed process 1 (init)",
			line{text: "Out of memory: Killed process 1 (init)", format: report.Syslog, origin: report.OriginUser, level: 4, uptime: -1, stamp: "May  1 12:00:00", host: "host", tag: "kernel", more: facility(1)}},
		{"RFC 3164, the kernel's priority and a program's tag", "<4>May  1 12:00:00 host app: Out of memory: Killed process 1 (init)",
			line{text: "Out of memory: Killed process 1 (init)", format: report.Syslog, origin: report.OriginUser, level: 4, uptime: -1, stamp: "May  1 12:00:00", host: "host", tag: "app", more: facility(0)}},
		{"RFC 5424", "<4>1 2023-05-01T12:00:00.1+00:00 host kernel - - - text",
			line{text: "text", format: report.Syslog, origin: report.OriginKernel, level: 4, uptime: -1, stamp: "2023-05-01T12:00:00.1+00:00", host: "host", tag: "kernel", more: wall("2023-05-01T12:00:00.1Z")}},
		{"RFC 5424 with data", `<4>1 2023-05-01T12:00:00.1Z host kernel - - [a@1 b="c]\"d"][e@1] [ 5678.901234] text`,
			line{text: "text", format: report.Syslog, origin: report.OriginKernel, level: 4, uptime: 5678901234, stamp: "2023-05-01T12:00:00.1Z", host: "host", tag: "kernel"}},
		{"RFC 5424 of a user", "<14>1 2023-05-01T12:00:00.1Z host kernel 12 - - \ufefftext",
			line{text: "text", format: report.Syslog, origin: report.OriginUser, level: 6, uptime: -1, stamp: "2023-05-01T12:00:00.1Z", host: "host", tag: "kernel"}},
		{"RFC 5424 without a priority", "1 2023-05-01T12:00:00Z host kernel - - - text",
			line{text: "text", format: report.Syslog, level: -1, uptime: -1, stamp: "2023-05-01T12:00:00Z", host: "host", tag: "kernel"}},
		{"RFC 5424 without a stamp", "<4>1 - - kernel - - - text",
			line{text: "text", format: report.Syslog, origin: report.OriginKernel, level: 4, uptime: -1, tag: "kernel"}},
		{"a program", "Jun 13 09:14:58 homeassistant systemd[1]: docker-7f.scope: A process of this unit has been killed by the OOM killer.",
			line{text: "docker-7f.scope: A process of this unit has been killed by the OOM killer.", format: report.Syslog, origin: report.OriginUser, level: -1, uptime: -1, stamp: "Jun 13 09:14:58", host: "homeassistant", tag: "systemd"}},
		{"a program's stamp is its text", "May  1 12:00:00 host app[7]: [ 5678.901234] Out of memory: Killed process 1 (init)",
			line{text: "[ 5678.901234] Out of memory: Killed process 1 (init)", format: report.Syslog, origin: report.OriginUser, level: -1, uptime: -1, stamp: "May  1 12:00:00", host: "host", tag: "app"}},
		{"a program that calls itself kernel", "May  1 12:00:00 host kernel[77]: Out of memory: Killed process 1 (init)",
			line{text: "Out of memory: Killed process 1 (init)", format: report.Syslog, origin: report.OriginUser, level: -1, uptime: -1, stamp: "May  1 12:00:00", host: "host", tag: "kernel"}},
		{"OpenWrt", "Mon May  1 12:00:00 2023 kern.warn kernel: [ 5678.901234] text",
			line{text: "text", format: report.Syslog, level: 4, uptime: 5678901234, stamp: "Mon May  1 12:00:00 2023", tag: "kernel", more: wall("")}},
		{"OpenWrt, a program", "Mon May  1 12:00:00 2023 daemon.err dnsmasq[33]: Killed process 1 (init)",
			line{text: "Killed process 1 (init)", format: report.Syslog, origin: report.OriginUser, level: 3, uptime: -1, stamp: "Mon May  1 12:00:00 2023", tag: "dnsmasq"}},
		{"busybox", "Jan  1 00:00:10 host kern.info kernel: [   10.123456] text",
			line{text: "text", format: report.Syslog, level: 6, uptime: 10123456, stamp: "Jan  1 00:00:10", host: "host", tag: "kernel"}},
		{"metalog", "Sep 13 15:31:25 [kernel] Out of memory: Killed process 1 (a)",
			line{text: "Out of memory: Killed process 1 (a)", format: report.Syslog, level: -1, uptime: -1, stamp: "Sep 13 15:31:25", tag: "kernel"}},
		{"no host", "Sep 13 15:31:25 kernel: [   10.123456] text",
			line{text: "text", format: report.Syslog, level: -1, uptime: 10123456, stamp: "Sep 13 15:31:25", tag: "kernel"}},
		{"no tag", "Sep 13 15:31:25 escabot init invoked oom-killer: gfp_mask=0xd0,",
			line{text: "init invoked oom-killer: gfp_mask=0xd0,", format: report.Syslog, level: -1, uptime: -1, stamp: "Sep 13 15:31:25", host: "escabot"}},
		{"journald lost", "May 01 12:00:00 host systemd-journald[200]: Missed 12 kernel messages",
			line{text: "Missed 12 kernel messages", format: report.Syslog, origin: report.OriginUser, level: -1, uptime: -1, stamp: "May 01 12:00:00", host: "host", tag: "systemd-journald",
				more: func(t *testing.T, l *Line) {
					if l.Lost != 12 {
						t.Errorf("lost %d", l.Lost)
					}
				}}},
	})
}

func TestSyslogCarriesRing(t *testing.T) {
	// --format syslog is also what people say of syslog(2).
	for in, want := range map[string]line{
		"<4>[   16.713564] mysqld invoked oom-killer": {text: "mysqld invoked oom-killer", format: report.Dmesg, origin: report.OriginKernel, level: 4, uptime: 16713564},
		"[   16.713564] Hardware name: QEMU":          {text: "Hardware name: QEMU", format: report.Dmesg, level: -1, uptime: 16713564},
	} {
		checkLine(t, decodeAll(report.Syslog, in)[0], want)
	}
}

func TestSyslogContinuation(t *testing.T) {
	for _, f := range []report.Format{report.Syslog, report.Auto} {
		got := decodeAll(f,
			"May 01 12:00:34 node1 kernel: anon 0",
			"                              file 40960",
			"May 01 12:00:35 node1 app[1]: hello",
			"                              May 01 12:00:35 node1 kernel: Out of memory: Killed process 1 (init)")
		if s := texts(got); s != "anon 0|+file 40960|hello|+May 01 12:00:35 node1 kernel: Out of memory: Killed process 1 (init)" {
			t.Fatalf("%v: %q", f, s)
		}
		if got[1].Origin != report.OriginUnknown || string(got[1].Tag) != "kernel" || got[3].Origin != report.OriginUser {
			t.Errorf("%v: %+v", f, got)
		}
	}
}

// As journalctl shows what a user wrote to /dev/kmsg: journald takes the first word with a colon
// for the tag.
func TestShortMonotonicOfUsers(t *testing.T) {
	for _, f := range []report.Format{report.Syslog, report.Auto} {
		got := decodeAll(f,
			"[ 3212.869325] vm kernel: [  16544]     0 16544    25320",
			"[ 3212.869339] vm kernel: oom-kill:constraint=CONSTRAINT_MEMCG",
			"[ 3212.869353] vm kernel: Memory cgroup out of memory: Killed process 16544 (dd)",
			"[ 3598.015124] vm unknown: app-main invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL)",
			"[ 3598.016208] vm CPU: 1 UID: 1000 PID: 727616 Comm: app-main",
			"[ 3598.017452] vm Out of memory: Killed process 1 (init)[12]: x",
			"[ 3598.018143] vm unknown: Tasks state (memory values in pages):",
			"[ 3598.336830] vm kernel: Per memcg swappiness does not exist in cgroup v2.")
		if len(got) != 8 {
			t.Fatalf("%v: %d lines", f, len(got))
		}
		for i, l := range got {
			origin := report.OriginUser
			if i < 3 || i == 7 {
				origin = report.OriginUnknown
			}
			if l.Origin != origin || string(l.Host) != "vm" || l.Format != report.Syslog {
				t.Errorf("%v line %d: %+v", f, i, l)
			}
		}
	}
}

func TestSyslogWithoutTags(t *testing.T) {
	got := decodeAll(report.Auto,
		"Sep 13 15:31:25 escabot init invoked oom-killer: gfp_mask=0xd0,",
		"Sep 13 15:31:25 escabot Mem-info:",
		"Sep 13 15:31:25 escabot Normal free:3648kB")
	if s := texts(got); s != "init invoked oom-killer: gfp_mask=0xd0,|Mem-info:|Normal free:3648kB" {
		t.Errorf("%q", s)
	}
	// Where the lines have tags, one without is a tag with blanks in it.
	got = decodeAll(report.Auto,
		"May 01 12:00:00 host kernel: text",
		"May 01 12:00:00 host Killed process 1 (init) total-vm:1kB[12]: x")
	if got[1].Origin != report.OriginUser {
		t.Errorf("%+v", got[1])
	}
}

// logTime returns the log time of a line that has one.
func logTime(l *Line) time.Duration {
	t, _ := l.LogTime()
	return t
}

func TestLogTime(t *testing.T) {
	got := decodeAll(report.Auto,
		"2023-05-01T12:00:00+00:00 host kernel: [  100.000000] a",
		"2023-05-01T12:00:07+00:00 host app[1]: b",
		"2023-05-01T12:00:20+00:00 host kernel: [  119.500000] c")
	for i, want := range []time.Duration{100 * time.Second, 107 * time.Second, 119500 * time.Millisecond} {
		if at, ok := got[i].LogTime(); !ok || at != want {
			t.Errorf("line %d: log time %v (%t), want %v", i, at, ok, want)
		}
	}
	got = decodeAll(report.Auto,
		"Feb 28 23:59:50 host kernel: a", "Mar  1 00:00:10 host kernel: b")
	if d := logTime(&got[1]) - logTime(&got[0]); d != 24*time.Hour+20*time.Second { // year 0 is a leap year
		t.Errorf("%v between the lines", d)
	}
	got = decodeAll(report.Dmesg, "[May 1 12:00] a", "[  +2.500000] b", "[  +0.500000] c")
	if d := logTime(&got[2]) - logTime(&got[0]); d != 3*time.Second {
		t.Errorf("%v between the lines of dmesg -e", d)
	}
}
