// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// yearsLog is a log with a line a day, and a kill on each of the days given.
func yearsLog(from, to time.Time, kills ...time.Time) string {
	var b strings.Builder
	for at := from; !at.After(to); at = at.AddDate(0, 0, 1) {
		fmt.Fprintf(&b, "%s node7 kernel: usb 1-1: new device\n", at.Format(time.Stamp))
		for _, k := range kills {
			if k.Equal(at) {
				b.WriteString(strings.Replace(kernLog(at.Format(time.Stamp)), "4242", fmt.Sprint(k.Unix()/86400), 1))
			}
		}
	}
	return b.String()
}

// big makes a log as large that not all of it is looked at unasked.
func big(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		b.WriteString(line)
		for range 1 + 2<<20/len(text) {
			b.WriteString(line[:len("Jan  3 00:00:00 node7 kernel: ")] + "usb 1-1: another device\n")
		}
	}
	return b.String()
}

// TestYearsNeverRunBack: in a log that is longer than a year each line is of its own year.
func TestYearsNeverRunBack(t *testing.T) {
	day := func(s string) time.Time {
		at, err := time.Parse(time.DateOnly, s)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	for _, c := range []struct {
		from, to string
		kills    []string
	}{
		{"2025-12-01", "2026-01-15", []string{"2025-12-31", "2026-01-01", "2026-01-15"}},
		{"2025-01-03", "2026-01-15", []string{"2025-01-03", "2025-01-31", "2025-02-01", "2025-12-31", "2026-01-01", "2026-01-15"}},
		{"2022-11-20", "2026-01-15", []string{"2022-11-20", "2022-12-31", "2023-01-01", "2023-06-01", "2024-01-10", "2024-02-29", "2024-12-20", "2025-01-10", "2025-12-31", "2026-01-15"}},
		{"2025-01-20", "2026-12-31", []string{"2025-01-20", "2025-12-31", "2026-01-01", "2026-12-31"}},
	} {
		var kills []time.Time
		var want []string
		for _, k := range c.kills {
			kills = append(kills, day(k))
			want = append(want, k+"T00:00:00Z zone,year")
		}
		text := yearsLog(day(c.from), day(c.to), kills...)
		for _, text := range []string{text, big(text)} {
			for _, command := range []string{"parse", "report"} {
				_, out, errOut := call(t, "", command, "--location", "UTC", logFile(t, text, c.to+"T00:00:05Z"))
				if command == "parse" {
					if got := times(t, out); strings.Join(got, "\n") != strings.Join(want, "\n") {
						t.Errorf("%s to %s: %q %s, want %q", c.from, c.to, got, errOut, want)
					}
					continue
				}
				for _, k := range c.kills {
					if !strings.Contains(out, k+"T00:00:00Z") {
						t.Errorf("%s to %s: no report of %s", c.from, c.to, k)
					}
				}
			}
		}
	}
}

// TestYearsOfClocksThatFallBack: a machine whose clock begins with some date at each start does not
// send its log back through the years.
func TestYearsOfClocksThatFallBack(t *testing.T) {
	written, err := time.Parse(time.DateOnly, "2026-12-20")
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for boot := range 50 {
		b.WriteString("Jan  1 00:00:03 node7 kernel: Linux version 6.1\n")
		b.WriteString(kernLog(written.Add(time.Duration(boot-50) * time.Hour).Format(time.Stamp)))
	}
	_, out, _ := call(t, "", "parse", "--location", "UTC", logFile(t, b.String(), "2026-12-20T00:00:00Z"))
	got := times(t, out)
	if len(got) == 0 {
		t.Fatal("no record")
	}
	for _, at := range got {
		if !strings.HasPrefix(at, "2026-12-") {
			t.Errorf("%s", at)
		}
	}
}

// TestYearsOfNewestFirst: such a log is dated as any other.
func TestYearsOfNewestFirst(t *testing.T) {
	from, to := time.Date(2025, 11, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 1, 15, 0, 0, 0, 0, time.UTC)
	lines := strings.SplitAfter(yearsLog(from, to, from, to), "\n")
	var b strings.Builder
	for i := len(lines) - 1; i >= 0; i-- {
		b.WriteString(lines[i])
	}
	_, out, _ := call(t, "", "parse", "--location", "UTC", logFile(t, b.String(), "2026-01-15T00:00:05Z"))
	got := strings.Join(times(t, out), "\n")
	if !strings.Contains(got, "2026-01-15T00:00:00Z") || !strings.Contains(got, "2025-11-01T00:00:00Z") {
		t.Errorf("%s", got)
	}
}
