// SPDX-License-Identifier: Apache-2.0

package filter

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/oomtrail/oomtrail/fluentbit/fbtest"
	"github.com/oomtrail/oomtrail/fluentbit/form"
)

// journal makes in_systemd's fields of a kill line, with changes: a nil value takes a field away.
func journal(changes ...form.KV) []form.KV {
	fields := fbtest.Systemd{}.Event(kmsg(42, kill), "node-1").Record
	for _, c := range changes {
		i := 0
		for i < len(fields) && fields[i].Key != c.Key {
			i++
		}
		switch {
		case c.Value == nil:
			fields = append(fields[:i], fields[i+1:]...)
		case i < len(fields):
			fields[i].Value = c.Value
		default:
			fields = append(fields, c)
		}
	}
	return fields
}

// parsed makes what syslog_parser makes of a kill line.
func parsed(facility int64, program string) []form.KV {
	return []form.KV{
		{Key: "appname", Value: program}, {Key: "facility", Value: facility}, {Key: "hostname", Value: "node-1"},
		{Key: "priority", Value: facility*8 + 3}, {Key: "message", Value: "[   42.000000] " + kill},
	}
}

// TestForms: the text is found in what each input gives, with what its fields say about it; lines
// of another program than the kernel make no record.
func TestForms(t *testing.T) {
	stripped := fbtest.Systemd{StripUnderscores: true, Lowercase: true}.Event(kmsg(42, kill), "node-1").Record
	syslog := kmsg(42, kill).InSyslog("node-1").Record
	tests := []struct {
		name   string
		input  string // that the host names
		config []string
		record []form.KV
		want   string // trust of the record, "" when there must be none
		host   any
	}{
		{"in_kmsg", "kmsg", nil, kmsg(42, kill).InKmsg().Record, "unverified", nil},
		{"in_kmsg with a dictionary", "kmsg", nil, kmsg(42, kill+"\n SUBSYSTEM=memory\n DEVICE=+x").InKmsg().Record, "unverified", nil},
		{"in_kmsg with a facility, should it ever keep it", "kmsg", nil, fbtest.Kmsg{Priority: 4, Text: kill}.WithPriority(12).Record, "", nil},
		{"in_kmsg and a host", "kmsg", nil, kmsg(42, kill).InKmsgOf("node-2").Record, "unverified", "node-2"},
		{"in_kmsg and a setting", "kmsg", []string{"Host_Name", "node-3"}, kmsg(42, kill).InKmsg().Record, "unverified", "node-3"},
		{"in_kmsg, kernel only", "kmsg", []string{"Trust", "kernel"}, kmsg(42, kill).InKmsg().Record, "", nil},
		{"in_kmsg, trusted", "kmsg", []string{"Trust", "kernel", "Trusted_Source", "kmsg"}, kmsg(42, kill).InKmsg().Record, "verified", nil},
		{"in_kmsg, another source is trusted", "kmsg", []string{"Trusted_Source", "syslog"}, kmsg(42, kill).InKmsg().Record, "unverified", nil},
		{"in_kmsg, trusted, with a user's facility", "kmsg", []string{"Trusted_Source", "kmsg"}, fbtest.Kmsg{Priority: 4, Text: kill}.WithPriority(12).Record, "", nil},
		{"in_kubernetes_events, which quotes the kernel", "kube", nil, []form.KV{{Key: "reason", Value: "OOMKilling"}, {Key: "message", Value: kill}, {Key: "involvedObject", Value: []form.KV{{Key: "kind", Value: "Node"}}}}, "", nil},
		{"in_kmsg's form out of a container", "tail", []string{"Trusted_Source", "kmsg"}, append(kmsg(42, kill).InKmsg().Record, form.KV{Key: "stream", Value: "stdout"}), "unverified", nil},

		{"in_systemd", "systemd", nil, journal(), "verified", "node-1"},
		{"in_systemd, kernel only", "systemd", []string{"Trust", "kernel"}, journal(), "verified", "node-1"},
		{"in_systemd renamed", "systemd", nil, stripped, "verified", "node-1"},
		{"control bytes behind", "systemd", nil, journal(form.KV{Key: "MESSAGE", Value: kill + "\x00\x01"}, form.KV{Key: "_TRANSPORT", Value: "kernel\x7f"}), "verified", "node-1"},
		{"no facility", "systemd", nil, journal(form.KV{Key: "SYSLOG_FACILITY"}), "verified", "node-1"},
		{"the facility as a number", "systemd", nil, journal(form.KV{Key: "SYSLOG_FACILITY", Value: int64(0)}), "verified", "node-1"},
		{"a facility that is none", "systemd", nil, journal(form.KV{Key: "SYSLOG_FACILITY", Value: "x"}), "unverified", "node-1"},
		{"in_systemd and a container's signs", "systemd", nil, append(journal(), form.KV{Key: "kubernetes", Value: []form.KV{{Key: "pod_name", Value: "x"}}}), "verified", "node-1"},
		{"a user's line in /dev/kmsg", "systemd", nil, journal(form.KV{Key: "SYSLOG_FACILITY", Value: "1"}), "", nil},
		{"a user's facilities", "systemd", nil, journal(form.KV{Key: "SYSLOG_FACILITY", Value: []string{"0", "1"}}), "", nil},
		{"a user's entry", "systemd", nil, journal(form.KV{Key: "_TRANSPORT", Value: "journal"}), "", nil},
		{"a user's entry that adds a transport", "systemd", nil, journal(form.KV{Key: "_TRANSPORT", Value: "journal"}, form.KV{Key: "TRANSPORT", Value: "kernel"}), "", nil},
		{"the same, stripped to one array", "systemd", nil, journal(form.KV{Key: "_TRANSPORT"}, form.KV{Key: "TRANSPORT", Value: []string{"kernel", "journal"}}), "", nil},
		{"the same, any trust", "systemd", []string{"Trust", "any"}, journal(form.KV{Key: "_TRANSPORT", Value: "journal"}), "unverified", "node-1"},
		{"no transport", "systemd", nil, journal(form.KV{Key: "_TRANSPORT"}, form.KV{Key: "SYSLOG_FACILITY"}), "unverified", "node-1"},
		{"a transport without a value", "systemd", nil, journal(form.KV{Key: "_TRANSPORT", Value: []string{}}), "unverified", "node-1"},
		{"text of in_kmsg's form in in_systemd", "systemd", nil, kmsg(42, kill).InKmsg().Record, "unverified", nil},

		{"a journal's fields from another input", "forward", nil, journal(), "unverified", "node-1"},
		{"the same, kernel only", "forward", []string{"Trust", "kernel"}, journal(), "", nil},
		{"the same, from an input that is not named", "", nil, journal(), "unverified", "node-1"},
		{"the same, trusted", "forward", []string{"Trusted_Source", "journald"}, journal(), "verified", "node-1"},
		{"the same, trusted, a user's", "forward", []string{"Trusted_Source", "journald"}, journal(form.KV{Key: "_TRANSPORT", Value: "journal"}), "", nil},
		{"the same, trusted, out of a container", "forward", []string{"Trusted_Source", "journald"}, append(journal(), form.KV{Key: "container_id", Value: "x"}), "unverified", "node-1"},

		{"in_syslog", "syslog", nil, syslog, "unverified", "node-1"},
		{"in_syslog, kernel only", "syslog", []string{"Trust", "kernel"}, syslog, "", nil},
		{"in_syslog, trusted", "syslog", []string{"Trusted_Source", "syslog"}, syslog, "verified", "node-1"},
		{"in_syslog, a user's", "syslog", nil, append(syslog[1:], form.KV{Key: "pri", Value: "12"}), "", nil},
		{"in_syslog without pri", "syslog", nil, syslog[1:], "unverified", "node-1"},
		{"in_syslog without pri, trusted", "syslog", []string{"Trusted_Source", "syslog"}, syslog[1:], "unverified", "node-1"},
		{"in_syslog, another program", "syslog", nil, []form.KV{{Key: "pri", Value: "3"}, {Key: "ident", Value: "evil"}, {Key: "message", Value: kill}}, "", nil},
		{"in_syslog, the kernel's name with a process id", "syslog", []string{"Trusted_Source", "syslog"}, append(slices.Clone(syslog), form.KV{Key: "pid", Value: "42"}), "", nil},
		{"in_syslog, RFC 5424", "syslog", []string{"Trusted_Source", "syslog"}, append(slices.Clone(syslog), form.KV{Key: "pid", Value: "-"}, form.KV{Key: "msgid", Value: "-"}), "verified", "node-1"},
		{"in_syslog, a priority in the text", "syslog", []string{"Trusted_Source", "syslog"}, []form.KV{{Key: "ident", Value: "kernel"}, {Key: "message", Value: "<3>[   42.000000] " + kill}}, "unverified", nil},
		{"in_syslog, a user's priority in the text", "syslog", []string{"Trusted_Source", "syslog"}, []form.KV{{Key: "pri", Value: "3"}, {Key: "message", Value: "<12>[   42.000000] " + kill}}, "", nil},
		{"syslog_parser", "opentelemetry", []string{"Trusted_Source", "syslog"}, parsed(0, "kernel"), "verified", "node-1"},
		{"syslog_parser, a user's", "opentelemetry", nil, parsed(1, "kernel"), "", nil},
		{"syslog_parser, another program", "opentelemetry", nil, parsed(0, "evil"), "", nil},
		{"rsyslog's JSON, a user's", "forward", nil, []form.KV{{Key: "syslogfacility-text", Value: "local0"}, {Key: "message", Value: kill}}, "", nil},
		{"rsyslog's JSON, the kernel's tag", "forward", []string{"Trusted_Source", "syslog"}, []form.KV{{Key: "syslogfacility-text", Value: "kern"}, {Key: "syslogtag", Value: "kernel:"}, {Key: "message", Value: "[   42.000000] " + kill}}, "verified", nil},
		{"a facility that is none of syslog's", "tail", nil, []form.KV{{Key: "facility", Value: "Frankfurt"}, {Key: "log", Value: kill}}, "unverified", nil},

		{"in_tail", "tail", nil, kmsg(42, kill).InTail("node-1").Record, "unverified", "node-1"},
		{"in_tail, trusted, without a facility", "tail", []string{"Trusted_Source", "syslog"}, kmsg(42, kill).InTail("node-1").Record, "unverified", "node-1"},
		{"a priority", "tail", nil, []form.KV{{Key: "log", Value: "<3>[   42.000000] " + kill}}, "unverified", nil},
		{"a priority, trusted", "tail", []string{"Trusted_Source", "syslog"}, []form.KV{{Key: "log", Value: "<3>[   42.000000] " + kill}}, "verified", nil},
		{"a priority, another source is trusted", "tail", []string{"Trusted_Source", "kmsg"}, []form.KV{{Key: "log", Value: "<3>[   42.000000] " + kill}}, "unverified", nil},
		{"a priority, out of a container", "tail", []string{"Trusted_Source", "syslog"}, []form.KV{{Key: "log", Value: "<3>[   42.000000] " + kill}, {Key: "stream", Value: "stderr"}}, "unverified", nil},
		{"a line of /dev/kmsg", "tail", nil, []form.KV{{Key: "log", Value: "3,1,42000000,-;" + kill}}, "unverified", nil},
		{"a line of /dev/kmsg, trusted", "tail", []string{"Trusted_Source", "kmsg"}, []form.KV{{Key: "log", Value: "3,1,42000000,-;" + kill}}, "verified", nil},
		{"a journal's line", "tail", nil, []form.KV{{Key: "log", Value: `{"_TRANSPORT":"kernel","MESSAGE":"` + kill + `"}`}}, "unverified", nil},
		{"a body", "opentelemetry", nil, []form.KV{{Key: "body", Value: "[   42.000000] " + kill}}, "unverified", nil},
		{"a message", "tail", nil, []form.KV{{Key: "message", Value: kill}}, "unverified", nil},
		{"another key", "tail", nil, []form.KV{{Key: "text", Value: kill}}, "", nil},
		{"another key that is named", "tail", []string{"Key", "text"}, []form.KV{{Key: "text", Value: kill}}, "unverified", nil},
		{"a key that is named and not there", "tail", []string{"Key", "text"}, []form.KV{{Key: "log", Value: kill}}, "", nil},
		{"bytes", "tail", nil, []form.KV{{Key: "log", Value: []byte(kill)}}, "unverified", nil},
		{"no text", "tail", nil, []form.KV{{Key: "log", Value: int64(1)}, {Key: "Killed process", Value: true}}, "", nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f, _ := newFilter(t, test.config...)
			// Behind an ordinary line: what no other line comes before may be the rest of one.
			events := runFrom(t, f, test.input, "kernel", fbtest.Event{Time: kmsg(41, "").At(), Record: ordinary(test.record)},
				fbtest.Event{Time: kmsg(42, "").At(), Record: test.record})[1:]
			if test.want == "" {
				if len(events) != 1 {
					t.Fatalf("a record was made: %v", events[1].Record)
				}
				return
			}
			oom, _ := oomOf(t, events)
			if oom["trust"] != test.want || oom["process_title"] != "app" || oom["host_name"] != test.host {
				t.Errorf("trust %v, victim %v, host %v; want %s, app, %v", oom["trust"], oom["process_title"], oom["host_name"], test.want, test.host)
			}
		})
	}
}

