// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestSeveralInputs: a kill that stands in several inputs is one, and what is told of it is what
// the most complete of them says.
func TestSeveralInputs(t *testing.T) {
	text, err := os.ReadFile("../../../../testdata/cases/N3.log") // newest first
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	kill := lines[0] + "\n"
	var whole, cut string
	for i := len(lines) - 1; i >= 0; i-- {
		whole += lines[i] + "\n"
		if i > 20 {
			cut += lines[i] + "\n"
		}
	}
	stamped := strings.ReplaceAll(whole, "kernel: ", "kernel: [   10.083155] ")
	dmesg := strings.ReplaceAll(whole, "Nov 29 09:00:10 node7 kernel: ", "[   10.083155] ")
	later := strings.ReplaceAll(whole, "09:00:10", "09:00:11") // another daemon's stamp
	tests := []struct {
		name   string
		inputs []string
		kills  int
	}{
		{"kern.log and syslog", []string{whole, whole}, 1},
		{"with and without the kernel's stamp", []string{whole, stamped}, 1},
		{"without a host", []string{stamped, dmesg}, 1},
		{"three", []string{dmesg, whole, stamped}, 1},
		{"stamps of two daemons", []string{whole, later}, 1},
		{"the kill line first", []string{kill, whole}, 1},
		{"the kill line last", []string{whole, kill}, 1},
		{"the kill line alone, twice", []string{kill, whole, kill}, 1},
		{"without an end first", []string{cut, whole}, 1},
		{"without an end last", []string{whole, cut}, 1},
		{"one newest first", []string{string(text), whole}, 1},
		{"two hosts", []string{whole, strings.ReplaceAll(whole, "node7", "node8")}, 2},
		{"ten seconds later", []string{whole, strings.ReplaceAll(whole, "09:00:10", "09:00:20")}, 2},
		{"another pid", []string{whole, strings.NewReplacer("160 (", "161 (", "pid=160", "pid=161", "[    160]", "[    161]").Replace(whole)}, 2},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			files := []string{"--location", "UTC", "--written", "2026-11-30"}
			for i, input := range test.inputs {
				file := filepath.Join(dir, string(rune('a'+i)))
				if err := os.WriteFile(file, []byte(input), 0o644); err != nil {
					t.Fatal(err)
				}
				files = append(files, file)
			}
			output := func(args ...string) string {
				var out, errs strings.Builder
				run(append(args, files...), strings.NewReader(""), &out, &errs)
				return out.String() + errs.String()
			}
			count := func(what, text, pattern string, want int) {
				t.Helper()
				if got := len(regexp.MustCompile(pattern).FindAllString(text, -1)); got != want {
					t.Errorf("%s: %d times %q, want %d:\n%s", what, got, pattern, want, text)
				}
			}
			records := output("parse")
			count("parse", records, `"event.name"`, test.kills)
			count("parse", records, `"event.name":"oom.kill"`, test.kills)
			count("parse", records, `"oom.report.complete":true`, test.kills)
			pages := output("parse", "-o", "text")
			count("text", pages, `(?m)^Why$|more like`, test.kills)
			explained := output("explain")
			count("explain", explained, `reached its memory limit`, 1)
			count("explain", output("explain", "--kill", "1"), `reached its memory limit`, 1)
			count("explain", output("explain", "--kill", string(rune('1'+test.kills))), `there is no kill`, 1)
			reports := output("report")
			count("report", reports, `"ending": "kill"`, test.kills)
			count("report", reports, `"ending"`, test.kills)
			count("report", reports, `"complete": true,\n  "page_size"`, test.kills)
		})
	}
}

// TestHeldRecordsComeOut: what is incomplete waits for the files to come, and is printed even if
// the last of them cannot be read.
func TestHeldRecordsComeOut(t *testing.T) {
	file := filepath.Join(t.TempDir(), "kern.log")
	const kill = "Nov 29 09:00:10 a kernel: Out of memory: Killed process 1234 (hog) total-vm:1000kB, anon-rss:900kB, file-rss:0kB, shmem-rss:0kB, UID:1000 pgtables:44kB oom_score_adj:0\n"
	if err := os.WriteFile(file, []byte(kill), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, more := range []string{filepath.Join(t.TempDir(), "missing"), file, "-"} {
		var out strings.Builder
		run([]string{"parse", file, more}, strings.NewReader(""), &out, io.Discard)
		if n := strings.Count(out.String(), "\n"); n != 1 {
			t.Errorf("%s: %d records, want 1", more, n)
		}
	}
}
