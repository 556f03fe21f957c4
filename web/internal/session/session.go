// SPDX-License-Identifier: Apache-2.0

// Package session is what the web page has read: its kills, for a list and a page each. It reads as
// the command does, and what it returns is made by the same packages.
package session

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/internal/html"
	"github.com/oomtrail/oomtrail/internal/kill"
	"github.com/oomtrail/oomtrail/internal/nothing"
	"github.com/oomtrail/oomtrail/internal/once"
	"github.com/oomtrail/oomtrail/internal/page"
	"github.com/oomtrail/oomtrail/internal/reports"
	"github.com/oomtrail/oomtrail/internal/unpack"
	"github.com/oomtrail/oomtrail/internal/years"
	"github.com/oomtrail/oomtrail/parser"
	"github.com/oomtrail/oomtrail/parser/record"
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
	// maxListed bounds the kills of a list.
	maxListed = 10_000
	// maxKept bounds the pages that are kept, in bytes.
	maxKept = 8 << 20
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
	// Numbers are those of the kills that are listed. List is the list, as HTML that package html
	// wrote; its rows lead to #kill=NUMBER.
	Numbers []int
	List    []byte
	// Inputs say what was read of each file, Errors what could not be read.
	Inputs, Errors []string
	// Nothing says what to look at where no kill was found.
	Nothing string
}

// Read reads files. Times without a zone are of the location, and so are those of the list.
func (s *Session) Read(files []File, location *time.Location) Result {
	*s = Session{Progress: s.Progress, files: files, location: location, kept: keeper{most: cmp.Or(s.kept.most, maxKept)}}
	var result Result
	numbers := s.numbers()
	s.kept.begin(0)
	reader := reports.Reader{Closed: func(whole *report.Report) error {
		s.kept.closed(whole)
		return nil
	}}
	take := func(k *kill.Kill) {
		seen := numbers(k.Record)
		k.Number = seen.Number
		result.Kills = max(result.Kills, seen.Number)
		listed := &kill.Kill{Number: k.Number, Source: k.Source, Record: k.Record}
		switch {
		case seen.Number > maxListed, seen.Again && !seen.Better:
			return
		case seen.Again:
			s.kills[seen.Number-1] = listed
			s.kept.forget(seen.Number)
		default:
			s.kills = append(s.kills, listed)
		}
		if k.Event != nil { // the page of another one has lines that its record lacks here
			s.kept.add(k)
		}
	}
	inputs, errs := s.each(parser.Options{KeepLines: true}, func(in *nothing.Input, opt parser.Options) error {
		reader.Kill = func(k *kill.Kill) error {
			in.Found++
			take(k)
			return nil
		}
		return reader.Read(in, opt)
	}, func(rec *record.Record) error {
		reader.Kill = func(k *kill.Kill) error {
			take(k)
			return nil
		}
		return reader.Take(rec)
	})
	s.kept.ahead = false
	for _, err := range errs {
		result.Errors = append(result.Errors, err.Error())
	}
	s.list(&result)
	for _, in := range inputs[:min(len(inputs), nothing.Listed)] {
		result.Inputs = append(result.Inputs, in.Describe())
	}
	if result.Kills == 0 && len(errs) == 0 {
		var text bytes.Buffer
		nothing.Note(&text, inputs, nil, nil)
		result.Nothing = strings.TrimPrefix(text.String(), "oomtrail: ")
	}
	return result
}

// numbers returns what numbers events, each once where it may stand in several files.
func (s *Session) numbers() func(*record.Record) once.Seen {
	if len(s.files) > 1 {
		return new(once.Kills).See
	}
	var seen once.Seen
	return func(*record.Record) once.Seen {
		seen.Number++
		return seen
	}
}

// each calls read with each file in turn, and rest with each record that waited for further files.
// It returns what was read, and the errors, which name their file. One file that cannot be read
// does not keep the others from being read.
func (s *Session) each(opt parser.Options, read func(*nothing.Input, parser.Options) error, rest func(*record.Record) error) (inputs []*nothing.Input, errs []error) {
	opt.Location = s.location
	if len(s.files) > 1 { // what one of them says of a kill in another is no event of its own
		shared, err := parser.NewEvidence(opt)
		if err != nil {
			return nil, []error{err}
		}
		shared.Hold()
		opt.Evidence = shared
	}
	var done, total int64
	for i := range s.files {
		total += s.files[i].Size
	}
	for i := range s.files {
		f := &s.files[i]
		in, err := s.open(f, done, total)
		if err == nil {
			opt.Input, opt.Reference = f.Name, in.Dating.Reference
			inputs = append(inputs, in)
			err = read(in, opt)
			if in.Found == 0 && in.IsBinary() {
				err = cmp.Or(err, fmt.Errorf("cannot read %s: it is binary data, not a log: choose a log, such as kern.log, or paste what dmesg prints", f.Name))
			}
			if len(inputs) > nothing.Listed {
				in.Forget()
			}
		}
		if err != nil {
			errs = append(errs, err)
		}
		done += f.Size
	}
	if opt.Evidence != nil {
		for _, rec := range opt.Evidence.FlushAll() {
			if err := rest(rec); err != nil {
				errs = append(errs, err)
			}
		}
	}
	return inputs, errs
}

