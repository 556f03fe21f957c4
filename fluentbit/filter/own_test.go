// SPDX-License-Identifier: Apache-2.0

package filter

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/tinylib/msgp/msgp"

	"github.com/oomtrail/oomtrail/fluentbit/fbtest"
	"github.com/oomtrail/oomtrail/fluentbit/form"
	"github.com/oomtrail/oomtrail/fluentbit/logevent"
)

// formats are the forms of a record.
var formats = []string{"oom", "flat", "ecs"}

// made returns the record that a filter makes of a journal's report, in a form, as the only event
// of a chunk. It is verified.
func made(t testing.TB, format string) (chunk []byte) {
	t.Helper()
	f, _ := newFilter(t, "Mode", "only", "Format", format)
	chunk, _ = f.RunFrom("systemd", []byte("kernel"), journalReport())
	if !bytes.Contains(chunk, []byte("\xa8verified")) || bytes.Count(chunk, []byte("oomtrail")) != 1 {
		t.Fatalf("%s: a record that is verified and has a mark was to be made: %q", format, chunk)
	}
	return chunk
}

// journalReport is a report as in_systemd brings it.
func journalReport() []byte {
	var events []fbtest.Event
	for i, text := range reportLines {
		events = append(events, fbtest.Systemd{}.Event(kmsg(int64(1+i), text), "node-1"))
	}
	return fbtest.Chunk(events...)
}

// withMetadata returns the only event of a chunk with other metadata.
func withMetadata(t testing.TB, chunk, metadata []byte) []byte {
	t.Helper()
	var e logevent.Event
	if rest, err := e.Next(chunk); err != nil || len(rest) > 0 {
		t.Fatalf("not one event: %v", err)
	}
	return bytes.Join([][]byte{{0x92, 0x92}, e.Timestamp, metadata, e.Record}, nil)
}

// TestForged: what looks like a record and has no mark is an event like any other. It is no record
// where only records pass, it is not verified where all pass, and it never stands for the kill
// whose id it has.
func TestForged(t *testing.T) {
	marks := map[string][]byte{
		"none":                {0x80},
		"a text":              []byte("\x81\xa8oomtrail\xa11"),
		"a number":            []byte("\x81\xa8oomtrail\x01"),
		"under another key":   []byte("\x81\xa7oomtrai\xc4\x012"),
		"deeper":              []byte("\x81\xa4otlp\x81\xa8oomtrail\xc4\x012"),
		"of another version":  []byte("\x81\xa8oomtrail\xc4\x019"),
		"a text, then a mark": []byte("\x82\xa8oomtrail\xa11\xa8oomtrail\xc4\x012"),
	}
	for _, format := range formats {
		for name, mark := range marks {
			forged := withMetadata(t, made(t, format), mark)
			for _, mode := range []string{"append", "replace", "only"} {
				f, lines := newFilter(t, "Mode", mode, "Format", format)
				var out []byte
				for _, chunk := range [][]byte{forged, journalReport(), forged} {
					got, modified := f.RunFrom("systemd", []byte("kernel"), chunk)
					if !modified {
						got = chunk
					}
					out = append(out, got...)
				}
				if n := bytes.Count(out, []byte("oomtrail\xc4\x012")); f.count.kills != 1 || f.count.passedOurs != 0 || f.count.duplicates != 0 || n < 1 {
					t.Errorf("%s, mark %s, %s: %d marks, %s", format, name, mode, n, &f.count)
				}
				verified, unverified := bytes.Count(out, []byte("\xa8verified")), bytes.Count(out, []byte("\xaaunverified"))
				wantUnverified := 2
				if mode == "only" {
					wantUnverified = 0
				}
				if verified != 1 || unverified != wantUnverified {
					t.Errorf("%s, mark %s, %s: %d verified, %d unverified; want 1, %d", format, name, mode, verified, unverified, wantUnverified)
				}
				if _, err := fbtest.Decode(out); err != nil {
					t.Errorf("%s, mark %s, %s: %v", format, name, mode, err)
				}
				if log := strings.Join(*lines, "\n"); strings.Count(log, "said once") != 1 || !strings.Contains(log, "Accept_Records any") == strings.Contains(log, "has no mark") {
					t.Errorf("%s, mark %s: it is not said once what counts as any other event:\n%s", format, name, log)
				}
			}
		}
	}
}

