// SPDX-License-Identifier: Apache-2.0

// Package witnesscases holds what other programs than the kernel print of memory kills and of
// SIGKILL, and what records that makes: testdata/witness-cases. Each line is written in every
// format that brings such lines. negatives.txt are lines that make no record.
package witnesscases

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/oomtrail/oomtrail/parser"
	"github.com/oomtrail/oomtrail/parser/record"
)

// Log is a case in one of its formats.
type Log struct {
	// Name is that of the case and of the format.
	Name string
	// Text is the log, a line an entry. Its last line is a day later than the others, so that
	// nothing waits after it.
	Text []byte
	// Options are the parser's.
	Options parser.Options
}

// LastWord is what some program writes last in a log. It makes nothing, and it has a word that is
// searched: what has none need not be read, and moves no clock.
const LastWord = "sending SIGTERM when mem avail <= 10.00%"

// Logs returns all cases of a directory in all of their formats whose entries are lines with a
// time.
func Logs(dir string) (logs []Log, err error) {
	files, err := caseFiles(dir)
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		cases, err := casesOf(file)
		if err != nil {
			return nil, err
		}
		for i := range cases {
			for j := range forms {
				c, f := &cases[i], &forms[j]
				switch {
				case !c.in(f),
					f.name == "export",                    // whose entries are several lines
					f.name == "journal of unknown origin", // which has the lines of a journal
					f.name == "plain":                     // whose lines need not say when they were written
					continue
				}
				last := line{by: authors["app"], text: LastWord, at: start.Add(24 * time.Hour)}
				if slices.ContainsFunc(c.lines, func(l line) bool { return l.by.transport == "kernel" }) {
					last.by = authors["kernel"] // which ends the kernel's report
				}
				name := strings.TrimSuffix(filepath.Base(file), ".txt") + ": " + c.name + ": " + f.name
				logs = append(logs, Log{name, f.input(append(slices.Clone(c.lines), last)), f.options()})
			}
		}
	}
	return logs, nil
}

// witnessCase is one case of a file: see testdata/witness-cases/README.md.
type witnessCase struct {
	name         string
	lines        []line
	records      []map[string]any
	none         bool // it says that no record comes
	anyOrder     bool
	sigkill      bool
	observations string
	formats      []string
	unverified   bool // a journal proves nothing here
	anyTrust     bool
	forged       bool
}

// caseFiles returns the files of cases of a directory.
func caseFiles(dir string) ([]string, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.txt"))
	return slices.DeleteFunc(files, func(file string) bool { return filepath.Base(file) == "negatives.txt" }), err
}

// casesOf reads a file. What it does not understand is a mistake.
func casesOf(file string) (cases []witnessCase, err error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	at := start
	for number, row := range strings.Split(string(text), "\n") {
		if row == "" || row[0] == '#' {
			continue
		}
		if name, ok := strings.CutPrefix(row, "= "); ok {
			cases, at = append(cases, witnessCase{name: name}), start
			continue
		}
		err = errors.New("no case yet")
		if len(cases) > 0 {
			err = cases[len(cases)-1].read(row, &at)
		}
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %q: %w", filepath.Base(file), number+1, row, err)
		}
	}
	for i := range cases {
		if c := &cases[i]; len(c.lines) == 0 || !c.forged && c.none == (len(c.records) > 0) {
			return nil, fmt.Errorf("%s: %s: needs lines, and records or none", filepath.Base(file), c.name)
		}
	}
	return cases, nil
}

func (c *witnessCase) read(row string, at *time.Time) error {
	switch {
	case row == "> none":
		c.none = true
		return nil
	case strings.HasPrefix(row, "> "), strings.HasPrefix(row, ">> "):
		c.anyOrder = c.anyOrder || row[1] == '>'
		d := json.NewDecoder(strings.NewReader(strings.TrimLeft(row, "> ")))
		d.UseNumber()
		var want map[string]any
		if err := d.Decode(&want); err != nil {
			return err
		}
		for name := range want {
			if record.Lookup(name) == nil {
				return fmt.Errorf("no record has a field %s", name)
			}
		}
		c.records = append(c.records, want)
		return nil
	case row[0] == '+':
		d, err := time.ParseDuration(row[1:])
		*at = at.Add(d)
		return err
	case row[0] == '@':
		return c.readLine(row[1:], at)
	}
	name, value, _ := strings.Cut(strings.TrimPrefix(row, "% "), "=")
	switch name {
	case "sigkill":
		c.sigkill = true
	case "unverified":
		c.unverified = true
	case "any-trust":
		c.anyTrust = true
	case "forged":
		c.forged = true
	case "observations":
		c.observations = value
	case "formats":
		c.formats = strings.Split(value, ",")
	default:
		return fmt.Errorf("not understood")
	}
	return nil
}

func (c *witnessCase) readLine(row string, at *time.Time) error {
	if row == "kernel-report" {
		c.lines = append(c.lines, kernel(*at)...)
		*at = at.Add(time.Millisecond)
		return nil
	}
	i := strings.IndexAny(row, " {")
	if i < 0 {
		return fmt.Errorf("no text")
	}
	l := line{at: *at}
	*at = at.Add(time.Millisecond)
	var ok bool
	if l.by, ok = authors[row[:i]]; !ok {
		return fmt.Errorf("no program %s", row[:i])
	}
	if row = row[i:]; row[0] == '{' {
		fields, text, ok := strings.Cut(row[1:], "}")
		if !ok {
			return fmt.Errorf("no end of the fields")
		}
		for f := range strings.SplitSeq(fields, ",") {
			name, value, ok := strings.Cut(f, "=")
			if !ok {
				return fmt.Errorf("field %q", f)
			}
			l.more = append(l.more, [2]string{name, value})
		}
		row = text
	}
	if l.text, ok = strings.CutPrefix(row, " "); !ok || l.text == "" {
		return fmt.Errorf("no text")
	}
	if l.by.transport == "kernel" {
		l.text = strings.ReplaceAll(l.text, `\n`, "\n") // a record of several lines
	}
	c.lines = append(c.lines, l)
	return nil
}

func (c *witnessCase) in(f *form) bool {
	if c.formats != nil {
		return slices.Contains(c.formats, f.name)
	}
	return !f.container && f.name != "plain"
}
