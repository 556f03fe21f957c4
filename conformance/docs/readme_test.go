// SPDX-License-Identifier: Apache-2.0

package docs

import (
	"flag"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the generated parts of README.md anew")

// generated are the parts of README.md that come from the code, by the name between their marks.
var generated = map[string]func() string{"fields": Fields, "main-stats": MainStats, "causes": Causes, "record": Example}

// TestReadme demands that the parts of README.md between <!-- NAME --> and <!-- /NAME --> are what the code says.
func TestReadme(t *testing.T) {
	const file = "../../README.md"
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	readme := string(text)
	for name, render := range generated {
		open, end := "<!-- "+name+" -->\n", "<!-- /"+name+" -->"
		head, rest, found := strings.Cut(readme, open)
		part, tail, closed := strings.Cut(rest, end)
		if !found || !closed {
			t.Errorf("README.md has no part between %s and %s", strings.TrimSpace(open), end)
			continue
		}
		want := render()
		if part != want && !*update {
			t.Errorf("the part %q of README.md is not what the code says: run `make docs`", name)
		}
		readme = head + open + want + end + tail
	}
	if *update {
		if err := os.WriteFile(file, []byte(readme), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
