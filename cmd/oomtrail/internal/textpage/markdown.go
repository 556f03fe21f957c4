// SPDX-License-Identifier: Apache-2.0

package textpage

import (
	"strings"

	"github.com/oomtrail/oomtrail/cmd/oomtrail/internal/output"
	"github.com/oomtrail/oomtrail/internal/kill"
	"github.com/oomtrail/oomtrail/internal/page"
	"github.com/oomtrail/oomtrail/internal/plain"
)

// Markdown makes the page of a kill for a ticket: what happened, why and what to do now in a
// sentence each, then the figures as a table. Its report is whole, as for [Of].
func Markdown(k kill.Kill, o Options) []byte {
	p := page.Of(k, page.Options{All: o.All})
	w := &writer{Options: o}
	w.line(sentences(p))
	w.line("")
	w.markdownRow("", "")
	w.line("| --- | --- |")
	for _, f := range p.Glance {
		w.markdownRow(f.Name, f.Text)
	}
	if p.Processes != nil {
		w.line("")
		w.line(p.Processes.Title + ":")
		w.line("")
		w.markdownProcesses(cells(p.Processes))
	}
	if len(p.Now) > 1 {
		w.line("")
		w.line("What to do after that:")
		w.line("")
		for _, sentence := range p.Now[1:] {
			w.line("- " + output.EscapeMarkdown(sentence))
		}
	}
	return w.text
}

// markdownProcesses writes the table of processes.
func (w *writer) markdownProcesses(rows [][]string) {
	w.markdownRow(rows[0]...)
	w.line("|" + strings.Repeat(" ---: |", len(rows[0])-1) + " --- |")
	for _, row := range rows[1:] {
		last := len(row) - 1
		if name, killed := strings.CutSuffix(row[last], killedMark); killed {
			row[last] = name + " (killed)"
		}
		for len(row) < len(rows[0]) {
			row = append(row, "")
		}
		w.markdownRow(row...)
	}
}

// sentences says what happened, why, and what to do now.
func sentences(p *page.Page) string {
	text := "**" + output.EscapeMarkdown(strings.TrimSuffix(page.Untied(p.News.Sentences[0]), ".")) + ".**"
	if p.Reported && p.Why != nil {
		text += " " + output.EscapeMarkdown(p.Why.Summary)
		if len(p.Now) > 0 {
			text += " What to do first: " + output.EscapeMarkdown(p.Now[0])
		}
	}
	return text
}

// markdownRow writes a row of a table.
func (w *writer) markdownRow(cells ...string) {
	line := "|"
	for _, cell := range cells {
		line += " " + strings.ReplaceAll(output.EscapeMarkdown(plain.Printable(page.Untied(cell))), "|", `\|`) + " |"
	}
	w.line(line)
}
