// SPDX-License-Identifier: Apache-2.0

package filter

import (
	"slices"
	"strings"
)

// Markdown returns the table of the settings, for fluentbit/README.md.
func Markdown() string { return MarkdownOf(table) }

// Rows returns the settings of these names, for the documentation of what has them too.
func Rows(keys ...string) []Setting {
	return slices.DeleteFunc(slices.Clone(table), func(s Setting) bool { return !slices.Contains(keys, s.Key) })
}

// MarkdownOf returns a table of settings.
func MarkdownOf(table []Setting) string {
	var b strings.Builder
	b.WriteString("| setting | type | default | example | meaning |\n|---|---|---|---|---|\n")
	for _, s := range table {
		b.WriteString("| `" + s.Key + "` | " + s.types() + " | " + s.byDefault() + " | `" + s.Key + " " + s.Example + "` | " + s.Meaning + " |\n")
	}
	return b.String()
}

// MarkdownKeys returns the names of the settings but some, for the output's README.md.
func MarkdownKeys(but ...string) string {
	keys := slices.DeleteFunc(slices.Clone(Keys), func(key string) bool { return slices.Contains(but, key) })
	return "`" + strings.Join(keys, "`, `") + "`"
}

// types says in Markdown what a setting takes.
func (s *Setting) types() string {
	if s.Type != "" {
		return s.Type
	}
	return "`" + strings.Join(s.words, "`, `") + "`"
}

// byDefault says in Markdown what a setting is by default.
func (s *Setting) byDefault() string {
	if s.Default != "" {
		return s.Default
	}
	return "`" + s.words[0] + "`"
}
