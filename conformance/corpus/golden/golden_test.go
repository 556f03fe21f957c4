// SPDX-License-Identifier: Apache-2.0

package golden

import (
	"slices"
	"strings"
	"testing"
)

// TestCompare: each attribute that differs is named, and nothing else.
func TestCompare(t *testing.T) {
	const want = `[{"a": 1, "b": "x"}, {"a": 2}]`
	for _, c := range []struct {
		what, got string
		errors    []string
	}{
		{"equal", `[{"b":"x","a":1},{"a":2}]`, nil},
		{"another value", `[{"a":1,"b":"y"},{"a":2}]`, []string{`record 1: b is "y", expected "x"`}},
		{"another type", `[{"a":1,"b":"x"},{"a":"2"}]`, []string{`record 2: a is "2", expected 2`}},
		{"absent", `[{"a":1},{"a":2}]`, []string{`record 1: b is absent, expected "x"`}},
		{"one more", `[{"a":1,"b":"x"},{"a":2,"c":true}]`, []string{`record 2: c is true, expected absent`}},
		{"two", `[{"a":3,"b":"x"},{"a":4}]`, []string{"record 1: a is 3, expected 1", "record 2: a is 4, expected 2"}},
		{"a record less", `[{"a":1,"b":"x"}]`, []string{"1 records, expected 2"}},
	} {
		var errors []string
		if err := Compare([]byte(c.got), []byte(want)); err != nil {
			errors = strings.Split(err.Error(), "\n")
		}
		if !slices.Equal(errors, c.errors) {
			t.Errorf("%s: %q, want %q", c.what, errors, c.errors)
		}
	}
}
