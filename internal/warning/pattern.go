// SPDX-License-Identifier: Apache-2.0

package warning

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	// maxPatterns is how many patterns there may be, and maxPattern how long each: every cgroup
	// that is made is compared with all of them.
	maxPatterns = 100
	maxPattern  = 1024
)

// Pattern chooses cgroups by their path. Its zero value matches nothing.
type Pattern struct {
	text  string
	match *regexp.Regexp
}

// ParsePattern reads a pattern of paths from the root of the hierarchy: * is any text without a
// slash, ** any text, either may be empty, and all else is itself. remedy says what to write
// instead of a pattern that is wrong or that no path can match, and is "" where it is right.
func ParsePattern(text string) (p Pattern, remedy string) {
	switch {
	case text == "":
		return p, `write a path from the root of the cgroups, such as "/kubepods.slice/**"`
	case len(text) > maxPattern:
		return p, fmt.Sprintf("use at most %d bytes", maxPattern)
	case !utf8.ValidString(text) || strings.ContainsRune(text, 0):
		return p, "write text in UTF-8; * stands for other bytes"
	case text[0] != '/' && text[0] != '*':
		return p, `begin it with "/" or "**": the path is from the root of the cgroups`
	case strings.Contains(text, "//") || strings.HasSuffix(text, "/"):
		return p, `use single slashes, and none at the end; "/**" stands for all that is below`
	}
	var expr strings.Builder
	expr.WriteString(`(?s)^`)
	for text := text; text != ""; {
		literal, rest, star := strings.Cut(text, "*")
		expr.WriteString(regexp.QuoteMeta(literal))
		text = strings.TrimLeft(rest, "*")
		switch {
		case len(text) < len(rest):
			expr.WriteString(`.*`)
		case star:
			expr.WriteString(`[^/]*`)
		}
	}
	expr.WriteByte('$')
	return Pattern{text: text, match: regexp.MustCompile(expr.String())}, ""
}

// Match reports whether the pattern matches all of a path, in a time that grows with both lengths
// and no faster than their product.
func (p Pattern) Match(path string) bool { return p.match != nil && p.match.MatchString(path) }

// String is the pattern as it was written.
func (p Pattern) String() string { return p.text }

// CheckPatterns returns what is wrong with a setting of patterns.
func CheckPatterns(key string, patterns []string) (wrong []Wrong) {
	if len(patterns) > maxPatterns {
		return []Wrong{{key, fmt.Sprintf("%d patterns", len(patterns)), fmt.Sprintf("use at most %d", maxPatterns)}}
	}
	for _, text := range patterns {
		if _, remedy := ParsePattern(text); remedy != "" {
			if len(text) > 100 {
				text = text[:100] + "…"
			}
			wrong = append(wrong, Wrong{key, strconv.Quote(text), remedy})
		}
	}
	return wrong
}

// Patterns reads patterns that [CheckPatterns] has found nothing wrong with; others it leaves out.
func Patterns(patterns []string) (all []Pattern) {
	for _, text := range patterns {
		if p, remedy := ParsePattern(text); remedy == "" {
			all = append(all, p)
		}
	}
	return all
}
