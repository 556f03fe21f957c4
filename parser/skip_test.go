// SPDX-License-Identifier: Apache-2.0

package parser

import (
	"bytes"
	"testing"
)

var triggers = TriggerKeys()

// plainMayContainOOM is [MayContainOOM] as one would write it first.
func plainMayContainOOM(b []byte) bool {
	for _, key := range triggers {
		if bytes.Contains(b, []byte(key)) {
			return true
		}
	}
	return false
}

func FuzzMayContainOOM(f *testing.F) {
	f.Add([]byte("Out of memory: Killed process 12 (x)"))
	f.Add([]byte("oom-kiloom-kill"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if MayContainOOM(b) != plainMayContainOOM(b) {
			t.Errorf("%q: %v", b, MayContainOOM(b))
		}
	})
}

func BenchmarkMayContainOOM(b *testing.B) {
	for _, sample := range []struct{ name, line string }{
		{"access log", `10.0.17.4 - - [21/Nov/2026:08:00:00 +0000] "GET /api/v1/items/4711?page=12 HTTP/1.1" 200 5316 "https://example.com/shop" "Mozilla/5.0 (X11; Linux x86_64)"` + "\n"},
		{"kernel log", "6,1042,77123456,-;usb 1-1: new high-speed USB device number 4 using xhci_hcd\n"},
		{"json", `{"level":"info","ts":1700000000.123,"caller":"server/process.go:88","msg":"request processed","total":17,"failed":0,"memory":"512Mi"}` + "\n"},
	} {
		text := bytes.Repeat([]byte(sample.line), 1<<20/len(sample.line))
		for _, scan := range []struct {
			name string
			fn   func([]byte) bool
		}{
			{"whole", MayContainOOM},
			{"line", func(b []byte) bool { return MayContainOOM(b[:len(sample.line)]) }},
			{"plain", func(b []byte) bool { return plainMayContainOOM(b) }},
			{"one needle", func(b []byte) bool { return bytes.Contains(b, []byte("Killed process")) }},
		} {
			b.Run(sample.name+"/"+scan.name, func(b *testing.B) {
				n := len(text)
				if scan.name == "line" {
					n = len(sample.line)
				}
				b.SetBytes(int64(n))
				for b.Loop() {
					if scan.fn(text) {
						b.Fatal("found")
					}
				}
			})
		}
	}
}
