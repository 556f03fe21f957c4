// SPDX-License-Identifier: Apache-2.0

package filter

import (
	"bytes"
	"testing"

	"github.com/oomtrail/oomtrail/fluentbit/fbtest"
	"github.com/oomtrail/oomtrail/fluentbit/logevent"
)

// FuzzRun: whatever bytes a chunk holds and whichever input brings it, the filter does not panic,
// appends only whole records of its own, passes everything else with its bytes and in its order,
// lets nothing but records through in mode only, and calls nothing verified that does not come from
// the journal.
func FuzzRun(f *testing.F) {
	f.Add([]byte{}, "", "")
	f.Add(fbtest.Chunk(inKmsg(1, reportLines...)...), "", "kmsg")
	f.Add(fbtest.Chunk(fbtest.GroupStart("h"), fbtest.Event{Time: fbtest.Boot, Old: true, Record: journal()}, fbtest.GroupEnd()), "MESSAGE", "systemd")
	f.Add(fbtest.Chunk(kmsg(42, kill).InSyslog("a"), kmsg(42, head).InTail("b")), "log", "syslog")
	f.Add([]byte("\x92\xcb\x7f\xf0\x00\x00\x00\x00\x00\x00\x81\xa3log\xaeKilled process"), "", "")
	for _, file := range []string{"A03-forged-app-json.log", "A10-fluentbit-records.jsonl"} {
		f.Add(fbtest.Chunk(attackLines(f, file, true)...), "", "tail")
		f.Add(fbtest.Chunk(attackLines(f, file, false)...), "", "forward")
	}
	for _, format := range formats {
		record := made(f, format)
		f.Add(record, "", "forward")
		f.Add(append(withMetadata(f, record, []byte{0x80}), journalReport()...), "", "systemd")
		f.Add(append(append([]byte{0xcd, 0xfe, 0xed}, record...), 0xc1), "", "")
	}
	f.Add(append([]byte{0x92, 0x01, 0x81, 0xa3, 'o', 'o', 'm'}, bytes.Repeat([]byte{0xdf, 0x7f, 0xff, 0xff, 0xff, 0xa0}, 30)...), "", "")
	f.Add(fbtest.Chunk(fbtest.Event{Time: fbtest.Boot, Record: object(f, `{"type":"ADDED","object":{"metadata":{"uid":"e-1"},"involvedObject":{"kind":"Node","name":"n"},"reason":"OOMKilling","message":"`+kill+`","lastTimestamp":"2026-05-02T10:00:02Z","count":1}}`)}), "", "kubernetes_events")
	f.Add(fbtest.Chunk(fbtest.Event{Time: fbtest.Boot, Metadata: attributes("otlp", attributes("attributes", attributes("k8s.event.reason", "OOMKilling"))), Record: attributes("log", kill)}), "", "opentelemetry")
	f.Fuzz(func(t *testing.T, chunk []byte, key, input string) {
		for _, mode := range []string{"append", "replace", "only"} {
			filter, _ := newFilter(t, "Key", key, "Mode", mode)
			// Behind the fuzzed bytes a report, so that an open one is passed through them as well.
			for _, in := range [][]byte{fbtest.Chunk(inKmsg(1, head)...), chunk, fbtest.Chunk(inKmsg(2, which, kill)...)} {
				before := bytes.Clone(in)
				out, modified := filter.RunFrom(input, []byte("t"), in)
				if !bytes.Equal(in, before) {
					t.Fatal("the filter changed its input")
				}
				if !modified {
					out = in
				}
				switch mode {
				case "append":
					checkAppended(t, in, out, input == inputSystemd)
				case "only":
					checkOnly(t, out)
				}
			}
			filter.Exit()
		}
	})
}

// checkOnly checks that all in out are records of ours, but for bytes that have no end.
func checkOnly(t *testing.T, out []byte) {
	t.Helper()
	for len(out) > 0 {
		var e logevent.Event
		rest, err := e.Next(out)
		verdict, claim := e.Judge(logevent.AcceptMarked)
		if err != nil && !e.Broken || err == nil && !e.Marker && verdict != logevent.Own {
			t.Fatalf("what passes is no record of ours: %v, %v", claim, err)
		}
		out = rest
	}
}

// checkAppended checks that out is in with records of ours put in between, verified at most where
// in came from the journal.
func checkAppended(t *testing.T, in, out []byte, journal bool) {
	t.Helper()
	for len(out) > 0 {
		if len(in) > 0 {
			var was logevent.Event
			rest, err := was.Next(in)
			if passes := passing(&was); bytes.HasPrefix(out, passes) {
				in, out = rest, out[len(passes):]
				continue
			}
			if err != nil && was.Broken {
				t.Fatal("what is no event did not pass as it was")
			}
		}
		var e logevent.Event
		rest, err := e.Next(out)
		if err != nil {
			t.Fatalf("no event was put in: %v", err)
		}
		if verdict, claim := e.Judge(logevent.AcceptMarked); verdict != logevent.Own {
			t.Fatalf("what was put in is no record of ours: %d, %v", verdict, claim)
		}
		if !journal && e.TrustClaims() != nil {
			t.Fatal("what was put in is verified")
		}
		out = rest
	}
	if len(in) > 0 {
		t.Fatalf("%d bytes did not pass", len(in))
	}
}

// passing returns the bytes with which an event passes: its own, but for what it claims without a
// right to.
func passing(e *logevent.Event) []byte {
	if verdict, _ := e.Judge(logevent.AcceptMarked); verdict == logevent.Own || e.Record == nil {
		return e.Raw
	}
	r := rewriter{in: e.Raw}
	for _, claim := range e.TrustClaims() {
		r.replace(claim, unverified)
	}
	if passes, changed := r.result(); changed {
		return passes
	}
	return e.Raw
}

// FuzzSettings: any configuration is taken or refused with an error that names a key.
func FuzzSettings(f *testing.F) {
	for _, key := range Keys {
		f.Add(key, "on")
	}
	f.Fuzz(func(t *testing.T, key, value string) {
		s, err := ParseSettings(pairs{key, value}.get, []string{key})
		if err == nil {
			if _, err := New(s, func(Level, string) {}); err != nil {
				t.Errorf("settings that were taken make no filter: %v", err)
			}
		}
	})
}