// ordinary returns a record of the same form about something else.
func ordinary(record []form.KV) []form.KV {
	record = slices.Clone(record)
	other := strings.NewReplacer(kill, "usb 1-1: new device", "42.000000", "41.000000", ",42000000,", ",41000000,")
	for i, kv := range record {
		switch v := kv.Value.(type) {
		case string:
			record[i].Value = other.Replace(v)
		case []byte:
			record[i].Value = []byte(other.Replace(string(v)))
		}
	}
	return record
}

// TestTheEventBefore: a kill line behind a foreign line of the same stamp and level may be a piece
// of the same record, also where that line was left out. What nothing comes before in its chunk
// proves nothing.
func TestTheEventBefore(t *testing.T) {
	event := func(priority string, second int, text string) fbtest.Event {
		return fbtest.Event{Time: fbtest.Boot, Record: []form.KV{{Key: "log", Value: fmt.Sprintf("<%s>[%5d.000000] %s", priority, second, text)}}}
	}
	usb, head, killed := event("6", 41, "usb 1-1: new device"), event("3", 42, "overlayfs: failed to resolve '/x"), event("3", 42, kill)
	ofOther := fbtest.Event{Time: fbtest.Boot, Record: append(slices.Clone(usb.Record), form.KV{Key: "host", Value: "b"})}
	for name, test := range map[string]struct {
		chunks [][]fbtest.Event
		want   string
	}{
		"ordinary":          {[][]fbtest.Event{{head, usb, killed}}, "verified"},
		"the head":          {[][]fbtest.Event{{usb, head, killed}}, "unverified"},
		"none":              {[][]fbtest.Event{{killed}}, "unverified"},
		"in a chunk before": {[][]fbtest.Event{{usb}, {killed}}, "unverified"},
		"of another host":   {[][]fbtest.Event{{usb, ofOther, killed}}, "unverified"},
	} {
		f, _ := newFilter(t, "Trusted_Source", "syslog")
		var events []fbtest.Decoded
		for _, chunk := range test.chunks {
			events = runFrom(t, f, "tail", "kernel", chunk...)
		}
		if oom, _ := oomOf(t, events); oom["trust"] != test.want {
			t.Errorf("%s: %v, want %s", name, oom["trust"], test.want)
		}
	}
}

