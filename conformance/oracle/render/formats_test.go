// SPDX-License-Identifier: Apache-2.0

package render

import (
	"strings"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/conformance/oracle/contract"
	"github.com/oomtrail/oomtrail/parser"
)

// TestFormatsAgree gives the same reports to the parser in every format: all attributes are the
// same but those of the format itself, and the ids are the same wherever the kernel's stamp is.
func TestFormatsAgree(t *testing.T) {
	for i, name := range []string{"2.6.24", "rhel7.7", "4.19", "5.10", "6.8", "7.3"} {
		k := KernelNamed(name)
		for _, s := range Scenarios {
			if !s.Possible(k) {
				continue
			}
			reference := recordsIn(t, k, s, int64(i), Formats[0])
			for _, format := range Formats[1:] {
				// These hold less of a long record, or mark it otherwise.
				if format.SplitsRecords || strings.Contains(format.Name, "caller") {
					continue
				}
				records := recordsIn(t, k, s, int64(i), format)
				if len(records) != len(reference) {
					t.Errorf("%s, %s, %s: %d records, from /dev/kmsg %d", name, s.Title, format.Name, len(records), len(reference))
					continue
				}
				for n := range records {
					if difference := differ(records[n], reference[n], format, s.Bare && !format.Sequence); difference != "" {
						t.Errorf("%s, %s, %s, record %d:\n%s", name, s.Title, format.Name, n, difference)
					}
				}
			}
		}
	}
}

func recordsIn(t *testing.T, k Kernel, s Scenario, seed int64, format Format) []*parser.Record {
	t.Helper()
	text, _ := format.Put(Stored(k, false, Report(k, s, NewValues(seed, Ordinary))))
	return parse(t, text, parser.Options{})
}

// differ returns the attributes in which a record differs from that of /dev/kmsg and must not, a
// line each. doubtful is set for a kill line by itself where no numbers prove that the kernel held
// its report back.
func differ(got, want *parser.Record, format Format, doubtful bool) string {
	values := func(r *parser.Record) contract.Record {
		m := contract.Record{"body": r.Body}
		for a := range r.Attrs() {
			m[a.Name] = a.Value.Any()
		}
		if !format.Uptime {
			delete(m, "log.record.uid")
			delete(m, "oom.record.key")
			delete(m, "oom.report.id")
		}
		if doubtful {
			delete(m, "oom.report.complete")
			delete(m, "oom.report.missing")
			delete(m, "oom.diagnosis.advice")
		}
		return m
	}
	return strings.Join(contract.Differences(values(got), values(want)), "\n")
}

// TestStamps checks the time of each record against the stamp of its kill line.
func TestStamps(t *testing.T) {
	k, s := KernelNamed("6.8"), Scenarios[0]
	records := Report(k, s, NewValues(4, Ordinary))
	kill := 0
	for i, r := range records {
		if strings.Contains(r.Text, "Killed process") {
			kill = i
		}
	}
	for _, format := range Formats {
		text, _ := format.Put(records)
		got := parse(t, text, parser.Options{})
		if len(got) != 1 {
			t.Errorf("%s: %d records", format.Name, len(got))
			continue
		}
		r := got[0]
		if r.Text("oom.trust") != "unverified" {
			t.Errorf("%s: %s, and nobody vouches for the text", format.Name, r.Text("oom.trust"))
		}
		if r.HasUptime != format.Uptime || r.HasUptime && r.Uptime != Uptime(kill) {
			t.Errorf("%s: uptime %d, %v, want %d, %v", format.Name, r.Uptime, r.HasUptime, Uptime(kill), format.Uptime)
		}
		wall := Wall(kill)
		if strings.Contains(format.Name, "short-iso") && !strings.Contains(format.Name, "precise") || strings.Contains(format.Name, "short-full") {
			wall = wall.Truncate(time.Second)
		}
		if format.Wall != !r.Time.IsZero() || format.Wall && !r.Time.Equal(wall) {
			t.Errorf("%s: time %v, want %v, %v", format.Name, r.Time, wall, format.Wall)
		}
		if assumed := r.Text("oom.time.assumed"); assumed != "" {
			t.Errorf("%s: assumed %s, and nothing was there to assume it from", format.Name, assumed)
		}
		checkLocalTime(t, format, text, r, wall)
	}
}

// checkLocalTime reads a report again with a zone and a reference: a form that prints any wall
// clock then has the time, and what is known of it changes neither an id nor a time that the form
// tells in full.
func checkLocalTime(t *testing.T, format Format, text []byte, plain *parser.Record, wall time.Time) {
	t.Helper()
	const east = 2 * time.Hour
	written := Wall(0).Add(300 * 24 * time.Hour)
	r := parse(t, text, parser.Options{
		Location: time.FixedZone("", int(east/time.Second)), Reference: func() time.Time { return written },
	})[0]
	assumed := ""
	if format.Local {
		wall = wall.Add(-east)
		assumed = "zone,year"
		switch format.Name {
		case "dmesg -T":
			assumed, wall = "zone", wall.Truncate(time.Second)
		case "dmesg reltime": // its date ends with the minute, the lines behind it count on from that
			wall = r.Time
			if d := r.Time.Sub(Wall(0).Add(-east).Truncate(time.Minute)); d < 0 || d > time.Minute {
				t.Errorf("%s: time %v", format.Name, r.Time)
			}
		case "journalctl short-precise":
			wall = wall.Truncate(time.Microsecond)
		default:
			wall = wall.Truncate(time.Second)
		}
	}
	if !format.Local && !format.Wall {
		wall = time.Time{}
	}
	if !r.Time.Equal(wall) || r.Text("oom.time.assumed") != assumed {
		t.Errorf("%s: time %v (%s), want %v (%s)", format.Name, r.Time, r.Text("oom.time.assumed"), wall, assumed)
	}
	for _, id := range []string{"log.record.uid", "oom.report.id", "oom.record.key", "oom.time.original"} {
		if r.Text(id) != plain.Text(id) {
			t.Errorf("%s: %s depends on the zone and the reference", format.Name, id)
		}
	}
}
