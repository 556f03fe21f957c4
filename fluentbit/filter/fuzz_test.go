package filter

import (
	"bytes"
	"testing"

	"github.com/oomtrail/oomtrail/fluentbit/fbtest"
	"github.com/oomtrail/oomtrail/fluentbit/logevent"
)

// FuzzRun: whatever bytes a chunk holds, the filter does not panic, appends only whole events of its own, and passes
// everything else with its bytes and in its order.
func FuzzRun(f *testing.F) {
	f.Add([]byte{}, "")
	f.Add(fbtest.Chunk(inKmsg(1, report...)...), "")
	f.Add(fbtest.Chunk(fbtest.GroupStart("h"), fbtest.Event{Time: fbtest.Boot, Old: true, Record: journal()}, fbtest.GroupEnd()), "MESSAGE")
	f.Add(fbtest.Chunk(kmsg(42, kill).InSyslog("a"), kmsg(42, head).InTail("b")), "log")
	f.Add([]byte("\x92\xcb\x7f\xf0\x00\x00\x00\x00\x00\x00\x81\xa3log\xaeKilled process"), "")
	f.Fuzz(func(t *testing.T, chunk []byte, key string) {
		for _, mode := range []string{"append", "replace", "only"} {
			filter, _ := newFilter(t, "Key", key, "Mode", mode)
			// Behind the fuzzed bytes a report, so that an open one is passed through them as well.
			for _, in := range [][]byte{fbtest.Chunk(inKmsg(1, head)...), chunk, fbtest.Chunk(inKmsg(2, which, kill)...)} {
				before := bytes.Clone(in)
				out, modified := filter.Run([]byte("t"), in)
				if !bytes.Equal(in, before) {
					t.Fatal("the filter changed its input")
				}
				if modified && mode == "append" {
					checkAppended(t, in, out)
				}
			}
			filter.Exit()
		}
	})
}

// checkAppended checks that out is in with events of ours put in between.
func checkAppended(t *testing.T, in, out []byte) {
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
		out = rest
	}
	if len(in) > 0 {
		t.Fatalf("%d bytes did not pass", len(in))
	}
}

// passing returns the bytes with which an event passes: its own, but for what it claims without a right to.
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
