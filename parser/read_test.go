// SPDX-License-Identifier: Apache-2.0

package parser_test

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/oomtrail/oomtrail/parser"
)

// TestWhatComesBeforeAnErrorIsRead: a disk or an archive that fails in the middle of a line takes
// nothing of what was there.
func TestWhatComesBeforeAnErrorIsRead(t *testing.T) {
	errDisk := errors.New("input/output error")
	whole := strings.Join(reportLines, "\n")
	backwards := reportLines[3] + "\n" + reportLines[2] + "\n" + reportLines[1] + "\n" + reportLines[0]
	for name, log := range map[string]string{"kill line without its end": whole[:len(whole)-1], "backwards": backwards} {
		r := io.MultiReader(strings.NewReader(log), iotest.ErrReader(errDisk))
		records := 0
		err := parser.ReadAll(r, parser.Options{}, func(*parser.Record) error {
			records++
			return nil
		})
		if records != 1 || !errors.Is(err, errDisk) {
			t.Errorf("%s: %d records, %v", name, records, err)
		}
		r = io.MultiReader(strings.NewReader(log), iotest.ErrReader(errDisk))
		lines := 0
		err = parser.EachLine(r, func([]byte) error {
			lines++
			return nil
		})
		if lines != len(reportLines) || !errors.Is(err, errDisk) {
			t.Errorf("%s: %d lines, %v", name, lines, err)
		}
	}
}

// silent is a reader that gives nothing and has no end.
type silent struct{}

func (silent) Read([]byte) (int, error) { return 0, nil }

// TestAReaderThatGivesNothing: it is given up after a while and not asked for ever.
func TestAReaderThatGivesNothing(t *testing.T) {
	r := io.MultiReader(strings.NewReader(strings.Join(reportLines, "\n")), silent{})
	err := parser.ReadAll(r, parser.Options{}, func(*parser.Record) error { return nil })
	if !errors.Is(err, io.ErrNoProgress) {
		t.Error(err)
	}
	if err := parser.EachLine(silent{}, func([]byte) error { return nil }); !errors.Is(err, io.ErrNoProgress) {
		t.Error(err)
	}
}
