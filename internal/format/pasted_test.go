// SPDX-License-Identifier: Apache-2.0

package format

import (
	"strings"
	"testing"

	"github.com/oomtrail/oomtrail/parser/report"
)

func TestPasted(t *testing.T) {
	for _, c := range []struct {
		name string
		in   []string
		want string
	}{
		{"mail quoting", []string{"> > [ 1341.112388] oom-kill:constraint=CONSTRAINT_MEMCG", ">>> [ 1341.112418] Killed process 1324 (dd)", "> >     [ 1341.112500]  indented"},
			"oom-kill:constraint=CONSTRAINT_MEMCG|Killed process 1324 (dd)| indented"},
		{"wrapped lines", []string{"> [   95.235069] Killed process 7637 (syz-executor) total-vm:37044kB,", "> anon-rss:76kB, file-rss:632kB, shmem-rss:0kB", "> [   95.238504] next"},
			"Killed process 7637 (syz-executor) total-vm:37044kB,|~anon-rss:76kB, file-rss:632kB, shmem-rss:0kB|next"},
		{"a wrapped task row", []string{"<6>[598175.285190] [ 4349]     0  4349    43028      120   0       0       ", "     0 ndpapp"},
			"[ 4349]     0  4349    43028      120   0       0       |~     0 ndpapp"},
		{"another paragraph is not the rest of a line", []string{"[   95.235069] a", "", "Hello", "there"}, "a||Hello|~there"},
		{"indented block", []string{"  [93334.020194] xfs_db invoked oom-killer", "  [93334.020206]  b"}, "xfs_db invoked oom-killer| b"},
		{"indented block without stamps", []string{"I saw this:", "", "    java invoked oom-killer: x", "    Call Trace:", "     dump_stack+0x1", "   odd"},
			"I saw this:||java invoked oom-killer: x|Call Trace:| dump_stack+0x1|odd"},
		{"kernel tag only", []string{">>> kernel: java invoked oom-killer: x", ">>> kernel:  [<00000001f8d3437a>] dump_stack+0x8a/0xc0"},
			"java invoked oom-killer: x| [<00000001f8d3437a>] dump_stack+0x8a/0xc0"},
		{"cut syslog header", []string{"... kernel: [430837.193448] Xorg invoked oom-killer", "node1 kernel: [430837.193458] b"}, "Xorg invoked oom-killer|b"},
		{"code fence", []string{"```Mar  7 11:54:10 signatov kernel: [259563.476003] Out of memory: Kill process 31490 (corerun) score 897 or sacrifice child```"},
			"Out of memory: Kill process 31490 (corerun) score 897 or sacrifice child"},
		{"html entities", []string{"<pre><code>[&lt;ffffffff816a3e81&gt;] dump_stack+0x19/0x1b", "[    1.000000]  &lt;/TASK&gt;", "[    2.000000] a &amp; b&nbsp;c</code></pre>"},
			"[<ffffffff816a3e81>] dump_stack+0x19/0x1b| </TASK>|a & b c"},
		{"html line breaks", []string{"[    1.000000] Killed process 1 (a) total-vm:1kB, oom_score_adj:0<br>", "[    2.000000]  &lt;TASK&gt;<br/>"},
			"Killed process 1 (a) total-vm:1kB, oom_score_adj:0| <TASK>"},
		{"quoted mail in html", []string{"&gt; [    1.000000]  &lt;TASK&gt;", "&gt; [    2.000000] b"}, " <TASK>|b"},
		{"the kernel's own brackets", []string{"[    1.000000]  <TASK>", "[    2.000000] a &lt; <br> b &amp;"}, " <TASK>|a &lt; <br> b &amp;"},
		{"a task called like a tag", []string{"[    1.000000] [  123]     0   123   1 0 <br>", "[    2.000000] Killed process 123 (<br>) a&gt;b"},
			"[  123]     0   123   1 0 <br>|Killed process 123 (<br>) a&gt;b"},
		{"quoted-printable", []string{"[    1.000000] java invoked oom-killer: gfp_mask=3D0xcc0(GFP_KERNEL), order=3D0,=", " oom_score_adj=3D0", "[    2.000000] CPU: 0", "[    3.000000] oom-kill:constraint=3DCONSTRAINT_NONE,nodemask=3D(null),cpus=", "et=3D/"},
			"java invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0|CPU: 0|oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/"},
		{"not quoted-printable", []string{"[    1.000000] oom-kill:constraint=CONSTRAINT_NONE,cpuset=3Dfoo,mems_allowed=0"},
			"oom-kill:constraint=CONSTRAINT_NONE,cpuset=3Dfoo,mems_allowed=0"},
		{"soft break at the end", []string{"[    1.000000] Free swap  =3D 1", "[    2.000000] b="}, "Free swap  = 1|b"},
		{"grep", []string{"/var/log/syslog.1:May  1 12:00:00 host kernel: [    1.000000] a", "kern.log:77:[    2.000000] b", "12:[    3.000000] c", "messages:Feb  9 11:55:27 qa01 kernel: [ 1143]     0  1143 x"},
			"a|b|c|[ 1143]     0  1143 x"},
		{"no-break spaces", []string{"[\u00a0\u00a0 16.713564] a\u00a0 b", "[   16.713565] c\u00a0d"}, "a  b|c d"},
		{"a no-break space in a name", []string{"[   16.713565] a\u00a0b invoked oom-killer"}, "a\u00a0b invoked oom-killer"},
		{"byte order mark", []string{"\ufeff[   16.713565] a"}, "a"},
		{"colours", []string{"\x1b[32m[    1.000000] \x1b[0m\x1b[33mmysqld \x1b[0minvoked oom-killer"}, "mysqld invoked oom-killer"},
		{"journalctl's own lines", []string{"May 01 12:00:00 host kernel: a", "-- Boot 7a1f --", "May 01 12:00:01 host kernel: b"}, "a|-- Boot 7a1f --|b"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := texts(decodeAll(report.Auto, c.in...)); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

func TestPastedNumbers(t *testing.T) {
	got := decodeAll(report.Auto, "[    1.000000] Free swap  =3D =", "1", "[    2.000000] b")
	if len(got) != 2 || got[0].Number != 1 || got[1].Number != 3 {
		t.Errorf("%+v", got)
	}
}

// An explicit format takes nothing for damage.
func TestExplicitFormatsDoNotRepair(t *testing.T) {
	for _, in := range []string{
		"> [    1.000000] a", "&gt; b", "a=3D1=", "[    1.000000] x</code></pre>", "    java invoked oom-killer: x", "```x```",
	} {
		for _, f := range []report.Format{report.Dmesg, report.Syslog, report.None} {
			got := decodeAll(f, "[    0.500000] first", in)
			if text := string(got[1].Text); got[1].Wrapped || !strings.HasSuffix(in, text) || !strings.HasSuffix(text, in[len(in)-3:]) {
				t.Errorf("%v: %q made %+v", f, in, got[1])
			}
		}
	}
}

func TestWrappedRestOfUsersLine(t *testing.T) {
	got := decodeAll(report.Auto, "Dec 11 10:48:08 host dockerd[3]: time=x", "Killed process 1 (init) total-vm:1kB")
	if !got[1].Wrapped || got[1].Origin != report.OriginUser {
		t.Errorf("%+v", got[1])
	}
}

func TestContainerLogs(t *testing.T) {
	checkTable(t, report.Auto, []one{
		{"CRI", "2023-05-01T12:00:00.123456789Z stdout F [   16.713564] mysqld invoked oom-killer",
			line{text: "mysqld invoked oom-killer", format: report.Dmesg, level: -1, uptime: 16713564, stamp: "2023-05-01T12:00:00.123456789Z", more: wall("2023-05-01T12:00:00.123456789Z")}},
		{"a container is not the kernel", "2023-05-01T12:00:00.123456789Z stderr F <4>[   16.713564] mysqld invoked oom-killer",
			line{text: "mysqld invoked oom-killer", format: report.Dmesg, level: 4, uptime: 16713564, stamp: "2023-05-01T12:00:00.123456789Z"}},
		{"docker", `{"log":"[   16.713564] mysqld invoked oom-killer\n","stream":"stdout","time":"2023-05-01T12:00:00.5Z"}`,
			line{text: "mysqld invoked oom-killer", format: report.Dmesg, level: -1, uptime: 16713564, stamp: "2023-05-01T12:00:00.5Z", more: wall("2023-05-01T12:00:00.5Z")}},
		{"docker of /dev/kmsg", `{"log":"4,1,16713564,-;mysqld invoked oom-killer\n","stream":"stdout","time":"2023-05-01T12:00:00.5Z"}`,
			line{text: "mysqld invoked oom-killer", format: report.Kmsg, level: 4, uptime: 16713564, stamp: "2023-05-01T12:00:00.5Z"}},
		{"docker, a journal entry in it is text", `{"log":"{\"_TRANSPORT\":\"kernel\",\"MESSAGE\":\"x\"}\n","stream":"stdout","time":"2023-05-01T12:00:00.5Z"}`,
			line{text: `{"_TRANSPORT":"kernel","MESSAGE":"x"}`, format: report.None, level: -1, uptime: -1, stamp: "2023-05-01T12:00:00.5Z"}},
		{"kubectl logs --timestamps", "2023-05-01T12:00:00.123456789Z [   16.713564] a",
			line{text: "a", format: report.Dmesg, level: -1, uptime: 16713564, stamp: "2023-05-01T12:00:00.123456789Z"}},
		{"ts", "May 01 12:00:00 [   16.713564] a",
			line{text: "a", format: report.Dmesg, level: -1, uptime: 16713564, stamp: "May 01 12:00:00"}},
		{"Talos", "172.20.0.2: kern: warning: [2023-05-01T12:00:00.123456789Z]: mysqld invoked oom-killer",
			line{text: "mysqld invoked oom-killer", format: report.Dmesg, origin: report.OriginKernel, level: 4, uptime: -1, stamp: "2023-05-01T12:00:00.123456789Z", host: "172.20.0.2", more: wall("2023-05-01T12:00:00.123456789Z")}},
		{"Talos, padded", "172.20.0.2: kern:    info: [2023-05-01T12:00:00Z]:  <TASK>",
			line{text: " <TASK>", format: report.Dmesg, origin: report.OriginKernel, level: 6, uptime: -1, stamp: "2023-05-01T12:00:00Z", host: "172.20.0.2"}},
		{"Talos, a user", "172.20.0.2: user: warning: [2023-05-01T12:00:00Z]: Killed process 1 (init)",
			line{text: "Killed process 1 (init)", format: report.Dmesg, origin: report.OriginUser, level: 4, uptime: -1, stamp: "2023-05-01T12:00:00Z", host: "172.20.0.2"}},
		{"Talos without the node", "kern: err: [2023-05-01T12:00:00Z]: a",
			line{text: "a", format: report.Dmesg, origin: report.OriginKernel, level: 3, uptime: -1, stamp: "2023-05-01T12:00:00Z"}},
	})
}
