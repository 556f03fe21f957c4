// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// hostile is a name that would change a terminal, a spreadsheet or a page of Markdown, if it were
// passed on as it is. It is as much as a task's name holds.
const hostile = "=a|`<b>\x1b[2J\u009b"

// hostileLogs writes logs whose names are hostile, and returns the files: their own names are too.
func hostileLogs(t *testing.T) []string {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("NOT RUN: no file of Windows has a control character in its name")
	}
	long := strings.Repeat("long\x1b]0;title\x07\u202e\x7f", 200)
	var text strings.Builder
	for i, comm := range []string{hostile, "@x\u202e\x7f", "+1\x9b2J"} {
		cgroup := "/" + hostile + "/" + long
		for _, line := range []string{comm + " invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0",
			"CPU: 1 PID: 11 Comm: " + comm + " Not tainted 6.1.0\x1b[31m #1",
			"memory: usage 32768kB, limit 32768kB, failcnt 19", "Memory cgroup stats for " + cgroup + ":", "anon 33357824", "file 4096",
			"Tasks state (memory values in pages):",
			"[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name",
			fmt.Sprintf("[     %d]     0    %d     9385     8302   110592        0             0 %s", 42+i, 42+i, comm),
			fmt.Sprintf("oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/\x1b[31m,mems_allowed=0,oom_memcg=%s,task_memcg=%[1]s,task=%s,pid=%d,uid=0", cgroup, comm, 42+i),
			fmt.Sprintf("Memory cgroup out of memory: Killed process %d (%s) total-vm:37540kB, anon-rss:32576kB, file-rss:632kB, shmem-rss:4kB, UID:0 pgtables:108kB oom_score_adj:0", 42+i, comm)} {
			fmt.Fprintf(&text, "May  1 12:00:0%d node\x1b[1m kernel: [%5d.000001] %s\n", i, 100*i, line)
		}
	}
	var journal []byte
	for i, message := range []string{
		"Killed /" + hostile + "/cart\x1b[2J\u009b.service due to memory used (213319680) / total (1009795072) and swap used (63307776) / total (314568704) being more than 20.00%",
		"sending SIGTERM to process 434 uid 0 \"" + hostile + "\u202e\": badness 787, VmRSS 228 MiB",
		"process exited after 0.5 seconds",
	} {
		program := "earlyoom"
		if i == 0 {
			program = "systemd-oomd"
		}
		entry, err := json.Marshal(map[string]string{"MESSAGE": message, "_TRANSPORT": "journal", "SYSLOG_IDENTIFIER": program, "_COMM": program,
			"_SYSTEMD_UNIT": program + ".service", "_HOSTNAME": "node\x1b[2J\u202e", "__REALTIME_TIMESTAMP": fmt.Sprint(1780000000000000 + i*1000000)})
		if err != nil {
			t.Fatal(err)
		}
		journal = append(append(journal, entry...), '\n')
	}
	dir := filepath.Join(t.TempDir(), "dir\x1b[2J")
	files := []string{filepath.Join(dir, "kern\x1b[31m\u202e.log"), filepath.Join(dir, "journal\u009b.json")}
	for i, content := range []string{text.String(), string(journal)} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(files[i], []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

// TestHostileNames: whatever a process, a cgroup, a host or a file is called, nothing but printable
// text comes out, of any command and in any output.
func TestHostileNames(t *testing.T) {
	files := hostileLogs(t)
	missing := filepath.Join(filepath.Dir(files[0]), "none\x1b[2J")
	for _, args := range [][]string{
		{"-o", "table"}, {"-o", "wide"}, {"-o", "json"}, {"-o", "csv"}, {"-o", "tsv"}, {"-o", "md"}, {"-o", "text"},
		{"explain", "--kill", "1", "-v", "--all"}, {"explain", "--kill", "2"}, {"explain", "--kill", "4"}, {"explain", "--kill", "5"}, {"explain", "-o", "json"}, {"explain", "--kill", "1", "-o", "md"}, {"explain", "--kill", "4", "-o", "md"},
		{"parse", "--original"}, {"report"}, {"lines"}, {"why"}, {"why", "--unit", "none"},
		{"top", "--by", "process"}, {"top", "-o", "table", "--by", "cgroup"}, {"top", "-o", "md", "--by", "host"}, {"top", "-o", "csv", "--by", "process"},
		{"-o", "table", "--process", "none"}, {missing}, {missing, "-o", "table"},
	} {
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			_, out, notes := call(t, "", append(args, files...)...)
			if out == "" && notes == "" {
				t.Error("nothing is printed")
			}
			for _, text := range []string{out, notes} {
				if !utf8.ValidString(text) {
					t.Errorf("no UTF-8: %q", text)
				}
				if i := strings.IndexFunc(text, func(r rune) bool { return r != '\n' && r != '\t' && !unicode.IsPrint(r) }); i >= 0 {
					t.Errorf("%q in %q", text[i:min(len(text), i+4)], text[max(0, i-60):min(len(text), i+60)])
				}
			}
			if args[0] == "-o" && args[1] == "json" {
				for line := range strings.Lines(out) {
					if !json.Valid([]byte(line)) {
						t.Errorf("no JSON: %s", line)
					}
				}
			}
		})
	}
}

// TestHostileCells: a name is no formula for a spreadsheet, and no code, HTML or column in
// Markdown.
func TestHostileCells(t *testing.T) {
	files := hostileLogs(t)
	_, csv, _ := call(t, "", append([]string{"-o", "csv"}, files...)...)
	for _, want := range []string{`,"'=a|`, ",'@x", ",'+1"} {
		if !strings.Contains(strings.ReplaceAll(csv, `"'`, `'`), strings.ReplaceAll(want, `"`, "")) {
			t.Errorf("without %s:\n%s", want, csv)
		}
	}
	_, md, _ := call(t, "", append([]string{"-o", "md"}, files...)...)
	checkMarkdown(t, md)
	for _, number := range []string{"1", "2", "4", "5"} {
		_, md, _ := call(t, "", append([]string{"explain", "-o", "md", "--kill", number}, files...)...)
		checkMarkdown(t, md)
	}
}

// checkMarkdown holds Markdown to rows of as many columns as their heads, and to no HTML and no
// code.
func checkMarkdown(t *testing.T, md string) {
	t.Helper()
	rows := 0
	for line := range strings.Lines(md) {
		if !strings.HasPrefix(line, "|") {
			rows = 0
		}
		columns := strings.Count(line, "|") - strings.Count(line, `\|`)
		if rows == 0 {
			rows = columns
		}
		if strings.HasPrefix(line, "|") && columns != rows {
			t.Errorf("%d of %d columns: %s", columns, rows, line)
		}
		if strings.Contains(line, "<b>") || strings.Contains(strings.ReplaceAll(line, "\\`", ""), "`") {
			t.Errorf("HTML or code in %s", line)
		}
	}
}
