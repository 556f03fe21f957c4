// SPDX-License-Identifier: Apache-2.0

// Package session is what the web page has read: its kills, for a list and a page each. It reads as
// the command does, and what it returns is made by the same packages.
package session

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"math"
	"strings"
	"time"

	"github.com/oomtrail/oomtrail/internal/column"
	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/internal/html"
	"github.com/oomtrail/oomtrail/internal/kill"
	"github.com/oomtrail/oomtrail/internal/nothing"
	"github.com/oomtrail/oomtrail/internal/once"
	"github.com/oomtrail/oomtrail/internal/page"
	"github.com/oomtrail/oomtrail/internal/reports"
	"github.com/oomtrail/oomtrail/internal/unpack"
	"github.com/oomtrail/oomtrail/parser"
	"github.com/oomtrail/oomtrail/parser/report"
)

// File is an input: a file, or text that was pasted.
type File struct {
	Name string
	// Content is all of it. It is read once more when a page is asked for that was not kept.
	Content io.ReaderAt
	Size    int64
	// Written is when it was written to last, zero for text.
	Written time.Time
}

const (
	// maxKept bounds the pages that are kept, in bytes.
	maxKept = 32 << 20
	// maxListed bounds the kills of a list.
	maxListed = 10_000
)

// Session is what was read. It is for one goroutine.
type Session struct {
	// Progress is called before more is read, with how many bytes were read of how many; nil is
	// not.
	Progress func(done, total int64)

	files    []File
	location *time.Location
	kills    []*kill.Kill // by number, from 1, without their reports
	kept     keeper
}

// Result is what a page shows of what was read.
type Result struct {
	// Kills is how many events were found. The list has no more than ten thousand.
	Kills int
	// Heads and Rows are the list. The first cell of a row is the number of its kill.
	Heads []string
	Rows  [][]string
	// Overview stands above the list: who was killed most, and when. It is HTML, which package html
	// wrote.
	Overview []byte
	// Inputs say what was read of each file, Errors what could not be read.
	Inputs, Errors []string
	// Nothing says what to look at where no kill was found.
	Nothing string
}

// Read reads files. Times without a zone are of the location, and so are those of the list.
func (s *Session) Read(files []File, location *time.Location) Result {
	most := cmp.Or(s.kept.most, maxKept)
	*s = Session{Progress: s.Progress, files: files, location: location, kept: keeper{most: most}}
	result := Result{}
	inputs := s.read(&result, func(k *kill.Kill, seen once.Seen) {
		result.Kills = max(result.Kills, seen.Number)
		switch {
		case seen.Number > maxListed, seen.Again && !seen.Better:
			return
		case seen.Again:
			s.kills[seen.Number-1] = listed(k)
		default:
			s.kills = append(s.kills, listed(k))
		}
		s.kept.add(k)
	}, s.kept.closed)
	s.list(&result)
	for _, in := range inputs[:min(len(inputs), nothing.Listed)] {
		result.Inputs = append(result.Inputs, in.Describe())
	}
	if result.Kills == 0 && len(result.Errors) == 0 {
		var text bytes.Buffer
		nothing.Note(&text, inputs, nothing.Machine{}, nil)
		result.Nothing = strings.TrimPrefix(text.String(), "oomtrail: ")
	}
	return result
}

// read calls take with each event of all files, and with what is known of it, and closed with each
// report that is whole. It returns what was read.
func (s *Session) read(result *Result, take func(*kill.Kill, once.Seen), closed func(*report.Report)) []*nothing.Input {
	fail := func(err error) {
		if err != nil {
			result.Errors = append(result.Errors, err.Error())
		}
	}
	var (
		numbers once.Kills
		inputs  []*nothing.Input
		opt     = parser.Options{KeepLines: true, Location: s.location}
		done    int64
		total   int64
	)
	for _, f := range s.files {
		total += f.Size
	}
	if len(s.files) > 1 { // what one of them says of a kill in another is no event of its own
		shared, err := parser.NewEvidence(opt)
		if err != nil {
			fail(err)
			return nil
		}
		shared.Hold()
		opt.Evidence = shared
	}
	reader := reports.Reader{Closed: func(r *report.Report) error { closed(r); return nil }}
	takeFrom := func(in *nothing.Input) func(*kill.Kill) error {
		return func(k *kill.Kill) error {
			if in != nil {
				in.Found++
			}
			seen := numbers.See(k.Record)
			k.Number = seen.Number
			take(k, seen)
			return nil
		}
	}
	for _, f := range s.files {
		raw := &counted{r: io.NewSectionReader(f.Content, 0, f.Size), before: func(n int64) {
			if s.Progress != nil {
				s.Progress(done+n, total)
			}
		}}
		unpacked, err := unpack.Reader(raw, f.Name, "")
		if err != nil {
			fail(err)
			done += f.Size
			continue
		}
		now := time.Now()
		written := now
		if !f.Written.IsZero() {
			written = format.WrittenBy(f.Written, now)
		}
		in := nothing.Over(unpacked, f.Name)
		opt.Input, opt.Reference = f.Name, func() time.Time { return written }
		in.Dating = format.Dating{Location: s.location, Reference: opt.Reference}
		inputs = append(inputs, in)
		reader.Kill = takeFrom(in)
		fail(reader.Read(in, opt))
		_ = unpacked.Close() // it was only read
		if in.Found == 0 && in.IsBinary() {
			fail(fmt.Errorf("cannot read %s: it is binary data, not a log: choose a log, such as kern.log, or paste what dmesg prints", f.Name))
		}
		if len(inputs) > nothing.Listed {
			in.Forget()
		}
		done += f.Size
	}
	if opt.Evidence != nil {
		reader.Kill = takeFrom(nil)
		for _, rec := range opt.Evidence.FlushAll() {
			fail(reader.Take(rec))
		}
	}
	return inputs
}

