// SPDX-License-Identifier: Apache-2.0

package format

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/oomtrail/oomtrail/parser/report"
)

// TestLookupHidesNoRow calls each row with each line of the cases, with what people put before
// lines, and expects that the look-up finds the rows that take something off.
func TestLookupHidesNoRow(t *testing.T) {
	files, err := filepath.Glob("../../testdata/cases/*")
	if err != nil || len(files) == 0 {
		t.Fatal("no cases", err)
	}
	taken := make(map[string]int)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for i, line := range bytes.Split(text, []byte("\n")) {
			if i == 60 {
				break
			}
			for _, before := range [...]string{"", " ", "\t", "\t ", "> ", "- ", "`", "node1: ", "kernel: ", "host kernel: ", "syslog:", "2023-05-01T12:00:00.1Z stdout F ", "2023-05-01T12:00:00Z {a=\"b\"} "} {
				checkLookups(t, append([]byte(before), line...), taken)
			}
		}
	}
	for _, row := range wrapperForms {
		if taken[row.name] == 0 {
			t.Errorf("no line is one of %s", row.name)
		}
	}
}

func checkLookups(t *testing.T, b []byte, taken map[string]int) {
	t.Helper()
	for i := range wrapperForms {
		if _, _, ok := wrapperForms[i].open(b); ok {
			taken[wrapperForms[i].name]++
			if wrapperFormsAt.rows(b)&(1<<i) == 0 {
				t.Errorf("%q: %s is not called", b, wrapperForms[i].name)
			}
		}
	}
	for i := range headerForms {
		form := &headerForms[i]
		at := headersAt
		if form.guessed {
			at = guessedAt
		}
		s := &stream{format: report.Auto, prev: prevLine{margin: -1}, number: 1}
		s.begin(report.Auto)
		if _, ok := form.read(s, b); ok || s.doubted {
			if at.rows(b)&(1<<i) == 0 {
				t.Errorf("%q: %s is not called", b, form.name)
			}
		}
	}
	for i := range textCleaners {
		if clean := textCleaners[i].clean(&stream{format: report.Auto}, b); !bytes.Equal(clean, b) && textCleanersAt.rows(b)&(1<<i) == 0 {
			t.Errorf("%q: %s is not called", b, textCleaners[i].name)
		}
	}
}
