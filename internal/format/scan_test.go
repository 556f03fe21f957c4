// SPDX-License-Identifier: Apache-2.0

package format

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
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

func TestIndexQuoteEqualsIndexAny(t *testing.T) {
	r := rand.New(rand.NewPCG(13, 14))
	for range 100_000 {
		b := make([]byte, r.IntN(40))
		for i := range b {
			b[i] = [...]byte{'"', '\\', '!', '#', '[', ']', 'a', 0, 0xff, 0xa2, 0xdc, byte(r.IntN(256))}[min(r.IntN(60), 11)]
		}
		want := bytes.IndexAny(b, "\"\\")
		if want < 0 {
			want = len(b)
		}
		if got := indexQuote(b); got != want {
			t.Fatalf("%q: %d, want %d", b, got, want)
		}
	}
}

func TestIsASCIIEqualsRuneCount(t *testing.T) {
	for n := range 20 {
		for at := range n + 1 {
			s := strings.Repeat("a", at) + "é" + strings.Repeat("b", n-at)
			for _, b := range []string{s, strings.ReplaceAll(s, "é", "e")} {
				if isASCII([]byte(b)) != (utf8.RuneCountInString(b) == len(b)) {
					t.Errorf("%q", b)
				}
			}
		}
	}
}

func TestDaysAndMonthsEqualTime(t *testing.T) {
	for day := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC); day.Year() == 2000; day = day.AddDate(0, 0, 1) {
		if got := dayOfLeapYear(int(day.Month()), day.Day()); got != day.YearDay()-1 {
			t.Errorf("%v: %d", day, got)
		}
		name := day.Format("Jan")
		if got := englishMonth(name); got != int(day.Month()) || got != monthNames[strings.ToLower(name)] {
			t.Errorf("%s: %d", name, got)
		}
	}
}

func TestIsASCIISeesEachByte(t *testing.T) {
	for length := range 26 {
		b := bytes.Repeat([]byte("a"), length)
		if !isASCII(b) {
			t.Errorf("%d letters are not ASCII", length)
		}
		for i := range b {
			b[i] = 0xc3
			if isASCII(b) {
				t.Errorf("byte %d of %d is not seen", i, length)
			}
			b[i] = 'a'
		}
	}
}
