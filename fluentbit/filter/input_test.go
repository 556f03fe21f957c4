// SPDX-License-Identifier: Apache-2.0

package filter

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/fluentbit/fbtest"
	"github.com/oomtrail/oomtrail/fluentbit/form"
)

// ownBoot is the boot that the machine of these tests is in.
const ownBoot = "0123456789abcdef0123456789abcdef"

// inOwn makes the lines that our input brings with Emit all, of a facility.
func inOwn(facility, first int64, texts ...string) (events []fbtest.Event) {
	for i, text := range texts {
		k := kmsg(first+int64(i), text)
		k.Priority |= facility << 3
		events = append(events, k.InOwn(ownBoot))
	}
	return events
}

// without returns events without a field, or with another value of it.
func without(field string, value any, events []fbtest.Event) []fbtest.Event {
	for i := range events {
		var kept []form.KV
		for _, kv := range events[i].Record {
			if kv.Key != field {
				kept = append(kept, kv)
			} else if value != nil {
				kept = append(kept, form.KV{Key: field, Value: value})
			}
		}
		events[i].Record = kept
	}
	return events
}

// TestLinesOfTheInput: lines of our input are the kernel's by their facility, those of another
// facility make no record, and what looks like them from any other input proves nothing.
func TestLinesOfTheInput(t *testing.T) {
	own := func() []fbtest.Event { return inOwn(0, 1, reportLines...) }
	for _, test := range []struct {
		name, input string
		events      []fbtest.Event
		want        string // oom.trust, "" for no record
	}{
		{"the kernel", "oom_kill", own(), "verified"},
		{"the kernel, by name", "oom_kill", without("facility", "kern", own()), "verified"},
		{"a user", "oom_kill", inOwn(1, 1, reportLines...), ""},
		{"a daemon", "oom_kill", inOwn(3, 1, reportLines...), ""},
		{"no facility", "oom_kill", without("facility", nil, own()), "unverified"},
		{"no facility that is known", "oom_kill", without("facility", "Frankfurt", own()), "unverified"},
		{"another form", "oom_kill", without("sequence", nil, own()), "unverified"},
		{"a file", "tail", own(), "unverified"},
		{"another node", "forward", own(), "unverified"},
		{"a tag that was rewritten", "emitter", own(), "unverified"},
		{"in_kmsg", "kmsg", own(), "unverified"},
		{"the journal", "systemd", own(), "unverified"},
		{"no input", "", own(), "unverified"},
		{"a user, from elsewhere", "forward", inOwn(1, 1, reportLines...), ""},
	} {
		for trust, records := range map[string]bool{"auto": true, "kernel": test.want == "verified"} {
			f, lines := newFilter(t, "Mode", "only", "Format", "flat", "Trust", trust)
			events := runFrom(t, f, test.input, "kernel", test.events...)
			want := fmt.Sprint([]any{test.want})
			if test.want == "" || !records {
				want = "[]"
			}
			got := []any{}
			for _, e := range events {
				got = append(got, e.Record["oom.trust"])
			}
			if fmt.Sprint(got) != want {
				t.Errorf("%s, Trust %s: %v, want %s", test.name, trust, got, want)
			}
			if warned := strings.Contains(strings.Join(*lines, "\n"), "can be verified"); warned != (trust == "kernel" && test.input != "oom_kill" && test.input != "systemd") {
				t.Errorf("%s, Trust %s: warned %v", test.name, trust, warned)
			}
			for _, e := range events {
				if e.Record["oom.boot.id"] != ownBoot && test.name != "another form" {
					t.Errorf("%s: boot %v", test.name, e.Record["oom.boot.id"])
				}
			}
		}
	}
}

// TestContainersThatImitate: a container's log that has the fields of our input's lines is a
// container's log.
func TestContainersThatImitate(t *testing.T) {
	events := inOwn(0, 1, reportLines...)
	for i := range events {
		events[i].Record = append(events[i].Record, form.KV{Key: "stream", Value: "stdout"})
	}
	for _, source := range []string{"none", "kmsg"} {
		f, _ := newFilter(t, "Mode", "only", "Format", "flat", "Trusted_Source", source)
		for _, e := range runFrom(t, f, "tail", "app", events...) {
			if e.Record["oom.trust"] != "unverified" {
				t.Errorf("Trusted_Source %s: %v", source, e.Record)
			}
		}
	}
}

