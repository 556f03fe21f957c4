// SPDX-License-Identifier: Apache-2.0

package format

import "bytes"

// escape begins a terminal's control sequence.
const escape = 0x1b

// uncolour takes the terminal's colours off a text that is coloured as a whole: dmesg and
// journalctl set a colour before it and reset it at its end. A sequence anywhere else may be a
// name's.
func uncolour(_ *stream, text []byte) []byte {
	if len(text) == 0 || text[0] != escape || !endsInReset(text) {
		return text
	}
	return undoColour(text)
}

// endsInReset reports whether b ends with "ESC[0m" or "ESC[m".
func endsInReset(b []byte) bool {
	return bytes.HasSuffix(b, []byte("\x1b[0m")) || bytes.HasSuffix(b, []byte("\x1b[m"))
}

// undoColour takes the terminal's colours (dmesg --color=always) off a line.
func undoColour(b []byte) []byte {
	out := make([]byte, 0, len(b))
	for len(b) > 0 {
		if n := colour(b); n > 0 {
			b = b[n:]
			continue
		}
		out = append(out, b[0])
		b = b[1:]
	}
	return out
}

// colour returns the length of an "ESC[…m" at the start of b.
func colour(b []byte) int {
	if len(b) < 3 || b[0] != escape || b[1] != '[' {
		return 0
	}
	for i := 2; i < len(b); i++ {
		switch {
		case b[i] == 'm':
			return i + 1
		case !isDigit(b[i]) && b[i] != ';':
			return 0
		}
	}
	return 0
}
