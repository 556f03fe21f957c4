package parser

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// plainIndex is [indexKey] as one would write it first.
func plainIndex(b []byte) int {
	least := -1
	for _, key := range keys {
		if i := bytes.Index(b, []byte(key)); i >= 0 && (least < 0 || i < least) {
			least = i
		}
	}
	return least
}

// sameLine reports whether no line ends between two places.
func sameLine(b []byte, i, j int) bool {
	return bytes.IndexByte(b[min(i, j):max(i, j)], '\n') < 0
}

// checkIndex holds the search against the plain one.
func checkIndex(t *testing.T, b []byte) {
	t.Helper()
	got, want := indexKey(b), plainIndex(b)
	if (got < 0) != (want < 0) || got >= 0 && !sameLine(b, got, want) {
		t.Fatalf("key at %d, plainly at %d in %q", got, want, b)
	}
}

// TestIndexKeyEqualsPlain: every key at every place, whole and damaged, in texts that almost hold keys.
func TestIndexKeyEqualsPlain(t *testing.T) {
	for _, key := range keys {
		for before := range 48 {
			for after := range 24 {
				text := append(append(bytes.Repeat([]byte("x"), before), key...), bytes.Repeat([]byte("y"), after)...)
				checkIndex(t, text)
				for cut := range len(key) {
					checkIndex(t, text[:before+cut])
				}
				text[before+after%keyLen] ^= 0x20
				checkIndex(t, text)
			}
		}
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		var text []byte
		for len(text) < 200 {
			key := keys[r.IntN(len(keys))]
			text = append(text, key[r.IntN(keyLen):]...)
			if r.IntN(8) == 0 {
				text = append(text, "\n "[r.IntN(2)])
			}
		}
		checkIndex(t, text[r.IntN(20):])
	}
}

// TestKeys: eight bytes each, none twice, and few enough for the index.
func TestKeys(t *testing.T) {
	seen := map[string]bool{}
	for _, key := range keys {
		if len(key) != keyLen || seen[key] {
			t.Errorf("%q", key)
		}
		seen[key] = true
	}
	if len(places) > 256 {
		t.Errorf("%d windows", len(places))
	}
}

func FuzzIndexKey(f *testing.F) {
	f.Add([]byte("Out of memory: Killed process 12 (x)"))
	f.Add([]byte("oom-kiloom-kill"))
	f.Fuzz(checkIndex)
}

func BenchmarkMayMatter(b *testing.B) {
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
			{"whole", MayMatter},
			{"line", func(b []byte) bool { return MayMatter(b[:len(sample.line)]) }},
			{"plain", func(b []byte) bool { return plainIndex(b) >= 0 }},
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
