// SPDX-License-Identifier: Apache-2.0

package timeline

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/internal/kill"
	"github.com/oomtrail/oomtrail/parser/record"
)

var start = time.Date(2026, 5, 1, 6, 0, 0, 0, time.UTC)

// at is a kill of a unit at a time; attrs are further names and values.
func at(number int, t time.Time, unit string, attrs ...string) kill.Kill {
	r := &record.Record{Time: t}
	attrs = append(attrs, "systemd.unit.name", unit)
	if !slices.Contains(attrs, "event.name") {
		attrs = append(attrs, "event.name", record.EventKill)
	}
	for i := 0; i < len(attrs); i += 2 {
		r = r.With(record.Attr{Name: attrs[i], Value: record.StringValue(attrs[i+1])})
	}
	return kill.Kill{Number: number, Record: r}
}

// text writes a timeline in lines: its ends, and each lane with the columns of its events.
func text(t *Timeline) string {
	if t == nil {
		return "none"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s to %s by %s, %d untimed\n", t.Text(t.From), t.Text(t.To), t.Subject, t.Untimed)
	for _, l := range append([]Lane{t.All}, t.Lanes...) {
		fmt.Fprintf(&b, "%s %d+%d:", l.Name, l.Kills, l.Others)
		for _, c := range l.Cells {
			fmt.Fprintf(&b, " %d", c.Column)
			if c.Events() > 1 {
				fmt.Fprintf(&b, "x%d", c.Events())
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func TestOf(t *testing.T) {
	minute := func(n int) time.Time { return start.Add(time.Duration(n) * time.Minute) }
	since := func(number int, uptime int64, source string) kill.Kill {
		k := at(number, time.Time{}, "a")
		k.Record.Uptime, k.Record.HasUptime, k.Source = uptime, true, source
		return k
	}
	for what, c := range map[string]struct {
		kills []kill.Kill
		want  string
	}{
		"none":           {nil, "none"},
		"one":            {[]kill.Kill{at(1, start, "a")}, "none"},
		"one has a time": {[]kill.Kill{at(1, start, "a"), at(2, time.Time{}, "a")}, "none"},
		"repeats": {[]kill.Kill{at(1, minute(0), "a"), at(2, minute(60), "b"), at(3, minute(119), "b"), at(4, minute(120), "b")},
			"2026-05-01 06:00:00 to 2026-05-01 08:00:00 by workload, 0 untimed\nall 4+0: 0 60 119x2\nb 3+0: 60 119x2\na 1+0: 0\n"},
		"out of order": {[]kill.Kill{at(1, minute(120), "a"), at(2, minute(0), "a")},
			"2026-05-01 06:00:00 to 2026-05-01 08:00:00 by workload, 0 untimed\nall 2+0: 0 119\na 2+0: 0 119\n"},
		"at once": {[]kill.Kill{at(1, start, "a"), at(2, start, "a")},
			"2026-05-01 06:00:00 to 2026-05-01 06:00:00 by workload, 0 untimed\nall 2+0: 0x2\na 2+0: 0x2\n"},
		"untimed": {[]kill.Kill{at(1, minute(0), "a"), at(2, time.Time{}, "a"), at(3, minute(120), "a")},
			"2026-05-01 06:00:00 to 2026-05-01 08:00:00 by workload, 1 untimed\nall 2+0: 0 119\na 2+0: 0 119\n"},
		"no kill": {[]kill.Kill{at(1, minute(0), "a", "event.name", record.EventEviction), at(2, minute(120), "b")},
			"2026-05-01 06:00:00 to 2026-05-01 08:00:00 by workload, 0 untimed\nall 1+1: 0 119\nb 1+0: 119\na 0+1: 0\n"},
		"since boot": {[]kill.Kill{since(1, 1e6, "x"), since(2, 1e6, "x"), since(3, 11e6, "x")},
			"boot + 1.0 s to boot + 11.0 s by workload, 0 untimed\nall 3+0: 0x2 119\na 3+0: 0x2 119\n"},
		"since two boots":       {[]kill.Kill{since(1, 11e6, "x"), since(2, 1e6, "x")}, "none"},
		"since boot, two files": {[]kill.Kill{since(1, 1e6, "x"), since(2, 11e6, "y")}, "none"},
		"some since boot":       {[]kill.Kill{since(1, 1e6, "x"), at(2, time.Time{}, "a")}, "none"},
	} {
		if got := text(Of(c.kills, time.UTC)); got != c.want {
			t.Errorf("%s:\n%s, want\n%s", what, got, c.want)
		}
	}
}

// TestLanes: lanes are of workloads, where there are too many of namespaces or hosts; where those
// are too many as well, the workloads with the most kills have lanes, and all others have one.
func TestLanes(t *testing.T) {
	made := func(workloads, namespaces, hosts int) (kills []kill.Kill) {
		for i := range 200 {
			kills = append(kills, at(i+1, start.Add(time.Duration(i)*time.Second), fmt.Sprint("u", i*i%211%workloads),
				"k8s.namespace.name", fmt.Sprint("n", i%namespaces), "host.name", fmt.Sprint("h", i%hosts)))
		}
		return kills
	}
	for _, c := range []struct {
		workloads, namespaces, hosts int
		subject                      string
		lanes                        int
	}{{1, 1, 1, "workload", 1}, {1, 1, 7, "host", 7}, {1, 5, 7, "namespace", 5}, {1, 1, 40, "workload", 1}, {12, 40, 1, "workload", 12}, {50, 12, 2, "namespace", 12}, {50, 1, 2, "host", 2}, {50, 1, 1, "workload", 12}, {100, 100, 100, "workload", 12}} {
		got := Of(made(c.workloads, c.namespaces, c.hosts), time.UTC)
		if got.Subject != c.subject || len(got.Lanes) != c.lanes {
			t.Errorf("%v: %d lanes by %s", c, len(got.Lanes), got.Subject)
		}
		kills := 0
		for i, l := range got.Lanes {
			kills += l.Kills
			if l.Rest != (c.workloads > MostLanes && c.subject == "workload" && i == MostLanes-1) {
				t.Errorf("%v: lane %d is %q", c, i, l.Name)
			}
			if i > 0 && !l.Rest && l.Kills > got.Lanes[i-1].Kills {
				t.Errorf("%v: lane %d has more kills than that before it", c, i)
			}
		}
		if kills != 200 || got.All.Kills != 200 {
			t.Errorf("%v: %d kills in lanes, %d in all", c, kills, got.All.Kills)
		}
	}
}

// TestBurst: the most kills within a minute, wherever minutes begin.
func TestBurst(t *testing.T) {
	var kills []kill.Kill
	for _, s := range []int{0, 100, 110, 159, 161, 165, 900} {
		kills = append(kills, at(len(kills)+1, start.Add(time.Duration(s)*time.Second), "a"))
	}
	kills = append(kills, at(8, start.Add(120*time.Second), "a", "event.name", record.EventEviction)) // is none
	got := Of(kills, time.UTC).Burst
	if got.Kills != 4 || !got.First.Equal(start.Add(110*time.Second)) || !got.Last.Equal(start.Add(165*time.Second)) {
		t.Errorf("%+v", got)
	}
}

// TestTicks: round times of the zone, few, and inside, whatever the span: also over the hour that
// summer time leaves out, and over years.
func TestTicks(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	labels := func(from, to time.Time) string {
		got := Of([]kill.Kill{at(1, from, "a"), at(2, to, "a")}, from.Location())
		var words []string
		var before time.Time
		for _, tick := range got.Ticks {
			label, date := got.Label(tick, before)
			words, before = append(words, strings.TrimSpace(label+" "+date)), tick
		}
		return strings.Join(words, ", ")
	}
	winter := time.Date(2026, 3, 28, 20, 10, 0, 0, berlin)
	for _, c := range []struct {
		from, to time.Time
		want     string
	}{
		{start, start, "06:00:00.000 2026-05-01"},
		{start.Add(time.Second / 2), start.Add(5 * time.Second), "06:00:01 2026-05-01, 06:00:02, 06:00:03, 06:00:04, 06:00:05"},
		{start.Add(time.Minute), start.Add(time.Hour), "06:15 2026-05-01, 06:30, 06:45, 07:00"},
		{winter, winter.Add(16 * time.Hour), "21:00 2026-03-28, 00:00 2026-03-29, 04:00, 07:00, 10:00, 13:00"},
		{winter, winter.Add(4 * 24 * time.Hour), "2026-03-29, 2026-03-30, 2026-03-31, 2026-04-01"},
		{start, start.AddDate(0, 5, 0), "2026-06, 2026-07, 2026-08, 2026-09, 2026-10"},
		{start, start.AddDate(4, 0, 0), "2027, 2028, 2029, 2030"},
		{start, start.AddDate(40, 0, 0), "2033, 2040, 2047, 2054, 2061"},
	} {
		if got := labels(c.from, c.to); got != c.want {
			t.Errorf("%s to %s: %s, want %s", c.from, c.to, got, c.want)
		}
	}
	random := rand.New(rand.NewPCG(4, 2))
	for range 2000 {
		from := time.Unix(random.Int64N(1<<36)-1<<35, random.Int64N(1e9)).In(berlin)
		to := from.Add(time.Duration(random.Int64N(1 << random.IntN(63))))
		ticks := Of([]kill.Kill{at(1, from, "a"), at(2, to, "a")}, berlin).Ticks
		if len(ticks) > mostTicks+1 || !slices.IsSortedFunc(ticks, time.Time.Compare) || len(ticks) > 0 && (ticks[0].Before(from) || ticks[len(ticks)-1].After(to)) {
			t.Fatalf("%s to %s: %s", from, to, ticks)
		}
	}
}

// TestAnyTime: whatever times a log has, no column is outside and none is lost.
func TestAnyTime(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for round := range 300 {
		var kills []kill.Kill
		for i := range 2 + random.IntN(50) {
			at := at(i+1, time.Unix(random.Int64N(1<<random.IntN(62)), 0), fmt.Sprint(random.IntN(20)))
			if round%3 == 0 {
				at.Record.Time = time.Date(random.IntN(20000)-9999, 1, 1, 0, 0, 0, 0, time.UTC)
			}
			kills = append(kills, at)
		}
		got := Of(kills, time.UTC)
		events := 0
		for _, l := range got.Lanes {
			for _, c := range l.Cells {
				events += c.Events()
				if c.Column < 0 || c.Column >= Columns || c.First.After(c.Last) {
					t.Fatalf("%+v", c)
				}
			}
		}
		if events != len(kills) {
			t.Fatalf("%d events, want %d", events, len(kills))
		}
	}
}

// TestCover: how long a column is, in the unit that people would use.
func TestCover(t *testing.T) {
	for span, want := range map[time.Duration]string{0: "2 ms", 6 * time.Second: "50 ms", 10 * time.Minute: "5 s", 6 * 24 * time.Hour: "72 min", 365 * 24 * time.Hour: "3 days"} {
		got := Of([]kill.Kill{at(1, start, "a"), at(2, start.Add(span), "a")}, time.UTC).Cover()
		if got != want {
			t.Errorf("%s: %s, want %s", span, got, want)
		}
	}
}