// TestAccept: which records count is a setting.
func TestAccept(t *testing.T) {
	for _, format := range formats {
		marked := made(t, format)
		unmarked := withMetadata(t, marked, []byte{0x80})
		noUID := bytes.Replace(unmarked, []byte(`uid`), []byte(`xid`), -1)
		noUID = bytes.Replace(noUID, []byte("\xa2id"), []byte("\xa2xd"), -1)
		for _, test := range []struct {
			name, accept string
			chunk        []byte
			ours         bool
		}{
			{"marked", "", marked, true},
			{"marked", "marked", marked, true},
			{"marked", "any", marked, true},
			{"marked", "none", marked, false},
			{"unmarked", "marked", unmarked, false},
			{"unmarked", "any", unmarked, true},
			{"unmarked", "none", unmarked, false},
			{"no record", "any", noUID, false},
			{"the older form", "any", append([]byte{0x92}, bytes.Replace(unmarked[2:], []byte{0x80}, nil, 1)...), true},
		} {
			f, _ := newFilter(t, "Mode", "only", "Accept_Records", test.accept)
			out, modified := f.RunFrom("systemd", []byte("kernel"), append(bytes.Clone(test.chunk), journalReport()...))
			if !modified {
				t.Fatal("the lines pass")
			}
			if ours := f.count.passedOurs == 1 && f.count.duplicates == 1 && f.count.kills == 0 && bytes.Equal(out, test.chunk); ours != test.ours {
				t.Errorf("%s, %s, Accept_Records %q: is a record: %v, want %v; %s", format, test.name, test.accept, ours, test.ours, &f.count)
			}
		}
	}
}

// TestForwarded: a mark survives the forward protocol between two Fluent Bits as long as the first
// keeps metadata.
func TestForwarded(t *testing.T) {
	marked := made(t, "flat")
	var e logevent.Event
	if _, err := e.Next(marked); err != nil {
		t.Fatal(err)
	}
	inForward := func(stamp, metadata, record []byte) []byte { // as in_forward encodes what it has read
		return bytes.Join([][]byte{{0x92, 0x92}, stamp, metadata, record}, nil)
	}
	old := bytes.Join([][]byte{{0x92}, e.Timestamp, e.Record}, nil) // as out_forward sends it without metadata
	seconds := msgp.AppendInt64(nil, e.Time.Unix())                 // with Time_as_Integer
	for name, test := range map[string]struct {
		chunk []byte
		ours  bool
	}{
		"retain_metadata_in_forward_mode on":             {inForward(e.Timestamp, e.Metadata, e.Record), true},
		"retain_metadata_in_forward_mode on, compressed": {marked, true}, // in_forward takes such chunks as they are
		"message mode, metadata among the options":       {inForward(e.Timestamp, e.Metadata, e.Record), true},
		"off":             {inForward(e.Timestamp, []byte{0x80}, e.Record), false},
		"off, compressed": {old, false},
		"Time_as_Integer": {inForward(seconds, []byte{0x80}, e.Record), false},
	} {
		for accept, want := range map[string]bool{"marked": test.ours, "any": true} {
			f, _ := newFilter(t, "Mode", "only", "Accept_Records", accept)
			out, modified := f.RunFrom("forward", []byte("node"), test.chunk)
			if passed := !modified && f.count.passedOurs == 1; passed != want || modified && len(out) > 0 {
				t.Errorf("%s, %s: passes as a record: %v, want %v", name, accept, passed, want)
			}
		}
	}
}

// attackLines returns the lines of a file of forged events, each as the event that an input makes
// of it.
func attackLines(t testing.TB, file string, bare bool) (events []fbtest.Event) {
	t.Helper()
	b, err := os.ReadFile("testdata/attacks/" + file)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(b)) {
		line = strings.TrimSpace(line)
		if bare {
			events = append(events, fbtest.Event{Time: fbtest.Boot, Record: []form.KV{{Key: "log", Value: line}}})
			continue
		}
		var record map[string]any
		if err := json.Unmarshal([]byte(line), &record); err != nil {
			t.Fatal(err)
		}
		events = append(events, fbtest.Event{Time: fbtest.Boot, Record: ordered(record)})
	}
	return events
}

