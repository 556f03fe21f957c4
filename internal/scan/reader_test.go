// SPDX-License-Identifier: Apache-2.0

package scan

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

// readLines reads all lines and where each ends. A block of which more follows is not read before
// it must be.
func readLines(t testing.TB, r io.Reader) (lines []string, ends []int64) {
	t.Helper()
	l := NewReader(r, 0)
	for {
		err, end := l.Fill(), MoreFollows
		if errors.Is(err, io.EOF) {
			end = InputEnds
		} else if err != nil {
			t.Fatal(err)
		}
		text, end := l.Block(end)
		for line := range bytes.Lines(text) {
			if end == MoreFollows || end == LineEnds && line[len(line)-1] != '\n' {
				break
			}
			l.Consume(len(line))
			lines, ends = append(lines, string(line)), append(ends, l.Offset())
		}
		if err != nil {
			return lines, ends
		}
	}
}

func TestReader(t *testing.T) {
	for name, wrap := range map[string]func(io.Reader) io.Reader{
		"at once":           func(r io.Reader) io.Reader { return r },
		"byte by byte":      iotest.OneByteReader,
		"half reads":        iotest.HalfReader,
		"end with the data": iotest.DataErrReader,
	} {
		t.Run(name, func(t *testing.T) {
			lines, ends := readLines(t, wrap(strings.NewReader("one\n\ntwo\nthree")))
			if want := []string{"one\n", "\n", "two\n", "three"}; !slices.Equal(lines, want) {
				t.Errorf("lines %q, want %q", lines, want)
			}
			if want := []int64{4, 5, 9, 14}; !slices.Equal(ends, want) {
				t.Errorf("ends %v, want %v", ends, want)
			}
		})
	}
}

// TestReaderCutsLongLines: a line without an end does not take all memory. It is cut, and its rest
// is no line of its own.
func TestReaderCutsLongLines(t *testing.T) {
	text := strings.Repeat("x", 3*MaxLine) + "\nnext\n"
	lines, ends := readLines(t, strings.NewReader(text))
	if len(lines) != 2 || lines[1] != "next\n" || ends[1] != int64(len(text)) {
		t.Fatalf("%d lines, which end at %v", len(lines), ends)
	}
	if n := len(lines[0]); n < MaxLine || n >= 2*MaxLine {
		t.Errorf("a line of %d bytes was cut to %d", 3*MaxLine, n)
	}
}

// TestReaderLendsItsBuffer: readers that rest hold no more than what they have not consumed.
func TestReaderLendsItsBuffer(t *testing.T) {
	var room []byte
	var readers []*Reader
	for range 100 {
		l := NewReader(strings.NewReader("one\ntwo"), 0)
		l.Room = &room
		if err := l.Fill(); err != nil {
			t.Fatal(err)
		}
		l.Consume(len("one\n"))
		l.Rest()
		readers = append(readers, l)
	}
	held := cap(room)
	for _, l := range readers {
		if held += cap(l.buf); string(l.Unread()) != "two" || l.Offset() != 4 {
			t.Fatalf("%q is left at %d", l.Unread(), l.Offset())
		}
	}
	if held > 2*readSize {
		t.Errorf("%d bytes are held", held)
	}
}

func FuzzReader(f *testing.F) {
	f.Add([]byte("one\n\ntwo\nthree"), uint8(1))
	f.Add([]byte("\n"), uint8(0))
	f.Add(bytes.Repeat([]byte("x"), 70000), uint8(7))
	f.Fuzz(func(t *testing.T, text []byte, at uint8) {
		var r io.Reader = bytes.NewReader(text)
		if at%2 == 1 {
			r = iotest.HalfReader(r)
		}
		lines, ends := readLines(t, r)
		if got := strings.Join(lines, ""); got != string(text) {
			t.Fatalf("%q, want %q", got, text)
		}
		if n := len(ends); n > 0 && ends[n-1] != int64(len(text)) {
			t.Fatalf("the last line ends at %d of %d", ends[n-1], len(text))
		}
	})
}
