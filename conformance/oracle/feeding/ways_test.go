// SPDX-License-Identifier: Apache-2.0

package feeding

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/internal/kernel"
	"github.com/oomtrail/oomtrail/parser"
)

// step is the state of a parser behind a line.
type step struct {
	kind                      kernel.Kind
	inReport, headSeen, mixed bool
	// records is how many records there are so far.
	records int
	// pending reports whether a report is open, position where its first line begins.
	pending  bool
	position int64
}

// reading is what one way of feeding makes of a log: a step for each line, and the records.
type reading struct {
	steps   []step
	records []*parser.Record
	// safe is by line where reading may go on behind it: nothing before is needed any more. Only
	// some ways have it.
	safe []int64
}

// input is a log, how it is read, and its lines with the offset of each.
type input struct {
	name    string
	log     []byte
	options parser.Options
	lines   [][]byte
	offsets []int64
	// single is set where each line makes sense alone, so that hosts may leave lines out.
	single bool
}

func newInput(name string, log []byte, o parser.Options, single bool) *input {
	in := &input{name: name, log: log, options: o, single: single}
	at := int64(0)
	for line := range bytes.Lines(log) {
		in.offsets = append(in.offsets, at)
		at += int64(len(line))
		line = bytes.TrimSuffix(line, []byte("\n"))
		in.lines = append(in.lines, line[:min(len(line), parser.MaxLine)])
	}
	return in
}

