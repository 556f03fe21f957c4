// SPDX-License-Identifier: Apache-2.0

package format

import (
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/parser/report"
)

// instants decodes lines and returns the time of each, and what was assumed.
func instants(d *Decoder, lines ...string) (times []string) {
	for _, line := range lines {
		d.Decode([]byte(line), func(l *Line) {
			t := "-"
			if !l.Wall.IsZero() {
				t = l.Wall.UTC().Format(time.RFC3339Nano)
			}
			times = append(times, t+" "+l.Assumed.String())
		})
	}
	return times
}

func location(t *testing.T, name string) *time.Location {
	t.Helper()
	l, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func at(t time.Time) func() time.Time { return func() time.Time { return t } }

func utc(t *testing.T, s string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestDates(t *testing.T) {
	const text = " node7 kernel: [ 5678.901234] hello"
	for _, c := range []struct {
		what, zone, reference, line, want string
	}{
		{"kern.log", "Europe/Berlin", "2026-03-02T12:00:00Z", "Mar  2 12:30:00" + text, "2026-03-02T11:30:00Z zone,year"},
		{"journalctl", "Europe/Berlin", "2026-03-02T12:00:00Z", "Mar 02 12:30:00" + text, "2026-03-02T11:30:00Z zone,year"},
		{"short-precise", "UTC", "2026-03-02T12:00:00Z", "Mar 02 11:30:00.250000" + text, "2026-03-02T11:30:00.25Z zone,year"},
		{"short-full of here", "Europe/Berlin", "", "Mon 2026-03-02 12:30:00 CET" + text, "2026-03-02T11:30:00Z zone"},
		{"short-full of elsewhere", "UTC", "", "Mon 2026-03-02 12:30:00 CET" + text, "2026-03-02T11:30:00Z zone"},
		{"short-full, an ambiguous name", "UTC", "", "Mon 2026-03-02 12:30:00 IST" + text, "- "},
		{"short-full, that name at home", "Asia/Kolkata", "", "Mon 2026-03-02 12:30:00 IST" + text, "2026-03-02T07:00:00Z zone"},
		{"short-full UTC", "Europe/Berlin", "", "Mon 2026-03-02 12:30:00 UTC" + text, "2026-03-02T12:30:00Z "},
		{"ISO with a zone", "Europe/Berlin", "", "2026-03-02T12:30:00+05:30" + text, "2026-03-02T07:00:00Z "},
		{"ISO without", "Europe/Berlin", "", "2026-03-02T12:30:00" + text, "2026-03-02T11:30:00Z zone"},
		{"RFC 5424 without a zone", "Europe/Berlin", "", "<4>1 2026-03-02T12:30:00 node7 kernel - - - hello", "2026-03-02T11:30:00Z zone"},
		{"dmesg -T", "America/New_York", "", "[Mon Mar  2 12:30:00 2026] hello", "2026-03-02T17:30:00Z zone"},
		{"dmesg -T in French", "Europe/Paris", "", "[dim. 19 avril 18:03:30 2026] hello", "2026-04-19T16:03:30Z zone"},
		{"dmesg -T in Turkish", "UTC", "", "[Paz Şub  1 18:03:30 2026] hello", "2026-02-01T18:03:30Z zone"},
		{"dmesg -T in an unknown language", "UTC", "", "[Xyz Abcd 1 18:03:30 2026] hello", "- "},
		{"dmesg -H", "UTC", "2026-03-02T12:00:00Z", "[Mar 2 11:30] hello", "2026-03-02T11:30:00Z zone,year"},
		{"kernel stamp alone", "UTC", "2026-03-02T12:00:00Z", "[ 5678.901234] hello", "- "},

		{"the last day of the old year", "UTC", "2027-01-01T00:00:05Z", "Dec 31 23:59:59" + text, "2026-12-31T23:59:59Z zone,year"},
		{"a clock ahead on new year's eve", "UTC", "2026-12-31T23:59:50Z", "Jan  1 00:00:10" + text, "2027-01-01T00:00:10Z zone,year"},
		{"a clock ahead by hours", "UTC", "2026-03-02T12:00:00Z", "Mar  3 11:00:00" + text, "2026-03-03T11:00:00Z zone,year"},
		{"ahead by more than a day is last year's", "UTC", "2026-03-02T12:00:00Z", "Mar  3 12:00:01" + text, "2025-03-03T12:00:01Z zone,year"},
		{"new year in a zone ahead of UTC", "Pacific/Auckland", "2026-12-31T12:00:00Z", "Jan  1 00:59:00" + text, "2026-12-31T11:59:00Z zone,year"},
		{"29 February", "UTC", "2026-03-02T12:00:00Z", "Feb 29 10:00:00" + text, "2024-02-29T10:00:00Z zone,year"},
		{"29 February over 1900", "UTC", "1903-03-02T12:00:00Z", "Feb 29 10:00:00" + text, "1896-02-29T10:00:00Z zone,year"},
		{"29 February of no leap year", "UTC", "", "[Sun Feb 29 10:00:00 2026] hello", "- "},
		{"30 February", "UTC", "2026-03-02T12:00:00Z", "Feb 30 10:00:00" + text, "- "},
		{"a log older than a year", "UTC", "2019-05-02T12:00:00Z", "Dec  1 10:00:00" + text, "2018-12-01T10:00:00Z zone,year"},

		{"clock put on", "Europe/Berlin", "2026-04-02T12:00:00Z", "Mar 29 02:30:00" + text, "2026-03-29T01:30:00Z zone,year"},
		{"clock put back, CEST", "Europe/Berlin", "", "Sun 2026-10-25 02:30:00 CEST" + text, "2026-10-25T00:30:00Z zone"},
		{"clock put back, CET", "Europe/Berlin", "", "Sun 2026-10-25 02:30:00 CET" + text, "2026-10-25T01:30:00Z zone"},
		{"clock put back, no more known", "Europe/Berlin", "2026-11-02T12:00:00Z", "Oct 25 02:30:00" + text, "2026-10-25T00:30:00Z zone,year"},

		{"no location", "", "2026-03-02T12:00:00Z", "Mar  2 12:30:00" + text, "- "},
		{"no reference", "UTC", "", "Mar  2 12:30:00" + text, "- "},
	} {
		how := Dating{}
		if c.zone != "" {
			how.Location = location(t, c.zone)
		}
		if c.reference != "" {
			how.Reference = at(utc(t, c.reference))
		}
		if got := instants(NewDecoder(report.Auto).Date(how), c.line); len(got) != 1 || got[0] != c.want {
			t.Errorf("%s: %q: %q, want %q", c.what, c.line, got, c.want)
		}
	}
}

// TestDatesOfTheHourTwice: where the clock shows an hour twice, the lines around say which it is.
func TestDatesOfTheHourTwice(t *testing.T) {
	how := Dating{Location: location(t, "Europe/Berlin"), Reference: at(utc(t, "2026-11-02T12:00:00Z"))}
	got := instants(NewDecoder(report.Auto).Date(how),
		"Oct 25 02:59:59 n kernel: a", "Oct 25 02:00:01 n kernel: b", "Oct 25 02:30:00 n kernel: c", "Oct 25 02:29:59 n kernel: d", "Oct 25 03:00:00 n kernel: e")
	check(t, got, "2026-10-25T00:59:59Z zone,year", "2026-10-25T01:00:01Z zone,year", "2026-10-25T01:30:00Z zone,year", "2026-10-25T01:29:59Z zone,year", "2026-10-25T02:00:00Z zone,year")

	got = instants(NewDecoder(report.Auto).Date(how), "Oct 25 02:10:00 n kernel: [ 1000.000000] a", "Oct 25 02:20:00 n kernel: [ 5200.000000] b")
	check(t, got, "2026-10-25T00:10:00Z zone,year", "2026-10-25T01:20:00Z zone,year")

	how.Reference = at(utc(t, "2026-10-25T00:59:59Z")) // the file was last written to before the clock was put back
	got = instants(NewDecoder(report.Auto).Date(how), "Oct 25 02:59:59 n kernel: a", "Oct 25 02:57:01 n kernel: b")
	check(t, got, "2026-10-25T00:59:59Z zone,year", "2026-10-25T00:57:01Z zone,year")
}

// TestDatesOfSteps: lines that say how long after the one before they came are dated by the newest
// date.
func TestDatesOfSteps(t *testing.T) {
	d := NewDecoder(report.Auto).Date(Dating{Location: time.UTC, Reference: at(utc(t, "2026-11-02T12:00:00Z"))})
	got := instants(d, "[  +0.000012] unknown yet", "[Oct24 12:00] a", "[  +2.500000] b", "[  +0.500000] c", "[Oct25 13:01] d", "[  +1.000000] e")
	check(t, got, "- ", "2026-10-24T12:00:00Z zone,year", "2026-10-24T12:00:02.5Z zone,year", "2026-10-24T12:00:03Z zone,year", "2026-10-25T13:01:00Z zone,year", "2026-10-25T13:01:01Z zone,year")
}

// TestDatesOfAStream: the reference moves on with a stream, and the same stamp may then be of
// another year.
func TestDatesOfAStream(t *testing.T) {
	now := utc(t, "2026-12-31T23:59:59Z")
	d := NewDecoder(report.Auto).Date(Dating{Location: time.UTC, Reference: func() time.Time { return now }})
	const stamp = "Jun  1 12:00:00 n kernel: a"
	check(t, instants(d, "Dec 31 23:59:59 n kernel: a", stamp), "2026-12-31T23:59:59Z zone,year", "2026-06-01T12:00:00Z zone,year")
	now = utc(t, "2027-06-01T12:00:01Z")
	check(t, instants(d, stamp), "2027-06-01T12:00:00Z zone,year")
}

// TestDatesOfTheBootClock: what is read from a running kernel is dated by when that began to count,
// a second boot by its own.
func TestDatesOfTheBootClock(t *testing.T) {
	lines := []string{"6,1,5000000,-;a", "6,2,6500000,-;b", "6,3,7000000,-;c"}
	want := []string{"2026-03-02T12:00:05Z boot_clock", "2026-03-02T12:00:06.5Z boot_clock", "2026-03-02T12:00:07Z boot_clock"}
	check(t, instants(NewDecoder(report.Kmsg).Date(Dating{Boot: utc(t, "2026-03-02T12:00:00Z")}), lines...), want...)
	check(t, instants(NewDecoder(report.Kmsg), lines...), "- ", "- ", "- ")
}

// TestDatesAllocateNothing: the time of a line costs no memory.
func TestDatesAllocateNothing(t *testing.T) {
	d := NewDecoder(report.Auto).Date(Dating{Location: location(t, "Europe/Berlin"), Reference: at(utc(t, "2026-11-02T12:00:00Z"))})
	lines := [][]byte{[]byte("Oct 25 02:00:00 n kernel: a"), []byte("Sun 2026-10-25 02:30:00 CEST n kernel: a"), []byte("[Sun Oct 25 02:30:00 2026] a")}
	emit := func(*Line) {}
	if n := testing.AllocsPerRun(100, func() {
		for _, line := range lines {
			d.Decode(line, emit)
		}
	}); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

func check(t *testing.T, got []string, want ...string) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%q, want %q", got, want)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("%d: %q, want %q", i, got[i], want[i])
		}
	}
}

// TestOrderOverNewYear: where the year is known, January comes after December.
func TestOrderOverNewYear(t *testing.T) {
	d := NewDecoder(report.Auto).Date(Dating{Location: time.UTC, Reference: at(utc(t, "2026-01-02T12:00:00Z"))})
	var last time.Duration
	for i, line := range []string{"Dec 31 23:59:59 n kernel: a", "Jan  1 00:00:00 n kernel: b"} {
		d.Decode([]byte(line), func(l *Line) {
			at, ok := l.LogTime()
			if !ok || i > 0 && at-last != time.Second {
				t.Errorf("%q: %v after %v", line, at, last)
			}
			last = at
		})
	}
}