// counted says how much was read before it reads more.
type counted struct {
	r      io.Reader
	n      int64
	before func(n int64)
}

func (c *counted) Read(b []byte) (int, error) {
	c.before(c.n)
	n, err := c.r.Read(b)
	c.n += int64(n)
	return n, err
}

// list puts the rows of all kills into a result, by the columns that the command shows.
func (s *Session) list(result *Result) {
	kills := make([]kill.Kill, len(s.kills))
	for i, k := range s.kills {
		kills[i] = *k
	}
	if len(kills) > 1 {
		result.Overview = html.Overview(kills, s.location)
	}
	columns := column.Shown(kill.Columns(kills, s.location), column.Table, kills)
	for i := range columns {
		result.Heads = append(result.Heads, columns[i].Title)
	}
	for i := range kills {
		row := make([]string, len(columns))
		for j := range columns {
			row[j] = columns[j].Cell(&kills[i])
		}
		result.Rows = append(result.Rows, row)
	}
}

// listed is a kill for the list. Its report is used again once it is closed.
func listed(k *kill.Kill) *kill.Kill {
	return &kill.Kill{Number: k.Number, Source: k.Source, Record: k.Record}
}

// Article returns the page of a kill, for a page that has the style of all. It is nil where there
// is no such kill.
func (s *Session) Article(number int) []byte { return s.made(number).article }

// File returns the page of a kill as a file of its own.
func (s *Session) File(number int) []byte {
	made := s.made(number)
	if made.article == nil {
		return nil
	}
	return html.File(made.title, made.article)
}

// made returns the page of a kill.
func (s *Session) made(number int) made {
	if number < 1 || number > len(s.kills) {
		return made{}
	}
	if kept, ok := s.kept.pages[number]; ok {
		return kept
	}
	one := keeper{most: math.MaxInt}
	s.read(&Result{}, func(k *kill.Kill, seen once.Seen) {
		if seen.Number == number && (!seen.Again || seen.Better) {
			one.add(k)
		}
	}, one.closed)
	return one.pages[number]
}

// made is the page of a kill.
type made struct {
	title   string
	article []byte
}

// keeper makes the pages of kills once their reports are whole, and keeps as many as there is room
// for.
type keeper struct {
	most, kept int
	open       map[*report.Report][]*kill.Kill
	pages      map[int]made
}

// add takes a kill, whose report may go on.
func (r *keeper) add(k *kill.Kill) {
	if r.pages == nil {
		r.open, r.pages = map[*report.Report][]*kill.Kill{}, map[int]made{}
	}
	if k.Event == nil {
		r.make(k)
		return
	}
	r.open[k.Event.Report] = append(r.open[k.Event.Report], k.Keep())
}

// closed makes the pages of a report that is whole. It is used again after it.
func (r *keeper) closed(of *report.Report) {
	for _, k := range r.open[of] {
		r.make(k)
	}
	delete(r.open, of)
}

func (r *keeper) make(k *kill.Kill) {
	r.kept -= len(r.pages[k.Number].article) // of a record that says less
	delete(r.pages, k.Number)
	if r.kept >= r.most {
		return
	}
	p := page.Of(*k, page.Options{})
	of := made{html.Title(p), html.Article(p)}
	if r.kept+len(of.article) <= r.most {
		r.pages[k.Number] = of
		r.kept += len(of.article)
	}
}
