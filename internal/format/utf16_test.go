// SPDX-License-Identifier: Apache-2.0

package format

import (
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf16"
)

// TestTextReader: UTF-16 is read as UTF-8, anything else as it is, however it comes.
func TestTextReader(t *testing.T) {
	const text = "Out of memory: ä € 😀\r\nnext"
	in := map[string]string{"": "", "a": "a", text: text, "\xff": "\xff", "\xfe": "\xfe", "\xff\xfd": "\xff\xfd", "\xff\xfe": "", "\xfe\xffa": "", "\xff\xfea\x00\x00": "a", "\xff\xfe\x00\xd8a\x00": "\ufffda"}
	for mark, order := range map[string]binary.AppendByteOrder{"\xff\xfe": binary.LittleEndian, "\xfe\xff": binary.BigEndian} {
		encoded := []byte(mark)
		for _, unit := range utf16.Encode([]rune(text)) {
			encoded = order.AppendUint16(encoded, unit)
		}
		in[string(encoded)] = text
	}
	broken := errors.New("broken")
	for encoded, want := range in {
		for name, r := range map[string]io.Reader{
			"whole": strings.NewReader(encoded), "byte by byte": iotest.OneByteReader(strings.NewReader(encoded)),
			"with the error": iotest.DataErrReader(strings.NewReader(encoded)),
		} {
			got, err := io.ReadAll(TextReader(r))
			if string(got) != want || err != nil {
				t.Errorf("%s: %q is read as %q, %v; want %q", name, encoded, got, err, want)
			}
		}
		got, err := io.ReadAll(TextReader(io.MultiReader(strings.NewReader(encoded), iotest.ErrReader(broken))))
		if string(got) != want || !errors.Is(err, broken) {
			t.Errorf("%q is read as %q, %v; want %q and the error of the input", encoded, got, err, want)
		}
	}
}
