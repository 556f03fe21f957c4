package filter

import (
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

// TestCarriers: the text is found in what each input gives, with what the carrier says about it; and lines that
// somebody else than the kernel wrote make no record.
func TestCarriers(t *testing.T) {
	stripped := fbtest.Systemd{StripUnderscores: true, Lowercase: true}.Event(kmsg(42, kill), "node-1").Record
	syslog := kmsg(42, kill).InSyslog("node-1").Record
	tests := []struct {
		name   string
		config []string
		record []form.KV
		want   string // trust of the record, "" when there must be none
		host   any
	}{
		{"in_kmsg", nil, kmsg(42, kill).InKmsg().Record, "unverified", nil},
		{"in_kmsg with a dictionary", nil, kmsg(42, kill+"\n SUBSYSTEM=memory\n DEVICE=+x").InKmsg().Record, "unverified", nil},
		{"in_kmsg with a facility, should it ever keep it", nil, fbtest.Kmsg{Priority: 4, Text: kill}.WithPriority(12).Record, "", nil},
		{"in_kmsg and a host", nil, kmsg(42, kill).InKmsgOf("node-2").Record, "unverified", "node-2"},
		{"in_kmsg and a setting", []string{"Host_Name", "node-3"}, kmsg(42, kill).InKmsg().Record, "unverified", "node-3"},
		{"in_kmsg, kernel only", []string{"Trust", "kernel"}, kmsg(42, kill).InKmsg().Record, "", nil},

		{"in_systemd", nil, journal(), "verified", "node-1"},
		{"in_systemd renamed", nil, stripped, "verified", "node-1"},
		{"control bytes behind", nil, journal(form.KV{Key: "MESSAGE", Value: kill + "\x00\x01"}, form.KV{Key: "_TRANSPORT", Value: "kernel\x7f"}), "verified", "node-1"},
		{"no facility", nil, journal(form.KV{Key: "SYSLOG_FACILITY"}), "verified", "node-1"},
		{"a user's line in /dev/kmsg", nil, journal(form.KV{Key: "SYSLOG_FACILITY", Value: "1"}), "", nil},
		{"a user's facilities", nil, journal(form.KV{Key: "SYSLOG_FACILITY", Value: []string{"0", "1"}}), "", nil},
		{"a user's entry", nil, journal(form.KV{Key: "_TRANSPORT", Value: "journal"}), "", nil},
		{"a user's entry that adds a transport", nil, journal(form.KV{Key: "_TRANSPORT", Value: "journal"}, form.KV{Key: "TRANSPORT", Value: "kernel"}), "", nil},
		{"the same, stripped to one array", nil, journal(form.KV{Key: "_TRANSPORT"}, form.KV{Key: "TRANSPORT", Value: []string{"kernel", "journal"}}), "", nil},
		{"the same, any trust", []string{"Trust", "any"}, journal(form.KV{Key: "_TRANSPORT", Value: "journal"}), "unverified", "node-1"},
		{"no transport", nil, journal(form.KV{Key: "_TRANSPORT"}, form.KV{Key: "SYSLOG_FACILITY"}), "unverified", "node-1"},

		{"in_syslog", nil, syslog, "verified", "node-1"},
		{"in_syslog, a user's", nil, append(syslog[1:], form.KV{Key: "pri", Value: "12"}), "", nil},
		{"in_syslog without pri", nil, syslog[1:], "unverified", "node-1"},

		{"in_tail", nil, kmsg(42, kill).InTail("node-1").Record, "unverified", "node-1"},
		{"a body", nil, []form.KV{{Key: "body", Value: "[   42.000000] " + kill}}, "unverified", nil},
		{"a message", nil, []form.KV{{Key: "message", Value: kill}}, "unverified", nil},
		{"another key", nil, []form.KV{{Key: "text", Value: kill}}, "", nil},
		{"another key that is named", []string{"Key", "text"}, []form.KV{{Key: "text", Value: kill}}, "unverified", nil},
		{"a key that is named and not there", []string{"Key", "text"}, []form.KV{{Key: "log", Value: kill}}, "", nil},
		{"bytes", nil, []form.KV{{Key: "log", Value: []byte(kill)}}, "unverified", nil},
		{"no text", nil, []form.KV{{Key: "log", Value: int64(1)}, {Key: "Killed process", Value: true}}, "", nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f, _ := newFilter(t, test.config...)
			events := run(t, f, "kernel", fbtest.Event{Time: kmsg(42, "").At(), Record: test.record})
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

// TestGroups: the markers of a group pass, its resource tells the host, and a record stands inside its group.
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
