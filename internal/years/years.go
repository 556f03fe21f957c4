// SPDX-License-Identifier: Apache-2.0

// Package years dates the stamps of a file that have no year.
//
// A stamp such as "Jan 3 12:00:00" has no year. Alone it is of the newest that fits, which is wrong
// in a log that is longer than a year: its January is then that of the year before. So a file is
// looked through first: its years never run back, and after December comes January.
package years

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"io"
	"time"
)

// File is a file that can be read at any place.
type File struct {
	io.ReaderAt
	Size int64
	// Written is when it was written to last, Location where its stamps were written.
	Written  time.Time
	Location *time.Location
}

// Reader returns a file's text, which r reads, so that the stamps in it can be dated by the years
// that follow one another in it: written returns when what was read last was written at the latest.
// It returns r itself, and no function, where that changes nothing; in a file that is compressed no
// line is found to begin with a month. look is what the file is read through when it is looked
// through.
func Reader(f File, r io.Reader, look func(io.Reader) io.Reader) (read io.Reader, written func() time.Time) {
	if !mayBeYears(f, f.Size, f.Written, f.Location) {
		return r, nil
	}
	runs := monthRuns(look(io.NewSectionReader(f, 0, f.Size)))
	if !setYears(runs, f.Written, f.Location) {
		return r, nil
	}
	y := &yearReader{Reader: r, runs: runs, written: f.Written, location: f.Location}
	return y, y.writtenBy
}

// monthRun is a part of a file whose lines are stamped with one month.
type monthRun struct {
	from  int64 // where its first line begins
	month time.Month
	// day is that of its last line, first the lowest.
	day, first int
	year       int
}

// maxRuns is more months than any log has. A file that changes them more often says nothing about
// its years.
const maxRuns = 4096

// monthRuns returns the months of a text in their order, nil where its stamps have none or the
// newest stand first.
func monthRuns(r io.Reader) (runs []monthRun) {
	const lookAhead = 200 // lines
	br := bufio.NewReaderSize(r, 256<<10)
	var at int64
	rising := 0 // days and months that follow one another, less those that precede
	for line := 0; ; line++ {
		text, err := br.ReadSlice('\n')
		if month, day := monthOf(text); month > 0 {
			switch n := len(runs); {
			case n == 0 || runs[n-1].month != month:
				if n == maxRuns {
					return nil
				}
				if n > 0 {
					rising += step(int(runs[n-1].month), int(month))
				}
				runs = append(runs, monthRun{from: at, month: month, day: day, first: day})
			case runs[n-1].day != day:
				rising += cmp.Compare(day, runs[n-1].day)
				runs[n-1].day, runs[n-1].first = day, min(runs[n-1].first, day)
			}
		}
		at += int64(len(text))
		for errors.Is(err, bufio.ErrBufferFull) {
			text, err = br.ReadSlice('\n')
			at += int64(len(text))
		}
		if err != nil || line == lookAhead && runs == nil {
			break
		}
	}
	if rising < 0 {
		return nil
	}
	return runs
}

// step returns 1 where one month follows the other, -1 where it precedes it.
func step(from, to int) int {
	switch (to - from + 12) % 12 {
	case 1:
		return 1
	case 11:
		return -1
	}
	return 0
}

// monthOf reads the "Jan  3 " that a syslog line begins with, month 0 for another line.
func monthOf(line []byte) (month time.Month, day int) {
	if len(line) > 3 && line[0] == '<' {
		if end := bytes.IndexByte(line[:min(len(line), 6)], '>'); end > 0 {
			line = line[end+1:]
		}
	}
	if len(line) < len("Jan  3 12:") || line[3] != ' ' || line[6] != ' ' || line[9] != ':' {
		return 0, 0
	}
	tens, ones := line[4], line[5]
	if tens == ' ' {
		tens = '0'
	}
	if tens < '0' || tens > '3' || ones < '0' || ones > '9' {
		return 0, 0
	}
	const names = "JanFebMarAprMayJunJulAugSepOctNovDec"
	for at := 0; at < len(names); at += 3 {
		if string(line[:3]) == names[at:at+3] {
			return time.Month(at/3 + 1), int(tens-'0')*10 + int(ones-'0')
		}
	}
	return 0, 0
}

