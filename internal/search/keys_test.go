// SPDX-License-Identifier: Apache-2.0

package search

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

var words = []string{"oom-kill", "oom kill", "oom_kill", "Killed p", "ill proc", "illed as", "Task in ", "ory limi", "ry cgrou", ": usage ", "f memory",
	"f Memory", "total_vm", "asks sta", "OOM requ", "OOM vict", "aaaaaaaa", "abababab"}

var set = NewKeys(words...)

// plainIndex is [Keys.Index] as one would write it first.
func plainIndex(b []byte) int {
	least := -1
	for _, key := range words {
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
	got, want := set.Index(b), plainIndex(b)
	if (got < 0) != (want < 0) || got >= 0 && !sameLine(b, got, want) {
		t.Fatalf("key at %d, plainly at %d in %q", got, want, b)
	}
}

// TestIndexEqualsPlain: every key at every place, whole and damaged, in texts that almost hold
// keys.
func TestIndexEqualsPlain(t *testing.T) {
	for _, key := range words {
		for before := range 48 {
			for after := range 24 {
				text := append(append(bytes.Repeat([]byte("x"), before), key...), bytes.Repeat([]byte("y"), after)...)
				checkIndex(t, text)
				for cut := range len(key) {
					checkIndex(t, text[:before+cut])
				}
				text[before+after%KeyLen] ^= 0x20
				checkIndex(t, text)
			}
		}
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		var text []byte
		for len(text) < 200 {
			key := words[r.IntN(len(words))]
			text = append(text, key[r.IntN(KeyLen):]...)
			if r.IntN(8) == 0 {
				text = append(text, "\n "[r.IntN(2)])
			}
		}
		checkIndex(t, text[r.IntN(20):])
	}
}

func FuzzIndex(f *testing.F) {
	f.Add([]byte("Out of memory: Killed process 12 (x)"))
	f.Add([]byte("oom-kiloom-kill"))
	f.Fuzz(checkIndex)
}