// TestBehindTheInput: of what our input brings, lines and records, a kill is one record: that of
// the input, in whichever order they come, whatever either calls the host, and though the filter
// takes records from nobody.
func TestBehindTheInput(t *testing.T) {
	lines := fbtest.Chunk(inOwn(0, 1, append(reportLines, noise)...)...)
	for _, format := range formats {
		for _, host := range []string{"", "node-7"} {
			input, _ := newFilter(t, "Format", format, "Host_Name", "here", "Mode", "only")
			made, _ := input.RunFrom("oom_kill", []byte("k"), lines)
			if !bytes.Contains(made, []byte("\xa8verified")) {
				t.Fatalf("%s: no record", format)
			}
			for name, chunks := range map[string][][]byte{
				"records alone": {made}, "lines, then the record": {append(bytes.Clone(lines), made...)}, "in two chunks": {made, lines},
				"the record again": {append(bytes.Clone(made), lines...), lines},
			} {
				for _, mode := range []string{"append", "only", "replace"} {
					for _, accept := range []string{"marked", "any", "none"} {
						f, _ := newFilter(t, "Host_Name", host, "Mode", mode, "Accept_Records", accept)
						var out []byte
						for _, chunk := range chunks {
							got, modified := f.RunFrom("oom_kill", []byte("k"), chunk)
							if !modified {
								got = chunk
							}
							out = append(out, got...)
						}
						if n := bytes.Count(out, []byte("oomtrail\xc4\x012")); n != 1 || !bytes.Contains(out, made) || f.count.kills != 0 || f.count.passedOurs != 1 {
							t.Errorf("%s, host %q, %s, %s, Accept_Records %s: %d records, %s", format, host, name, mode, accept, n, &f.count)
						}
					}
				}
			}
		}
	}
}

// TestClosedByTheInput: a report that the input closed when it had waited long enough is one
// record, though the filter waits for its end, too.
func TestClosedByTheInput(t *testing.T) {
	lines := inOwn(0, 1, head, usage, which)
	later := fbtest.Boot.Add(time.Minute)
	input, _ := newFilter(t, "Mode", "only")
	if made := runFrom(t, input, "oom_kill", "k", lines...); len(made) > 0 {
		t.Fatalf("closed at once: %v", made)
	}
	input.now = func() time.Time { return later }
	made, _ := input.RunFrom("oom_kill", []byte("k"), fbtest.Chunk(fbtest.Event{Time: later, Record: []form.KV{{Key: "msg", Value: "x"}}}))
	if !bytes.Contains(made, []byte("oomtrail\xc4\x012")) {
		t.Fatal("no record")
	}
	next := fbtest.Chunk(inOwn(0, 60, noise)...)
	for name, chunk := range map[string][]byte{"alone": made, "before the next line": append(bytes.Clone(made), next...), "behind it": append(bytes.Clone(next), made...)} {
		f, _ := newFilter(t, "Mode", "only")
		runFrom(t, f, "oom_kill", "k", lines...)
		f.now = func() time.Time { return later }
		out, modified := f.RunFrom("oom_kill", []byte("k"), chunk)
		if !modified {
			out = chunk
		}
		if !bytes.Equal(out, made) || f.count.duplicates != 1 || f.count.passedOurs != 1 {
			t.Errorf("%s: %q, %s", name, out, &f.count)
		}
	}
}

// madeOf returns the records that our input makes of lines, in a form, under one tag.
func madeOf(t *testing.T, format string, s source) source {
	t.Helper()
	input, _ := newFilter(t, "Mode", "only", "Format", format, "Host_Name", "as-the-input-has-it")
	chunk, _ := input.RunFrom("oom_kill", []byte(s.tag), fbtest.Chunk(s.events...))
	if bytes.Count(chunk, []byte("oomtrail\xc4\x012")) != 1 {
		t.Fatalf("%s: no record: %q", format, chunk)
	}
	return source{input: s.input, tag: s.tag, chunk: chunk}
}

