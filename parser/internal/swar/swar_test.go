package swar

import (
	"encoding/binary"
	"testing"
)

func TestLoad(t *testing.T) {
	const s = "\x00\x7f\x80\xffabcdef"
	for i := range len(s) - 7 {
		if got, want := Load(s[i:]), binary.LittleEndian.Uint64([]byte(s[i:])); got != want {
			t.Errorf("%q: %x, want %x", s[i:], got, want)
		}
	}
}
