// SPDX-License-Identifier: Apache-2.0

package fleet

import (
	"compress/gzip"
	"hash/maphash"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/plog/plogotlp"
)

// Backend takes OTLP over HTTP at /otlp/v1/logs, as Loki does, and counts what it is sent.
type Backend struct {
	// URL is its address.
	URL string

	seed maphash.Seed

	mu sync.Mutex
	// kills are the records of kills by the key that a store would keep them under, of which it
	// keeps one.
	kills map[string]*Arrival
	// copies counts the records of kills, as often as they came; lines the lines.
	copies, lines int
	// distinct are the lines by host and text.
	distinct map[uint64]struct{}
	// others counts the records that are no kill, by event.
	others map[string]int
}

// Arrival is the record of a kill.
type Arrival struct {
	Host, UID string
	PID       int64
	// Body is its sentence.
	Body string
	// Complete says that every part of its report was there, in one of its copies.
	Complete bool
}

// StartBackend runs a backend until the test ends.
func StartBackend(t testing.TB) *Backend {
	t.Helper()
	b := &Backend{seed: maphash.MakeSeed(), kills: map[string]*Arrival{}, distinct: map[uint64]struct{}{}, others: map[string]int{}}
	server := httptest.NewServer(b)
	t.Cleanup(server.Close)
	b.URL = server.URL
	return b
}

// ServeHTTP takes one request.
func (b *Backend) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var body io.Reader = r.Body
	if r.Header.Get("Content-Encoding") == "gzip" {
		z, err := gzip.NewReader(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		body = z
	}
	raw, err := io.ReadAll(body)
	request := plogotlp.NewExportRequest()
	if err == nil {
		err = request.UnmarshalProto(raw)
	}
	if err != nil || r.URL.Path != "/otlp/v1/logs" {
		http.Error(w, r.URL.Path, http.StatusServiceUnavailable) // the sender died, or is wrong
		return
	}
	b.take(request.Logs())
	answer, err := plogotlp.NewExportResponse().MarshalProto()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/x-protobuf")
	_, _ = w.Write(answer) // the sender may be dead
}

func (b *Backend) take(logs plog.Logs) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, rl := range logs.ResourceLogs().All() {
		host := text(rl.Resource().Attributes(), "host.name")
		for _, sl := range rl.ScopeLogs().All() {
			for _, lr := range sl.LogRecords().All() {
				switch event := text(lr.Attributes(), "event.name"); event {
				case "":
					b.lines++
					b.distinct[maphash.Comparable(b.seed, [2]string{host, lr.Body().AsString()})] = struct{}{}
				case "oom.kill":
					b.copies++
					b.keep(host, lr)
				default:
					b.others[event]++
				}
			}
		}
	}
}

// keep keeps one record of each key.
func (b *Backend) keep(host string, lr plog.LogRecord) {
	key := text(lr.Attributes(), "oom.record.key")
	complete, ok := lr.Attributes().Get("oom.report.complete")
	a := b.kills[key]
	if a == nil {
		a = &Arrival{Host: host, UID: text(lr.Attributes(), "log.record.uid"), Body: lr.Body().AsString()}
		if pid, ok := lr.Attributes().Get("process.pid"); ok {
			a.PID = pid.Int()
		}
		b.kills[key] = a
	}
	a.Complete = a.Complete || ok && complete.Bool()
}

// text returns a string of a map, "" when it is not there.
func text(m pcommon.Map, name string) string {
	v, ok := m.Get(name)
	if !ok {
		return ""
	}
	return v.Str()
}

// Progress returns how many kills have arrived, and how many lines, each counted once.
func (b *Backend) Progress() (kills, lines int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.kills), len(b.distinct)
}
