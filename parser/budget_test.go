// SPDX-License-Identifier: Apache-2.0

package parser

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
)

func TestParseMaxMemory(t *testing.T) {
	for text, want := range map[string]int64{
		"268435456": 256 << 20, "256MiB": 256 << 20, "256 mib": 256 << 20, "64M": 64e6, "64MB": 64e6, "1.5GB": 1.5e9, "2g": 2e9,
		"1048576": 1 << 20, " 1024KiB ": 1 << 20, "1MiB": 1 << 20, "2097152b": 2 << 20,
	} {
		if got, err := ParseMaxMemory(text); got != want || err != nil {
			t.Errorf("%q: %d, %v; want %d", text, got, err, want)
		}
	}
	for text, want := range map[string]string{
		"": "is no size", "much": "is no size", "12 parsecs": "is no size", "MiB": "is no size", "1MiB2": "is no size", "NaN": "is no size", "0x10MB": "is no size",
		"-5": "out of range", "0": "out of range", "1023KiB": "out of range", "1e30": "out of range", "1e999": "is no size",
	} {
		if got, err := ParseMaxMemory(text); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "256MiB") {
			t.Errorf("%q: %d, %v; want that it %s", text, got, err, want)
		}
	}
}

// capturedReport returns the lines of a report, and the record of its kill.
func capturedReport(t *testing.T) (lines [][]byte, want *Record) {
	t.Helper()
	log, err := os.ReadFile("../testdata/captures/6.12/a_global_anon/kmsg.raw")
	if err != nil {
		t.Fatal(err)
	}
	lines = bytes.Split(bytes.TrimSuffix(log, []byte("\n")), []byte("\n"))
	if err := ReadAll(bytes.NewReader(log), Options{}, func(r *Record) error { want = r; return nil }); err != nil {
		t.Fatal(err)
	}
	if complete, _ := want.Get("oom.report.complete"); !complete.Bool() || want.Text("oom.tasks.top") == "" {
		t.Fatal("the report is not whole to begin with")
	}
	return lines, want
}

// claim returns the i-th line of a report that has a giant task table and never ends.
func claim(i int) []byte {
	switch i {
	case 0:
		return []byte(testHead)
	case 1:
		return []byte("6,2,1000001,-;" + taskHead)
	}
	return fmt.Appendf(nil, "6,%d,%d,-;%s", i+1, 1000000+i, row(i))
}

// TestHostileSender: one sender claims ten thousand hosts and holds reports open under all of them,
// some with giant tables, while another one's report comes in line by line. The budget is held, and
// that report is told whole.
func TestHostileSender(t *testing.T) {
	const limit, claims = 16 << 20, 10_000
	lines, want := capturedReport(t)
	before := heap()
	var budget Budget
	s, err := NewStreams(Options{}, 0, budget.Join(limit, func() bool { t.Error("asked from outside"); return false }))
	if err != nil {
		t.Fatal(err)
	}
	var told []*Record
	real := func(line []byte) {
		told = append(told, s.Get([]byte("real"), []byte("real")).Feed(bytes.Clone(line)).Records...)
	}
	evicted, most := 0, int64(0)
	fed := 0
	for i := range claims {
		count := 2
		switch {
		case i%1000 == 0:
			count = 20_000 // 3 MiB
		case i%10 == 0:
			count = 300
		}
		for n := range count {
			stream := s.Get(fmt.Appendf(nil, "claim%d", i), []byte("hostile"))
			stream.Feed(claim(n))
			if used := budget.Used(); used > limit {
				t.Fatalf("%d bytes are used", used)
			}
			for _, e := range s.Evicted() {
				if e.Stream.Sender != "hostile" {
					t.Fatalf("%s had to go", e.Stream.Key)
				}
				evicted++
			}
		}
		if i%(claims/len(lines)) == 0 && fed < len(lines)-1 {
			real(lines[fed])
			fed++
		}
		if i%1000 == 999 {
			most = max(most, heap()-before)
		}
	}
	for ; fed < len(lines); fed++ {
		real(lines[fed])
	}
	if len(told) != 1 || !bytes.Equal(told[0].AppendJSON(nil), want.AppendJSON(nil)) {
		t.Errorf("%d records, want\n%s\ngot\n%s", len(told), want.AppendJSON(nil), told[0].AppendJSON(nil))
	}
	t.Logf("%d KiB of the heap at most, %d KiB counted; %d streams, %d had to go", most>>10, budget.Used()>>10, s.Len(), evicted)
	if most > limit {
		t.Errorf("%d KiB of the heap", most>>10)
	}
	if s.Close(); budget.Used() != 0 || s.Len() != 0 || s.AnyOpen() {
		t.Errorf("%d bytes and %d streams are left", budget.Used(), s.Len())
	}
}