// setYears gives each run its year, and reports whether one is of another year than its stamps
// alone would say.
func setYears(runs []monthRun, written time.Time, location *time.Location) (matters bool) {
	const most = 3  // months that a clock shows which falls back to 1 January at each start, and one to spare
	var seen uint16 // months since the turn of the year that comes next
	for i := len(runs) - 1; i >= 0; i-- {
		r := &runs[i]
		r.year = newestYear(r.month, r.day, written, location)
		if i < len(runs)-1 {
			next := runs[i+1]
			r.year = min(r.year, next.year)
			if r.month == time.December && next.month == time.January && r.year == next.year && months(seen) >= most {
				r.year--
			}
			if r.year < next.year {
				seen = 0
			}
			matters = matters || r.year != newestYear(r.month, r.day, written, location) || r.year != newestYear(r.month, r.first, written, location)
		}
		seen |= 1 << r.month
	}
	return matters
}

func months(seen uint16) (n int) {
	for ; seen > 0; seen &= seen - 1 {
		n++
	}
	return n
}

// newestYear returns the newest year that puts a day at or before a time, with a day of grace.
func newestYear(month time.Month, day int, written time.Time, location *time.Location) int {
	newest := written.In(location).Year() + 1
	for year := newest; year > newest-10; year-- {
		at := time.Date(year, month, day, 0, 0, 0, 0, location)
		if at.Month() == month && !at.After(written.Add(24*time.Hour)) { // another month where the year has no 29 February
			return year
		}
	}
	return newest - 1
}

// yearReader reads a file and knows when the lines that were read last were written at the latest.
type yearReader struct {
	io.Reader
	at       int64
	runs     []monthRun // the current one and those that come
	written  time.Time
	location *time.Location
}

// Read ends each time where a month ends, so that what is read is written in one.
func (y *yearReader) Read(b []byte) (int, error) {
	for len(y.runs) > 1 && y.at >= y.runs[1].from {
		y.runs = y.runs[1:]
	}
	if len(y.runs) > 1 {
		b = b[:min(int64(len(b)), y.runs[1].from-y.at)]
	}
	n, err := y.Reader.Read(b)
	y.at += int64(n)
	return n, err
}

// writtenBy returns when what was read last was written at the latest.
func (y *yearReader) writtenBy() time.Time {
	r := y.runs[0]
	if end := time.Date(r.year, r.month+1, 1, 0, 0, 0, 0, y.location).Add(-24 * time.Hour); end.Before(y.written) {
		return end
	}
	return y.written
}

const (
	// wholeSize is up to what size a file's months are read without asking whether it may be longer
	// than a year.
	wholeSize = 1 << 20
	// samples is how many places of a larger file are asked, sampleSize how much is read at each: a
	// line is rarely longer.
	samples, sampleSize = 64, 8 << 10
)

// mayBeYears reports whether a file may be longer than a year: the days at places all over it, each
// of the newest year that fits, do not follow one another.
func mayBeYears(f io.ReaderAt, size int64, written time.Time, location *time.Location) bool {
	if size <= wholeSize {
		return true
	}
	buf := make([]byte, sampleSize)
	var last time.Time
	for i := range int64(samples) {
		n, _ := f.ReadAt(buf, size*i/samples)
		_, text, _ := bytes.Cut(buf[:n], []byte("\n"))
		for line := range bytes.Lines(text) {
			month, day := monthOf(line)
			if month == 0 {
				continue
			}
			at := time.Date(newestYear(month, day, written, location), month, day, 0, 0, 0, 0, location)
			if at.Before(last) {
				return true
			}
			last = at
			break
		}
	}
	return false
}
