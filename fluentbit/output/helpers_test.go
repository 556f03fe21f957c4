// SPDX-License-Identifier: Apache-2.0

package output

import (
	"encoding/binary"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tinylib/msgp/msgp"

	"github.com/oomtrail/oomtrail/fluentbit/filter"
	"github.com/oomtrail/oomtrail/fluentbit/form"
	"github.com/oomtrail/oomtrail/fluentbit/logevent"
	"github.com/oomtrail/oomtrail/parser/record"
)

// testTime is the time of the first record of a test.
var testTime = time.Date(2026, 11, 21, 8, 0, 0, 123456789, time.UTC)

// testRecord is the n-th record of a test.
func testRecord(n int) *record.Record {
	return (&record.Record{
		Body: fmt.Sprintf("OOM kill: app-main (%d)", n),
		Time: testTime.Add(time.Duration(n) * time.Second),
	}).With(
		record.Attr{Name: "event.name", Value: record.StringValue("oom.kill")},
		record.Attr{Name: "log.record.uid", Value: record.StringValue(uid(n))},
		record.Attr{Name: "oom.record.version", Value: record.StringValue(record.Version)},
		record.Attr{Name: "oom.constraint", Value: record.StringValue("memcg")},
		record.Attr{Name: "oom.scope", Value: record.StringValue("cgroup")},
		record.Attr{Name: "process.pid", Value: record.Int64Value(int64(n))},
		record.Attr{Name: "oom.victim.share", Value: record.Float64Value(0.5)},
		record.Attr{Name: "oom.report.complete", Value: record.BoolValue(true)},
		record.Attr{Name: "host.name", Value: record.StringValue("node-1")},
	)
}

// keyOf is the key of the n-th record.
func keyOf(n int) string { return record.Key(uid(n), "", "node-1", "") }

// uid is the log.record.uid of the n-th record.
func uid(n int) string { return fmt.Sprintf("%032d", n) }

// nameOf gives uids in a text the short names that they have in these tests, as in uid-0001.
func nameOf(text string) string { return strings.ReplaceAll(text, uid(0)[4:], "uid-") }

// uidOf is the short name of the record that has a key, the key itself where it is not of a test.
func uidOf(key string) string {
	for n := range 2000 {
		if keyOf(n) == key {
			return nameOf(uid(n))
		}
	}
	return key
}

// chunk is what the filter makes of some records: events of a form.
func chunk(f form.Format, numbers ...int) []byte {
	var b []byte
	for _, n := range numbers {
		r := testRecord(n)
		b = appendMarked(b, r.Time, form.Map(r, f))
	}
	return b
}

// appendMarked appends an event with the mark of a record of ours.
func appendMarked(b []byte, at time.Time, fields []form.KV) []byte {
	b = logevent.AppendRecordHead(b, logevent.AppendTimestamp(nil, at), record.Version)
	return appendFields(b, fields)
}

// appendEvent appends [[time, {}], fields].
func appendEvent(b []byte, at time.Time, fields []form.KV) []byte {
	b = msgp.AppendArrayHeader(b, 2)
	b = msgp.AppendArrayHeader(b, 2)
	b = append(b, 0xd7, 0)
	b = binary.BigEndian.AppendUint32(b, uint32(at.Unix()))
	b = binary.BigEndian.AppendUint32(b, uint32(at.Nanosecond()))
	b = msgp.AppendMapHeader(b, 0)
	return appendFields(b, fields)
}

func appendFields(b []byte, fields []form.KV) []byte {
	b = msgp.AppendMapHeader(b, uint32(len(fields)))
	for _, kv := range fields {
		b = msgp.AppendString(b, kv.Key)
		switch v := kv.Value.(type) {
		case []form.KV:
			b = appendFields(b, v)
		case []string:
			b = msgp.AppendArrayHeader(b, uint32(len(v)))
			for _, s := range v {
				b = msgp.AppendString(b, s)
			}
		default:
			var err error
			if b, err = msgp.AppendIntf(b, v); err != nil {
				panic(err)
			}
		}
	}
	return b
}

// testLog keeps what an output logs.
type testLog struct {
	mu    sync.Mutex
	lines []string
}

func (l *testLog) log(level filter.Level, line string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, [...]string{"", "error", "warn", "info", "debug"}[level]+" "+line)
}

func (l *testLog) text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return nameOf(strings.Join(l.lines, "\n"))
}

// settings are keys and values in turn.
func settings(pairs ...string) func(string) string {
	return func(key string) string {
		for i := 0; i < len(pairs); i += 2 {
			if strings.EqualFold(pairs[i], key) {
				return pairs[i+1]
			}
		}
		return ""
	}
}

// start makes an output with these settings.
func start(t testing.TB, log *testLog, w io.Writer, pairs ...string) *Output {
	t.Helper()
	c, err := ParseConfig(settings(pairs...))
	if err != nil {
		t.Fatal(err)
	}
	o, err := New(c, "test", w, log.log)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// want checks the result of a flush.
func want(t testing.TB, log *testLog, got, want Result) {
	t.Helper()
	if got != want {
		t.Fatalf("result %d, want %d; the log:\n%s", got, want, log.text())
	}
}
