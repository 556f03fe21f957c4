// SPDX-License-Identifier: Apache-2.0

package logevent_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/fluentbit/logevent"
)

// TestNext: each form of an event and of its time, and values that are none.
func TestNext(t *testing.T) {
	const sec = 1795248000
	at := time.Unix(sec, 5e8)
	stamp := logevent.AppendTimestamp(nil, at)
	join := func(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
	pair, record, metadata := []byte{0x92}, []byte("\x81\xa1a\x01"), []byte("\x81\xa1m\xc3")
	modern := join(pair, pair, stamp, metadata, record)
	tests := []struct {
		name   string
		in     []byte
		time   time.Time
		modern bool
		err    string
	}{
		{"modern", modern, at, true, ""},
		{"old", join(pair, stamp, record), at, false, ""},
		{"ext 8", join(pair, []byte{0xc7, 8, 0}, stamp[2:], record), at, false, ""},
		{"seconds", join(pair, []byte{0xce, 0x6b, 1, 0x4f, 0}, record), time.Unix(0x6b014f00, 0), false, ""},
		{"a fraction", join(pair, []byte{0xcb, 0x40, 4, 0, 0, 0, 0, 0, 0}, record), time.Unix(2, 5e8), false, ""},
		{"infinity", join(pair, []byte{0xcb, 0x7f, 0xf0, 0, 0, 0, 0, 0, 0}, record), time.Time{}, false, "not a Fluent Bit event"},
		{"another extension", join(pair, []byte{0xd7, 1}, stamp[2:], record), time.Time{}, false, "not a Fluent Bit event"},
		{"metadata of text", join(pair, pair, stamp, []byte{0xa1, 'm'}, record), time.Time{}, false, "not a Fluent Bit event"},
		{"a record of text", join(pair, stamp, []byte{0xa1, 'm'}), time.Time{}, false, "not a Fluent Bit event"},
		{"three", join([]byte{0x93}, stamp, metadata, record), time.Time{}, false, "not a Fluent Bit event"},
	}
	for _, test := range tests {
		var e logevent.Event
		rest, err := e.Next(append(bytes.Clone(test.in), modern...))
		if test.err != "" {
			if err == nil || err.Error() != test.err || e.Broken || e.Record != nil {
				t.Errorf("%s: %+v, %v", test.name, e, err)
			}
		} else if err != nil || !e.Time.Equal(test.time) || e.Modern != test.modern || !bytes.Equal(e.Record, record) || (string(e.Metadata) == string(metadata)) != test.modern {
			t.Errorf("%s: %+v, %v", test.name, e, err)
		}
		if !bytes.Equal(e.Raw, test.in) || !bytes.Equal(rest, modern) {
			t.Errorf("%s: %q and %q are not what is there", test.name, e.Raw, rest)
		}
	}
	for name, in := range map[string][]byte{"cut": modern[:18], "no type": {0xc1, 0x92}, "nested without end": []byte(strings.Repeat("\x91", 200_000)), "a length beyond the end": {0x92, 0xc6, 0xff, 0xff, 0xff, 0xff}} {
		var e logevent.Event
		if rest, err := e.Next(in); err == nil || !e.Broken || len(rest) > 0 || !bytes.Equal(e.Raw, in) {
			t.Errorf("%s: %+v, %v", name, e, err)
		}
	}
}

// TestMarkers: the times of a group's start and end are none.
func TestMarkers(t *testing.T) {
	for sec, start := range map[byte]bool{0xff: true, 0xfe: false} {
		var e logevent.Event
		_, err := e.Next([]byte{0x92, 0x92, 0xd7, 0, 0xff, 0xff, 0xff, sec, 0, 0, 0, 0, 0x80, 0x80})
		if err != nil || !e.Marker || e.GroupStart != start {
			t.Errorf("%x: %+v, %v", sec, e, err)
		}
	}
}
