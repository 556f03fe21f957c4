package transport

import (
	"bytes"
	"math/rand/v2"
	"reflect"
	"testing"
)

// TestNumberEqualsDigits: eight digits at once are what they are one by one.
func TestNumberEqualsDigits(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	for range 200_000 {
		b := make([]byte, r.IntN(30))
		for i := range b {
			b[i] = '0' + byte(r.IntN(10))
			if r.IntN(20) == 0 {
				b[i] = byte(r.IntN(256))
			}
		}
		limit := 1 + r.IntN(22)
		v, n := number(b, limit)
		if want, m := digits(b, limit); n != m || n > 0 && v != want {
			t.Fatalf("%q, at most %d: %d of %d bytes, one by one %d of %d", b, limit, v, n, want, m)
		}
	}
}

// TestPlainEqualsDecode: that a line is known to be plain changes nothing but the time it takes.
func TestPlainEqualsDecode(t *testing.T) {
	for _, c := range ordinary {
		plain, other := NewDecoder(c.format), NewDecoder(c.format)
		lines := append([]string{"who knows", "6,12,13", "6,12,13;", "6,13,14,-;\r", "30,14,15,-;a user's", "6,15,16,c,caller=C1;a<truncated>"}, c.lines...)
		for _, line := range append(lines, lines...) {
			raw := []byte(line)
			if bytes.ContainsAny(raw, "\\\n") {
				continue
			}
			var got, want []Line
			plain.DecodePlain(raw, func(l *Line) { got = append(got, *l) })
			other.Decode(raw, func(l *Line) { want = append(want, *l) })
			if !reflect.DeepEqual(got, want) {
				t.Errorf("%s: %q: %+v, want %+v", c.name, line, got, want)
			}
		}
	}
}