// TestSameID: one kill has one id through every input that tells the kernel's stamp.
func TestSameID(t *testing.T) {
	k := fbtest.Kmsg{Priority: 3, Sequence: 9, Usec: 42_391_012, Text: kill}
	ids := make(map[any]string)
	for name, e := range map[string]fbtest.Event{
		"kmsg": k.InKmsg(), "systemd": fbtest.Systemd{}.Event(k, "h"), "syslog": k.InSyslog("h"), "tail": k.InTail("h"),
	} {
		f, _ := newFilter(t)
		oom, _ := oomOf(t, run(t, f, "kernel", e))
		ids[oom["record_uid"]] = name
	}
	if len(ids) != 1 {
		t.Errorf("one kill has %d ids: %v", len(ids), ids)
	}
}

// TestStreams: what tells hosts apart, by itself and by setting.
func TestStreams(t *testing.T) {
	raw := func(host, text string) fbtest.Event { return kmsg(42, text).InTail(host) }
	with := func(key, value, text string) fbtest.Event {
		return fbtest.Event{Time: fbtest.Boot, Record: []form.KV{{Key: key, Value: value}, {Key: "log", Value: "[   42.000000] " + text}}}
	}
	tests := []struct {
		name        string
		config      []string
		head, other fbtest.Event
		apart       bool
	}{
		{"one host", nil, raw("a", head), raw("a", kill), false},
		{"hosts in the lines", nil, raw("a", head), raw("b", kill), true},
		{"hosts in a field", nil, with("hostname", "a", head), with("hostname", "b", kill), true},
		{"a field that is no host", nil, with("x", "a", head), with("x", "b", kill), false},
		{"a field that is named", []string{"Stream_Keys", "x"}, with("x", "a", head), with("x", "b", kill), true},
		{"hosts, whatever field is named", []string{"Stream_Keys", "x"}, with("hostname", "a", head), with("hostname", "b", kill), true},
		{"boots", nil, fbtest.Event{Record: journal(form.KV{Key: "MESSAGE", Value: head})}, fbtest.Event{Record: journal(form.KV{Key: "_BOOT_ID", Value: "other"})}, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f, _ := newFilter(t, test.config...)
			test.head.Time, test.other.Time = fbtest.Boot, fbtest.Boot
			oom, _ := oomOf(t, run(t, f, "gateway", test.head, test.other))
			if apart := oom["trigger_name"] == nil; apart != test.apart {
				t.Errorf("apart: %v, want %v", apart, test.apart)
			}
		})
	}
}

// TestGroups: the markers of a group pass, its resource tells the host, and a record stands inside
// its group.
func TestGroups(t *testing.T) {
	f, _ := newFilter(t)
	line := func(text string) fbtest.Event {
		return fbtest.Event{Time: fbtest.Boot, Record: []form.KV{{Key: "log", Value: "[   42.000000] " + text}}}
	}
	in := []fbtest.Event{
		fbtest.GroupStart("a"), line(head), fbtest.GroupEnd(),
		fbtest.GroupStart("b"), line(kill), line(noise), fbtest.GroupEnd(),
	}
	out := run(t, f, "otlp", in...)
	if len(out) != len(in)+1 {
		t.Fatalf("%d events out of %d", len(out), len(in))
	}
	oom, ok := out[5].Record["oom"].(map[string]any)
	if !ok || oom["host_name"] != "b" || oom["trigger_name"] != nil {
		t.Errorf("behind the kill line of b stands %v", out[5].Record)
	}
}
