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

	"github.com/oomtrail/oomtrail/parser/report"
)

// FuzzRecords: a decoder makes the same line of a record of /dev/kmsg whatever records it has read
// before.
func FuzzRecords(f *testing.F) {
	f.Add("6,9,1,-;a\n4,10,2,-;b\n12,11,3,-;c\n300,12,4,-;d\n", false)
	f.Add("6,9999998,1,-;a\n6,9999999,2,-;b\n6,10000000,3,-;c\n6,10000001,4,-;d\n", true)
	f.Add("6,18446744073709551614,1,-;a\n6,18446744073709551615,2,-;b\n6,0,3,-;c\n6,1,4,-;d\n", false)
	f.Add("6,1,12345678,-;a\n6,2,123456789,-,caller=T1;b\n6,3,1234567890123456,c;c\n6,4,9223372036854775,-;d\n6,5,9223372036854776,-;e\n6,6,1,-;f\n", true)
	f.Add("6,1,1,-;plain text \n6,2,2,-;cut off<truncated>\n6,3,3,-;\\x0a\\x41\r\n6,4,4,-;\n SUBSYSTEM=a\n6,5,5,-;[ 1] row<truncated>\n6,6,6,-;end\x00\n", false)
	f.Add("6,1,1,-;a\n[   12.345678] dmesg\n6,2,2,-;b\nJan  1 00:00:00 host kernel: c\n6,3,3,-;d\n{\"MESSAGE\":\"e\"}\n6,4,4,-;f\n__CURSOR=x\n6,5,5,-;g\n\n6,6,6,-;h\n", true)
	f.Add("6,1,123456789,-;figure 1\n6,2,123456799,-;figure 2\n6,3,123456790,-,x;figure 3\n6,4,1234567890,-;figure 4\n6,5,1234567890123,-;figure 5\n6,6,1234567890124,-;figure 6\n6,7,12345678901234,-;figure 7\n6,8,1234567x,-;figure\n", true)
	f.Add("6,1,123456789,-;figure 1\n6,2,123456789,-;figure 2\n6,3,\x00\x00\x00\x00\x00\x00\x00\x009,-;figure 3\n6,3,123456789,-;figure 3\n", false)
	f.Fuzz(func(t *testing.T, log string, auto bool) {
		format, trusted := report.Kmsg, report.SourceKmsg
		if auto {
			format = report.Auto
		}
		if len(log)%2 == 0 {
			trusted = report.SourceNone
		}
		next := NewDecoder(format).Trust(trusted)
		for n, line := range strings.Split(log, "\n") {
			raw, anew := []byte(line), NewDecoder(format).Trust(trusted)
			anew.At(n + 1)
			got := decodeOne(next, raw)
			if want := decodeOne(anew, raw); auto && (len(want) != 1 || want[0].Format != report.Kmsg || next.Holds()) {
				continue
			} else if (len(got) == 1 && got[0].Format == report.Kmsg || !auto) && !reflect.DeepEqual(got, want) {
				t.Fatalf("line %d %q:\n%+v\nread anew:\n%+v", n, line, got, want)
			}
		}
	})
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
	for _, f := range []report.Format{report.Auto, report.Kmsg} {
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

// TestRecordHead: the numbers of a record are what they are when they are printed.
func TestRecordHead(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 100_000 {
		want := [...]uint64{rnd.Uint64N(100_000) >> rnd.IntN(18), rnd.Uint64() >> rnd.IntN(64), rnd.Uint64N(1e18) >> rnd.IntN(61)}
		head := fmt.Sprintf("%d,%d,%d", want[0], want[1], want[2])
		for _, rest := range []string{",-;", ",-;a text that is long enough", ";", ""} {
			priority, sequence, micros, n := readKmsgHead([]byte(head + rest))
			if got := [...]uint64{priority, sequence, micros}; got != want || n != len(head) {
				t.Fatalf("%s%s: %d in %d bytes", head, rest, got, n)
			}
		}
	}
}
