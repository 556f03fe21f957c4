// SPDX-License-Identifier: Apache-2.0

// Package page has all that is known of one kill, in typed parts for people: what happened, to
// whom, how much of what, who else was large, why, and what to do now. Every page is written from
// it, for a terminal, for a ticket and for a browser, so that no two of them can disagree.
//
// Texts are plain and printable. A blank inside a name is a [Tie].
package page

import (
	"github.com/oomtrail/oomtrail/internal/kill"
	"github.com/oomtrail/oomtrail/parser/record"
	"github.com/oomtrail/oomtrail/parser/report"
)

// Options say how much a page has.
type Options struct {
	// All has every process, not only the largest.
	All bool
}

// Page is a kill for people. A part of which nothing is known is empty.
type Page struct {
	// Kill is what the page is of.
	Kill kill.Kill
	// Reported is set where the kernel's report is known. Without it another program says what
	// happened, or only the record was read.
	Reported bool
	// News says what happened.
	News News
	// Bar is what held the memory that ran out. Where the log does not show that, Gauge is the
	// victim's share of it; both are nil where that is not known either.
	Bar   *Bar
	Gauge *Gauge
	// Why is the cause, nil where it is not known.
	Why *Why
	// Now is what to do, a sentence each.
	Now []string
	// Who is who the victim was, and whose limit it hit.
	Who []Fact
	// Amounts are how much there was, and what held it.
	Amounts []Fact
	// Ladder is the path of the victim's cgroup from the root, a level a rung.
	Ladder []Rung
	// Processes are the largest of the task table.
	Processes *Processes
	// Findings are what else the report shows, a sentence each.
	Findings []string
	// Elsewhere says where else the exit code of the victim shows.
	Elsewhere string
	// Notes say what the page cannot know.
	Notes []Note
	// Victims are all who died by this report, where they are several.
	Victims []Victim
	// Asker is whose allocation failed, and what it asked for.
	Asker []Fact
	// Stats are the figures of the cgroup's memory.stat that are more than nothing.
	Stats []Figure
	// Zones are the memory zones and how near to their marks they were.
	Zones []Zone
	// Slab are the unreclaimable slab caches of more than a megabyte.
	Slab []Figure
	// Allocations are the call sites of the allocation profile.
	Allocations []Allocation
	// Glance is what a ticket has: a row each.
	Glance []Fact
	// Origin is who killed and what is known of the record itself.
	Origin []Fact
	// Lines are the report's own, where they were kept.
	Lines []Line
}

// News says what happened.
type News struct {
	// Sentences are what happened, and behind it, where it was another process, who asked for the
	// memory.
	Sentences []string
	// When says when it was, and on which host.
	When string
}

// Fact is one thing that is known.
type Fact struct {
	// Name is what it is about: "pod", "memory".
	Name string
	// Text is all of it in words.
	Text string
	// AsIs is set for a text that must stay in one piece: a path.
	AsIs bool
	// Means says in plain words what it is, "" where the name does, or the figures do.
	Means string
	// Figures are the numbers in it, each with what it means. Note is what else the text says.
	Figures []Figure
	Note    string
	// Used and Of are how much of how much, where the fact is of such a thing.
	Used, Of report.Int
}

// Figure is a number.
type Figure struct {
	// Name is what it counts: "in use", "limit".
	Name string
	// Text is the number for a person: "24 MiB".
	Text string
	// Value is the number as the record has it: bytes, a count, a share.
	Value record.Value
	// Field is the attribute of the record that it is, "" for one that the record has not.
	Field string
	// Means says in plain words what it is, "" where the name does.
	Means string
}

// Why is the cause.
type Why struct {
	// Summary is one sentence with the figures that speak for it.
	Summary string
	// Cause is its word in records, Meaning the same in plain words, Confidence how sure it is.
	// Without a report there are only Cause and Summary, which is the reason in words.
	Cause, Meaning, Confidence string
}

// Note is something that the page cannot know.
type Note struct {
	Text string
	// Detail is set for one that few need.
	Detail bool
}

// Victim is one of several who died.
type Victim struct {
	PID  int64
	Name string
	// Group is set for one that died because its whole group was killed.
	Group bool
	// Held is what it had of its own and of files, in bytes.
	Held report.Int
}

// Zone is a memory zone; sizes are in bytes.
type Zone struct {
	// Name has the node before it where there is one: "0 Normal".
	Name string
	// Managed is all that the kernel hands out of it, Free what was free. Min, Low and High are its
	// marks.
	Managed, Free, Min, Low, High report.Int
}

// Allocation is a call site of the allocation profile.
type Allocation struct {
	Bytes      int64
	Func, Site string
}

// Line is one line of the report.
type Line struct {
	// Number is that of the input, from 1; 0 where it is not known.
	Number int
	// Kind is its kind as `oomtrail lines` prints it.
	Kind string
	// Text is the line without what the log's format put around it.
	Text string
}

// Of makes the page of a kill. Its report is best whole by then: a group's victims come after the
// first one's line, and all stand on one page.
func Of(k kill.Kill, o Options) *Page {
	m := &maker{Kill: k, Options: o}
	if k.Event == nil {
		return m.ofRecord()
	}
	m.report = k.Event.Report
	p := &Page{
		Kill: k, Reported: true, News: m.news(),
		Why: m.why(), Now: m.now(), Who: m.who(), Amounts: m.amounts(), Ladder: m.ladder(), Processes: m.processes(), Findings: m.findings(),
		Elsewhere: m.elsewhere(), Notes: m.notes(), Victims: m.victims(), Asker: m.asker(), Stats: m.stats(), Zones: m.zones(), Slab: m.slab(),
		Allocations: m.allocations(), Glance: m.glance(), Origin: m.origin(), Lines: m.lines(),
	}
	if p.Bar = m.bar(); p.Bar == nil {
		p.Gauge = m.gauge()
	}
	return p
}

// maker makes a page.
type maker struct {
	kill.Kill
	Options
	report *report.Report // the kernel's, nil where another program tells of it
}

// victim returns the kill of the event, nil where there is none.
func (m *maker) victim() *report.Kill { return m.Event.Victim() }

// facts are facts being listed.
type facts []Fact

// add lists a fact; nothing without a text.
func (f *facts) add(name, text string) {
	if text != "" {
		*f = append(*f, Fact{Name: name, Text: text})
	}
}

// addAsIs lists a fact whose text must stay in one piece.
func (f *facts) addAsIs(name, text string) {
	if text != "" {
		*f = append(*f, Fact{Name: name, Text: text, AsIs: true})
	}
}

// explain lists a fact with what it means; nothing without a text.
func (f *facts) explain(name, text, means string) {
	if text != "" {
		*f = append(*f, Fact{Name: name, Text: text, Means: means})
	}
}

// figure returns a size in bytes that the record has; ok is false where it has none.
func (m *maker) figure(name, field string) (f Figure, ok bool) {
	n, ok := m.Number64(field)
	if !ok {
		return Figure{}, false
	}
	return size(name, field, n), true
}

// size returns a figure in bytes. A negative one reads as 0.
func size(name, field string, bytes int64) Figure {
	return Figure{Name: name, Text: kill.Size(bytes), Value: record.Int64Value(bytes), Field: field, Means: meaning(field)}
}
