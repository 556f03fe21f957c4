// SPDX-License-Identifier: Apache-2.0

package warning

import (
	"math"
	"reflect"
	"strings"
	"testing"
)

// TestCheck: every setting that cannot be used is named, with its value and what to set instead.
func TestCheck(t *testing.T) {
	if wrong := DefaultSettings().Check(); wrong != nil {
		t.Errorf("defaults: %v", wrong)
	}
	for _, c := range []struct {
		name   string
		change func(*Settings)
		want   []Wrong
	}{
		{"a share in percent", func(s *Settings) { s.NearLimit = 90 }, []Wrong{{"near_limit", "90", "use 0.5 to 1"}}},
		{"a low share", func(s *Settings) { s.NearLimit = 0.49 }, []Wrong{{"near_limit", "0.49", "use 0.5 to 1"}}},
		{"the bounds", func(s *Settings) { s.NearLimit, s.Available, s.Pressure, s.PerMinute = 1, 0, 0.05, 1 }, nil},
		{"the other bounds", func(s *Settings) { s.NearLimit, s.Available, s.Pressure, s.PerMinute = 0.5, 0.5, 1, 600 }, nil},
		{"no number", func(s *Settings) { s.Available, s.Pressure = math.NaN(), math.Inf(1) },
			[]Wrong{{"available", "NaN", "use 0 to 0.5"}, {"pressure", "+Inf", "use 0.05 to 1"}}},
		{"below 0", func(s *Settings) { s.Available, s.PerMinute = -0.1, -1 },
			[]Wrong{{"available", "-0.1", "use 0 to 0.5"}, {"per_minute", "-1", "use 1 to 600"}}},
		{"too many", func(s *Settings) { s.PerMinute = 601 }, []Wrong{{"per_minute", "601", "use 1 to 600"}}},
		{"nothing set", func(s *Settings) { *s = Settings{} }, []Wrong{
			{"near_limit", "0", "use 0.5 to 1"}, {"pressure", "0", "use 0.05 to 1"}, {"per_minute", "0", "use 1 to 600"}}},
		{"patterns", func(s *Settings) {
			s.Cgroups = []string{"/ok/*", "", "kubepods/**", "/a//b", "/a/", "/a\xff", "/" + strings.Repeat("x", 1024)}
		}, []Wrong{
			{"cgroups", `""`, `write a path from the root of the cgroups, such as "/kubepods.slice/**"`},
			{"cgroups", `"kubepods/**"`, `begin it with "/" or "**": the path is from the root of the cgroups`},
			{"cgroups", `"/a//b"`, `use single slashes, and none at the end; "/**" stands for all that is below`},
			{"cgroups", `"/a/"`, `use single slashes, and none at the end; "/**" stands for all that is below`},
			{"cgroups", `"/a\xff"`, `write text in UTF-8; * stands for other bytes`},
			{"cgroups", `"/` + strings.Repeat("x", 99) + `…"`, `use at most 1024 bytes`},
		}},
		{"very many patterns", func(s *Settings) { s.Cgroups = make([]string, 101) }, []Wrong{{"cgroups", "101 patterns", "use at most 100"}}},
	} {
		s := DefaultSettings()
		c.change(&s)
		if got := s.Check(); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s:\n%q\nwant\n%q", c.name, got, c.want)
		}
	}
}

// TestPattern: * is any text without a slash, ** any text, and all else itself.
func TestPattern(t *testing.T) {
	for _, c := range []struct {
		pattern string
		yes, no []string
	}{
		{"/a", []string{"/a"}, []string{"", "/", "/ab", "/a/b", "/b/a", "a"}},
		{"/system.slice/*", []string{"/system.slice/a.service", "/system.slice/"}, []string{"/system.slice", "/system.slice/a/b", "/systemxslice/a"}},
		{"/system.slice/nginx*.service", []string{"/system.slice/nginx.service", "/system.slice/nginx@1.service"}, []string{"/system.slice/nginx.service/a"}},
		{"/kubepods.slice/**", []string{"/kubepods.slice/a", "/kubepods.slice/a/b/c"}, []string{"/kubepods.slice", "/x/kubepods.slice/a"}},
		{"**/docker-*.scope", []string{"/docker-1.scope", "/a/b/docker-1.scope"}, []string{"/docker-1/2.scope", "/a/xdocker-1.scope", "/a/docker-1.scope/b"}},
		{"**", []string{"", "/", "/a/b\nc", "/\xff"}, nil},
		{"***a", []string{"/a", "/b/a"}, []string{"/b"}},
		{"/*/b*/**c", []string{"/a/b/c", "/a/bb/d/e/c", "//b/c"}, []string{"/a/x/b/c", "/a/b/d"}},
		{`/a.b+[c]\(d)?{2}^$|`, []string{`/a.b+[c]\(d)?{2}^$|`}, []string{"/aXb+[c]"}},
		{"/*", []string{"/\xff\xfe", "/a\nb", "/ü"}, []string{"/a/b"}},
	} {
		p, remedy := ParsePattern(c.pattern)
		if remedy != "" || p.String() != c.pattern {
			t.Errorf("%s: %q, %s", c.pattern, p, remedy)
		}
		for _, path := range c.yes {
			if !p.Match(path) {
				t.Errorf("%s does not match %q", c.pattern, path)
			}
		}
		for _, path := range c.no {
			if p.Match(path) {
				t.Errorf("%s matches %q", c.pattern, path)
			}
		}
	}
	if (Pattern{}).Match("") || len(Patterns([]string{"/a", "b", "**"})) != 2 {
		t.Error("a wrong pattern is used")
	}
}

// plainly compares as [Pattern.Match] does, by its definition: table[j] holds for the first i bytes
// of the pattern and the first j of the path.
func plainly(pattern, path string) bool {
	table := make([]bool, len(path)+1)
	table[0] = true
	for i := 0; i < len(pattern); i++ {
		any, deep := pattern[i] == '*', false
		for any && i+1 < len(pattern) && pattern[i+1] == '*' {
			i, deep = i+1, true
		}
		next := make([]bool, len(path)+1)
		next[0] = any && table[0]
		for j := range len(path) {
			if any {
				next[j+1] = table[j+1] || next[j] && (deep || path[j] != '/')
			} else {
				next[j+1] = table[j] && path[j] == pattern[i]
			}
		}
		table = next
	}
	return table[len(path)]
}

// FuzzPattern: any pattern is refused or matches what its definition says, whatever bytes a path
// has.
func FuzzPattern(f *testing.F) {
	f.Add("/a/*/b**c", "/a/x/b/y/c")
	f.Add("**/docker-*.scope", "/system.slice/docker-0123.scope")
	f.Add(strings.Repeat("*a", 200), strings.Repeat("a", 2000)+"/")
	f.Add(strings.Repeat("**a", 200)+"b", strings.Repeat("a", 2000))
	f.Add("/*", "/\xff\n")
	f.Fuzz(func(t *testing.T, pattern, path string) {
		p, remedy := ParsePattern(pattern)
		if remedy != "" {
			if p.Match(path) || len(CheckPatterns("cgroups", []string{pattern})) != 1 {
				t.Fatalf("%q is wrong (%s) and is used", pattern, remedy)
			}
			return
		}
		if len(path) > 5000 || strings.ContainsRune(pattern, '\uFFFD') { // the character for bytes that are no text
			return
		}
		if got, want := p.Match(path), plainly(pattern, path); got != want {
			t.Fatalf("%q matches %q: %v", pattern, path, got)
		}
	})
}
