// SPDX-License-Identifier: Apache-2.0

package plain

import (
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestAppendSize(t *testing.T) {
	for _, c := range []struct {
		n    int64
		want string
	}{
		{0, "0 B"}, {1023, "1023 B"}, {1024, "1 KiB"}, {24 << 20, "24 MiB"}, {25690112, "24.5 MiB"},
		{99<<20 + 1<<19, "99.5 MiB"}, {271 << 20, "271 MiB"}, {3 << 40, "3 TiB"}, {1<<63 - 1, "8 EiB"},
	} {
		if got := string(AppendSize(nil, c.n)); got != c.want {
			t.Errorf("%d: got %q, want %q", c.n, got, c.want)
		}
	}
}

func TestAppendName(t *testing.T) {
	for _, c := range []struct{ name, want string }{
		{"nginx: worker", "nginx: worker"},
		{"ünïcödé", "ünïcödé"},
		{"new\nline", `new\x0aline`},
		{"\xff\xfe bad", `\xff\xfe bad`},
		{"/system.slice/oomtrail-killer.service", "/system.slice/oomtrail-killer.service"},
		{"Killed process ", `Killed\x20process\x20`},
		{"oom-kill:constr", `oom\x2dkill\x3aconstr`},
	} {
		if got := string(AppendName(nil, c.name)); got != c.want {
			t.Errorf("%q: got %q, want %q", c.name, got, c.want)
		}
	}
}

// TestAppendShort: of a name that is too long both ends are written, and nothing of a character or
// an escape is torn apart.
func TestAppendShort(t *testing.T) {
	for _, c := range []struct {
		name string
		room int
		want string
	}{
		{"nginx", 5, "nginx"},
		{"/a/long/path", 12, "/a/long/path"},
		{"/a/long/path", 11, "/a/l…path"},
		{"ééééé", 9, "é…é"},
		{"a😀b😀c", 9, "a…c"},
		{"\x01\x02\x03\x04", 12, `\x01…\x04`},
		{"\xff\xff\xff\xff", 11, `\xff…\xff`},
		{"\xff\xff\xff\xff", 10, "…"},
		{"Killed process 1 (init)", 18, "Killed…(init)"},
	} {
		if got := string(AppendShort([]byte("> "), c.name, c.room)); got != "> "+c.want {
			t.Errorf("%q in %d: got %q, want %q", c.name, c.room, got, "> "+c.want)
		}
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 20000 {
		name, room := make([]byte, r.IntN(300)), 3+r.IntN(100)
		for i := range name {
			name[i] = "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\x01\\x0 "[r.IntN(15)]
		}
		got := string(AppendShort(nil, string(name), room))
		if whole := string(AppendName(nil, string(name))); !utf8.ValidString(got) || len(got) > room || len(whole) <= room && got != whole {
			t.Errorf("%q in %d: %q", name, room, got)
		}
	}
}

// plainPrintable is AppendPrintable byte by byte.
func plainPrintable(dst []byte, s string) []byte {
	for i := 0; i < len(s); {
		c := s[i]
		if c >= ' ' && c < 0x7f {
			dst = append(dst, c)
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if r != utf8.RuneError && unicode.IsPrint(r) {
			dst = append(dst, s[i:i+n]...)
		} else {
			for _, c := range []byte(s[i : i+n]) {
				dst = appendEscaped(dst, c)
			}
		}
		i += n
	}
	return dst
}

// plainSize is AppendSize by floats.
func plainSize(dst []byte, n int64) []byte {
	units := [...]string{" B", " KiB", " MiB", " GiB", " TiB", " PiB", " EiB"}
	u, v := 0, float64(n)
	for v >= 1024 && u < len(units)-1 {
		v /= 1024
		u++
	}
	digits := 0
	if u > 0 && v < 100 {
		digits = 1
	}
	at := len(dst)
	dst = strconv.AppendFloat(dst, v, 'f', digits, 64)
	if n := len(dst); n-at > 2 && dst[n-2] == '.' && dst[n-1] == '0' {
		dst = dst[:n-2]
	}
	return append(dst, units[u]...)
}

// TestPlainPrintable: eight bytes at once and one by one give the same, wherever the odd byte
// stands.
func TestPlainPrintable(t *testing.T) {
	odd := []string{"\x00", "\x1f", "\x7f", "\x80", "\xff", "ü", "€", "\u200b", "\xe2\x82", "\U0001f600", " ", "~"}
	for length := range 40 {
		base := strings.Repeat("az ~09", 7)[:length]
		for at := range length + 1 {
			for _, o := range odd {
				for _, s := range []string{base[:at] + o + base[at:], base[:at] + o + base[at:] + o} {
					if got, want := string(AppendPrintable(nil, s)), string(plainPrintable(nil, s)); got != want {
						t.Fatalf("%q: got %q, want %q", s, got, want)
					}
				}
			}
		}
	}
}

// TestPlainSize: integers and floats give the same, near each step of rounding and of unit. Sizes
// from 8 PiB on, which no float holds to the byte, are rounded but once.
func TestPlainSize(t *testing.T) {
	check := func(n int64) {
		if n < 0 || n >= 1<<53 {
			return
		}
		if got, want := string(AppendSize(nil, n)), string(plainSize(nil, n)); got != want {
			t.Fatalf("%d: got %q, want %q", n, got, want)
		}
	}
	for shift := range 54 {
		for _, times := range []int64{1, 3, 5, 99, 100, 101, 999, 1000, 1023, 1999, 2047} {
			for _, parts := range []int64{1, 2, 10, 20, 40} {
				for d := int64(-2); d <= 2; d++ {
					check(times<<shift/parts + d)
				}
			}
		}
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 100000 {
		check(random.Int64() >> random.IntN(63))
	}
}

// TestSuspicious: the quick look lets no word of the kernel through.
func TestSuspicious(t *testing.T) {
	for _, w := range kernelWords {
		if !suspicious(w) || !suspicious("x"+w+"y") {
			t.Errorf("%q is let through", w)
		}
	}
}

func FuzzAppendPrintable(f *testing.F) {
	f.Add("new\nline \xff ü")
	f.Fuzz(func(t *testing.T, s string) {
		if got, want := string(AppendPrintable(nil, s)), string(plainPrintable(nil, s)); got != want {
			t.Errorf("%q: got %q, want %q", s, got, want)
		}
	})
}

var sink []byte

func BenchmarkAppendName(b *testing.B) {
	for _, name := range []string{"nginx", "nginx: worker process", "/system.slice/nginx.service", "/kubepods/burstable/pod0c1d2e3f-4a5b-6c7d-8e9f-0a1b2c3d4e5f"} {
		b.Run(strconv.Itoa(len(name)), func(b *testing.B) {
			for b.Loop() {
				sink = AppendName(sink[:0], name)
			}
		})
	}
}

func BenchmarkAppendSize(b *testing.B) {
	for b.Loop() {
		sink = AppendSize(sink[:0], 25690112)
	}
}

// TestEscapeJSON: what a text of JSON means stays the same, and all of it is printable.
func TestEscapeJSON(t *testing.T) {
	for text, want := range map[string]string{
		`{"a":"b"}`: `{"a":"b"}`, "\"ü漢😀\"": "\"ü漢😀\"", "\"\u009b2J\"": `"\u009b2J"`, "\"\u202ex\x7f\"": `"\u202ex\u007f"`, "\"\U000e0001\"": `"\udb40\udc01"`,
	} {
		got := EscapeJSON([]byte(text))
		if string(got) != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
		for n := range 20 { // wherever it stands
			blanks := strings.Repeat(" ", n)
			if got := EscapeJSON([]byte(blanks + text + blanks)); string(got) != blanks+want+blanks {
				t.Errorf("%q behind %d blanks: %s", text, n, got)
			}
		}
		var before, after any
		if json.Unmarshal([]byte(text), &before) != nil || json.Unmarshal(got, &after) != nil || !reflect.DeepEqual(before, after) {
			t.Errorf("%q: %v, then %v", text, before, after)
		}
	}
}