func ordered(m map[string]any) (kvs []form.KV) {
	for key, value := range m {
		if inner, ok := value.(map[string]any); ok {
			value = ordered(inner)
		}
		kvs = append(kvs, form.KV{Key: key, Value: value})
	}
	return kvs
}

// TestAttacks: whatever an event looks like, nothing is verified that comes from an input which
// anybody can write to, and with Trust kernel nothing at all is made of it.
func TestAttacks(t *testing.T) {
	for _, file := range []string{"A03-forged-app-json.log", "A10-fluentbit-records.jsonl"} {
		for _, bare := range []bool{true, false} {
			for i, e := range attackLines(t, file, bare) {
				for _, trust := range []string{"auto", "kernel", "any"} {
					for _, input := range []string{"tail", "forward", "stdin", ""} {
						for _, mode := range []string{"append", "only"} {
							f, _ := newFilter(t, "Trust", trust, "Mode", mode)
							out := runFrom(t, f, input, "app", e)
							for _, o := range out {
								if oom, ok := o.Record["oom"].(map[string]any); ok && oom["trust"] != "unverified" || o.Record["oom.trust"] == "verified" {
									t.Errorf("%s:%d from %q, Trust %s: verified: %v", file, i+1, input, trust, o.Record)
								}
							}
							if n := f.count.kills + f.count.others; trust == "kernel" && n > 0 || mode == "only" && int(n) != len(out) {
								t.Errorf("%s:%d from %q, Trust %s, %s: %d records: %v", file, i+1, input, trust, mode, n, out)
							}
						}
					}
				}
			}
		}
	}
}

// TestJournalFields: the fields that a user gives an entry of the journal make no record of it,
// however in_systemd renames them.
func TestJournalFields(t *testing.T) {
	uid := strings.Repeat("1", 32)
	for _, prefix := range []string{"", "oom.", "oom_"} {
		for _, trust := range []string{"auto", "kernel"} {
			for _, mode := range []string{"append", "only"} {
				f, _ := newFilter(t, "Trust", trust, "Mode", mode, "Accept_Records", "marked")
				out := runFrom(t, f, "systemd", "journal", fbtest.Event{Time: fbtest.Boot, Record: []form.KV{
					{Key: "event_name", Value: "oom.kill"}, {Key: "event.name", Value: "oom.kill"}, {Key: "log.record.uid", Value: uid}, {Key: "record_uid", Value: uid},
					{Key: prefix + "record_version", Value: "2"}, {Key: "oom.record.version", Value: "2"}, {Key: "oom.trust", Value: "verified"},
					{Key: "_transport", Value: "journal"}, {Key: "_uid", Value: "1000"}, {Key: "message", Value: "OOM kill: sshd (1)"}}})
				if f.count.passedOurs+f.count.kills+f.count.others > 0 || mode == "only" && len(out) > 0 || mode == "append" && (len(out) != 1 || out[0].Record["oom.trust"] != "unverified") {
					t.Errorf("%q, Trust %s, %s: %v, %s", prefix, trust, mode, out, &f.count)
				}
			}
		}
	}
}

// TestStreamsOfTheTrusted: what anybody writes under the tag of what is trusted gets into no report
// of that.
func TestStreamsOfTheTrusted(t *testing.T) {
	f, _ := newFilter(t, "Mode", "only")
	line := func(n int64, text string) []byte {
		return fbtest.Chunk(fbtest.Systemd{}.Event(kmsg(n, text), "node-1"))
	}
	var out []byte
	for i, text := range reportLines {
		made, _ := f.RunFrom("systemd", []byte("kernel"), line(int64(1+i), text))
		out = append(out, made...)
		forged, _ := f.RunFrom("tail", []byte("kernel"), line(int64(1+i), fmt.Sprintf("memory: usage %dkB, limit 1kB, failcnt 1", i)))
		out = append(out, forged...)
	}
	events, err := fbtest.Decode(out)
	if err != nil {
		t.Fatal(err)
	}
	oom, _ := oomOf(t, events)
	if oom["trust"] != "verified" || oom["trigger_name"] != "app" || oom["cgroup_memory_failcnt"] != int64(80) || oom["report_lines"] != int64(4) {
		t.Errorf("got %v", oom)
	}
}
