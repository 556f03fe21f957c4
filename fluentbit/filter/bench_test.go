// SPDX-License-Identifier: Apache-2.0

package filter

import (
	"bytes"
	"fmt"
	"os"
	"testing"

	"github.com/tinylib/msgp/msgp"

	"github.com/oomtrail/oomtrail/fluentbit/fbtest"
	"github.com/oomtrail/oomtrail/fluentbit/form"
	"github.com/oomtrail/oomtrail/parser"
)

// accessLog makes a chunk of about 2 MB, as large as Fluent Bit's are, of lines that are no
// kernel's.
func accessLog() (chunk []byte, records int) {
	for len(chunk) < 2<<20 {
		chunk = fbtest.Event{Time: fbtest.Boot, Record: []form.KV{
			{Key: "log", Value: fmt.Sprintf(`10.0.%d.%d - - "GET /api/v1/items/%d HTTP/1.1" 200 %d "-" "curl/8.5.0"`, records%256, records%251, records, records*7%9999)},
			{Key: "stream", Value: "stdout"},
		}}.Append(chunk)
		records++
	}
	return chunk, records
}

// BenchmarkUntouched is the path of nearly every chunk, beside its plain baselines: one
// bytes.Contains over the chunk, and finding the boundaries of its events.
func BenchmarkUntouched(b *testing.B) {
	chunk, records := accessLog()
	f, _ := newFilter(b)
	tag := []byte("app")
	for _, bench := range []struct {
		name string
		fn   func()
	}{
		{"filter", func() { f.Run(tag, chunk) }},
		{"scan", func() { parser.MayContainOOM(chunk) }},
		{"bytes.Contains", func() { bytes.Contains(chunk, []byte("Killed process")) }},
		{"decode boundaries", func() {
			for rest := chunk; len(rest) > 0; {
				rest, _ = msgp.Skip(rest)
			}
		}},
	} {
		b.Run(bench.name, func(b *testing.B) {
			b.SetBytes(int64(len(chunk)))
			b.ReportAllocs()
			for b.Loop() {
				bench.fn()
			}
			b.ReportMetric(float64(records)*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mrecords/s")
		})
	}
}

// BenchmarkReport is the path of a chunk that holds reports.
func BenchmarkReport(b *testing.B) {
	raw, err := os.ReadFile("../../testdata/captures/6.12/c_memcg_v2/kmsg.raw")
	if err != nil {
		b.Fatal(err)
	}
	var events []fbtest.Event
	for _, k := range fbtest.ReadKmsg(raw) {
		events = append(events, k.InKmsg())
	}
	chunk := fbtest.Chunk(events...)
	for _, mode := range []string{"append", "replace", "only"} {
		b.Run(mode, func(b *testing.B) {
			f, _ := newFilter(b, "Mode", mode)
			b.SetBytes(int64(len(chunk)))
			b.ReportAllocs()
			for b.Loop() {
				f.Run([]byte("kernel"), chunk)
			}
		})
	}
}
