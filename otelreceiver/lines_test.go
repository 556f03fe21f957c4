// SPDX-License-Identifier: Apache-2.0

package oomkillreceiver

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// readLines reads all lines and where each ends.
func readLines(t testing.TB, r io.Reader) (lines []string, ends []int64) {
	t.Helper()
	l := newLineReader(r, 0)
	for {
		block := l.block()
		for line := range bytes.Lines(block) {
			l.consume(len(line))
			lines, ends = append(lines, string(line)), append(ends, l.offset)
		}
		if len(block) == 0 && len(l.partial()) >= maxLine {
			lines, ends = append(lines, string(l.takePartial(true))), append(ends, l.offset)
		}
		if err := l.fill(); errors.Is(err, io.EOF) {
			break
		} else {
			require.NoError(t, err)
		}
	}
	if rest := l.takePartial(false); len(rest) > 0 {
		lines, ends = append(lines, string(rest)), append(ends, l.offset)
	}
	return lines, ends
}

func TestLineReader(t *testing.T) {
	for name, wrap := range map[string]func(io.Reader) io.Reader{
		"at once":           func(r io.Reader) io.Reader { return r },
		"byte by byte":      iotest.OneByteReader,
		"half reads":        iotest.HalfReader,
		"end with the data": iotest.DataErrReader,
	} {
		t.Run(name, func(t *testing.T) {
			lines, ends := readLines(t, wrap(strings.NewReader("one\n\ntwo\nthree")))
			assert.Equal(t, []string{"one\n", "\n", "two\n", "three"}, lines)
			assert.Equal(t, []int64{4, 5, 9, 14}, ends)
		})
	}
}

// A line without an end does not take all memory: it is cut, and its rest is not taken for a line of its own.
func TestLineReaderCutsLongLines(t *testing.T) {
	text := strings.Repeat("x", 3*maxLine) + "\nnext\n"
	lines, ends := readLines(t, strings.NewReader(text))
	require.Len(t, lines, 2)
	assert.GreaterOrEqual(t, len(lines[0]), maxLine)
	assert.Less(t, len(lines[0]), 2*maxLine)
	assert.Equal(t, "next\n", lines[1])
	assert.EqualValues(t, len(text), ends[1])
}

func FuzzLineReader(f *testing.F) {
	f.Add([]byte("one\n\ntwo\nthree"), uint8(1))
	f.Add([]byte("\n"), uint8(0))
	f.Add(bytes.Repeat([]byte("x"), 70000), uint8(7))
	f.Fuzz(func(t *testing.T, text []byte, at uint8) {
		var r io.Reader = bytes.NewReader(text)
		if at%2 == 1 {
			r = iotest.HalfReader(r)
		}
		lines, ends := readLines(t, r)
		require.Equal(t, string(text), strings.Join(lines, ""))
		if n := len(ends); n > 0 {
			require.EqualValues(t, len(text), ends[n-1])
		}
	})
}
