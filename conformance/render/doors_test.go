// SPDX-License-Identifier: Apache-2.0

package render

import (
	"strings"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/conformance/contract"
	"github.com/oomtrail/oomtrail/parser"
)

// TestTransportsAgree gives the same reports to the parser in every transport: all attributes are the same but those of
// the transport itself, and the ids are the same wherever the kernel's stamp is.
func TestTransportsAgree(t *testing.T) {
	for i, name := range []string{"2.6.24", "rhel7.7", "4.19", "5.10", "6.8", "7.3"} {
		k := KernelNamed(name)
		for _, s := range Scenarios {
			if !s.Possible(k) {
				continue
			}
			reference := recordsIn(t, k, s, int64(i), Transports[0])
			for _, transport := range Transports[1:] {
				// These hold less of a long record, or mark it otherwise.
				if transport.SplitsRecords || strings.Contains(transport.Name, "caller") {
					continue
				}
				records := recordsIn(t, k, s, int64(i), transport)
				if len(records) != len(reference) {
					t.Errorf("%s, %s, %s: %d records, from /dev/kmsg %d", name, s.Title, transport.Name, len(records), len(reference))
					continue
				}
				for n := range records {
					if difference := differ(records[n], reference[n], transport, s.Bare && !transport.Sequence); difference != "" {
						t.Errorf("%s, %s, %s, record %d:\n%s", name, s.Title, transport.Name, n, difference)
					}
				}
			}
		}
	}
}

func recordsIn(t *testing.T, k Kernel, s Scenario, seed int64, transport Transport) []*parser.Record {
	t.Helper()
	text, _ := transport.Put(Stored(k, false, Report(k, s, NewValues(seed, Ordinary))))
	return parse(t, text, parser.Options{})
}

// differ returns the attributes in which a record differs from that of /dev/kmsg and must not, a line each. doubtful is set for a kill
// line by itself where no numbers prove that the kernel held its report back.
func differ(got, want *parser.Record, transport Transport, doubtful bool) string {
	values := func(r *parser.Record) contract.Record {
		m := contract.Record{"body": r.Body}
		for a := range r.Attrs() {
			m[a.Name] = a.Value.Any()
		}
		if !transport.Uptime {
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
	for _, transport := range Transports {
		text, _ := transport.Put(records)
		got := parse(t, text, parser.Options{})
		if len(got) != 1 {
			t.Errorf("%s: %d records", transport.Name, len(got))
			continue
		}
		r := got[0]
		if r.Text("oom.trust") != "unverified" {
			t.Errorf("%s: %s, and nobody vouches for the text", transport.Name, r.Text("oom.trust"))
		}
		if r.HasUptime != transport.Uptime || r.HasUptime && r.Uptime != Uptime(kill) {
			t.Errorf("%s: uptime %d, %v, want %d, %v", transport.Name, r.Uptime, r.HasUptime, Uptime(kill), transport.Uptime)
		}
		wall := Wall(kill)
		if strings.Contains(transport.Name, "short-iso") && !strings.Contains(transport.Name, "precise") || strings.Contains(transport.Name, "short-full") {
			wall = wall.Truncate(time.Second)
		}
		if transport.Wall != !r.Time.IsZero() || transport.Wall && !r.Time.Equal(wall) {
			t.Errorf("%s: time %v, want %v, %v", transport.Name, r.Time, wall, transport.Wall)
		}
		if assumed := r.Text("oom.time.assumed"); assumed != "" {
			t.Errorf("%s: assumed %s, and nothing was there to assume it from", transport.Name, assumed)
		}
		checkLocalTime(t, transport, text, r, wall)
	}
}

// checkLocalTime reads a report again with a zone and a reference: a form that prints any wall clock then has the time, and what is known
// of it changes neither an id nor a time that the form tells in full.
func checkLocalTime(t *testing.T, transport Transport, text []byte, plain *parser.Record, wall time.Time) {
	t.Helper()
	const east = 2 * time.Hour
	written := Wall(0).Add(300 * 24 * time.Hour)
	r := parse(t, text, parser.Options{
		Location: time.FixedZone("", int(east/time.Second)), Reference: func() time.Time { return written },
	})[0]
	assumed := ""
	if transport.Local {
		wall = wall.Add(-east)
		assumed = "zone,year"
		switch transport.Name {
		case "dmesg -T":
			assumed, wall = "zone", wall.Truncate(time.Second)
		case "dmesg reltime": // its date ends with the minute, the lines behind it count on from that
			wall = r.Time
			if d := r.Time.Sub(Wall(0).Add(-east).Truncate(time.Minute)); d < 0 || d > time.Minute {
				t.Errorf("%s: time %v", transport.Name, r.Time)
			}
		case "journalctl short-precise":
			wall = wall.Truncate(time.Microsecond)
		default:
			wall = wall.Truncate(time.Second)
		}
	}
	if !transport.Local && !transport.Wall {
		wall = time.Time{}
	}
	if !r.Time.Equal(wall) || r.Text("oom.time.assumed") != assumed {
		t.Errorf("%s: time %v (%s), want %v (%s)", transport.Name, r.Time, r.Text("oom.time.assumed"), wall, assumed)
	}
	for _, id := range []string{"log.record.uid", "oom.report.id", "oom.record.key", "oom.time.original"} {
		if r.Text(id) != plain.Text(id) {
			t.Errorf("%s: %s depends on the zone and the reference", transport.Name, id)
		}
	}
}
