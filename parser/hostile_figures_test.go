// SPDX-License-Identifier: Apache-2.0

package parser

import (
	"bytes"
	"maps"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/oomtrail/oomtrail/parser/report"
)

// belowZero is how a counter that fell below zero comes out where the kernel prints it as an
// unsigned or as a signed number.
var belowZero = []string{"18446744073709551612", "9223372036854775808", "-4"}

// figure is a number that is no part of a word, of an address or of a version.
var figure = regexp.MustCompile(`(?:^|[ :=(,])(\d+)(?:[kK]B|[ ,*]|$)`)

// notFigure is what stands before a number that names something: kernels print it from an int, and
// a report hangs together by it.
var notFigure = regexp.MustCompile(`(?:process |pid=|PID: |CPU: |Node |order=|UID:|UID: |uid=|cpuset=|mems_allowed=|nodemask=|Comm: .*|Name: .*|Code: .*|kworker/.*|^\[ *|^\[ *\d+\] +|^\[ *\d+\] +-?\d+ +|: |#|_size=|\*|SMP |Not tainted .*)$`)

// columns are the numbers of a row of the task table, which end with the adjustment.
var columns = regexp.MustCompile(`^\[ *\d+\](?: +-?\d+)+`)

var digits, stat, negative = regexp.MustCompile(`\d+`), regexp.MustCompile(`^[a-z0-9_]+ \d`), regexp.MustCompile(`(?:^|[ :])-\d|1844674407|9223372036`)

// TestFiguresBelowZero: whatever figure of a report fell below zero, its line stays what it is, the
// kill is told, nothing is missing of the report, and no attribute is negative or as large as no
// machine has anything.
func TestFiguresBelowZero(t *testing.T) {
	inOneGoroutine(t)
	logs := captured(t)
	maps.Copy(logs, oldLogs(t))
	samples, _ := filepath.Glob("../testdata/format-samples/*.kmsg")
	for _, path := range samples {
		log, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		logs[path] = log
	}
	o := Options{Transport: report.Kmsg, MemoryStat: MemoryStatAll}
	seen, tried := map[string]bool{}, 0
	for path, log := range logs {
		if len(log) > 100<<10 {
			continue
		}
		whole := readText(t, o, string(log))
		lines := bytes.Split(log, []byte("\n"))
		for i, line := range lines {
			head := bytes.IndexByte(line, ';') + 1
			text := string(line[head:])
			if shape := digits.ReplaceAllString(text, "0"); seen[shape] {
				continue
			} else {
				seen[shape] = true
			}
			for at := 0; ; {
				m := figure.FindStringSubmatchIndex(text[at:])
				if m == nil {
					break
				}
				from, to := at+m[2], at+m[3]
				at = to
				if notFigure.MatchString(text[:from]) || to == len(columns.FindString(text)) || strings.Contains(text[to:], " invoked ") {
					continue
				}
				for _, below := range belowZero {
					if below[0] == '-' && stat.MatchString(text) {
						continue // the kernel prints these without a sign
					}
					changed := text[:from] + below + text[to:]
					lines[i] = append(bytes.Clone(line[:head]), changed...)
					got := readText(t, o, string(bytes.Join(lines, []byte("\n"))))
					tried++
					if len(got) != len(whole) {
						t.Errorf("%s: %q: %d records, want %d", path, changed, len(got), len(whole))
						continue
					}
					for n, r := range got {
						checkFigures(t, changed, r, whole[n])
					}
				}
				lines[i] = line
			}
		}
	}
	if tried < 1000 {
		t.Errorf("only %d figures of %d lines: this shows little", tried, len(seen))
	}
}

// checkFigures demands that no figure of a record is one that cannot be, and that nothing is
// missing that was there.
func checkFigures(t *testing.T, line string, got, want *Record) {
	t.Helper()
	for _, name := range []string{"process.pid", "oom.report.missing", "oom.report.complete", "oom.report.lines"} {
		is, _ := got.Get(name)
		if was, _ := want.Get(name); is != was {
			t.Errorf("%q: %s is %v, was %v", line, name, is.Any(), was.Any())
		}
	}
	for a := range got.Attrs() {
		switch v := a.Value.Any().(type) {
		case int64:
			signed := strings.HasSuffix(a.Name, "oom_score_adj") || a.Name == "oom.trigger.order"
			if v < 0 && !signed || v < -1000 || v > math.MaxInt64>>3 {
				t.Errorf("%q: %s is %d", line, a.Name, v)
			}
		case float64:
			if v < 0 || v > 1 {
				t.Errorf("%q: %s is %v", line, a.Name, v)
			}
		case string:
			if a.Name == "oom.tasks.top" {
				v = strings.ReplaceAll(v, `"oom_score_adj":-`, "")
			}
			if was := want.Text(a.Name); len(negative.FindAllString(v, -1)) > len(negative.FindAllString(was, -1)) {
				t.Errorf("%q: %s is %s, was %s", line, a.Name, v, was)
			}
		}
	}
	if len(negative.FindAllString(got.Body, -1)) > len(negative.FindAllString(want.Body, -1)) {
		t.Errorf("%q: %s", line, got.Body)
	}
}
