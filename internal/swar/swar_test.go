// SPDX-License-Identifier: Apache-2.0

package swar

import (
	"encoding/binary"
	"math/bits"
	"strconv"
	"strings"
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

func TestDigits(t *testing.T) {
	for _, s := range []string{"00000000", "00000007", "12345678", "99999999", "90000001"} {
		x := Load(s) ^ '0'*Each
		want, err := strconv.ParseUint(s, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		if got := JoinDigits(x); got != want || NonDigits(x) != 0 {
			t.Errorf("%s: %d, no digits at %x", s, got, NonDigits(x))
		}
		for at := range len(s) {
			for c := range 256 {
				b := []byte(s)
				b[at] = byte(c)
				if n, want := LastDigits(Load(string(b))^'0'*Each), len(s)-len(strings.TrimRight(string(b), "0123456789")); n != want {
					t.Fatalf("%q ends in %d digits, want %d", b, n, want)
				}
				flags := NonDigits(Load(string(b)) ^ '0'*Each)
				if isDigit := c >= '0' && c <= '9'; isDigit != (flags == 0) || !isDigit && bits.TrailingZeros64(flags)/8 != at {
					t.Fatalf("%q: no digits at %x", b, flags)
				}
			}
		}
	}
}
