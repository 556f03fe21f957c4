// SPDX-License-Identifier: Apache-2.0

package watch

import (
	"bytes"
	"iter"
	"math"
	"strconv"

	"github.com/oomtrail/oomtrail/parser/report"
)

// parseInt reads a decimal number; absent is what is none, or below zero. A number that only fits
// without a sign, as some counters do, is the largest there is.
func parseInt(text []byte) Int {
	n, err := strconv.ParseUint(string(bytes.TrimSpace(text)), 10, 64)
	switch {
	case err != nil:
		return Int{}
	case n > math.MaxInt64:
		return report.Some(math.MaxInt64)
	}
	return report.Some(int64(n))
}

// parseSigned reads a decimal number that may be below zero.
func parseSigned(text []byte) Int {
	n, err := strconv.ParseInt(string(bytes.TrimSpace(text)), 10, 64)
	if err != nil {
		return Int{}
	}
	return report.Some(n)
}

// parseKB reads "1234 kB", and gives bytes. A number without the unit is none of memory.
func parseKB(text []byte) Int {
	number, ok := bytes.CutSuffix(bytes.TrimSpace(text), []byte(" kB"))
	if !ok {
		return Int{}
	}
	return kib(parseInt(number))
}

// kib gives the bytes of a number of KiB; what does not fit is absent.
func kib(n Int) Int {
	if !n.OK || n.V > math.MaxInt64>>10 {
		return Int{}
	}
	return report.Some(n.V << 10)
}

// pairs yields name and value of lines "name value" or "name: value". Lines without a value are
// passed over.
func pairs(text []byte, separator byte) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		for line := range bytes.Lines(text) {
			name, value, ok := bytes.Cut(bytes.TrimRight(line, "\n"), []byte{separator})
			if ok && len(name) > 0 && !yield(string(name), bytes.TrimSpace(value)) {
				return
			}
		}
	}
}

// readNumber reads a file that is one number, such as memory.current.
func readNumber(path string) Int {
	b, err := read(path)
	if err != nil {
		return Int{}
	}
	return parseInt(b)
}
