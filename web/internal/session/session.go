// SPDX-License-Identifier: Apache-2.0

// Package session is what the web page has read: its kills, for a list and a page each. It reads as
// the command does, and what it returns is made by the same packages.
package session

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
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
	// Content is all of it. It is read once more when the page of a kill is asked for whose report
	// was let go.
	Content io.ReaderAt
	Size    int64
	// Written is when it was written to last, zero for text.
	Written time.Time
}

const (
	// maxKept bounds the reports that are kept for pages, in bytes of their lines.
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
	kills    []*kill.Kill // by number, from 1
	letGo    map[int]bool // the numbers of kills whose report is to be read again
	kept     keeper
}

// Result is what a page shows of what was read.
type Result struct {
	// Kills is how many events were found. The list has no more than ten thousand.
	Kills int
	// Heads and Rows are the list. The first cell of a row is the number of its kill.
	Heads []string
	Rows  [][]string
	// Inputs say what was read of each file, Errors what could not be read.
	Inputs, Errors []string
	// Nothing says what to look at where no kill was found.
	Nothing string
}

// Read reads files. Times without a zone are of the location, and so are those of the list.
func (s *Session) Read(files []File, location *time.Location) Result {
	most := cmp.Or(s.kept.most, maxKept)
	*s = Session{Progress: s.Progress, files: files, location: location, letGo: map[int]bool{}}
	s.kept = keeper{most: most, sizes: map[*report.Report]int{}, kills: map[*report.Report][]*kill.Kill{}, letGo: func(k *kill.Kill) { s.letGo[k.Number] = true }}
	result := Result{}
	inputs := s.read(&result, func(k *kill.Kill, seen once.Seen) {
		result.Kills = max(result.Kills, seen.Number)
		switch {
		case seen.Number > maxListed, seen.Again && !seen.Better:
			return
		case seen.Again:
			s.kills[seen.Number-1] = k
			delete(s.letGo, seen.Number)
		default:
			s.kills = append(s.kills, k)
		}
		s.kept.add(k)
	}, s.kept.weigh)
	s.kept = keeper{most: most}
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

// Article returns the page of a kill, for a page that has the style of all. It is nil where there
// is no such kill.
func (s *Session) Article(number int) []byte {
	k := s.kill(number)
	if k == nil {
		return nil
	}
	return html.Article(page.Of(*k, page.Options{}))
}

// File returns the page of a kill as a file of its own.
func (s *Session) File(number int) []byte {
	k := s.kill(number)
	if k == nil {
		return nil
	}
	return html.Explain(page.Of(*k, page.Options{}))
}

// kill returns a kill with its report.
func (s *Session) kill(number int) *kill.Kill {
	if number < 1 || number > len(s.kills) {
		return nil
	}
	if s.letGo[number] {
		s.read(&Result{}, func(k *kill.Kill, seen once.Seen) {
			if seen.Number == number && (!seen.Again || seen.Better) {
				s.kills[number-1] = k
			}
		}, func(*report.Report) {})
		delete(s.letGo, number)
	}
	return s.kills[number-1]
}

// keeper bounds the reports that are kept.
type keeper struct {
	most, kept int
	sizes      map[*report.Report]int
	kills      map[*report.Report][]*kill.Kill
	letGo      func(*kill.Kill)
}

// add takes a kill, whose report may grow.
func (r *keeper) add(k *kill.Kill) {
	if k.Event == nil {
		return
	}
	of := k.Event.Report
	r.kills[of] = append(r.kills[of], k)
	r.weigh(of)
}

// weigh lets a report go that is more than there is room for.
func (r *keeper) weigh(of *report.Report) {
	kills := r.kills[of]
	if kills == nil { // nobody has it
		return
	}
	size := 0
	for i := range of.Lines {
		size += len(of.Lines[i].Text)
	}
	r.kept += size - r.sizes[of]
	r.sizes[of] = size
	if r.kept <= r.most {
		return
	}
	r.kept -= size
	delete(r.sizes, of)
	delete(r.kills, of)
	for _, k := range kills {
		k.Event, k.Diagnosis = nil, nil
		r.letGo(k)
	}
}
