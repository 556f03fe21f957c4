// SPDX-License-Identifier: Apache-2.0

// Package diagnosis says why memory ran out and what to change, from one report alone.
//
// It collects typed findings, each with the figures it rests on and how sure it is, picks
// one of them as the cause, and words it: one sentence, and advice that speaks to where the
// reader stands. It knows nothing that the report does not say; what is a guess is called one.
package diagnosis

import (
	"github.com/oomtrail/oomtrail/internal/facts"
	"github.com/oomtrail/oomtrail/parser/report"
)

// Diagnosis is what a report, seen from one of its kills, says about why.
type Diagnosis struct {
	// Cause is the one cause, Confidence how sure the report makes it.
	Cause      Cause
	Confidence Confidence
	// Summary is one sentence; Advice says what to do next. Together they are under 1 KiB.
	Summary, Advice string
	// Limit names the cgroup whose limit was hit, "" where it has no name but those of its path.
	Limit string
	// Held is what there was, and what held it.
	Held Held
	// Findings holds the cause first, then everything else that was found.
	Findings []Finding
}

// Finding is one thing that the report shows.
type Finding struct {
	Cause      Cause      // what it speaks for
	Confidence Confidence // how sure the report makes it
	// Process is the process that the finding is about, by its row or kill line; Name is "" for
	// none.
	Process report.Process
	// Label is a name that belongs to the finding: a slab cache, an allocation site, a process
	// name, a list of nodes; or "".
	Label string
	// evidence are the figures, count of them used.
	evidence [4]Evidence
	count    int
	// memsw is set where memory and swap are counted together.
	memsw bool
}

// Evidence is one figure that a finding rests on.
type Evidence struct {
	// Name says what it is: "limit", "rss", "shmem".
	Name string
	// Value is in bytes where Bytes is set, else a number.
	Value int64
	Bytes bool
}

// Evidence returns the figures that the finding rests on.
func (f *Finding) Evidence() []Evidence { return f.evidence[:f.count] }

// Value returns a figure by name.
func (f *Finding) Value(name string) (v int64, ok bool) {
	for _, e := range f.evidence[:f.count] {
		if e.Name == name {
			return e.Value, true
		}
	}
	return 0, false
}

// bytes adds a figure in bytes, number one without a unit.
func (f *Finding) bytes(name string, v int64)  { f.add(Evidence{name, v, true}) }
func (f *Finding) number(name string, v int64) { f.add(Evidence{name, v, false}) }

func (f *Finding) add(e Evidence) {
	if f.count < len(f.evidence) {
		f.evidence[f.count] = e
		f.count++
	}
}

// Find returns a finding by its cause, nil when there is none.
func (d *Diagnosis) Find(c Cause) *Finding {
	for i := range d.Findings {
		if d.Findings[i].Cause == c {
			return &d.Findings[i]
		}
	}
	return nil
}

// Diagnoser diagnoses the reports of one stream. It remembers the kills of each cgroup, and keeps
// its buffers. It is for one goroutine; the zero Diagnoser is ready.
type Diagnoser struct {
	// Names returns the names of a workload for [Diagnoser.Diagnose]; nil asks for none.
	Names func(report.Workload) report.Names

	history  history
	analysis analysis
	// words is the text that is being written: a field, so that it does not move to the heap for
	// each report.
	words words
	// facts are those of a report that [Diagnoser.Diagnose] is given, nil before the first.
	facts *facts.Facts
}

// Clone returns an independent diagnoser that remembers the same kills.
func (d *Diagnoser) Clone() Diagnoser { return Diagnoser{Names: d.Names, history: d.history} }

// Diagnose says why r ended in the kill k, which is nil where nobody was killed. Findings are valid
// until the next call.
func (d *Diagnoser) Diagnose(r *report.Report, k *report.Kill) Diagnosis {
	if d.facts == nil {
		d.facts = &facts.Facts{Ask: d.Names}
	}
	d.facts.Read(r, k)
	var held Held
	words, advice, first := d.append(nil, d.facts, &held)
	limit := limitName(d.facts)
	d.facts.Release()
	text := string(words)
	return Diagnosis{
		Cause: first.Cause, Confidence: first.Confidence, Summary: text[:advice], Advice: text[advice:],
		Limit: limit, Held: held, Findings: d.analysis.found,
	}
}

// Append is [Diagnoser.Diagnose] for who wants the words only: it appends the summary to dst, and
// behind it, from text[advice:] on, the advice. first is the finding of the cause, valid until the
// next call.
func (d *Diagnoser) Append(dst []byte, f *facts.Facts) (text []byte, advice int, first *Finding) {
	return d.append(dst, f, nil)
}

// append is [Diagnoser.Append]; it also tells what held memory where held is not nil.
func (d *Diagnoser) append(dst []byte, f *facts.Facts, held *Held) (text []byte, advice int, first *Finding) {
	c := &d.analysis
	c.begin(f, d.history.note(f))
	for _, find := range finders {
		find(c)
	}
	w := &d.words
	*w = dst
	c.summary(w)
	advice = len(*w)
	c.advice(w)
	if held != nil {
		*held = c.held()
	}
	c.end()
	text, *w = *w, nil
	return text, advice, &c.found[0]
}