func (in *input) parser(t *testing.T) *parser.Parser {
	t.Helper()
	p, err := parser.New(in.options)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// headSeen reports whether the newest line of a report up to a line is of one whose head was seen.
// A report without its head is opened by lines that may be left out.
func (r *reading) headSeen(line int) bool {
	for line > 0 && !r.steps[line].inReport {
		line--
	}
	return r.steps[line].headSeen
}

// add appends the step behind a line.
func (r *reading) add(p *parser.Parser, result parser.Result) {
	r.records = append(r.records, result.Records...)
	s := step{kind: result.Kind, inReport: result.InReport, headSeen: result.HeadSeen, mixed: result.Mixed, records: len(r.records)}
	s.position, s.pending = p.Pending()
	if s.pending != p.Open() {
		panic("a report is pending and none is open, or the other way round")
	}
	r.steps = append(r.steps, s)
}

// byLine feeds each line by [parser.Parser.Feed]. What is fed is overwritten behind it, as a host's
// buffer is.
func byLine(t *testing.T, in *input) (r reading) {
	p := in.parser(t)
	var buf []byte
	for _, line := range in.lines {
		buf = append(buf[:0], line...)
		r.add(p, p.Feed(buf))
		for i := range buf {
			buf[i] = 'x'
		}
	}
	r.records = append(r.records, p.Flush()...)
	return r
}

// byDecodedLine feeds each line by [parser.Parser.FeedLine], with a decoder of its own and with
// positions, as the receiver does. The parser is cloned where clone is true; what a clone of it
// reads and throws away must leave nothing behind.
func byDecodedLine(t *testing.T, in *input, clone func(line int) bool) (r reading) {
	p := in.parser(t)
	d := format.NewDecoder(in.options.Transport).Trust(in.options.TrustedSource).Date(format.Dating{Location: in.options.Location, Reference: in.options.Reference, Boot: in.options.Boot})
	held := int64(0)
	var result parser.Result
	var records []*parser.Record
	emitted := false
	take := func(l *format.Line) {
		l.Position, emitted = held, true
		out := p.FeedLine(l)
		if result.Kind == kernel.Other {
			result.Kind = out.Kind
		}
		result.InReport = result.InReport || out.InReport
		result.HeadSeen = result.HeadSeen || out.HeadSeen
		result.Mixed = result.Mixed || out.Mixed
		records = append(records, out.Records...)
	}
	for i, line := range in.lines {
		if clone(i) {
			if i%16 == 0 {
				refused := p.Clone()
				for _, next := range in.lines[i:min(i+40, len(in.lines))] {
					refused.Feed(next)
				}
				refused.Flush()
			}
			p = p.Clone()
		}
		if !d.Holds() {
			held = in.offsets[i]
		}
		result, records, emitted = parser.Result{}, records[:0], false
		d.Decode(line, take)
		result.Records = records
		r.add(p, result)
		safe := in.offsets[i] + int64(len(line)+len("\n"))
		if d.Holds() { // to be read again, whole
			if emitted {
				held = in.offsets[i]
			}
			safe = held
		}
		if s := r.steps[i]; s.pending {
			safe = min(safe, s.position)
		}
		r.safe = append(r.safe, safe)
	}
	result, records = parser.Result{}, records[:0]
	d.Flush(take)
	r.records = append(append(r.records, records...), p.Flush()...)
	return r
}

// never clones nothing.
func never(int) bool { return false }

// byBlock feeds blocks of random sizes, at most size bytes, by [parser.Parser.FeedBlock]; behind
// each it holds what is pending and what records there are against want.
func byBlock(t *testing.T, in *input, want *reading, size int, random *rand.Rand) (r reading) {
	t.Helper()
	p := in.parser(t)
	keep := func(records []*parser.Record) error {
		r.records = append(r.records, records...)
		return nil
	}
	log, line := bytes.Clone(in.log), 0
	for end := 0; len(log) > 0; {
		end = min(end+1+random.IntN(size), len(log))
		used, err := p.FeedBlock(log[:end], keep)
		if err != nil {
			t.Fatal(err)
		}
		line += bytes.Count(log[:used], []byte("\n"))
		atEnd := end == len(log)
		log, end = log[used:], end-used
		if line > 0 && used > 0 {
			s := want.steps[line-1]
			if _, pending := p.Pending(); pending != s.pending && (pending || want.headSeen(line-1)) || len(r.records) != s.records {
				t.Fatalf("%s: blocks of at most %d: behind line %d: pending %v, %d records; by line %v, %d", in.name, size, line, pending, len(r.records), s.pending, s.records)
			}
		}
		if atEnd {
			break
		}
	}
	if len(log) > 0 {
		_ = keep(p.Feed(log[:min(len(log), parser.MaxLine)]).Records)
	}
	_ = keep(p.Flush())
	return r
}

// byReadBlock reads blocks of random sizes by [parser.Parser.ReadBlock], with positions, as the
// receiver does; behind each it holds what is pending, from which position on, and what records
// there are against want.
func byReadBlock(t *testing.T, in *input, want *reading, size int, random *rand.Rand) (r reading) {
	t.Helper()
	p, at, end, line := in.parser(t), 0, 0, 0
	for at < len(in.log) {
		end = min(end+1+random.IntN(size), len(in.log))
		b := parser.Block{Text: bytes.Clone(in.log[at:end]), Position: int64(at), End: parser.BlockEnd(random.IntN(2)), EveryLine: random.IntN(4) == 0}
		if end == len(in.log) {
			b.End = parser.InputEnds
		}
		used, err := p.ReadBlock(b, func(_ *format.Line, made *parser.Result) error {
			r.records = append(r.records, made.Records...)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		line += bytes.Count(in.log[at:at+used], []byte("\n"))
		if at += used; used == 0 || line == 0 || end == len(in.log) {
			continue
		}
		s := want.steps[line-1]
		position, pending := p.Pending()
		if (pending != s.pending || position != s.position) && (pending && !s.pending || want.headSeen(line-1)) || len(r.records) != s.records {
			t.Fatalf("%s: read by blocks of at most %d: behind line %d: pending %v from %d, %d records; by line %v from %d, %d", in.name, size, line,
				pending, position, len(r.records), s.pending, s.position, s.records)
		}
	}
	r.records = append(r.records, p.Flush()...)
	return r
}

// pieces gives its bytes in reads of random sizes.
type pieces struct {
	r      *bytes.Reader
	size   int
	random *rand.Rand
}

func (p pieces) Read(b []byte) (int, error) {
	return p.r.Read(b[:min(len(b), 1+p.random.IntN(p.size))])
}

// byReadAll reads the whole log by [parser.ReadAll].
func byReadAll(t *testing.T, in *input, source io.Reader) (r reading) {
	t.Helper()
	if err := parser.ReadAll(source, in.options, func(rec *parser.Record) error { r.records = append(r.records, rec); return nil }); err != nil {
		t.Fatal(err)
	}
	return r
}

// inOrder is [byLine] in the order in which [parser.ReadAll] reads, which turns a log around that
// has its newest line first.
func inOrder(t *testing.T, in *input, source io.Reader) (r reading) {
	t.Helper()
	p := in.parser(t)
	err := parser.EachLineInOrder(source, in.options, func(_ int, line []byte) error {
		r.add(p, p.Feed(line))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	r.records = append(r.records, p.Flush()...)
	return r
}

// byTriggers leaves out the lines that hosts leave out: with no report open, those that
// [parser.MayContainOOM] denies, but for the last of them.
func byTriggers(t *testing.T, in *input, want *reading) (r reading) {
	t.Helper()
	p, skipped := in.parser(t), -1
	for i, line := range in.lines {
		if !p.Open() && !parser.MayContainOOM(line) {
			if skipped = i; want.steps[i].headSeen {
				t.Fatalf("%s: line %d is in a report by line, and left out: %q", in.name, i, line)
			}
			continue
		}
		if skipped >= 0 {
			p.Skip()
			r.records = append(r.records, p.Feed(in.lines[skipped]).Records...)
			skipped = -1
		}
		r.add(p, p.Feed(line))
		if got, want := r.steps[len(r.steps)-1], want.steps[i]; got.headSeen != want.headSeen {
			t.Fatalf("%s: lines left out: line %d: %+v, by line %+v: %q", in.name, i, got, want, line)
		}
	}
	r.records = append(r.records, p.Flush()...)
	return r
}

// byStream feeds each line to a stream of a set of them, with other streams beside it.
func byStream(t *testing.T, in *input) (r reading) {
	t.Helper()
	streams, err := parser.NewStreams(in.options, 2, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, line := range in.lines {
		s := streams.Get([]byte("a"), nil)
		r.records = append(r.records, s.Feed(line).Records...)
		if i%7 == 0 {
			streams.Get(fmt.Appendf(nil, "b%d", i), nil)
		}
	}
	r.records = append(r.records, streams.Get([]byte("a"), nil).Flush()...)
	return r
}

// resume reads a log on from where a checkpoint behind a random line may stand. No kill that was
// not told by then may be lost.
func resume(t *testing.T, in *input, want *reading, random *rand.Rand) {
	t.Helper()
	if len(in.lines) == 0 {
		return
	}
	at := random.IntN(len(in.lines))
	from, _ := slices.BinarySearch(in.offsets, want.safe[at])
	p, told := in.parser(t), map[string]int{}
	count := func(records []*parser.Record, n int) {
		for _, r := range records {
			if r.Text("event.name") == "oom.kill" {
				pid, _ := r.Get("process.pid")
				told[fmt.Sprint(pid.Any(), r.Text("process.title"))] += n
			}
		}
	}
	for _, line := range in.lines[from:] {
		count(p.Feed(line).Records, 1)
	}
	count(p.Flush(), 1)
	count(want.records[want.steps[at].records:], -1)
	for kill, n := range told {
		if n < 0 {
			t.Fatalf("%s: read on from line %d, behind line %d: the kill of %s is lost", in.name, from, at, kill)
		}
	}
}

// compareSteps holds the verdicts on each line against each other.
func compareSteps(t *testing.T, in *input, way string, got, want *reading, positions bool) {
	t.Helper()
	for i := range want.steps {
		g, w := got.steps[i], want.steps[i]
		if !positions {
			g.position, w.position = 0, 0
		}
		if g != w {
			t.Fatalf("%s: %s: behind line %d: %+v, want %+v: %.200q", in.name, way, i, g, w, in.lines[i])
		}
	}
}

// compareRecords holds the records against each other, but for the positions of those that were fed
// without.
func compareRecords(t *testing.T, in *input, way string, got, want *reading) {
	t.Helper()
	for _, r := range [][]*parser.Record{got.records, want.records} {
		for i := range r {
			r[i].Position = 0
		}
	}
	if len(got.records) != len(want.records) {
		t.Fatalf("%s: %s: %d records, want %d%s", in.name, way, len(got.records), len(want.records), difference(got.records, want.records))
	}
	for i := range want.records {
		if !reflect.DeepEqual(got.records[i], want.records[i]) {
			t.Fatalf("%s: %s: record %d of %d%s", in.name, way, i, len(want.records), difference(got.records[i:i+1], want.records[i:i+1]))
		}
	}
}

// compareLeftOut is [compareRecords] for a log whose lines were left out. What belongs to a report
// whose head was lost need not be known: such a report names the same event and process.
func compareLeftOut(t *testing.T, in *input, got, want *reading) {
	t.Helper()
	whole := make([]bool, len(want.records))
	for i, r := range want.records {
		whole[i] = !strings.Contains(r.Text("oom.report.missing"), "invocation")
	}
	only := func(r *reading, whole bool, keep []bool) *reading {
		var some reading
		for i, rec := range r.records {
			if i < len(keep) && keep[i] == whole {
				some.records = append(some.records, rec)
			}
		}
		return &some
	}
	if len(got.records) == len(want.records) {
		compareRecords(t, in, "lines left out", only(got, true, whole), only(want, true, whole))
		got, want = only(got, false, whole), only(want, false, whole)
	}
	names := func(r *reading) (text string) {
		for _, rec := range r.records {
			pid, _ := rec.Get("process.pid")
			text += fmt.Sprintln(rec.Text("event.name"), pid.Any(), rec.Text("process.title"))
		}
		return text
	}
	if got, want := names(got), names(want); got != want {
		t.Fatalf("%s: lines left out:\n%swant\n%s", in.name, got, want)
	}
}

// difference names the attributes that differ in the first record that does.
func difference(got, want []*parser.Record) (text string) {
	for i := range min(len(got), len(want)) {
		for a := range want[i].Attrs() {
			if v, _ := got[i].Get(a.Name); v != a.Value {
				text += fmt.Sprintf("; %s is %v, want %v", a.Name, v.Any(), a.Value.Any())
			}
		}
		for a := range got[i].Attrs() {
			if _, ok := want[i].Get(a.Name); !ok {
				text += fmt.Sprintf("; %s is %v, want none", a.Name, a.Value.Any())
			}
		}
		if text != "" {
			return text
		}
		if !reflect.DeepEqual(got[i], want[i]) {
			return fmt.Sprintf("; %+v, want %+v", *got[i], *want[i])
		}
	}
	return ""
}

// check feeds an input in every way. It returns how many records the input makes.
func check(t *testing.T, in *input, random *rand.Rand) int {
	t.Helper()
	want := byLine(t, in)

	decoded := byDecodedLine(t, in, never)
	compareSteps(t, in, "decoded lines", &decoded, &want, false)
	compareRecords(t, in, "decoded lines", &decoded, &want)

	if in.options.MaxReportBytes == 0 { // a clone holds less memory than its original, so that it gives up its tables later
		every := []int{1, 4, 100}[random.IntN(3)]
		cloned := byDecodedLine(t, in, func(int) bool { return random.IntN(every) == 0 })
		compareSteps(t, in, "clones", &cloned, &decoded, true)
		compareRecords(t, in, "clones", &cloned, &want)
	}

	for _, size := range []int{1 << 10, 64 << 10, 512 << 10} {
		blocks := byBlock(t, in, &want, size, random)
		compareRecords(t, in, fmt.Sprintf("blocks of at most %d", size), &blocks, &want)
	}
	read := byReadBlock(t, in, &decoded, 1+random.IntN(64<<10), random)
	compareRecords(t, in, "ReadBlock", &read, &want)
	seed, size := random.Uint64(), 1+random.IntN(64<<10)
	source := func() io.Reader {
		return pieces{bytes.NewReader(in.log), size, rand.New(rand.NewPCG(seed, 1))}
	}
	all, ordered := byReadAll(t, in, source()), inOrder(t, in, source())
	compareRecords(t, in, "ReadAll", &all, &ordered)

	document := bytes.Contains(in.log, []byte(`"dmesg": [`)) || strings.HasSuffix(in.name, ".csv") || strings.Contains(in.name, "CSV of")
	if !document { // one that makes no sense from the middle on
		resume(t, in, &decoded, random)
	}

	streams := byStream(t, in)
	compareRecords(t, in, "streams", &streams, &want)
	if in.single {
		left := byTriggers(t, in, &want)
		compareLeftOut(t, in, &left, &want)
	}
	return len(want.records)
}
