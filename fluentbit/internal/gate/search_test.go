// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"syscall"
	"testing"

	"github.com/oomtrail/oomtrail/parser"
)

// page is memory that nothing may be read around: a text at its start or its end shows a search
// that looks further.
type page struct{ b []byte }

func newPage(t testing.TB) page {
	size := syscall.Getpagesize()
	b, err := syscall.Mmap(-1, 0, 3*size, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { syscall.Munmap(b) })
	for _, edge := range [][]byte{b[:size], b[2*size:]} {
		if err := syscall.Mprotect(edge, syscall.PROT_NONE); err != nil {
			t.Fatal(err)
		}
	}
	return page{b[size : 2*size]}
}

// both returns a text at the start of the page and at its end.
func (p page) both(text []byte) [2][]byte {
	text = text[:min(len(text), len(p.b)/2)]
	end := p.b[len(p.b)-len(text):]
	copy(p.b, text)
	copy(end, text)
	return [2][]byte{p.b[:len(text)], end}
}

// checker holds the search against the parser's own.
func checker(t testing.TB) func(t testing.TB, text []byte) {
	s := newSearch(parser.TriggerKeys())
	t.Cleanup(s.free)
	p := newPage(t)
	return func(t testing.TB, text []byte) {
		t.Helper()
		for _, at := range p.both(text) {
			want := parser.MayContainOOM(at)
			if s.has(at) != want {
				t.Fatalf("%v, parser.MayContainOOM: %v of %q", !want, want, at)
			}
		}
	}
}

// TestEveryKeyAtEveryPlace: whole keys, keys cut off by the end, and keys with a bit wrong.
func TestEveryKeyAtEveryPlace(t *testing.T) {
	check := checker(t)
	for _, key := range parser.TriggerKeys() {
		for before := range 40 {
			for after := range 42 {
				text := append(append(bytes.Repeat([]byte("x"), before), key...), bytes.Repeat([]byte{0xd9}, after)...)
				check(t, text)
				at := before + after%len(key)
				check(t, text[:at])
				for _, bit := range []byte{0x01, 0x20, 0x80} {
					text[at] ^= bit
					check(t, text)
					text[at] ^= bit
				}
			}
		}
	}
}

// nearKeys is a text of pieces of keys.
func nearKeys(r *rand.Rand, size int) []byte {
	keys := parser.TriggerKeys()
	var text []byte
	for len(text) < size {
		key := keys[r.IntN(len(keys))]
		from := r.IntN(len(key))
		text = append(text, key[from:from+1+r.IntN(len(key)-from)]...)
	}
	return text
}

func TestNearKeys(t *testing.T) {
	check := checker(t)
	r := rand.New(rand.NewPCG(1, 2))
	found := 0
	for range 30_000 {
		text := nearKeys(r, 20+r.IntN(200))
		check(t, text)
		if parser.MayContainOOM(text) {
			found++
		}
	}
	if found == 0 || found == 30_000 {
		t.Errorf("%d of the texts hold a key: the test shows only one side", found)
	}
}

// TestManyKeys: the groups of the vector version hold any keys, few and as many as there may be.
func TestManyKeys(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for _, count := range []int{1, 7, 8, 9, 51, 160} {
		keys := make([]string, count)
		for i := range keys {
			for range 8 {
				keys[i] += string("abAB\x00\x7f"[r.IntN(6)])
			}
		}
		s := newSearch(keys)
		found := 0
		for range 5000 {
			text := make([]byte, 8+r.IntN(90))
			for i := range text {
				text[i] = "abAB\x00\x7f\xe1"[r.IntN(7)]
			}
			if r.IntN(2) == 0 {
				copy(text[r.IntN(len(text)-7):], keys[r.IntN(count)])
			}
			want := false
			for _, key := range keys {
				want = want || strings.Contains(string(text), key)
			}
			if want {
				found++
			}
			if s.has(text) != want {
				t.Fatalf("%d keys: %v for %q", count, !want, text)
			}
		}
		if found == 0 || found == 5000 {
			t.Errorf("%d keys: found in %d texts", count, found)
		}
		s.free()
	}
}

// TestWord holds the search for a word against the plain one, in texts of every length that almost
// hold it.
func TestWord(t *testing.T) {
	p := newPage(t)
	r := rand.New(rand.NewPCG(9, 10))
	found := 0
	for i := range 20_000 {
		text := make([]byte, i%200)
		for j := range text {
			text[j] = "oom. x"[r.IntN(6)]
		}
		if r.IntN(2) == 0 { // else nearly every long text would hold it
			text = bytes.ReplaceAll(text, []byte("oom."), []byte("oom "))
		}
		for _, at := range p.both(text) {
			want := bytes.Contains(at, []byte("oom."))
			if hasWord("oom.", at) != want {
				t.Fatalf("%v for %q", !want, at)
			}
			if want {
				found++
			}
		}
	}
	if found < 1000 || found > 30_000 {
		t.Errorf("found in %d texts", found)
	}
}

func FuzzSearch(f *testing.F) {
	f.Add([]byte("Out of memory: Killed process 12 (x)"))
	f.Add([]byte("oom-kiloom-kill"))
	f.Add(nearKeys(rand.New(rand.NewPCG(5, 6)), 300))
	check := checker(f)
	f.Fuzz(func(t *testing.T, text []byte) { check(t, text) })
}

func BenchmarkSearch(b *testing.B) {
	s := newSearch(parser.TriggerKeys())
	defer s.free()
	r := rand.New(rand.NewPCG(7, 8))
	near := nearKeys(r, 1<<10)
	for parser.MayContainOOM(near) || parser.MayContainOOM(append(near, near...)) {
		near = nearKeys(r, 1<<10)
	}
	searches := map[string]func([]byte) bool{
		"c": s.has, "go": parser.MayContainOOM,
		"word": func(b []byte) bool { return hasWord("oom.", b) },
	}
	for _, sample := range []struct{ name, text string }{
		{"access log", "\x92\x92\xd7\x00\x65\x53\xf1\x00\x00\x00\x30\x39\x80\x81\xa3log\xd9\x4110.0.17.4 - - \"GET /api/v1/items/4711 HTTP/1.1\" 200 5316 \"-\" \"curl/8.5.0\""},
		{"json", `{"level":"info","ts":1700000000.123,"caller":"server/process.go:88","msg":"request processed","total":17,"failed":0,"memory":"512Mi"}` + "\n"},
		{"hostile", string(near)},
	} {
		text := bytes.Repeat([]byte(sample.text), 1<<18/len(sample.text))
		for _, name := range []string{"c", "go", "word"} {
			b.Run(sample.name+"/"+name, func(b *testing.B) {
				b.SetBytes(int64(len(text)))
				for b.Loop() {
					if searches[name](text) {
						b.Fatal("found")
					}
				}
			})
		}
	}
}
