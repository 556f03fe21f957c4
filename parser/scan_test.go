package parser

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"
)

// plain is what MayMatter means.
func plain(b []byte) bool {
	for _, needle := range needles {
		if bytes.Contains(b, []byte(needle)) {
			return true
		}
	}
	return false
}

// TestMayMatterEverywhere: each needle is found at every offset, with every neighbour, and no needle without one of its bytes.
func TestMayMatterEverywhere(t *testing.T) {
	for _, needle := range needles {
		for before := range 40 {
			for after := range 20 {
				for _, fill := range []string{"x", "o", "O", "m", " ", "\xff"} {
					b := []byte(strings.Repeat(fill, before) + needle + strings.Repeat(fill, after))
					if !MayMatter(b) {
						t.Fatalf("%q is not found in %q", needle, b)
					}
					b[before+len(needle)/2] = 0
					if MayMatter(b) != plain(b) {
						t.Fatalf("%q: %v", b, MayMatter(b))
					}
				}
			}
		}
	}
	if MayMatter(nil) || MayMatter([]byte("oo")) {
		t.Error("nothing matters")
	}
}

// TestMayMatterGenerated: the fast scan and the plain one agree over texts made of pieces of needles.
func TestMayMatterGenerated(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	found := 0
	for range 200_000 {
		var b []byte
		for range random.IntN(8) {
			needle := needles[random.IntN(len(needles))]
			from := random.IntN(len(needle))
			b = append(b, needle[from:from+random.IntN(len(needle)-from+1)]...)
			b = append(b, "om Mxy"[random.IntN(6)])
		}
		want := plain(b)
		if MayMatter(b) != want {
			t.Fatalf("%q: %v, want %v", b, !want, want)
		}
		if want {
			found++
		}
	}
	if found < 1000 || found > 199_000 {
		t.Errorf("%d of the texts match: the test shows little", found)
	}
}

func FuzzMayMatter(f *testing.F) {
	f.Add([]byte("Task in /a killed as a result of limit of /b"), uint8(3))
	f.Add([]byte("zoom ooom oOm"), uint8(0))
	f.Fuzz(func(t *testing.T, b []byte, shift uint8) {
		b = append(bytes.Repeat([]byte("."), int(shift)), b...)
		if MayMatter(b) != plain(b) {
			t.Errorf("%q: %v", b, MayMatter(b))
		}
	})
}

func BenchmarkMayMatter(b *testing.B) {
	lines := map[string]string{
		"access log": `10.0.17.4 - - [21/Nov/2026:08:00:00 +0000] "GET /api/v1/items/4711?page=12 HTTP/1.1" 200 5316 "https://example.com/shop" "Mozilla/5.0 (X11; Linux x86_64)"` + "\n",
		"kernel log": "6,1042,77123456,-;usb 1-1: new high-speed USB device number 4 using xhci_hcd\n",
		"json":       `{"level":"info","ts":1700000000.123,"caller":"server/process.go:88","msg":"request processed","total":17,"failed":0,"memory":"512Mi"}` + "\n",
	}
	for name, line := range lines {
		text := []byte(strings.Repeat(line, 1<<20/len(line)))
		for _, scan := range []struct {
			name string
			fn   func([]byte) bool
		}{{"fast", MayMatter}, {"plain", plain}, {"bytes.Contains", func(b []byte) bool { return bytes.Contains(b, []byte("Killed process")) }}} {
			b.Run(name+"/"+scan.name, func(b *testing.B) {
				b.SetBytes(int64(len(text)))
				for b.Loop() {
					if scan.fn(text) {
						b.Fatal("found")
					}
				}
			})
		}
	}
}
