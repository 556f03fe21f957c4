// SPDX-License-Identifier: Apache-2.0

package docs

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	link    = regexp.MustCompile(`(?:\]\(|src(?:set)?=")([^)"\s]+)[)"]`)
	heading = regexp.MustCompile(`(?m)^#+ +(.+)$`)
	code    = regexp.MustCompile("(?s)```.*?```")
	// notInSlug is what a heading loses on its way to a link.
	notInSlug = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
)

// slug is the name by which a link finds a heading.
func slug(heading string) string {
	return strings.ReplaceAll(notInSlug.ReplaceAllString(strings.ToLower(strings.TrimSpace(heading)), ""), " ", "-")
}

// TestLinks: each link between pages of the repository leads to a file, and to a heading of it.
func TestLinks(t *testing.T) {
	root := "../.."
	checked := 0
	for _, page := range listed(t, "*.md") {
		text := read(t, filepath.Join(root, page))
		for _, m := range link.FindAllStringSubmatch(text, -1) {
			target, anchor, _ := strings.Cut(m[1], "#")
			if strings.Contains(target, ":") {
				continue // elsewhere
			}
			checked++
			file := filepath.Join(root, filepath.Dir(page), target)
			if target == "" {
				file = filepath.Join(root, page)
			}
			if _, err := os.Stat(file); err != nil {
				t.Errorf("%s: %s leads nowhere", page, m[1])
				continue
			}
			if anchor != "" && !hasHeading(read(t, file), anchor) {
				t.Errorf("%s: %s has no such heading", page, m[1])
			}
		}
	}
	if checked == 0 {
		t.Error("no link was found")
	}
}

func hasHeading(text, anchor string) bool {
	for _, m := range heading.FindAllStringSubmatch(text, -1) {
		if slug(m[1]) == anchor {
			return true
		}
	}
	return false
}

// listed returns the files of the repository that match the patterns.
func listed(t *testing.T, patterns ...string) []string {
	t.Helper()
	args := append([]string{"-C", "../..", "ls-files", "-co", "--exclude-standard"}, patterns...)
	out, err := exec.Command("git", args...).Output()
	if err != nil {
		t.Skipf("NOT RUN: git does not list %v: %v", patterns, err)
	}
	return strings.Fields(string(out))
}

// read returns a page without its code.
func read(t *testing.T, file string) string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return code.ReplaceAllString(string(b), "")
}
