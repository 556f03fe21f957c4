// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-licenses/v2/licenses"
)

// TestAllowed: what may be linked, and what a go.mod may name.
func TestAllowed(t *testing.T) {
	for _, test := range []struct {
		names      []string
		link, name bool
	}{
		{[]string{"Apache-2.0"}, true, true},
		{[]string{"MIT", "BSD-3-Clause"}, true, true},
		{[]string{"MPL-2.0"}, true, true},
		{[]string{"Apache-2.0", "GNU-All-permissive-Copying-License"}, true, true},
		{[]string{"GPL-2.0"}, false, true},
		{[]string{"GPL-2.0", "GNU-All-permissive-Copying-License"}, false, true},
		{[]string{"LGPL-3.0"}, false, true},
		{[]string{"Apache-2.0", "AGPL-3.0"}, false, false},
		{[]string{"a licence that nobody knows"}, false, true},
		{nil, false, true},
	} {
		var w work
		for _, n := range test.names {
			w.licences = append(w.licences, licenses.License{Name: n, Type: licenses.LicenseType(n)})
		}
		if w.mayLink() != test.link || w.agpl() == test.name {
			t.Errorf("%v: may be linked %t, named %t", test.names, w.mayLink(), !w.agpl())
		}
		if err := refused([]work{w}, work.mayLink); (err == nil) != test.link {
			t.Errorf("%v: %v", test.names, err)
		}
	}
}

// TestLinked: what this program itself links, Go's library among it, and its licences' texts.
func TestLinked(t *testing.T) {
	classifier, err := licenses.NewClassifier()
	if err != nil {
		t.Fatal(err)
	}
	works, err := linked(classifier, []string{""}, []string{"."})
	if err != nil {
		t.Fatal(err)
	}
	if err := refused(works, work.mayLink); err != nil {
		t.Error(err)
	}
	text, err := noticesOf("licenses", works)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Go standard library go1", "github.com/google/go-licenses/v2/licenses v2.0.1 (Apache-2.0)", "k8s.io/klog/v2", "Copyright (c) 2012-2016 The go-diff Authors"} {
		if !strings.Contains(text, want) {
			t.Errorf("the notices lack %q:\n%.2000s", want, text)
		}
	}
	named, absent, err := named(classifier, "go.mod")
	if err != nil || len(named)+absent < 10 || refused(named, func(w work) bool { return !w.agpl() }) != nil {
		t.Errorf("%d modules, %d absent, %v", len(named), absent, err)
	}
}

// TestNotices: a text stands once, and a NOTICE goes with its licence.
func TestNotices(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		t.Helper()
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	mit := []licenses.License{{Name: "MIT", Type: licenses.Notice}}
	works := []work{
		{"example.com/a", "v1.0.0", write("a/LICENSE", "do as you like\r\n"), mit},
		{"example.com/b", "v1.1.0", write("b/COPYING.txt", "do as you like"), mit},
		{"example.com/c", "v1.2.0", write("c/LICENSE", "do as you like"), mit},
	}
	write("c/NOTICE", "made by c")
	text, err := noticesOf("p", works)
	if err != nil {
		t.Fatal(err)
	}
	for part, n := range map[string]int{
		"example.com/a v1.0.0 (MIT)\nexample.com/b v1.1.0 (MIT)\n\ndo as you like\n": 1, "example.com/c v1.2.0 (MIT)\n\ndo as you like\n\nmade by c\n": 1, "do as you like": 2,
	} {
		if got := strings.Count(text, part); got != n {
			t.Errorf("%q stands %d times in:\n%s", part, got, text)
		}
	}
	if _, err := noticesOf("p", []work{{name: "example.com/d"}}); err == nil {
		t.Error("a work without a licence's text is no error")
	}
}
