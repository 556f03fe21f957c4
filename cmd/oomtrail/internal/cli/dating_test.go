// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"
)

// kernLog is a kill as kern.log has it, with the stamp given.
func kernLog(stamp string) string {
	return stamp + " node7 kernel: [ 5678.901234] Out of memory: Killed process 4242 (java) total-vm:1247000kB, anon-rss:48032kB, file-rss:22960kB, shmem-rss:0kB, UID:0 pgtables:192kB oom_score_adj:0\n"
}

// logFile writes a file that was last written to at a time.
func logFile(t *testing.T, text, changed string) string {
	t.Helper()
	path := written(t, "kern.log", []byte(text))
	at, err := time.Parse(time.RFC3339, changed)
	if err == nil {
		err = os.Chtimes(path, at, at)
	}
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// times returns time and oom.time.assumed of each record.
func times(t *testing.T, out string) (times []string) {
	t.Helper()
	for line := range strings.Lines(out) {
		var r map[string]string
		_ = json.Unmarshal([]byte(line), &r) // of the other types it fills nothing
		times = append(times, r["time"]+" "+r["oom.time.assumed"])
	}
	return times
}

func TestTimeOfAFile(t *testing.T) {
	for _, c := range []struct {
		what, text, written string
		flags               []string
		want                string
	}{
		{"modification time", kernLog("Dec 31 23:59:59"), "2019-05-02T12:00:00Z", []string{"--location", "UTC"}, "2018-12-31T23:59:59Z zone,year"},
		{"new year", kernLog("Dec 31 23:59:59"), "2027-01-01T00:00:01Z", []string{"--location", "UTC"}, "2026-12-31T23:59:59Z zone,year"},
		{"zone", kernLog("Jul  1 12:00:00"), "2026-07-02T12:00:00Z", []string{"--location", "America/New_York"}, "2026-07-01T16:00:00Z zone,year"},
		{"--written", kernLog("Jul  1 12:00:00"), "2026-07-02T12:00:00Z", []string{"--location", "UTC", "--written", "2022-07-01"}, "2022-07-01T12:00:00Z zone,year"},
		{"--written in the zone", kernLog("Jul  1 12:00:00"), "2026-07-02T12:00:00Z", []string{"--location", "Asia/Tokyo", "--written", "2022-06-30 11:59:59"}, "2021-07-01T03:00:00Z zone,year"},
		{"dmesg -T", strings.Replace(kernLog("[Wed Jul  1 12:00:00 2026]"), " node7 kernel: [ 5678.901234]", "", 1), "2026-07-02T12:00:00Z", []string{"--location", "Europe/Berlin"}, "2026-07-01T10:00:00Z zone"},
	} {
		args := append(append([]string{"parse"}, c.flags...), logFile(t, c.text, c.written))
		_, out, errOut := call(t, "", args...)
		if got := times(t, out); len(got) != 1 || got[0] != c.want || errOut != "" {
			t.Errorf("%s: %q %s, want %q", c.what, got, errOut, c.want)
		}
	}
}

// TestTimeOfAStream: what comes through a pipe is written now, and so is a file that has lost its
// time.
func TestTimeOfAStream(t *testing.T) {
	yesterday := time.Now().UTC().Add(-24 * time.Hour).Truncate(time.Second)
	text := kernLog(yesterday.Format(time.Stamp))
	want := yesterday.Format(time.RFC3339) + " zone,year"
	_, out, _ := call(t, text, "parse", "--location", "UTC")
	if got := times(t, out); len(got) != 1 || got[0] != want {
		t.Errorf("standard input: %q, want %q", got, want)
	}
	_, out, _ = call(t, "", "parse", "--location", "UTC", logFile(t, text, "1980-01-01T00:00:00Z"))
	if got := times(t, out); len(got) != 1 || got[0] != want {
		t.Errorf("a file without a time: %q, want %q", got, want)
	}
	f, err := os.Open(logFile(t, kernLog("Jul  1 12:00:00"), "2019-05-02T12:00:00Z"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var o, e strings.Builder
	run([]string{"parse", "--location", "UTC"}, f, &o, &e)
	if got := times(t, o.String()); len(got) != 1 || got[0] != "2018-07-01T12:00:00Z zone,year" {
		t.Errorf("a file as standard input: %q", got)
	}
}

// TestTimeOnAPage: page and report say when.
func TestTimeOnAPage(t *testing.T) {
	path := logFile(t, kernLog("Jul  1 12:00:00"), "2019-05-02T12:00:00Z")
	for _, command := range [][]string{{"explain"}, {"report"}, {"parse", "-o", "text"}} {
		args := append(command, "--location", "UTC", path)
		if _, out, _ := call(t, "", args...); !strings.Contains(out, "2018-07-01T12:00:00Z") {
			t.Errorf("%v: no time: %s", command, out)
		}
	}
}

// TestMachineZone: without --location it is the machine's own.
func TestMachineZone(t *testing.T) {
	was := time.Local
	defer func() { time.Local = was }()
	time.Local = time.FixedZone("", 2*60*60)
	_, out, _ := call(t, "", "parse", logFile(t, kernLog("Jul  1 12:00:00"), "2026-07-02T12:00:00Z"))
	if got := times(t, out); len(got) != 1 || got[0] != "2026-07-01T10:00:00Z zone,year" {
		t.Errorf("%q", got)
	}
}

func TestWrongTimes(t *testing.T) {
	for _, c := range [][]string{
		{"--location", "Mars/Olympus", "Europe/Berlin"},
		{"--location", "../../etc/passwd", "Europe/Berlin"},
		{"--written", "yesterday", "2026-05-01"},
		{"--written", "2026-02-30", "2026-05-01"},
		{"--written", "1969-05-01", "later"},
	} {
		code, _, errOut := call(t, "", "parse", c[0], c[1])
		if code != exitUsage || strings.Count(errOut, "\n") != 1 || !strings.Contains(errOut, c[0]+": ") || !strings.Contains(errOut, `"`+c[1]+`"`) || !strings.Contains(errOut, c[2]) {
			t.Errorf("%v: exit %d, %s", c, code, errOut)
		}
	}
}
