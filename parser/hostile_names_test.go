// SPDX-License-Identifier: Apache-2.0

package parser

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/oomtrail/oomtrail/internal/plain"
)

// captured returns the records of /dev/kmsg of the captures in the repository, by name.
func captured(t *testing.T) map[string][]byte {
	t.Helper()
	paths, err := filepath.Glob("../testdata/captures/*/*/kmsg.raw")
	if err != nil || len(paths) == 0 {
		t.Fatal("no captures: ", err)
	}
	logs := make(map[string][]byte)
	for _, path := range paths {
		log, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		logs[path] = log
	}
	return logs
}

// escapeKmsg writes a name as /dev/kmsg does.
func escapeKmsg(name string) string {
	var b strings.Builder
	for _, c := range []byte(name) {
		if c < ' ' || c >= 0x7f || c == '\\' {
			fmt.Fprintf(&b, `\x%02x`, c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// namesWho are the attributes that hold or depend on a process's name.
var namesWho = []string{"process.title", "oom.trigger.name", "log.record.uid", "oom.record.key", "oom.report.id", "oom.tasks.top", "oom.diagnosis.summary", "oom.diagnosis.advice"}

// differences writes the attributes that differ, but for those of the given names.
func differences(is, was *Record, but ...string) string {
	var b strings.Builder
	is, was = is.Without(but...), was.Without(but...)
	for a := range was.Attrs() {
		if v, _ := is.Get(a.Name); v != a.Value {
			fmt.Fprintf(&b, "\n%s is %v, was %v", a.Name, v.Any(), a.Value.Any())
		}
	}
	for a := range is.Attrs() {
		if _, ok := was.Get(a.Name); !ok {
			fmt.Fprintf(&b, "\n%s is %v, was absent", a.Name, a.Value.Any())
		}
	}
	return b.String()
}

// renamed gives a process another name wherever the kernel prints it.
func renamed(log, old, name string) string {
	var pairs []string
	for _, place := range [...]string{"(%s)", ",task=%s,pid=", ";%s invoked oom-killer", " Comm: %s Not tainted", " Comm: %s Tainted", " %s\n", " Comm: %s Kdump", ";%s cpuset="} {
		pairs = append(pairs, fmt.Sprintf(place, old), fmt.Sprintf(place, name))
	}
	return strings.NewReplacer(pairs...).Replace(log)
}

// TestHostileNames: whatever a process calls itself, no field of a record changes but those that
// hold the name.
func TestHostileNames(t *testing.T) {
	inOneGoroutine(t)
	names := []string{
		")", "(", "()", " ", "x ", " x", "a) b (c", ",pid=1,uid=0", ",task=x,pid=1", "Killed process ", " total-vm:1kB,", ") total-vm:9kB", ") total-vm:9kB,", "a\nb", "\nab", "ab\n", "a\n\nb",
		"oom-kill:constr", " invoked oom-k", "Comm: x", "PID: 1 Comm: a", "[   1]  0  0", "Mem-Info:", "Call Trace:", "\\x0a", "<truncated>", "a<truncated>", " Not tainted", " Tainted: G", "a cpuset=b",
		" (x) ", ") score 9 or", "\xff\xfe", "é", "\x01\x7f", "Out of memory: ", "Tasks in /a", "memory: usage 1", "anon 4096", "12345", "0", "-1", "a 0 1 2 3", "Node 0 Normal: ", "] 1 1 1 1 1 1 1",
		"kworker/u8:1", "<4>[    1.000000]", "1,1,1,-;x", "SUBSYSTEM=x", "\n SUBSYSTEM=x", ",uid=0", ",uid=", ",pid=", ",task=", "a,task=b", "Killed process", "\nKilled proces", "oom_reaper: x", "UID: 5 PID: 6", "a\tb", "a\rb", "\r",
	}
	logs := captured(t)
	maps.Copy(logs, oldLogs(t))
	for path, log := range logs {
		if testing.Short() && len(log) > 100<<10 {
			continue
		}
		whole := readText(t, Options{}, string(log))
		tried := map[string]bool{}
		for i, want := range whole {
			old := want.Text("process.title")
			if other := oldNames[filepath.Base(path)]; other != "" {
				old = other
			}
			if tried[old] || !bytes.Contains(log, []byte(" ("+old+")")) {
				continue
			}
			tried[old] = true
			for _, name := range names {
				if len(name) > 15 {
					name = name[:15]
				}
				got := readText(t, Options{}, renamed(string(log), old, escapeKmsg(name)))
				if len(got) != len(whole) {
					t.Errorf("%s: %q: %d records, want %d", path, name, len(got), len(whole))
					continue
				}
				if d := differences(got[i], want, namesWho...); d != "" {
					t.Errorf("%s: %q: record %d:%s", path, name, i, d)
				}
				if title := got[i].Text("process.title"); want.Text("process.title") == old && title != string(plain.AppendPrintable(nil, name)) {
					t.Errorf("%s: the name is %q, want %q", path, title, name)
				}
			}
		}
	}
}

// TestNothingIsKeptOfALine: a parser may be fed from one buffer that is written over behind each
// line.
func TestNothingIsKeptOfALine(t *testing.T) {
	torn := "4,1,1,-;" + invocation + "\n4,2,2,-;" + cpuLine + "\n4,3,3,-;Mem-Info:\n4,4,4,-;Node 0 Normal free:4kB min:4kB present:8kB managed:8kB\n" +
		"4,5,5,-;lowmem_reserve[]:\n4,6,6,c; 0 0 0\n4,7,7,-;Node 0 Normal: 1*4kB \n4,8,8,c;(U) = 4kB\n6,9,9,-;oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null)\n" +
		"6,10,10,c;,cpuset=/,mems_allowed=0,global_oom,task_memcg=/a,task=b,pid=12,uid=0\n3,11,11,-;" + killed(hostWords, 12, "b") + "\n"
	logs := captured(t)
	logs["torn"] = []byte(torn)
	for path, log := range logs {
		want := readText(t, Options{IncludeOriginal: true}, string(log))
		p, err := New(Options{IncludeOriginal: true})
		if err != nil {
			t.Fatal(err)
		}
		var got []*Record
		buf := make([]byte, 0, 64<<10)
		for _, line := range bytes.Split(log, []byte("\n")) {
			buf = append(buf[:0], line...)
			got = append(got, p.Feed(buf).Records...)
			for i := range buf {
				buf[i] = '#'
			}
		}
		got = append(got, p.Flush()...)
		if len(got) != len(want) {
			t.Fatalf("%s: %d records, want %d", path, len(got), len(want))
		}
		for i := range want {
			if a, b := string(want[i].AppendJSON(nil)), string(got[i].AppendJSON(nil)); a != b {
				t.Errorf("%s:\n%s\n%s", path, a, b)
			}
		}
	}
}
