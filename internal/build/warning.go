// SPDX-License-Identifier: Apache-2.0

package build

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"time"

	"github.com/oomtrail/oomtrail/internal/identity"
	"github.com/oomtrail/oomtrail/parser/record"
	"github.com/oomtrail/oomtrail/parser/report"
)

// Warning is what the record of a warning is made of: oom.warning.
type Warning struct {
	At     time.Time
	BootID string
	// Cause is oom.warning.cause.
	Cause string
	// Path is the cgroup that it is about, "" for the whole machine.
	Path string
	// Figures are what was measured, in the order of [record.Fields].
	Figures []Figure
	// Candidates are the processes that would be killed first.
	Candidates []Candidate
	Body       Sentence
	Summary    Sentence
	// Advice appends what to do, in the words of who the cgroup is.
	Advice func(dst []byte, id *identity.Identity, names *report.Names) []byte
}

// Figure is a field and its value.
type Figure struct {
	ID    record.ID
	Value record.Value
}

// Sentence is what stands before and behind the name of what a warning is about.
type Sentence struct{ Before, Behind string }

// Candidate is a process that may be killed.
type Candidate struct {
	PID                          int64
	Name                         string
	RSS, Swap, Adjustment, Score report.Int
	Cgroup                       string
}

// Warning makes the record of a warning.
func (b *Builder) Warning(w *Warning) *record.Record {
	b.e = &report.Event{Report: &report.Report{}, Kill: -1, At: report.Stamp{Wall: w.At, BootID: w.BootID}}
	b.r, b.kill = b.e.Report, nil
	b.Reset()
	b.facts.Read(b.r, nil)
	path, scope := cmp.Or(w.Path, "/"), report.ScopeCgroup
	if w.Path == "" {
		scope = report.ScopeHost
	}
	id, names := *b.facts.Who.Of(path), *b.facts.NamesOf(w.Path)

	b.AddWord(record.EventName, record.EventWarning)
	start := len(b.Text)
	b.appendWarningID(w)
	end := len(b.Text)
	b.AddString(record.LogRecordUID, start, end)
	b.AddWord(record.RecordVersion, record.Version)
	b.AddWord(record.Scope, scope.String())
	if w.Path != "" {
		b.AddText(record.CgroupPath, w.Path)
		b.AddWord(record.CgroupLevel, id.Level.String())
	}
	behind := 0
	for behind < len(w.Figures) && w.Figures[behind].ID < record.WarningID {
		behind++
	}
	b.addFigures(w.Figures[:behind])
	b.AddString(record.WarningID, start, end)
	b.AddWord(record.WarningCause, w.Cause)
	b.addFigures(w.Figures[behind:])
	b.addCandidates(w.Candidates)
	b.addWhoOf(&id, &names)
	b.addHost()
	b.AddKey()
	b.AddWord(record.Source, "watch")
	b.names = b.names[:0]
	summary := len(b.Text)
	b.saySentence(&w.Summary, &id, &names, path)
	advice := len(b.Text)
	b.Text = w.Advice(b.Text, &id, &names)
	b.AddString(record.DiagnosisSummary, summary, advice)
	b.AddString(record.DiagnosisAdvice, advice, len(b.Text))
	bodyAt := len(b.Text)
	b.names = b.names[:0]
	b.saySentence(&w.Body, &id, &names, path)
	b.fitNames(bodyAt)
	bodyEnd := len(b.Text)
	b.fit()
	rec := b.Record(bodyAt, bodyEnd)
	rec.Time, rec.Input = w.At, b.opt.Input
	b.e, b.r = nil, nil
	b.facts.Release()
	return rec
}

// appendWarningID appends the id: no two warnings of a boot have the same cause, cgroup and time.
func (b *Builder) appendWarningID(w *Warning) {
	start := len(b.Text)
	for _, part := range [...]string{record.EventWarning, w.BootID, strconv.FormatInt(w.At.UnixNano(), 10), w.Cause} {
		b.say(part)
		b.say("\n")
	}
	b.say(w.Path)
	sum := sha256.Sum256(b.Text[start:])
	b.Text = hex.AppendEncode(b.Text[:start], sum[:16])
}

// addFigures adds fields as they are.
func (b *Builder) addFigures(figures []Figure) {
	for _, f := range figures {
		switch v := f.Value; v.Kind() {
		case record.KindInt64:
			b.AddInt64(f.ID, v.Int64())
		case record.KindFloat64:
			b.AddFloat64(f.ID, v.Float64())
		case record.KindString:
			b.AddText(f.ID, v.String())
		}
	}
}

// saySentence writes a sentence about a cgroup.
func (b *Builder) saySentence(s *Sentence, id *identity.Identity, names *report.Names, path string) {
	b.say(s.Before)
	b.sayIdentity(id, names, path)
	b.say(s.Behind)
}

// addCandidates adds the candidates as a JSON array. It ends before the first that does not fit.
func (b *Builder) addCandidates(all []Candidate) {
	if len(all) == 0 {
		return
	}
	start := len(b.Text)
	b.say("[")
	for i := range all {
		c := &all[i]
		before := len(b.Text)
		if i > 0 {
			b.say(",")
		}
		b.say(`{"pid":`)
		b.Text = strconv.AppendInt(b.Text, c.PID, 10)
		b.say(`,"name":`)
		b.Text = appendJSON(b.Text, c.Name)
		for _, n := range [...]struct {
			key   string
			value report.Int
		}{{`,"rss":`, c.RSS}, {`,"swap":`, c.Swap}, {`,"oom_score_adj":`, c.Adjustment}, {`,"oom_score":`, c.Score}} {
			if n.value.OK {
				b.say(n.key)
				b.Text = strconv.AppendInt(b.Text, n.value.V, 10)
			}
		}
		id, names := b.facts.Who.Of(c.Cgroup), b.facts.NamesOf(c.Cgroup)
		pod := cmp.Or(names.Pod, id.PodUID)
		if names.Pod != "" && names.Namespace != "" {
			pod = names.Namespace + "/" + names.Pod
		}
		unit := id.Unit
		if id.ContainerID != "" && id.Outer == "" {
			unit = "" // the scope of the container
		}
		for _, s := range [...]struct{ key, value string }{
			{`,"unit":`, unit}, {`,"container":`, cmp.Or(names.Container, names.ContainerName, shortID(id.ContainerID))}, {`,"pod":`, pod},
		} {
			if s.value != "" {
				b.say(s.key)
				b.Text = appendJSON(b.Text, s.value)
			}
		}
		b.say("}")
		if len(b.Text)-start > record.MaxValue-1 {
			b.Text = b.Text[:before]
			break
		}
	}
	b.say("]")
	b.AddSpan(record.CandidatesTop, start)
}
