// SPDX-License-Identifier: Apache-2.0

package textpage

import (
	"cmp"
	"strings"

	"github.com/oomtrail/oomtrail/cmd/oomtrail/internal/output"
	"github.com/oomtrail/oomtrail/internal/kill"
)

// Markdown makes the page of a kill for a ticket: what happened, why and what to do now in a
// sentence each, then the figures as a table. Its report is whole, as for [Of].
func Markdown(k kill.Kill, o Options) []byte {
	p := begin(k, o)
	p.line(p.sentences())
	p.facts()
	if p.report == nil {
		return p.text
	}
	if title, cells := p.largestProcesses(); title != "" {
		p.line("")
		p.line(title + ":")
		p.line("")
		p.markdownRow(cells[0]...)
		p.line("|" + strings.Repeat(" ---: |", len(cells[0])-1) + " --- |")
		for _, row := range cells[1:] {
			last := len(row) - 1
			if name, killed := strings.CutSuffix(row[last], killedMark); killed {
				row[last] = name + " (killed)"
			}
			for len(row) < len(cells[0]) {
				row = append(row, "")
			}
			p.markdownRow(row...)
		}
	}
	if advice := p.advice(); len(advice) > 1 {
		p.line("")
		p.line("What to do after that:")
		p.line("")
		for _, sentence := range advice[1:] {
			p.line("- " + output.EscapeMarkdown(sentence))
		}
	}
	return p.text
}

// sentences says what happened, why, and what to do now.
func (p *page) sentences() string {
	if p.report == nil {
		return "**" + output.EscapeMarkdown(p.Record.Body) + ".**"
	}
	news, _, _ := strings.Cut(untied(p.story()), "\n")
	text := "**" + output.EscapeMarkdown(strings.TrimSuffix(news, ".")) + ".**"
	if d := p.Diagnosis; d != nil && len(d.Findings) > 0 {
		text += " " + output.EscapeMarkdown(d.Summary)
		if advice := p.advice(); len(advice) > 0 {
			text += " What to do first: " + output.EscapeMarkdown(advice[0])
		}
	}
	return text
}

// advice returns the sentences of the advice.
func (p *page) advice() (sentences []string) {
	if p.Diagnosis == nil {
		return nil
	}
	for _, sentence := range strings.SplitAfter(p.Diagnosis.Advice, ". ") {
		if sentence = strings.TrimSpace(sentence); sentence != "" {
			sentences = append(sentences, sentence)
		}
	}
	return sentences
}

// facts writes the table of what is known.
func (p *page) facts() {
	cause := p.CauseWord()
	if confidence := p.Record.Text("oom.diagnosis.confidence"); cause != "" && confidence != "" {
		cause += " (" + confidence + ")"
	}
	unit := cmp.Or(p.Record.Text("oom.cgroup.unit"), p.Unit())
	if p.Container() != "" {
		unit = "" // it is the container's own, and says no more
	}
	p.line("")
	p.markdownRow("", "")
	p.line("| --- | --- |")
	for _, row := range [...][2]string{
		{"When", p.When()}, {"Process", p.victimProcess()}, {"Container", p.Container()}, {"Image", p.image()}, {"Pod", p.Pod()},
		{"Unit", unit}, {"Cgroup", printable(p.Cgroup())}, {"Memory", p.Memory()}, {"Cause", cause}, {"Killer", p.Killer()},
		{"Kernel", p.Record.Text("oom.kernel.release")}, {"Trust", p.Record.Text("oom.trust")}, {"Record", p.Record.Text("log.record.uid")},
	} {
		if row[1] != "" {
			p.markdownRow(row[0], row[1])
		}
	}
}

// markdownRow writes a row of a table.
func (p *page) markdownRow(cells ...string) {
	line := "|"
	for _, cell := range cells {
		line += " " + strings.ReplaceAll(output.EscapeMarkdown(printable(cell)), "|", `\|`) + " |"
	}
	p.line(line)
}
