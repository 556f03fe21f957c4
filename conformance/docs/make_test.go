// SPDX-License-Identifier: Apache-2.0

package docs

import (
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestMakeListsANewcomersTargetsFirst reads what make prints.
func TestMakeListsANewcomersTargetsFirst(t *testing.T) {
	cmd := exec.Command("make")
	cmd.Dir = "../.."
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	first, rest, ok := strings.Cut(string(out), "\nFor maintainers:\n")
	if !ok || !strings.HasPrefix(first, "Start here:\n") {
		t.Fatalf("make has no two headings:\n%s", out)
	}
	line := regexp.MustCompile(`(?m)^  make (\S+) +\S.*$`)
	var names []string
	for _, m := range line.FindAllStringSubmatch(first, -1) {
		names = append(names, m[1])
	}
	if want := []string{"build", "install", "run", "test", "oom", "help"}; !slices.Equal(names, want) {
		t.Errorf("make lists %v first, not %v", names, want)
	}
	for _, m := range line.FindAllStringSubmatch(rest, -1) {
		if slices.Contains(names, m[1]) {
			t.Errorf("make lists %s twice", m[1])
		}
		names = append(names, m[1])
	}
	for _, name := range []string{"test-all", "lint", "uninstall", "run-collector", "plugin", "collector", "e2e-fluentbit"} {
		if !slices.Contains(names, name) {
			t.Errorf("make does not list %s", name)
		}
	}
	for _, text := range line.FindAllString(string(out), -1) {
		if len([]rune(text)) > 110 {
			t.Errorf("a line of make has %d columns, more than 110: %s", len([]rune(text)), text)
		}
	}
}
