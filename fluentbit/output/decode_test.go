// SPDX-License-Identifier: Apache-2.0

package output

import (
	"bytes"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/tinylib/msgp/msgp"

	"github.com/oomtrail/oomtrail/fluentbit/form"
	"github.com/oomtrail/oomtrail/fluentbit/logevent"
)

// decodeEvents decodes all events of a chunk, whoever made them.
func decodeEvents(chunk []byte, fn func(at time.Time, fields []form.KV)) (bad int, err error) {
	return eachEvent(chunk, func(e *logevent.Event) error {
		fields, _, err := decodeMap(e.Record, 0)
		if err == nil {
			fn(e.Time, fields)
		}
		return err
	})
}

// TestDecodeEvents: each form of an event, of its time and of its values.
func TestDecodeEvents(t *testing.T) {
	fields := []form.KV{{Key: "b", Value: int64(-5)}, {Key: "a", Value: "x"}}
	modern := appendEvent(nil, testTime, fields)
	old := append(append([]byte{0x92, 0xd7, 0}, modern[4:12]...), appendFields(nil, fields)...)
	seconds := appendFields(msgp.AppendInt64([]byte{0x92}, 1795248000), fields)
	float := appendFields(msgp.AppendFloat64([]byte{0x92}, 1795248000.5), fields)
	marker := func(sec int64) []byte {
		return appendEvent(nil, time.Unix(sec, 0), []form.KV{{Key: "resource", Value: "r"}})
	}
	values := appendEvent(nil, testTime, []form.KV{
		{Key: "nil", Value: nil}, {Key: "bool", Value: true}, {Key: "big", Value: uint64(1 << 63)}, {Key: "f", Value: 0.25},
		{Key: "bin", Value: []byte("raw")}, {Key: "list", Value: []string{"p", "q"}}, {Key: "map", Value: []form.KV{{Key: "k", Value: "v\xff"}}},
	})
	tests := []struct {
		name, want string
		chunk      []byte
	}{
		{"modern", `08:00:00.123456789 {"b":-5,"a":"x"};`, modern},
		{"old", `08:00:00.123456789 {"b":-5,"a":"x"};`, old},
		{"seconds", `08:00:00 {"b":-5,"a":"x"};`, seconds},
		{"float", `08:00:00.5 {"b":-5,"a":"x"};`, float},
		{"group", `08:00:00.123456789 {"b":-5,"a":"x"};`, bytes.Join([][]byte{marker(-1), modern, marker(-2)}, nil)},
		{"values", `08:00:00.123456789 {"nil":null,"bool":true,"big":9223372036854775808,"f":0.25,"bin":"raw","list":["p","q"],"map":{"k":"v\ufffd"}};`, values},
		{"none", "", nil},
		{"cut", `08:00:00.123456789 {"b":-5,"a":"x"};byte 21 of the chunk: msgp: too few bytes left to read object`, append(modern[:len(modern):len(modern)], modern[:9]...)},
		{"no event between events", `08:00:00.123456789 {"b":-5,"a":"x"};08:00:00.123456789 {"b":-5,"a":"x"};byte 21 of the chunk: msgp: attempted to decode type "nil" with method for "array"`, bytes.Join([][]byte{modern, {0xc0}, modern}, nil)},
		{"no pair", "byte 0 of the chunk: not a Fluent Bit event", []byte{0x93, 1, 2, 3}},
		{"no event", `byte 0 of the chunk: msgp: attempted to decode type "int" with method for "array"`, []byte("text")},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var got strings.Builder
			_, err := decodeEvents(test.chunk, func(at time.Time, fields []form.KV) {
				got.WriteString(at.UTC().Format("15:04:05.999999999") + " " + string(appendJSON(nil, fields)) + ";")
			})
			if err != nil {
				got.WriteString(err.Error())
			}
			if got.String() != test.want {
				t.Errorf("got\n%s\nwant\n%s", got.String(), test.want)
			}
		})
	}
}

// TestDecodeDepth: values nested without end cost an error, not the stack.
func TestDecodeDepth(t *testing.T) {
	for name, open := range map[string]byte{"arrays": 0x91, "maps": 0x81} {
		b := append([]byte{0x92, 0x01, 0x81, 0xa1, 'k'}, bytes.Repeat([]byte{open}, 100_000)...)
		if bad, err := decodeEvents(b, func(time.Time, []form.KV) {}); bad != 1 || err == nil {
			t.Errorf("%s: %d bad, %v", name, bad, err)
		}
	}
}

// TestDecodeClaims: counts that claim more than there is cost no memory.
func TestDecodeClaims(t *testing.T) {
	for name, claim := range map[string][]byte{"maps": {0xdf, 0x7f, 0xff, 0xff, 0xff, 0xa0}, "arrays": {0xdd, 0x7f, 0xff, 0xff, 0xff}} {
		for _, depth := range []int{1, 30, 200_000} {
			b := append([]byte{0x92, 0x01, 0x81, 0xa1, 'k'}, bytes.Repeat(claim, depth)...)
			b = append(b, make([]byte, max(0, 2<<20-len(b)))...)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			bad, err := decodeEvents(b, func(time.Time, []form.KV) {})
			runtime.ReadMemStats(&after)
			if mb := (after.TotalAlloc - before.TotalAlloc) >> 20; mb > 1 || bad != 1 {
				t.Errorf("%s, %d deep: %d MB are allocated, %d bad, %v", name, depth, mb, bad, err)
			}
		}
	}
}

// FuzzFlush: no bytes bring the output down, and what it makes of them is JSON that targets can be
// sent.
func FuzzFlush(f *testing.F) {
	for _, format := range []form.Format{form.OOM, form.Flat, form.ECS} {
		f.Add(chunk(format, 1, 2))
	}
	f.Add([]byte{0x92, 0x92, 0xd7, 0, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0x80, 0x80})
	f.Add(append(append([]byte{0xcd, 0xfe, 0xed}, chunk(form.OOM, 1, 1)...), 0xc1))
	f.Add(appendEvent(nil, testTime, form.Map(testRecord(1), form.Flat)))
	f.Add(append([]byte{0x92, 0x01, 0x81, 0xa3, 'o', 'o', 'm'}, bytes.Repeat([]byte{0xdf, 0x7f, 0xff, 0xff, 0xff, 0xa0}, 30)...))
	f.Add(append(append([]byte{0x92, 0x01, 0x81, 0xa3, 'o', 'o', 'm'}, bytes.Repeat([]byte{0x91}, 40)...), 0xc0))
	f.Fuzz(func(t *testing.T, b []byte) {
		var out bytes.Buffer
		log := &testLog{}
		o := start(t, log, &out, "Target", "stdout")
		if result := o.Flush([]byte("tag"), b, false); result != OK {
			t.Errorf("result %d:\n%s", result, log.text())
		}
		l := &loki{streams: newStreams(nil, newNotices(log.log))}
		es := &elasticsearch{index: "i"}
		_, _ = decodeEvents(b, func(at time.Time, fields []form.KV) {
			e := newEvent(fields, at)
			validJSON(t, l.encode([]event{e}))
			for _, line := range bytes.Split(bytes.TrimSuffix(es.body([]event{e}), []byte("\n")), []byte("\n")) {
				validJSON(t, line)
			}
		})
	})
}
