// SPDX-License-Identifier: Apache-2.0

package docs

import (
	"path/filepath"
	"regexp"
	"testing"
)

var (
	// citation is a section of docs/formats.md that a comment names.
	citation = regexp.MustCompile(`//.*?\b[Ss]ections? ((?:[A-Z]\.)?\d+(?:\.\d+[a-z]?)?)`)
	// section is the number of a heading of docs/formats.md.
	section = regexp.MustCompile(`(?m)^#+ ((?:[A-Z]\.)?\d+(?:\.\d+[a-z]?)?)\.? `)
)

// TestCitations: each section of docs/formats.md that a comment of the code cites is there.
func TestCitations(t *testing.T) {
	root := "../.."
	sections := map[string]bool{}
	for _, m := range section.FindAllStringSubmatch(read(t, filepath.Join(root, "docs/formats.md")), -1) {
		sections[m[1]] = true
	}
	cited := 0
	for _, file := range listed(t, "internal/*.go", "parser/*.go") {
		for _, m := range citation.FindAllStringSubmatch(read(t, filepath.Join(root, file)), -1) {
			cited++
			if !sections[m[1]] {
				t.Errorf("%s cites section %s, which docs/formats.md does not have", file, m[1])
			}
		}
	}
	if cited == 0 {
		t.Error("no comment cites a section")
	}
}
