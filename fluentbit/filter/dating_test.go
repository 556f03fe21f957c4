// SPDX-License-Identifier: Apache-2.0

package filter

import (
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/fluentbit/fbtest"
	"github.com/oomtrail/oomtrail/fluentbit/form"
)

// TestTimeOfALine: a line that bears a stamp is dated by it, not by when it was read, whatever the
// zone and year that the input guessed.
func TestTimeOfALine(t *testing.T) {
	read := time.Date(2027, 1, 1, 12, 0, 5, 0, time.UTC)
	guessed := time.Date(2027, 12, 31, 23, 59, 59, 0, time.UTC) // what a parser of such a stamp makes of it in the new year
	log := func(text string) []form.KV { return []form.KV{{Key: "log", Value: text}} }
	parsed := func(stamp string) []form.KV {
		return []form.KV{{Key: "pri", Value: "3"}, {Key: "time", Value: stamp}, {Key: "host", Value: "n"}, {Key: "ident", Value: "kernel"}, {Key: "message", Value: "[    9.000000] " + kill}}
	}
	for _, c := range []struct {
		what, location string
		event          fbtest.Event
		want, assumed  string
	}{
		{"kern.log", "Europe/Berlin", fbtest.Event{Time: read, Record: log("Dec 31 23:59:59 n kernel: [    9.000000] " + kill)}, "2026-12-31T22:59:59Z", "zone,year"},
		{"dmesg -T", "Europe/Berlin", fbtest.Event{Time: read, Record: log("[Thu Dec 31 23:59:59 2026] " + kill)}, "2026-12-31T22:59:59Z", "zone"},
		{"ISO", "Europe/Berlin", fbtest.Event{Time: read, Record: log("2026-12-31T23:59:59+05:30 n kernel: " + kill)}, "2026-12-31T18:29:59Z", ""},
		{"a parser's stamp", "America/New_York", fbtest.Event{Time: guessed, Record: parsed("Dec 31 23:59:59")}, "2027-01-01T04:59:59Z", "zone,year"},
		{"a parser's stamp with a zone", "America/New_York", fbtest.Event{Time: guessed, Record: parsed("2026-12-31T23:59:59Z")}, "2026-12-31T23:59:59Z", ""},
		{"a parser's stamp that is none", "UTC", fbtest.Event{Time: read, Record: parsed("soon")}, "2027-01-01T12:00:05Z", ""},
		{"no time of the event", "UTC", fbtest.Event{Record: log("Dec 31 23:59:59 n kernel: [    9.000000] " + kill)}, "2026-12-31T23:59:59Z", "zone,year"},
	} {
		f, _ := newFilter(t, "Format", "flat", "Mode", "only", "Location", c.location)
		f.now = func() time.Time { return read.Add(time.Minute) }
		var out []fbtest.Decoded
		out = append(out, run(t, f, "tag", c.event)...)
		f.now = func() time.Time { return read.Add(time.Hour) }
		out = append(out, run(t, f, "tag", fbtest.Event{Time: read.Add(time.Hour), Record: log(noise)})...)
		if len(out) != 1 {
			t.Errorf("%s: %d records", c.what, len(out))
			continue
		}
		assumed, _ := out[0].Record["oom.time.assumed"].(string)
		if out[0].Record["time"] != c.want || assumed != c.assumed || out[0].Time.UTC().Format(time.RFC3339) != c.want {
			t.Errorf("%s: time %v (%s), event %v, want %s (%s)", c.what, out[0].Record["time"], assumed, out[0].Time.UTC(), c.want, c.assumed)
		}
	}
}

// TestTimeOfTheMachine: without Location a stamp is in the machine's own zone.
func TestTimeOfTheMachine(t *testing.T) {
	was := time.Local
	defer func() { time.Local = was }()
	time.Local = time.FixedZone("", -5*60*60)
	f, _ := newFilter(t, "Format", "flat", "Mode", "only")
	at := time.Date(2026, 7, 2, 0, 0, 0, 0, time.UTC)
	f.now = func() time.Time { return at }
	out := run(t, f, "tag", fbtest.Event{Time: at, Record: []form.KV{{Key: "log", Value: "Jul  1 12:00:00 n kernel: [    9.000000] " + kill}}})
	f.now = func() time.Time { return at.Add(time.Hour) }
	out = append(out, run(t, f, "tag", fbtest.Event{Time: at.Add(time.Hour), Record: []form.KV{{Key: "log", Value: noise}}})...)
	if len(out) != 1 || out[0].Record["time"] != "2026-07-01T17:00:00Z" {
		t.Errorf("%v", out)
	}
}
