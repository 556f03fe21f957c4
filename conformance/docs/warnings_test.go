// SPDX-License-Identifier: Apache-2.0

package docs

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/oomtrail/oomtrail/fluentbit/input"
	"github.com/oomtrail/oomtrail/internal/warning"
)

const warningsPage = "../../docs/warnings.md"

// TestWarningsDefaults holds the table of settings to the defaults.
func TestWarningsDefaults(t *testing.T) {
	s := warning.DefaultSettings()
	page := read(t, warningsPage)
	for key, value := range map[string]any{"near_limit": s.NearLimit, "available": s.Available, "pressure": s.Pressure, "per_minute": s.PerMinute} {
		row := regexp.MustCompile(`(?m)^\|[^|]*\| (\S+) \|[^|]*\| ` + "`" + key + "`").FindStringSubmatch(page)
		if row == nil {
			t.Errorf("no row has a default of %s", key)
		} else if row[1] != fmt.Sprint(value) {
			t.Errorf("the default of %s is %v, and not %s", key, value, row[1])
		}
	}
}

// TestWarningsInput: the input takes the settings that the page shows for Fluent Bit.
func TestWarningsInput(t *testing.T) {
	page, err := os.ReadFile(warningsPage)
	if err != nil {
		t.Fatal(err)
	}
	_, section, ok := strings.Cut(string(page), "```ini\n[INPUT]\n")
	section, _, closed := strings.Cut(section, "[OUTPUT]\n")
	if !ok || !closed {
		t.Fatal("the page shows no input")
	}
	values := map[string]string{}
	var keys []string
	for line := range strings.Lines(section) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		if key == "Name" || key == "Tag" { // Fluent Bit's own
			continue
		}
		keys = append(keys, key)
		values[strings.ToLower(key)] = strings.TrimSpace(value)
	}
	settings, err := input.ParseSettings(func(key string) string { return values[strings.ToLower(key)] }, keys)
	if err != nil {
		t.Fatal(err)
	}
	if !settings.Warnings {
		t.Error("with what the page shows no warning is given")
	}
}
