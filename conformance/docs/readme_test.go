// SPDX-License-Identifier: Apache-2.0

package docs

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/oomtrail/oomtrail/fluentbit/filter"
	"github.com/oomtrail/oomtrail/fluentbit/input"
)

var update = flag.Bool("update", false, "write the generated parts of the documentation anew")

// generated are the parts of documents that come from the code, by the names between their marks.
var generated = map[string]map[string]func() string{
	"README.md":                  {"record": ShortExample},
	"docs/fields.md":             {"fields": Fields, "main-stats": MainStats, "record": Example},
	"docs/causes.md":             {"causes": Causes},
	"docs/warnings.md":           {"warning": ShortWarning},
	"fluentbit/README.md":        {"settings": filter.Markdown, "input-settings": input.Markdown},
	"fluentbit/output/README.md": {"record-settings": RecordSettings},
}

// TestReadme demands that the parts of documents between <!-- NAME --> and <!-- /NAME --> are what
// the code says.
func TestReadme(t *testing.T) {
	for file, parts := range generated {
		t.Run(file, func(t *testing.T) { checkParts(t, file, parts) })
	}
}

// checkParts checks the parts of one document, or writes them anew.
func checkParts(t *testing.T, file string, parts map[string]func() string) {
	path := filepath.Join("..", "..", file)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	document := string(text)
	for name, render := range parts {
		open, end := "<!-- "+name+" -->\n", "<!-- /"+name+" -->"
		head, rest, found := strings.Cut(document, open)
		part, tail, closed := strings.Cut(rest, end)
		if !found || !closed {
			t.Errorf("%s has no part between %s and %s", file, strings.TrimSpace(open), end)
			continue
		}
		want := render()
		if part != want && !*update {
			t.Errorf("the part %q of %s is not what the code says: run `make docs`", name, file)
		}
		document = head + open + want + end + tail
	}
	if *update {
		if err := os.WriteFile(path, []byte(document), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
