package transport

import (
	"bytes"
	"strconv"
)

// learning is how many lines are decoded before any is passed over: what a [Decoder] learns of a stream's habits it
// learns from them.
const learning = 64

// CanPass reports whether lines like the newest, that mean nothing to the reader, may be left out without a later line being
// read otherwise. Lines whose stamps count from the line before, entries of several lines, text that was pasted, and lines that
// must all be seen to know who wrote them may not.
func (d *Decoder) CanPass() bool {
	c := &d.cleanup
	if d.number < learning || d.stepped || d.json.open() || d.export.active || len(c.held) > 0 || c.quotedPrintable || c.web || c.hardBlanks {
		return false
	}
	switch d.line.Format {
	case Kmsg:
		return true
	case Dmesg, Syslog:
		return d.format != Auto || d.unproven
	case None:
		return d.format == None
	}
	return false
}

// Pass leaves out the lines of block, all whole, and returns how many bytes it left out. Of a numbered stream, whose newest
// record has the number last, it stops before a line that is not the next record, and returns the number of the last.
func (d *Decoder) Pass(block []byte, last uint64) (n int, newest uint64) {
	n = len(block)
	if d.line.Format == Kmsg {
		n, last = passRecords(block, last)
	}
	d.number += bytes.Count(block[:n], []byte{'\n'})
	return n, last
}

// passRecords returns where the records of /dev/kmsg in block end that follow on the one with the number last, one by one.
func passRecords(block []byte, last uint64) (n int, newest uint64) {
	var room [20]byte
	next := strconv.AppendUint(room[:0], last+1, 10)
	for n < len(block) {
		line := block[n:]
		if line[0] != ' ' { // else it belongs to a dictionary
			if !isRecord(line, next) {
				break
			}
			last++
			next = increment(next)
		}
		n += bytes.IndexByte(line, '\n') + 1
	}
	return n, last
}

// increment adds one to a decimal number.
func increment(digits []byte) []byte {
	for i := len(digits) - 1; i >= 0; i-- {
		if digits[i]++; digits[i] <= '9' {
			return digits
		}
		digits[i] = '0'
	}
	return append([]byte{'1'}, digits...)
}

// isRecord reports whether b begins with the record of /dev/kmsg that has the given number and no fields but the common ones.
func isRecord(b, number []byte) bool {
	const longestPriority, longestTime = 3, 18
	i := skipDigits(b, longestPriority)
	if i == 0 || i == len(b) || b[i] != ',' || !bytes.HasPrefix(b[i+1:], number) {
		return false
	}
	i += 1 + len(number)
	if i == len(b) || b[i] != ',' {
		return false
	}
	n := skipDigits(b[i+1:], longestTime)
	i += 1 + n
	return n > 0 && i+3 < len(b) && b[i] == ',' && b[i+1] == '-' && (b[i+2] == ';' || bytes.HasPrefix(b[i+2:], []byte(",caller=")))
}

// skipDigits returns how many digits b begins with, at most limit.
func skipDigits(b []byte, limit int) int {
	n := 0
	for n < len(b) && n < limit && b[n]-'0' <= 9 {
		n++
	}
	return n
}
