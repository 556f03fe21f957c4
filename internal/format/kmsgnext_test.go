// SPDX-License-Identifier: Apache-2.0

package format

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"
)

// FuzzNext: a decoder that goes on from record to record makes the same lines of an input as one
// that reads each record anew.
func FuzzNext(f *testing.F) {
	f.Add("6,9,1,-;a\n4,10,2,-;b\n12,11,3,-;c\n300,12,4,-;d\n", false)
	f.Add("6,9999998,1,-;a\n6,9999999,2,-;b\n6,10000000,3,-;c\n6,10000001,4,-;d\n", true)
	f.Add("6,18446744073709551614,1,-;a\n6,18446744073709551615,2,-;b\n6,0,3,-;c\n6,1,4,-;d\n", false)
	f.Add("6,1,12345678,-;a\n6,2,123456789,-,caller=T1;b\n6,3,1234567890123456,c;c\n6,4,9223372036854775,-;d\n6,5,9223372036854776,-;e\n6,6,1,-;f\n", true)
	f.Add("6,1,1,-;plain text \n6,2,2,-;cut off<truncated>\n6,3,3,-;\\x0a\\x41\r\n6,4,4,-;\n SUBSYSTEM=a\n6,5,5,-;[ 1] row<truncated>\n6,6,6,-;end\x00\n", false)
	f.Add("6,1,1,-;a\n[   12.345678] dmesg\n6,2,2,-;b\nJan  1 00:00:00 host kernel: c\n6,3,3,-;d\n{\"MESSAGE\":\"e\"}\n6,4,4,-;f\n__CURSOR=x\n6,5,5,-;g\n\n6,6,6,-;h\n", true)
	f.Add("6,1,123456789,-;figure 1\n6,2,123456799,-;figure 2\n6,3,123456790,-,x;figure 3\n6,4,1234567890,-;figure 4\n6,5,1234567890123,-;figure 5\n6,6,1234567890124,-;figure 6\n6,7,12345678901234,-;figure 7\n6,8,1234567x,-;figure\n", true)
	f.Add("6,1,123456789,-;figure 1\n6,2,123456789,-;figure 2\n6,3,\x00\x00\x00\x00\x00\x00\x00\x009,-;figure 3\n6,3,123456789,-;figure 3\n", false)
	f.Fuzz(func(t *testing.T, log string, auto bool) {
		format, trusted := Kmsg, TrustedKmsg
		if auto {
			format = Auto
		}
		if len(log)%2 == 0 {
			trusted = TrustedNone
		}
		next, each := NewDecoder(format).Trust(trusted), NewDecoder(format).Trust(trusted)
		for n, line := range strings.Split(log, "\n") {
			raw := []byte(line)
			*nextOf(each) = nextRecord{}
			if got, want := decodeOne(next, raw), decodeOne(each, raw); !reflect.DeepEqual(got, want) {
				t.Fatalf("line %d %q:\n%+v\nread anew:\n%+v", n, line, got, want)
			}
		}
		if q, s := &next.stream, &each.stream; q.source != s.source || q.prev.line.Origin != s.prev.line.Origin || q.number != s.number {
			t.Errorf("what is remembered differs: %+v\nread anew: %+v", q.prev, s.prev)
		}
	})
}

// nextOf returns what a decoder expects of the next record.
func nextOf(d *Decoder) *nextRecord {
	if a, ok := d.reader.(*auto); ok {
		return &a.kmsg.next
	}
	return &d.reader.(*kmsg).next
}

// decodeOne returns copies of the lines that an input line completes.
func decodeOne(d *Decoder, raw []byte) (lines []Line) {
	d.Decode(raw, func(l *Line) { lines = append(lines, kept(l)) })
	return lines
}

// kept returns a copy of a line.
func kept(l *Line) Line {
	c := *l
	c.Text, c.Caller, c.Host, c.Tag, c.Stamp = bytes.Clone(l.Text), bytes.Clone(l.Caller), bytes.Clone(l.Host), bytes.Clone(l.Tag), bytes.Clone(l.Stamp)
	return c
}

// TestLinesMayBeChanged: what is done to a line that was handed out is not seen in the next one.
func TestLinesMayBeChanged(t *testing.T) {
	for _, f := range []Format{Auto, Kmsg} {
		d, clean := NewDecoder(f), NewDecoder(f)
		for n := range 5 {
			raw := fmt.Appendf(nil, "6,%d,%d,-;usb 1-1: new device %d", n, 1_000_000_000+n, n)
			want := decodeOne(clean, raw)
			d.Decode(raw, func(l *Line) {
				if got := []Line{kept(l)}; !reflect.DeepEqual(got, want) {
					t.Errorf("%v, line %d: %+v, want %+v", f, n, got, want)
				}
				l.Host, l.Tag, l.BootID, l.MachineID, l.Cursor, l.Stamp = raw, raw, raw, raw, raw, raw
				l.Wall, l.Position, l.Lost, l.Fragment, l.Continues, l.Wrapped, l.Truncated = time.Unix(1, 1), 7, 7, true, true, true, true
				l.HasUptime, l.HasSequence, l.Caller = false, false, raw
			})
		}
	}
}

// TestNext: the short way is taken for the records that most are, and each number follows on the
// one before it in digits too.
func TestNext(t *testing.T) {
	var e nextRecord
	for _, from := range []uint64{1, 5, 95, 12_345_000, 999_990, 9_999_900} {
		for e.set(from); e.size > 0 && e.number < from+200; {
			want := nextRecord{}
			if want.set(e.number); e != want {
				t.Fatalf("%d: %+v, want %+v", e.number, e, want)
			}
			e.step()
		}
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	d, quick := NewDecoder(Auto), 0
	const records = 2000
	for n := range records {
		raw := fmt.Appendf(nil, "%d,%d,%d,-;some text %d", rnd.IntN(20), n, 1_000_000+n*rnd.IntN(5000), n)
		if _, size := nextOf(d).head(raw); size > 0 {
			quick++
		}
		if got := decodeOne(d, raw); len(got) != 1 || !got[0].HasSequence {
			t.Fatalf("%s is no record", raw)
		}
	}
	if quick < records-20 {
		t.Errorf("only %d of %d records went the short way", quick, records)
	}
}
