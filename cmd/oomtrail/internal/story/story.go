// SPDX-License-Identifier: Apache-2.0

// Package story arranges what a log shows of deaths by SIGKILL: one story a death, with the lines
// of all its witnesses, why it was, and how sure that is.
package story

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/oomtrail/oomtrail/cmd/oomtrail/internal/filter"
	"github.com/oomtrail/oomtrail/internal/once"
	"github.com/oomtrail/oomtrail/parser"
	"github.com/oomtrail/oomtrail/parser/record"
	"github.com/oomtrail/oomtrail/parser/report"
)

// Story is one death.
type Story struct {
	// Record is that of the death: oom.sigkill, oom.kill, or oom.observed.
	Record *record.Record
	// Kernel is the record of the kernel's kill of it, nil where there is none.
	Kernel *record.Record
	// Lines are what other programs said, by time.
	Lines []parser.Testimony
	// Perhaps are signals that were sent at that time, and that nothing joins to a death whose
	// cause is unknown: systemd names a unit, audit a pid.
	Perhaps []*Story
	// Cause is a word of oom.verdict.cause.
	Cause string
	// Sure is how sure the cause is: certain, likely, or possible; "" for an unknown cause.
	Sure string
}

// maxRecords bounds the records that a [Collector] keeps: between half of it and all of it are the
// last that were read.
const maxRecords = 10_000

// Collector gathers the records of inputs. The zero value is ready.
type Collector struct {
	// Of are the deaths that are wanted. They stay where others have to go.
	Of *filter.Filter
	// Omitted is how many records went, as there were too many.
	Omitted  int
	evidence *parser.Evidence
	records  []*record.Record
	lines    map[*record.Record][]parser.Testimony
	kills    once.Kills // of the kernel, which may stand in several inputs
	places   map[int]int
}

// Evidence returns what the parsers of all inputs share. o are their options.
func (c *Collector) Evidence(o parser.Options) (*parser.Evidence, error) {
	c.lines, c.places = map[*record.Record][]parser.Testimony{}, map[int]int{}
	o.Sigkill = true
	o.Testimony = func(rec *record.Record, lines []parser.Testimony) {
		for i := range lines {
			lines[i].Text = strings.Clone(lines[i].Text)
		}
		c.lines[rec] = lines
	}
	e, err := parser.NewEvidence(o)
	if err != nil {
		return nil, err
	}
	e.Hold()
	e.JoinUnnamed() // all inputs are taken for those of one host
	c.evidence = e
	return e, nil
}

// Take takes a record.
func (c *Collector) Take(rec *record.Record) {
	switch rec.Text("event.name") {
	case record.EventSigkill, record.EventObserved:
	case record.EventKill:
		if rec.Text("oom.killer") == "kernel" {
			seen := c.kills.See(rec)
			if at, ok := c.places[seen.Number]; ok {
				if seen.Better {
					c.records[at], rec = rec, c.records[at]
				}
				delete(c.lines, rec)
				return
			}
			c.places[seen.Number] = len(c.records)
		}
	default:
		delete(c.lines, rec)
		return
	}
	c.records = append(c.records, rec)
	if len(c.records) >= maxRecords {
		c.omit()
	}
}

// omit lets the first half of the records go, but for those that are wanted, and for these too
// where they are most of all.
func (c *Collector) omit() {
	half := len(c.records) / 2
	wanted := func(rec *record.Record) bool { return c.Of.Asks() && c.Of.Matches(rec) }
	kept, n := make([]*record.Record, 0, maxRecords), 0
	at := make([]int, len(c.records)) // where each one is now, and -1 of those that went
	for i, rec := range c.records {
		if i < half && (n >= half/2 || !wanted(rec)) {
			at[i] = -1
			delete(c.lines, rec)
			c.Omitted++
			continue
		}
		if i < half {
			n++
		}
		at[i] = len(kept)
		kept = append(kept, rec)
	}
	c.records = kept
	for number, i := range c.places {
		if c.places[number] = at[i]; at[i] < 0 {
			delete(c.places, number)
		}
	}
}

// Stories returns a story for each death, in the order of time. It is called once, after all
// inputs.
func (c *Collector) Stories() []Story {
	for _, rec := range c.evidence.FlushAll() {
		c.Take(rec)
	}
	byID := map[string]*record.Record{}
	for _, rec := range c.records {
		byID[id(rec)] = rec
	}
	told := map[*record.Record]bool{} // in the story of another record
	var stories []Story
	for _, rec := range c.records {
		s := Story{Record: rec, Lines: c.lines[rec]}
		for _, evidence := range strings.Split(rec.Text("oom.verdict.evidence"), ",") {
			program, uid, _ := strings.Cut(evidence, ":")
			other := byID[uid]
			if other == nil || other == rec {
				continue
			}
			told[other] = true
			if program == "kernel" {
				s.Kernel = other
			}
		}
		if s.Lines == nil {
			s.Kernel = rec
		}
		slices.SortStableFunc(s.Lines, func(a, b parser.Testimony) int { return a.Time.Compare(b.Time) })
		stories = append(stories, s)
	}
	stories = slices.DeleteFunc(stories, func(s Story) bool { return told[s.Record] })
	for i := range stories {
		stories[i].judge()
	}
	slices.SortStableFunc(stories, func(a, b Story) int {
		return cmp.Or(a.Record.Time.Compare(b.Record.Time), cmp.Compare(a.Record.Uptime, b.Record.Uptime))
	})
	suppose(stories)
	return stories
}

