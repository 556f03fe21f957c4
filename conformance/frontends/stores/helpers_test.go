// SPDX-License-Identifier: Apache-2.0

// Package stores delivers records by the Fluent Bit output to a real server, while that server
// fails in every way, and lets a real Prometheus evaluate the alerts on a collector's metrics.
package stores

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/fluentbit/fbtest"
	"github.com/oomtrail/oomtrail/fluentbit/filter"
	"github.com/oomtrail/oomtrail/fluentbit/form"
	"github.com/oomtrail/oomtrail/fluentbit/output"
	"github.com/oomtrail/oomtrail/parser/record"
)

// firstTime is the time of record 0.
var firstTime = time.Date(2026, 11, 21, 8, 0, 0, 123456789, time.UTC)

// uid returns the log.record.uid of the n-th record.
func uid(n int) string { return fmt.Sprintf("%032d", n) }

// chunk returns records as the filter writes them: events of a form, with the mark of the project's
// own records.
func chunk(f form.Format, numbers ...int) []byte {
	var events []fbtest.Event
	for _, n := range numbers {
		r := (&record.Record{
			Body: fmt.Sprintf("OOM kill: app-main (%d)", n),
			Time: firstTime.Add(time.Duration(n) * time.Second),
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
		mark := []form.KV{{Key: "oomtrail", Value: []byte(record.Version)}}
		events = append(events, fbtest.Event{Time: r.Time, Metadata: mark, Record: form.Map(r, f)})
	}
	return fbtest.Chunk(events...)
}

// outputLog keeps what an output logs.
type outputLog struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *outputLog) log(_ filter.Level, line string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	fmt.Fprintln(&l.text, line)
}

func (l *outputLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// start returns an output with these settings, key and value by turns.
func start(t *testing.T, log *outputLog, pairs ...string) *output.Output {
	t.Helper()
	c, err := output.ParseConfig(func(key string) string {
		for i := 0; i < len(pairs); i += 2 {
			if strings.EqualFold(pairs[i], key) {
				return pairs[i+1]
			}
		}
		return ""
	})
	if err != nil {
		t.Fatal(err)
	}
	o, err := output.New(c, "test", nil, log.log)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// flush sends a chunk and checks the result.
func flush(t *testing.T, log *outputLog, o *output.Output, chunk []byte, want output.Result) {
	t.Helper()
	if got := o.Flush([]byte("kern"), chunk, false); got != want {
		t.Fatalf("result %d, want %d; the log:\n%s", got, want, log)
	}
}