// TestWitnessesOfTheInputsKills: what the journal and files of this machine say of a kill joins the
// record that our input made of it, alone or beside the lines, whichever came first. A record of
// another boot, or of another input, is about who knows which machine.
func TestWitnessesOfTheInputsKills(t *testing.T) {
	const other = "fedcba9876543210fedcba9876543210"
	own := func(boot string) source {
		return kernelOf("oom_kill", "k", func(k fbtest.Kmsg) fbtest.Event { return k.InOwn(boot) })
	}
	early := journalOfUnit("systemd", "u", "node-7", ownBoot)
	early.events[0].Record = []form.KV{
		{Key: "_HOSTNAME", Value: "node-7"}, {Key: "_BOOT_ID", Value: ownBoot}, {Key: "_TRANSPORT", Value: "stdout"}, {Key: "_PID", Value: "700"}, {Key: "_UID", Value: "0"},
		{Key: "_COMM", Value: "earlyoom"}, {Key: "_EXE", Value: "/usr/bin/earlyoom"}, {Key: "SYSLOG_IDENTIFIER", Value: "earlyoom"}, {Key: "_SYSTEMD_UNIT", Value: "earlyoom.service"},
		{Key: "MESSAGE", Value: `sending SIGKILL to process 24117 uid 0 "ingest": badness 902, VmRSS 512 MiB`},
	}
	one, two := "oom.kill", "oom.kill oom.observed"
	for _, c := range []struct {
		name            string
		lines, witness  source
		input, hostName string
		want            string
	}{
		{"the journal", own(ownBoot), journalOfUnit("systemd", "u", "node-7", ownBoot), "oom_kill", "", one},
		{"a file", own(ownBoot), fileOfUnit("tail", "u", "here"), "oom_kill", "", one},
		{"Host_Name", own(ownBoot), fileOfUnit("tail", "u", "node-7"), "oom_kill", "node-7", one},
		{"a killer that went after the same process", own(ownBoot), early, "oom_kill", "", one},
		{"a file of another machine", own(ownBoot), fileOfUnit("tail", "u", "node-8"), "oom_kill", "", two},
		{"the journal of another boot", own(ownBoot), journalOfUnit("systemd", "u", "node-7", other), "oom_kill", "", two},
		{"a record of another boot", own(other), journalOfUnit("systemd", "u", "node-7", ownBoot), "oom_kill", "", two},
		{"a record of another boot, from another input", own(other), journalOfUnit("systemd", "u", "node-7", ownBoot), "forward", "", two},
		{"a record of this boot, whose tag was rewritten", own(ownBoot), journalOfUnit("systemd", "u", "node-7", ownBoot), "emitter", "", one},
		{"a record of this boot, at an output", own(ownBoot), fileOfUnit("", "u", "here"), "", "", one},
	} {
		for _, format := range formats {
			records := madeOf(t, format, c.lines)
			records.input = c.input
			all := source{input: c.input, tag: "k", chunk: append(fbtest.Chunk(c.lines.events...), records.chunk...)}
			for name, order := range map[string][]source{
				"record first": {records, c.witness}, "witness first": {c.witness, records}, "lines and record": {all, c.witness}, "witness, lines and record": {c.witness, all},
			} {
				f := newHosted(t, func(s *Settings) { s.HostName = c.hostName })
				f.hosts.boot = []byte(ownBoot)
				now := fbtest.Boot.Add(101 * time.Second)
				f.now = func() time.Time { return now }
				var got []string
				take := func(s source) {
					out, modified := f.RunFrom(s.input, []byte(s.tag), s.bytes())
					if !modified {
						out = s.bytes()
					}
					events, err := fbtest.Decode(out)
					if err != nil {
						t.Fatal(err)
					}
					for _, e := range events {
						got = append(got, eventName(e.Record))
					}
				}
				for _, s := range order {
					take(s)
				}
				for range 3 {
					now = now.Add(time.Minute)
					for _, tag := range []string{"k", "u"} {
						take(source{input: "tail", tag: tag, events: []fbtest.Event{{Time: now, Record: []form.KV{{Key: "MESSAGE", Value: "x"}}}}})
					}
				}
				slices.Sort(got)
				if s := strings.Join(got, " "); s != c.want {
					t.Errorf("%s, %s, %s: %s, want %s", c.name, format, name, s, c.want)
				}
			}
		}
	}
}

// bytes returns the chunk of a source.
func (s source) bytes() []byte {
	if s.chunk != nil {
		return s.chunk
	}
	return fbtest.Chunk(s.events...)
}

// eventName returns the name of a record's event in any form.
func eventName(record map[string]any) string {
	if name, ok := record["event.name"].(string); ok {
		return name
	}
	if oom, ok := record["oom"].(map[string]any); ok {
		if name, ok := oom["event_name"].(string); ok {
			return name
		}
	}
	if event, ok := record["event"].(map[string]any); ok {
		name, _ := event["action"].(string)
		return name
	}
	return fmt.Sprint(record)
}