// TestLargestSheds: where the budget is exceeded the largest open report sheds, and says so; it is
// told all the same.
func TestLargestSheds(t *testing.T) {
	var budget Budget
	s, err := NewStreams(Options{}, 0, budget.Join(4<<20, nil))
	if err != nil {
		t.Fatal(err)
	}
	feed := func(key string, from, to int) {
		for n := from; n < to; n++ {
			s.Get([]byte(key), []byte("gateway")).Feed(claim(n))
		}
	}
	feed("small", 0, 1000)
	feed("large", 0, 18_000)
	feed("small", 1000, 14_000)
	if used := budget.Used(); used > 4<<20 || len(s.Evicted()) > 0 || s.Len() != 2 {
		t.Errorf("%d bytes used, %d streams", used, s.Len())
	}
	for _, key := range []string{"small", "large"} {
		r := get(s, key).Feed([]byte("3,99999,1900000,-;" + killed(memcgWords, 12, "b"))).Records
		if len(r) != 1 {
			t.Fatalf("%s: %d records", key, len(r))
		}
		complete, _ := r[0].Get("oom.report.complete")
		cut, rows := r[0].Text("oom.report.truncated"), 13_998
		if key == "large" {
			rows = 17_998
		}
		if shed := key == "large"; shed != strings.Contains(cut, "tasks") || shed == (r[0].Text("oom.tasks.top") != "") || shed && complete.Bool() {
			t.Errorf("%s: complete %v, truncated %q", key, complete, cut)
		}
		if n, _ := r[0].Get("oom.tasks.count"); n.Int64() != int64(rows) {
			t.Errorf("%s: %d rows counted, want %d", key, n.Int64(), rows)
		}
	}
}

// TestOneBudget: streams of several owners share one budget; who holds most gives first, unless he
// is at work. The least limit counts.
func TestOneBudget(t *testing.T) {
	var budget Budget
	type owner struct {
		sync.Mutex
		*Streams
		share *Share
	}
	join := func(limit int64) *owner {
		o := new(owner)
		o.share = budget.Join(limit, func() bool {
			if !o.TryLock() {
				return false
			}
			defer o.Unlock()
			return o.Relieve()
		})
		var err error
		if o.Streams, err = NewStreams(Options{}, 0, o.share); err != nil {
			t.Fatal(err)
		}
		return o
	}
	feed := func(o *owner, key string, count int) {
		o.Lock()
		defer o.Unlock()
		for n := range count {
			get(o.Streams, key).Feed(claim(n))
		}
	}
	a, b := join(4<<20), join(64<<20)
	held := func(o *owner) int64 { return o.roster.Bytes() }
	feed(a, "hog", 15_000)
	large := held(a)
	feed(b, "node", 14_000)
	if held(a) > large/4 || held(b) < 1<<20 || budget.Used() != held(a)+held(b) || budget.Used() > 4<<20 {
		t.Errorf("a holds %d, b %d, used %d", held(a), held(b), budget.Used())
	}

	a.Lock() // at work: b has to make do with its own
	feed(b, "node2", 15_000)
	if budget.Used() > 4<<20 {
		t.Errorf("%d used", budget.Used())
	}
	a.Unlock()

	a.share.Leave()
	feed(b, "node3", 60_000)
	if used := budget.Used(); used < 8<<20 || used != held(b) {
		t.Errorf("%d used of 64 MiB, which is what counts now", used)
	}
}

// TestIdleStreamsHoldLittle: of the streams whose reports ended only the last few keep the memory
// that served them.
func TestIdleStreamsHoldLittle(t *testing.T) {
	lines, _ := capturedReport(t)
	const count = 500
	before := heap()
	var budget Budget
	s, err := NewStreams(Options{IncludeOriginal: true}, 0, budget.Join(64<<20, nil))
	if err != nil {
		t.Fatal(err)
	}
	for i := range count {
		stream := get(s, fmt.Sprint(i))
		for _, line := range lines {
			stream.Feed(bytes.Clone(line))
		}
		stream.Flush()
	}
	each, said := (heap()-before)/count, budget.Used()/count
	t.Logf("%d bytes a stream, %d are counted", each, said)
	if each > 16<<10 || said < each*9/10 || said > each*3/2 {
		t.Errorf("%d bytes a stream, %d are counted", each, said)
	}
	s.Close()
}
