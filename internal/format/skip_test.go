// SPDX-License-Identifier: Apache-2.0

package format

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/oomtrail/oomtrail/parser/report"
)

// upset is what can befall a log of records.
type upset uint8

const (
	lost       upset = iota // records are missing
	repeated                // a record comes twice
	foreign                 // a line is no record
	unfinished              // a line begins like a record
	restarted               // the kernel counts anew
	upsets
)

// numbered makes a log of records, the first of which has the number 1, with some of the upsets in
// it.
func numbered(r *rand.Rand, some ...upset) []byte {
	var log bytes.Buffer
	next, rate := uint64(1), 10+r.IntN(300)
	for log.Len() < 3000+r.IntN(20000) {
		from := log.Len()
		fmt.Fprintf(&log, "%d,%d,%d", [...]int{6, 4, 3, 30, 12}[r.IntN(5)], next, 1000*next)
		log.WriteString([...]string{",-", ",-", ",-", ",-", ",c", "", ",-,caller=T12", ",-,some=thing"}[r.IntN(8)])
		fmt.Fprintf(&log, ";%s\n", strings.Repeat("text; ", r.IntN(20)))
		if r.IntN(8) == 0 {
			log.WriteString(" SUBSYSTEM=usb\n DEVICE=c189:5\n")
		}
		next++
		if len(some) == 0 || r.IntN(rate) > 0 {
			continue
		}
		switch some[r.IntN(len(some))] {
		case lost:
			next += uint64(1 + r.IntN(3))
		case repeated:
			log.Write(bytes.Clone(log.Bytes()[from:]))
		case foreign:
			log.WriteString([...]string{"who knows\n", "\n", "6 records lost\n", "{\"a\": 1}\n", "6,12\n", " KEY=unheard of\n"}[r.IntN(6)])
		case unfinished:
			fmt.Fprintf(&log, "6,%d,1,-\n", next)
		case restarted:
			next = uint64(r.IntN(3))
		}
	}
	return log.Bytes()
}

// TestLeapsEqualSteps: records are passed over in leaps as they are line by line. Where lines were
// put in and as many records lost within one leap, a leap may go further: to a record all the same.
func TestLeapsEqualSteps(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	const rounds = 2000
	for _, c := range []struct {
		name string
		some []upset
		same bool
	}{
		{"no upsets", nil, true},
		{"losses", []upset{lost}, true},
		{"lines put in", []upset{repeated, foreign, unfinished}, true},
		{"restarts", []upset{restarted}, true},
		{"all", []upset{lost, repeated, foreign, unfinished, restarted}, false},
	} {
		stopped, further := 0, 0
		for range rounds {
			log := numbered(r, c.some...)
			leaper, walker := NewDecoder(report.Kmsg), NewDecoder(report.Kmsg)
			got, gotLast := leaper.skipRecords(log, 0, 1+r.IntN(4000))
			want, wantLast := walker.walkRecords(log, 0)
			if want < len(log) {
				stopped++
			}
			if lines := countLines(log[:got]); leaper.stream.number != lines {
				t.Fatalf("%s: %d lines counted of %d", c.name, leaper.stream.number, lines)
			}
			if got == want && gotLast == wantLast {
				continue
			}
			further++
			if got < want || c.same {
				t.Fatalf("%s: leaps end at %d with record %d, steps at %d with %d, of %d", c.name, got, gotLast, want, wantLast, len(log))
			}
			if line := lastRecord(log[:got]); !isNext(line, gotLast-1) {
				t.Fatalf("%s: record %d is none: %q", c.name, gotLast, line)
			}
		}
		t.Logf("%s: %d of %d stopped, %d times leaps went further", c.name, stopped, rounds, further)
		if (len(c.some) > 0) != (stopped > rounds/4) || further > rounds/20 {
			t.Errorf("%s: %d of %d stopped, %d times leaps went further", c.name, stopped, rounds, further)
		}
	}
}