// open returns a file as the lines that it holds. done and total are the bytes of the files before
// it, and of all.
func (s *Session) open(f *File, done, total int64) (*nothing.Input, error) {
	raw := &counted{r: io.NewSectionReader(f.Content, 0, f.Size), before: func(n int64) {
		if s.Progress != nil {
			s.Progress(done+n, total)
		}
	}}
	unpacked, err := unpack.Reader(raw, f.Name, "")
	if err != nil {
		return nil, err
	}
	now := time.Now()
	written := now
	if !f.Written.IsZero() {
		written = format.WrittenBy(f.Written, now)
	}
	same := func(r io.Reader) io.Reader { return r }
	read, reference := years.Reader(years.File{ReaderAt: f.Content, Size: f.Size, Written: written, Location: s.location}, unpacked, same)
	if reference == nil {
		reference = func() time.Time { return written }
	}
	in := nothing.Over(read, f.Name)
	in.Dating = format.Dating{Location: s.location, Reference: reference}
	return in, nil
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

// list puts the list of all kills into a result.
func (s *Session) list(result *Result) {
	kills := make([]kill.Kill, len(s.kills))
	for i, k := range s.kills {
		kills[i] = *k
	}
	if len(s.files) > 1 {
		kill.SortByTime(kills)
	}
	for i := range kills {
		result.Numbers = append(result.Numbers, kills[i].Number)
	}
	if len(kills) > 0 {
		result.List = html.List(kills, s.location, func(number int) string { return "#kill=" + strconv.Itoa(number) })
	}
}

// Article returns the page of a kill, for a page that has the style of all. It is nil where there
// is no such kill.
func (s *Session) Article(number int) []byte { return s.page(number).article }

// File returns the page of a kill as a file of its own.
func (s *Session) File(number int) []byte {
	made := s.page(number)
	if made.article == nil {
		return nil
	}
	return html.File(made.title, made.article)
}

// page returns the page of a kill. Where it was not kept the files are read once more: a record is
// small, and all that a list needs, but a report is large, and its memory serves the next one.
func (s *Session) page(number int) made {
	if number < 1 || number > len(s.kills) {
		return made{}
	}
	if kept, ok := s.kept.pages[number]; ok {
		return kept
	}
	s.kept.begin(number)
	numbers := s.numbers()
	enough := func() error {
		if s.kept.wanted.article != nil && len(s.files) == 1 { // no other file knows more
			return errEnough
		}
		return nil
	}
	reader := reports.Reader{
		Kill: func(k *kill.Kill) error {
			seen := numbers(k.Record)
			if k.Number = seen.Number; !seen.Again || seen.Better {
				s.kept.add(k)
			}
			return enough()
		},
		Closed: func(whole *report.Report) error {
			s.kept.closed(whole)
			return enough()
		},
	}
	s.each(parser.Options{KeepLines: true, IncludeOriginal: true}, func(in *nothing.Input, opt parser.Options) error {
		return reader.Read(in, opt)
	}, reader.Take)
	return s.kept.wanted
}

// errEnough ends the reading where the page is made.
var errEnough = errors.New("enough")

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
	// ahead is set while pages are made to be kept.
	ahead bool
	// number is that of the page that is wanted, 0 for none, wanted the page.
	number int
	wanted made
}

// begin begins to read for the page of a kill. The first time it is for those that are kept.
func (r *keeper) begin(number int) {
	r.number, r.wanted, r.open = number, made{}, map[*report.Report][]*kill.Kill{}
	if r.pages == nil {
		r.pages, r.ahead = map[int]made{}, true
	}
}

// add takes a kill, whose report may go on.
func (r *keeper) add(k *kill.Kill) {
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

// forget lets go of a page, of a record that says less than another.
func (r *keeper) forget(number int) {
	r.kept -= len(r.pages[number].article)
	delete(r.pages, number)
}

func (r *keeper) make(k *kill.Kill) {
	keeps := r.ahead && r.kept < r.most
	if !keeps && k.Number != r.number {
		return
	}
	p := page.Of(*k, page.Options{})
	of := made{html.Title(p), html.Article(p)}
	if k.Number == r.number {
		r.wanted = of
	}
	if keeps && r.kept+len(of.article) <= r.most {
		r.forget(k.Number)
		r.pages[k.Number] = of
		r.kept += len(of.article)
	}
}
