// SPDX-License-Identifier: Apache-2.0

package report

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestFormatsAreListed: every format is in the lists that are written by hand, since people read
// them or other programs check settings by them.
func TestFormatsAreListed(t *testing.T) {
	for file, pattern := range map[string]string{
		"../../docs/command.md":                 "(?m)^The log format is .*$",
		"../../otelreceiver/README.md":          "(?m)^\\| `file::format` .*$",
		"../../otelreceiver/config.schema.yaml": `(?m)^ *enum: \[auto, .*$`,
	} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		list := regexp.MustCompile(pattern).FindString(string(text))
		for f := range NumFormats {
			if f != Auto && !regexp.MustCompile(`\b`+f.String()+`\b`).MatchString(list) {
				t.Errorf("%s does not list %s: %q", file, f, list)
			}
		}
	}
	options, err := os.ReadFile("../options.go")
	if err != nil {
		t.Fatal(err)
	}
	constants := regexp.MustCompile(`(?m)^\s+Format\w+\s+= report\.\w+$`).FindAllString(string(options), -1)
	if len(constants) != int(NumFormats) {
		t.Errorf("package parser has the constants %q, there are %d formats", constants, NumFormats)
	}
}

// TestFormatsAreDescribed: every format has a name and a title of its own.
func TestFormatsAreDescribed(t *testing.T) {
	seen := map[string]Format{}
	for f := range NumFormats {
		for _, word := range []string{f.String(), f.Title()} {
			if other, ok := seen[word]; word == "" || ok && other != f {
				t.Errorf("format %d is called %q, which is also format %d", f, word, other)
			}
			seen[word] = f
		}
		if got, err := ParseFormat(f.String()); got != f || err != nil {
			t.Errorf("%s is read as %s, %v", f, got, err)
		}
	}
	if _, err := ParseFormat("journald"); err == nil || !strings.Contains(err.Error(), "auto, kmsg, dmesg, syslog, journal-json, journal-export or none") {
		t.Error(err)
	}
	if NumFormats.Title() == "" || NumFormats.Source() != SourceNone || NumFormats.IsWhole() || NumFormats.SpansLines() || NumFormats.SkipsLines() {
		t.Error("a value that is no format has attributes")
	}
}
