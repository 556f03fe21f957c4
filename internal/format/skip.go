// SPDX-License-Identifier: Apache-2.0

package format

import (
	"bytes"

	"github.com/oomtrail/oomtrail/parser/report"
)

// warmupLines is how many lines are decoded before any is skipped: from them a [Decoder] learns how
// the lines of the stream look.
const warmupLines = 64

// CanSkip reports whether lines like the newest, that mean nothing to the reader, may be left out
// without a later line being read otherwise. Lines whose timestamps count from the line before,
// entries of several lines, text that was pasted, and lines of a stream that has shown several
// formats may not.
func (d *Decoder) CanSkip() bool {
	s := &d.stream
	shown := s.shown &^ (1 << report.None)
	if s.number < warmupLines || shown.several() || s.times.steps.shown || s.pasted || d.Holds() {
		return false
	}
	f := s.line.Format
	return f.SkipsLines() && (f != report.None || s.format == report.None)
}

// Format returns the format of the newest line.
func (d *Decoder) Format() report.Format { return d.stream.line.Format }

// Number returns how many input lines were decoded or skipped.
func (d *Decoder) Number() int { return d.stream.number }

// Skip leaves out the lines of block, all whole, and returns how many bytes it left out. Of a
// numbered stream, whose newest record has the number last, it stops before a line that is not the
// next record, and returns the number of the last. Of the journal it stops before a line that is
// not a whole entry.
func (d *Decoder) Skip(block []byte, last uint64) (n int, newest uint64) {
	switch d.stream.line.Format {
	case report.Kmsg:
		return d.skipRecords(block, last, leastStride)
	case report.JournalJSON:
		block = wholeEntries(block)
	}
	d.stream.number += countLines(block)
	return len(block), last
}

// wholeEntries returns the lines that block begins with of which each is a JSON object.
func wholeEntries(block []byte) []byte {
	for n := 0; n < len(block); {
		end := n + bytes.IndexByte(block[n:], '\n')
		if block[n] != '{' || block[end-1] != '}' {
			return block[:n]
		}
		n = end + 1
	}
	return block
}

func countLines(b []byte) int { return bytes.Count(b, []byte{'\n'}) }

// The least and the most bytes of records that are known by their last line and their count.
const leastStride, mostStride = 4 << 10, 64 << 10

// skipRecords returns where the records of /dev/kmsg in block end that follow on the one with the
// number last, one by one, and the number of the newest of them. It does what [Decoder.walkRecords]
// does, in strides: n lines of which the last is the record with the number last+n are the n
// records up to it. A stride is tried over least bytes first.
//
// That is wrong only where in one stride just as many records are lost as there are lines that are
// none. It does no harm then: who can put in a line could as well have put in a record, and the
// loss of a record means something only to a report whose head was lost with it, of which lines may
// then be left out that stand far before the first that shows what it is.
func (d *Decoder) skipRecords(block []byte, last uint64, least int) (n int, newest uint64) {
	for stride := least; n < len(block); {
		end := min(n+stride, len(block))
		end += bytes.IndexByte(block[end-1:], '\n')
		lines := block[n:end]
		if lines[0] != ' ' && !isNext(lines, last) {
			break
		}
		count := countLines(lines)
		records := uint64(count - dictionaryLines(lines))
		if records > 0 && isNext(lastRecord(lines), last+records-1) {
			n, last = end, last+records
			d.stream.number += count
			stride = min(2*stride, mostStride)
			continue
		}
		if stride > least {
			stride = least
			continue
		}
		walked, newest := d.walkRecords(lines, last)
		n, last = n+walked, newest
		if n < end {
			break
		}
	}
	return n, last
}

// walkRecords is [Decoder.skipRecords] line by line.
func (d *Decoder) walkRecords(block []byte, last uint64) (n int, newest uint64) {
	for n < len(block) {
		line := block[n:]
		if line[0] != ' ' { // else it belongs to a dictionary
			if !isNext(line, last) {
				break
			}
			last++
		}
		n += bytes.IndexByte(line, '\n') + 1
		d.stream.number++
	}
	return n, last
}

// dictionaryLines counts the lines that belong to dictionaries: those that begin with a space. It
// finds those of a dictionary that begins as every one does that a kernel prints
// (dev_vprintk_emit).
func dictionaryLines(lines []byte) int {
	n, at := 0, 0
	for {
		for at < len(lines) && lines[at] == ' ' {
			n++
			at += bytes.IndexByte(lines[at:], '\n') + 1
		}
		i := bytes.Index(lines[at:], rareInDictionary)
		if i < 0 {
			return n
		}
		at += i
		if bytes.HasSuffix(lines[:at], beforeRare) {
			n++
		}
		at += bytes.IndexByte(lines[at:], '\n') + 1
	}
}

// The two parts of "\n SUBSYSTEM=": the second is searched for, because a Y is far rarer in a log
// than an S or a newline.
var beforeRare, rareInDictionary = []byte("\n SUBS"), []byte("YSTEM=")

// lastRecord returns the last of whole lines that is not a dictionary's.
func lastRecord(lines []byte) []byte {
	for {
		start := bytes.LastIndexByte(lines[:len(lines)-1], '\n') + 1
		if start == 0 || lines[start] != ' ' {
			return lines[start:]
		}
		lines = lines[:start]
	}
}

// isNext reports whether b begins with the record of /dev/kmsg after the one with the number last.
func isNext(b []byte, last uint64) bool {
	_, sequence, _, n := readKmsgHead(b)
	if n == 0 || sequence != last+1 {
		return false
	}
	if hasPrefix(b[n:], plainTail) {
		return true
	}
	line, _, _ := bytes.Cut(b[n:], []byte{'\n'})
	return kmsgFields(line) >= 0
}
