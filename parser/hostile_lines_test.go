// SPDX-License-Identifier: Apache-2.0

package parser

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/oomtrail/oomtrail/internal/format"
	text "github.com/oomtrail/oomtrail/internal/plain"
)

// splitting are the ways in which frontends of the kernel's log print a record with newlines in it,
// as several lines.
var splitting = map[string]func(w *strings.Builder, priority int, usec int64, text string){
	"syslog(2)": func(w *strings.Builder, priority int, usec int64, text string) {
		for line := range strings.SplitSeq(text, "\n") {
			fmt.Fprintf(w, "<%d>[%5d.%06d] %s\n", priority, usec/1e6, usec%1e6, line)
		}
	},
	"imklog": func(w *strings.Builder, _ int, usec int64, text string) {
		for line := range strings.SplitSeq(text, "\n") {
			fmt.Fprintf(w, "May  1 12:00:00 node1 kernel: [%5d.%06d] %s\n", usec/1e6, usec%1e6, octalEscape(line))
		}
	},
	"dmesg": func(w *strings.Builder, _ int, usec int64, text string) {
		stamp := fmt.Sprintf("[%5d.%06d] ", usec/1e6, usec%1e6)
		for i, line := range strings.Split(text, "\n") {
			if i > 0 {
				stamp = strings.Repeat(" ", len(stamp))
			}
			w.WriteString(stamp + dmesgEscape(line) + "\n")
		}
	},
	"dmesg -T": func(w *strings.Builder, _ int, usec int64, text string) {
		stamp := fmt.Sprintf("[Fri May  1 12:%02d:%02d 2026] ", usec/60e6%60, usec/1e6%60)
		for i, line := range strings.Split(text, "\n") {
			if i > 0 {
				stamp = strings.Repeat(" ", len(stamp))
			}
			w.WriteString(stamp + dmesgEscape(line) + "\n")
		}
	},
}

