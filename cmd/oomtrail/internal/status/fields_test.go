// SPDX-License-Identifier: Apache-2.0

package status

import (
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// fields are the paths of what JSON has of a type. A type that was met before is not entered again.
func fields(t reflect.Type, path string, met map[reflect.Type]bool) (paths []string) {
	switch t.Kind() {
	case reflect.Pointer:
		return fields(t.Elem(), path, met)
	case reflect.Slice:
		return fields(t.Elem(), path+"[]", met)
	case reflect.Struct:
		if t == reflect.TypeFor[time.Time]() || met[t] {
			break
		}
		met[t] = true
		for i := range t.NumField() {
			f := t.Field(i)
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			switch {
			case f.Anonymous:
				delete(met, f.Type) // it is part of each that it is embedded in
				paths = append(paths, fields(f.Type, path, met)...)
			case name != "":
				paths = append(paths, fields(f.Type, strings.TrimPrefix(path+"."+name, "."), met)...)
			}
		}
		return paths
	}
	return []string{path}
}

// TestFieldsAreDocumented: the table of docs/status.md has the fields of the JSON, and no others.
func TestFieldsAreDocumented(t *testing.T) {
	page, err := os.ReadFile("../../../../docs/status.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, found := strings.Cut(string(page), "\n| field | ")
	table, _, _ = strings.Cut(table, "\n\n")
	if !found {
		t.Fatal("docs/status.md has no table of fields")
	}
	var documented []string
	for _, row := range regexp.MustCompile("(?m)^\\| `([^`]+)` \\|").FindAllStringSubmatch(table, -1) {
		documented = append(documented, row[1])
	}
	printed := fields(reflect.TypeFor[Status](), "", map[reflect.Type]bool{})
	for _, path := range printed {
		if !slices.Contains(documented, path) {
			t.Errorf("%s is not in the table", path)
		}
	}
	for i, path := range documented {
		if !slices.Contains(printed, path) {
			t.Errorf("%s is in the table, and not printed", path)
		}
		if slices.Contains(documented[:i], path) {
			t.Errorf("%s is in the table twice", path)
		}
	}
	if len(printed) < 60 {
		t.Errorf("%d fields", len(printed))
	}
}
