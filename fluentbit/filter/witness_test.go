// SPDX-License-Identifier: Apache-2.0

package filter

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/fluentbit/fbtest"
	"github.com/oomtrail/oomtrail/fluentbit/form"
	"github.com/oomtrail/oomtrail/parser"
)

// inSystemd makes the event that in_systemd makes of an entry in JSON.
func inSystemd(t *testing.T, entry []byte) fbtest.Event {
	t.Helper()
	e, err := fbtest.InSystemd(entry)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// told is what a record says of a kill, whatever brought its lines.
func told(get func(name string) string) string {
	return get("event.name") + " " + get("oom.killer") + get("oom.observer") + " " + get("oom.verdict.cause") + " " + get("oom.trust") + " " + get("log.record.uid")
}

// TestWitnesses: of the journal of each real kill the filter makes the records that the parser
// makes of it, with the same ids, entry by entry in chunks of their own.
func TestWitnesses(t *testing.T) {
	journals, _ := filepath.Glob("../../testdata/witnesses/*/journal.json")
	if len(journals) == 0 {
		t.Fatal("no journals")
	}
	for _, name := range journals {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var want, got []string
		options := parser.Options{TrustedSource: parser.TrustedJournald, Sigkill: true}
		if err := parser.ReadAll(bytes.NewReader(text), options, func(r *parser.Record) error { want = append(want, told(r.Text)); return nil }); err != nil {
			t.Fatal(err)
		}
		f, err := New(Settings{Format: form.Flat, Mode: Only, TrustedSource: parser.TrustedJournald, Sigkill: true, TasksTop: 10}, func(Level, string) {})
		if err != nil {
			t.Fatal(err)
		}
		now := time.Now()
		f.now = func() time.Time { return now }
		take := func(out []byte) {
			events, err := fbtest.Decode(out)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range events {
				got = append(got, told(func(name string) string { s, _ := e.Record[name].(string); return s }))
			}
		}
		for line := range bytes.Lines(text) {
			out, _ := f.RunFrom("systemd", []byte("host.x"), fbtest.Chunk(inSystemd(t, line)))
			take(out)
		}
		for range 3 { // what waits is settled by the clock
			now = now.Add(40 * time.Second)
			out, _ := f.RunFrom("systemd", []byte("host.x"), fbtest.Chunk(fbtest.Event{Time: now, Record: []form.KV{{Key: "MESSAGE", Value: "x"}}}))
			take(out)
		}
		slices.Sort(want)
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%s:\n%s\nwant\n%s", name, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
}

// TestWitnessesOfTwoTags: the kernel's kill under one tag and what systemd says of it under another
// are one kill, in either order, with Host_Name and without: the entries name their host.
func TestWitnessesOfTwoTags(t *testing.T) {
	journal, err := os.ReadFile("../../testdata/witnesses/kernel-unit/journal.json")
	if err != nil {
		t.Fatal(err)
	}
	var kernel, others []fbtest.Event
	for line := range bytes.Lines(journal) {
		if bytes.Contains(line, []byte(`"_TRANSPORT":"kernel"`)) {
			kernel = append(kernel, inSystemd(t, line))
		} else {
			others = append(others, inSystemd(t, line))
		}
	}
	for _, test := range []struct {
		name          string
		host          string
		first, second []fbtest.Event
		want          int
	}{
		{"kernel first", "node-1", kernel, others, 1},
		{"systemd first", "node-1", others, kernel, 1},
		{"no Host_Name", "", kernel, others, 1},
		{"no Host_Name, systemd first", "", others, kernel, 1},
	} {
		f, err := New(Settings{Format: form.Flat, Mode: Only, HostName: test.host, TasksTop: 10}, func(Level, string) {})
		if err != nil {
			t.Fatal(err)
		}
		now := time.Now()
		f.now = func() time.Time { return now }
		var got []string
		feed := func(tag string, events ...fbtest.Event) {
			out, _ := f.RunFrom("systemd", []byte(tag), fbtest.Chunk(events...))
			records, err := fbtest.Decode(out)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range records {
				name, _ := e.Record["event.name"].(string)
				got = append(got, name)
			}
		}
		feed("kernel.log", test.first...)
		feed("units.log", test.second...)
		for range 3 {
			now = now.Add(40 * time.Second)
			for _, tag := range []string{"kernel.log", "units.log"} {
				feed(tag, fbtest.Event{Time: now, Record: []form.KV{{Key: "MESSAGE", Value: "x"}}})
			}
		}
		if len(got) != test.want || !slices.Contains(got, "oom.kill") {
			t.Errorf("%s: %q, want %d records", test.name, got, test.want)
		}
	}
}