// near is how long after a signal was sent a death may be told of.
const near = 2 * time.Second

// suppose notes which signals nearby may be those of deaths that nothing explains. stories are in
// the order of time.
func suppose(stories []Story) {
	var sent []*Story
	for i := range stories {
		if s := &stories[i]; !s.Record.Time.IsZero() && s.says(parser.SaysSent, "audit") && !s.says(parser.SaysDied) {
			sent = append(sent, s)
		}
	}
	for i := range stories {
		s := &stories[i]
		if s.Cause != "unknown" || s.Record.Time.IsZero() {
			continue
		}
		first, _ := slices.BinarySearchFunc(sent, s.Record.Time.Add(-near), func(o *Story, t time.Time) int { return o.Record.Time.Compare(t) })
		for _, o := range sent[first:min(len(sent), first+maxNear)] {
			if o.Record.Time.Sub(s.Record.Time) > near/2 || len(s.Perhaps) == maxPerhaps {
				break
			}
			if !differ(s, o, "host.name") && !differ(s, o, "process.pid") {
				s.Perhaps = append(s.Perhaps, o)
			}
		}
	}
}

// maxNear bounds the signals that are looked at for one death.
const maxNear = 256

// maxPerhaps bounds the signals that are named.
const maxPerhaps = 4

// differ reports whether both records have an attribute, and not the same.
func differ(a, b *Story, name string) bool {
	x, ok := a.Record.Get(name)
	y, has := b.Record.Get(name)
	return ok && has && x != y
}

// id returns as much of a record's id as oom.verdict.evidence has.
func id(rec *record.Record) string {
	uid := rec.Text("log.record.uid")
	return uid[:min(len(uid), 32)]
}

// The words for how sure.
const (
	Certain  = "certain"
	Likely   = "likely"
	Possible = "possible"
)

// judge says what the cause was, and how sure that is.
func (s *Story) judge() {
	rec := s.Record
	switch rec.Text("event.name") {
	case record.EventKill:
		if s.Cause = "memory_killer"; rec.Text("oom.killer") == "kernel" {
			s.Cause = "kernel_oom"
		}
		if s.Sure = Certain; rec.Text("oom.outcome") == "announced" {
			s.Sure = Likely
		}
		return
	case record.EventObserved:
		s.Sure = Likely
		switch rec.Text("oom.killer") {
		case "kernel":
			s.Cause = "kernel_oom"
		case "": // result 'oom-kill' is also said of systemd-oomd's kills
			s.Cause, s.Sure = "kernel_oom", Possible
		default:
			s.Cause = "memory_killer"
		}
		return
	}
	s.Cause = rec.Text("oom.verdict.cause")
	switch s.Cause {
	case "unknown":
	case "kernel_oom":
		if s.Sure = Likely; s.Kernel != nil && s.samePID() {
			s.Sure = Certain
		}
	case "sent":
		// audit names a process. That systemd's line about a unit is of the same one is likely.
		byAudit := s.says(parser.SaysSent, "audit") && !s.says(parser.SaysDied, "systemd")
		if s.Sure = Likely; byAudit || s.says(parser.SaysSent, "systemd") {
			s.Sure = Certain
		}
	default:
		s.Sure = Likely
	}
}

// samePID reports whether the kernel killed the very process that died.
func (s *Story) samePID() bool {
	died, ok := s.Record.Get("process.pid")
	killed, has := s.Kernel.Get("process.pid")
	return ok && has && died.Int64() == killed.Int64()
}

// says reports whether one of the programs says so, or any program where none is given.
func (s *Story) says(what parser.Says, programs ...string) bool {
	return slices.ContainsFunc(s.Lines, func(t parser.Testimony) bool {
		return t.Says == what && (len(programs) == 0 || slices.Contains(programs, t.Program))
	})
}

// sources returns the programs that the lines of the log are of, sorted.
func sources(stories []Story) []string {
	var all []string
	for i := range stories {
		s := &stories[i]
		if s.Kernel != nil {
			all = append(all, "kernel")
		}
		for _, source := range strings.Split(s.Record.Text("oom.verdict.sources"), ",") {
			if source != "" {
				all = append(all, source)
			}
		}
		for _, t := range s.Lines {
			all = append(all, t.Program)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// fromJournal reports whether a line came out of a journal with its fields.
func fromJournal(stories []Story) bool {
	return slices.ContainsFunc(stories, func(s Story) bool {
		return slices.ContainsFunc(s.Lines, func(t parser.Testimony) bool {
			return t.At.Format == report.JournalJSON || t.At.Format == report.JournalExport
		})
	})
}
