package parser

import (
	"fmt"
	"strings"
	"testing"
)

// kmsg renders kernel text as records of /dev/kmsg, numbered from 1 on: a line that begins with "+N " comes N numbers later than
// its turn, one with "-" starts to count anew.
func kmsg(lines ...string) string {
	var log strings.Builder
	seq := 0
	for i, line := range lines {
		seq++
		var skip int
		if n, _ := fmt.Sscanf(line, "+%d ", &skip); n == 1 {
			_, line, _ = strings.Cut(line, " ")
			seq += skip
		}
		if rest, ok := strings.CutPrefix(line, "-"); ok {
			line, seq = rest, 1
		}
		fmt.Fprintf(&log, "%d,%d,%d,-;%s\n", level(line), seq, 100_000_000+i, strings.ReplaceAll(line, "\n", `\x0a`))
	}
	return log.String()
}

// readText returns the records of a log.
func readText(t testing.TB, o Options, log string) []*Record {
	t.Helper()
	var records []*Record
	err := ReadAll(strings.NewReader(log), o, func(r *Record) error {
		records = append(records, r)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return records
}

// TestChosenButNotKilled: where the kernel's numbering shows that nothing was lost and no kill line came, nobody was killed.
func TestChosenButNotKilled(t *testing.T) {
	report := []string{invocation, cpuLine, callTrace, counter, banner, taskHead, rowA, rowB, chosenB}
	next := []string{strings.Replace(invocation, "a invoked", "c invoked", 1)}
	const none, kill = "oom.no_victim", "oom.kill"
	for _, tc := range []struct {
		name    string
		more    []string
		want    string
		missing string
	}{
		{"the next report begins", next, none, ""},
		{"another line, and the next report", append([]string{"usb 1-1: new device"}, next...), none, ""},
		{"a record was lost", []string{"+1 " + next[0]}, kill, "kill"},
		{"the machine started anew", []string{"-Linux version 6.12.1", next[0]}, kill, "kill"},
		{"the log ends", nil, kill, "kill"},
	} {
		records := readText(t, Options{}, kmsg(append(report[:len(report):len(report)], tc.more...)...))
		if len(records) == 0 {
			t.Fatalf("%s: no record", tc.name)
		}
		if r := records[0]; r.Text("event.name") != tc.want || r.Text("oom.report.missing") != tc.missing {
			t.Errorf("%s: %s, missing %q", tc.name, r.Text("event.name"), r.Text("oom.report.missing"))
		}
	}
}
