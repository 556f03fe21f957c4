// SPDX-License-Identifier: Apache-2.0

// Package docs writes the parts of the documentation that come from the code, and checks that they
// still do.
package docs

import (
	"fmt"
	"strings"

	"github.com/oomtrail/oomtrail/fluentbit/filter"
	"github.com/oomtrail/oomtrail/internal/diagnosis"
	"github.com/oomtrail/oomtrail/parser/record"
)

// Fields renders the table of fields as Markdown.
func Fields() string {
	var b strings.Builder
	b.WriteString("| name | type | unit | meaning |\n|---|---|---|---|\n")
	for i := range record.Fields {
		f := &record.Fields[i]
		unit := f.Unit
		if unit != "" {
			unit = "`" + unit + "`"
		}
		name := "`" + f.Name + "`"
		if f.Resource {
			name += " ᴿ"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", name, f.Type, unit, f.Meaning)
	}
	return b.String()
}

// MainStats renders the names of memory.stat that a record carries by default.
func MainStats() string {
	return "`" + strings.Join(record.MainStats, "`, `") + "`\n"
}

// Causes renders the list of causes as Markdown.
func Causes() string {
	var b strings.Builder
	b.WriteString("| cause | meaning |\n|---|---|\n")
	for c := range diagnosis.Causes() {
		if c.IsPrimary() {
			fmt.Fprintf(&b, "| `%s` | %s |\n", c, c.Meaning())
		}
	}
	return b.String()
}

// RecordSettings renders the list of the filter's settings that the Fluent Bit output has too.
func RecordSettings() string { return filter.MarkdownKeys("Mode", "Format") + ".\n" }