// octalEscape writes control characters as rsyslog does.
func octalEscape(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		if c < ' ' || c == 0x7f {
			fmt.Fprintf(&b, "#%03o", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// dmesgEscape writes control characters as dmesg(1) does.
func dmesgEscape(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		if c < ' ' || c >= 0x7f {
			fmt.Fprintf(&b, `\x%02x`, c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// split prints records of /dev/kmsg in another way.
func split(t *testing.T, log string, write func(*strings.Builder, int, int64, string)) string {
	t.Helper()
	var w strings.Builder
	for line := range strings.Lines(log) {
		if line[0] == ' ' {
			continue
		}
		head, text, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ";")
		fields := strings.Split(head, ",")
		priority, err := strconv.Atoi(fields[0])
		if err != nil {
			t.Fatal(err)
		}
		usec, _ := strconv.ParseInt(fields[2], 10, 64)
		write(&w, priority, usec, string(format.UnescapeKmsg([]byte(text))))
	}
	return w.String()
}

// oldNames are those of the logs of old kernels whose process is to be renamed that is not the
// victim.
var oldNames = map[string]string{"4.14-memcg-v1.dmesg.log": "node"}

// oldLogs are records of /dev/kmsg with what kernels to 4.20 print.
func oldLogs(t *testing.T) map[string][]byte {
	t.Helper()
	logs := map[string][]byte{}
	for _, name := range []string{"4.14-memcg-v1.dmesg.log", "el7-global.dmesg.log"} {
		path := filepath.Join("../testdata/format-samples", name)
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var log strings.Builder
		n := 0
		for line := range strings.Lines(string(text)) {
			n++
			stamp, text, _ := strings.Cut(strings.TrimSpace(line)[1:], "] ")
			fmt.Fprintf(&log, "%d,%d,%s,-;%s\n", level(text), n, strings.ReplaceAll(strings.TrimSpace(stamp), ".", ""), text)
		}
		logs[path] = []byte(log.String())
	}
	return logs
}

// TestBrokenNames: a name that breaks its lines into pieces, or makes them longer, hides nothing
// and damages nothing where pieces are told by their stamps: the records are those of /dev/kmsg,
// which breaks no line.
func TestBrokenNames(t *testing.T) {
	inOneGoroutine(t)
	names := []string{"l\n[\n", "\n", "\n\n\n", "a\n\nb", "\nx", "a\na\na", "x\nMem-Info:", "x\nCall Trace:", "x\n[9.1] Out of", ")\n(", "a)\n b", "a\n) total-vm", "x\nanon 4096", "x\nCOMPACTION",
		"a\n\n)", "\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n", "\n,pid=1,uid=0", "a\n,task=b", "x\noom-killer:", "\n Not tainted", "a\n<3>[1.000000]", "a\n[ 1.000000] b",
		"\x01\x01\x01\x01", "\x1b[31mred\x1b[0m", "a\tb\tc\td\te", "\x7f\x7f\x7f\x7f\x7f\x7f\x7f", "\x01", "#001#001#001", "#033\x01", "\x01 invoked oom-", "\x01\x02\x03\x04\x05\x06\x07\x08 cpuset", "\x1f)\x1f total-vm"}
	differing := []string{"oom.source", "oom.time.assumed", "oom.time.original", "oom.kmsg.sequence", "oom.trust", "oom.report.lines", "oom.report.complete", "oom.report.missing", "oom.report.lost_records", "host.name", "oom.report.id"}
	logs := captured(t)
	maps.Copy(logs, oldLogs(t))
	for path, log := range logs {
		if len(log) > 30<<10 || strings.Contains(path, "z_spoof") { // most frontends do not say who wrote a line
			continue
		}
		old := oldNames[filepath.Base(path)]
		for _, r := range readText(t, Options{}, string(log)) {
			if old == "" {
				old = r.Text("process.title")
			}
		}
		if !bytes.Contains(log, []byte(" ("+old+") ")) {
			continue
		}
		for _, name := range names {
			log := renamed(string(log), old, escapeKmsg(name))
			want := readText(t, Options{}, log)
			for frontend, write := range splitting {
				got := readText(t, Options{}, split(t, log, write))
				if len(got) != len(want) {
					t.Errorf("%s: %s: %q: %d records, want %d\n%s\nwant\n%s", path, frontend, name, len(got), len(want), summary(got), summary(want))
					continue
				}
				for i := range got {
					drop := differing
					switch frontend {
					case "imklog": // it names a host
						drop = append(drop[:len(drop):len(drop)], "oom.record.key")
						if strings.Contains(name, "#") || octalEscape(name) != name && len(octalEscape(name)) <= 15 {
							drop = append(drop, namesWho...) // escaped or not, nobody can tell
						}
					case "dmesg -T": // it has no kernel stamp
						drop = append(drop[:len(drop):len(drop)], "oom.record.key", "log.record.uid")
					}
					if d := differences(got[i], want[i], drop...); d != "" {
						t.Errorf("%s: %s: %q: record %d:%s", path, frontend, name, i, d)
					}
				}
			}
		}
	}
}

// formats are ways in which the kernel's log reaches a reader whom nobody says which it is.
func formats() map[string]func(w *strings.Builder, priority int, usec int64, text string) {
	all := maps.Clone(splitting)
	all["/dev/kmsg"] = func(w *strings.Builder, priority int, usec int64, text string) {
		fmt.Fprintf(w, "%d,%d,%d,-;%s\n", priority, usec, usec, escapeKmsg(text))
	}
	all["bare"] = func(w *strings.Builder, _ int, _ int64, text string) { w.WriteString(text + "\n") }
	all["syslog(2) without stamps"] = func(w *strings.Builder, priority int, _ int64, text string) {
		fmt.Fprintf(w, "<%d>%s\n", priority, text)
	}
	all["dmesg -x"] = func(w *strings.Builder, priority int, usec int64, text string) {
		fmt.Fprintf(w, "kern  :%-6s: [%5d.%06d] %s\n", [...]string{"emerg", "alert", "crit", "err", "warn", "notice", "info", "debug"}[priority&7], usec/1e6, usec%1e6, text)
	}
	all["journalctl"] = func(w *strings.Builder, _ int, _ int64, text string) {
		w.WriteString("May 01 12:00:00 node1 kernel: " + text + "\n")
	}
	all["journalctl -o short-monotonic"] = func(w *strings.Builder, _ int, usec int64, text string) {
		fmt.Fprintf(w, "[%5d.%06d] node1 kernel: %s\n", usec/1e6, usec%1e6, text)
	}
	all["journalctl -o json"] = func(w *strings.Builder, priority int, usec int64, text string) {
		message, _ := json.Marshal(text)
		fmt.Fprintf(w, `{"__CURSOR":"s=1;i=%d","_TRANSPORT":"kernel","PRIORITY":"%d","MESSAGE":%s,"_SOURCE_MONOTONIC_TIMESTAMP":"%d"}`+"\n", usec, priority, message, usec)
	}
	all["journalctl -o export"] = func(w *strings.Builder, priority int, usec int64, text string) {
		fmt.Fprintf(w, "__CURSOR=s=1;i=%d\n_TRANSPORT=kernel\nPRIORITY=%d\nMESSAGE=%s\n_SOURCE_MONOTONIC_TIMESTAMP=%d\n\n", usec, priority, text, usec)
	}
	all["journalctl -o export, long"] = func(w *strings.Builder, priority int, usec int64, text string) {
		fmt.Fprintf(w, "__CURSOR=s=1;i=%d\n", usec)
		for i := range 20 {
			fmt.Fprintf(w, "_FIELD_%d=%d\n", i, usec)
		}
		fmt.Fprintf(w, "_TRANSPORT=kernel\nPRIORITY=%d\nMESSAGE=%s\n_SOURCE_MONOTONIC_TIMESTAMP=%d\n\n", priority, text, usec)
	}
	all["journalctl -o json-pretty"] = func(w *strings.Builder, priority int, usec int64, text string) {
		w.WriteString("{\n")
		for i := range 20 {
			fmt.Fprintf(w, "\t\"_FIELD_%d\" : \"%d\",\n", i, usec)
		}
		message, _ := json.Marshal(text)
		fmt.Fprintf(w, "\t\"_TRANSPORT\" : \"kernel\",\n\t\"PRIORITY\" : \"%d\",\n\t\"MESSAGE\" : %s,\n\t\"_SOURCE_MONOTONIC_TIMESTAMP\" : \"%d\"\n}\n", priority, message, usec)
	}
	return all
}

// TestNamesLikeFormats: where the format is guessed, a name that looks like a part of some format
// takes nothing away: in each format the records are those of a task with an ordinary name of the
// same length.
func TestNamesLikeFormats(t *testing.T) {
	inOneGoroutine(t)
	names := []string{"__CURSOR=x", "__CURSOR=s=1", "__CURSOR=s=1;i=2", "[    1.000000]", "[9.000001]", "[9.000001] x", "<4>x", "<4>[9.000001] x", "<0>", "&gt;", "&lt;x", "<br>", "x<br>", "<p>x", "<a b", "{",
		"{}", `{"a":1}`, `{"a"`, "}", "1,1,1,-;x", "4,1,9;x", " SUBSYSTEM=x", "> x", ">", "```", "```x", "x```", "-- x", "kernel: x", "... kernel: x", "x kernel: y", "a b[1]: x", "gfp_mask=3D0x", "=3D", "abcdefghijklm=",
		"=", "May 1 12:00:00", "May  1 12:00:00", "1 - a b - - - x", "\u00a0x", "[\u00a01.0]", "# x", "- x", "kern  :warn  : ", "x:[9.000001] y", "a:b:c: d", "** 9 printk", "[ T1] x", "[    T1] x", "[C0]",
		"data: {", "\x1e{", "MESSAGE=x", "_TRANSPORT=user", "PRIORITY", "\ufeffx", "  x", "\tx", `"`, "x<truncated>", "2023-05-01T12:", "172.0.0.2: x:", "#012", "user.warn", "1682942400.1"}
	logs := captured(t)
	for _, path := range []string{"../testdata/captures/6.12/e_k8s_systemd/kmsg.raw", "../testdata/captures/6.12/g_cpuset/kmsg.raw", "../testdata/captures/5.10/c_memcg_v2/kmsg.raw"} {
		log := string(logs[path])
		records := readText(t, Options{}, log)
		old := records[len(records)-1].Text("process.title")
		for frontend, write := range formats() {
			for _, name := range names {
				name = name[:min(len(name), 15)]
				plain := strings.Repeat("n", len(name))
				want := readText(t, Options{}, split(t, renamed(log, old, plain), write))
				got := readText(t, Options{}, split(t, renamed(log, old, escapeKmsg(name)), write))
				if len(got) != len(want) {
					t.Errorf("%s: %s: %q: %d records, want %d\n%s\nwant\n%s", path, frontend, name, len(got), len(want), summary(got), summary(want))
					continue
				}
				for i := range got {
					if d := differences(got[i], want[i], namesWho...); d != "" {
						t.Errorf("%s: %s: %q: record %d:%s", path, frontend, name, i, d)
					}
					if frontend == "imklog" && octalEscape(name) != name || strings.Contains(name, "#0") {
						continue // escaped or not, nobody can tell
					}
					for _, who := range []string{"process.title", "oom.trigger.name"} {
						was := want[i].Text(who)
						if is := got[i].Text(who); was == plain && is != string(text.AppendPrintable(nil, name)) || was != plain && is != was {
							t.Errorf("%s: %s: %q: record %d: %s is %q", path, frontend, name, i, who, is)
						}
					}
				}
			}
		}
	}
}

// TestBrokenReaperLine: a name cannot hide that its process could not be reaped.
func TestBrokenReaperLine(t *testing.T) {
	const log = "<6>[  128.500000] oom_reaper: unable to reap pid:749 (l\n<6>[  128.500000] [\n<6>[  128.500000] )\n"
	records := readText(t, Options{}, log)
	if len(records) != 1 {
		t.Fatalf("%d records", len(records))
	}
	pid, _ := records[0].Get("process.pid")
	if r := records[0]; r.Text("event.name") != "oom.reap_failed" || pid.Int64() != 749 || r.Text("process.title") != "" {
		t.Errorf("%s", r.AppendJSON(nil))
	}
}

// TestNameBrokenWithoutStamps: where nothing shows what stood between the pieces of a name, the
// kill has no name, unless another line of the report has it.
func TestNameBrokenWithoutStamps(t *testing.T) {
	broken := strings.Replace(killed(hostWords, 12, "Web Content"), "Web Content", "Web\nContent", 1)
	for _, c := range []struct{ log, want string }{
		{broken, ""},
		{invocation + "\n" + cpuLine + "\n" + taskHead + "\n" + strings.TrimSuffix(rowB, "b") + "Web Content\n" + broken, "Web Content"},
		{invocation + "\n" + cpuLine + "\n" + taskHead + "\n" + strings.TrimSuffix(rowB, "b") + "WebContent\n" + broken, ""},
	} {
		records := readText(t, Options{}, c.log+"\n")
		if len(records) != 1 || records[0].Text("process.title") != c.want || records[0].Text("event.name") != "oom.kill" {
			t.Errorf("%q: %d records, called %q, want %q", c.log, len(records), records[0].Text("process.title"), c.want)
			continue
		}
		if rss, _ := records[0].Get("oom.victim.memory.rss"); rss.Int64() != 33208<<10 {
			t.Errorf("%q: rss %d", c.log, rss.Int64())
		}
	}
}
