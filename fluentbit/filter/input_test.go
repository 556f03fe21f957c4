// SPDX-License-Identifier: Apache-2.0

package filter

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

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
