// SPDX-License-Identifier: Apache-2.0

package docs

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// readmeLines is how long README.md may be: it is a first look, all else has a page of its own.
const readmeLines = 150

// houseWords are words of this project's workshop, which say nothing to a reader.
var houseWords = regexp.MustCompile(`(?i)\b(doors?|carriers?|needles?|told|tells|whoever)\b`)

func TestReadmeIsShort(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	if lines := strings.Count(string(text), "\n"); lines > readmeLines {
		t.Errorf("README.md has %d lines, more than %d: give a table a page in docs/", lines, readmeLines)
	}
}

// TestPlainWords: no page that users read has a house word.
func TestPlainWords(t *testing.T) {
	root := "../.."
	for _, page := range listed(t, "*.md") {
		if strings.Contains(page, "testdata/") {
			continue
		}
		text, err := os.ReadFile(filepath.Join(root, page))
		if err != nil {
			t.Fatal(err)
		}
		number := 0
		for line := range strings.Lines(string(text)) {
			number++
			if word := houseWords.FindString(line); word != "" {
				t.Errorf("%s:%d: %q: say format, frontend, says", page, number, word)
			}
		}
	}
}
