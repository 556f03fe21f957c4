// SPDX-License-Identifier: Apache-2.0

package witnesscases

import (
	"bytes"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/parser"
)

// withNoise puts lines of no interest between the lines.
func withNoise(lines []line, random *rand.Rand) (all []line) {
	for _, l := range lines {
		for range random.IntN(3) {
			if l.by.transport != "kernel" { // what stands inside a report is another matter
				all = append(all, line{by: authors["app"], text: "request processed in 12 ms", at: l.at})
			}
		}
		all = append(all, l)
	}
	return all
}

// ways are the ways in which an input is fed.
var ways = [...]struct {
	name string
	feed func(*testing.T, []byte, parser.Options, *rand.Rand) []*parser.Record
}{{"line by line", byLine}, {"in blocks", inBlocks}, {"on clones", onClones}, {"from a checkpoint", fromCheckpoint}}

// TestWaysOfFeeding: line by line, in blocks, and with each batch tried on a clone first, the
// records are those of a file that is read at once. From a checkpoint on, the kills are.
func TestWaysOfFeeding(t *testing.T) {
	random := rand.New(rand.NewPCG(4, 18))
	files, err := caseFiles(testdata)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		for _, c := range readCases(t, file) {
			for i := range forms {
				f := &forms[i]
				if !c.in(f) {
					continue
				}
				in := f.input(withNoise(c.lines, random))
				o := c.options(t, f)
				var want, kills []string
				for _, r := range read(t, in, o) {
					if want = append(want, r.UID()); r["event.name"] == "oom.kill" {
						kills = append(kills, r.UID())
					}
				}
				slices.Sort(want)
				slices.Sort(kills)
				for _, w := range ways {
					var got []string
					way, want := w.name, want
					for _, r := range w.feed(t, in, o, random) {
						// What a parser knew of the lines before its checkpoint is gone: a kill
						// comes at least once, and its witnesses may be observations then.
						if way != "from a checkpoint" || r.Text("event.name") == "oom.kill" {
							got = append(got, r.Text("log.record.uid"))
						}
					}
					if slices.Sort(got); way == "from a checkpoint" {
						got, want = slices.Compact(got), kills
					}
					if !slices.Equal(got, want) {
						t.Errorf("%s: %s: %s, %s: %v, want %v", filepath.Base(file), c.name, f.name, way, got, want)
					}
				}
			}
		}
	}
}

func newParser(t *testing.T, o parser.Options) *parser.Parser {
	t.Helper()
	p, err := parser.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func byLine(t *testing.T, in []byte, o parser.Options, _ *rand.Rand) (records []*parser.Record) {
	p := newParser(t, o)
	for text := range bytes.Lines(in) {
		records = append(records, p.Feed(bytes.TrimSuffix(text, []byte{'\n'})).Records...)
	}
	return append(records, p.Flush()...)
}

func inBlocks(t *testing.T, in []byte, o parser.Options, random *rand.Rand) (records []*parser.Record) {
	p := newParser(t, o)
	take := func(r []*parser.Record) error { records = append(records, r...); return nil }
	for len(in) > 0 {
		end := 1 + random.IntN(len(in))
		if i := bytes.IndexByte(in[end-1:], '\n'); i >= 0 {
			end += i
		}
		n, err := p.FeedBlock(slices.Clone(in[:end]), take)
		if err != nil || n != end {
			t.Fatal(n, end, err)
		}
		in = in[end:]
	}
	return append(records, p.Flush()...)
}

// onClones tries each line, and all that follow, on a clone that is thrown away.
func onClones(t *testing.T, in []byte, o parser.Options, _ *rand.Rand) (records []*parser.Record) {
	p := newParser(t, o)
	for rest := in; len(rest) > 0; {
		end := bytes.IndexByte(rest, '\n') + 1
		clone := p.Clone()
		for text := range bytes.Lines(slices.Clone(rest[:min(len(rest), 4*end)])) {
			clone.Feed(bytes.TrimSuffix(text, []byte{'\n'}))
		}
		clone.Flush()
		records = append(records, p.Feed(slices.Clone(rest[:end-1])).Records...)
		rest = rest[end:]
	}
	return append(records, p.Flush()...)
}

// checkpoint is the position at which another parser goes on.
func checkpoint(p *parser.Parser) int64 {
	if pending, ok := p.Pending(); ok {
		return pending
	}
	return p.Next()
}

// fromCheckpoint stops somewhere, and goes on with another parser at the position of the first line
// that was pending.
func fromCheckpoint(t *testing.T, in []byte, o parser.Options, random *rand.Rand) (records []*parser.Record) {
	p := newParser(t, o)
	take := func(_ *parser.Line, r *parser.Result) error {
		records = append(records, r.Records...)
		return nil
	}
	end := random.IntN(len(in))
	end = bytes.LastIndexByte(in[:end], '\n') + 1
	if _, err := p.ReadBlock(parser.Block{Text: slices.Clone(in[:end])}, take); err != nil {
		t.Fatal(err)
	}
	from, past := checkpoint(p), p.Past()
	p = newParser(t, o)
	p.Recall(past)
	if _, err := p.ReadBlock(parser.Block{Text: slices.Clone(in[from:]), Position: from}, take); err != nil {
		t.Fatal(err)
	}
	return append(records, p.Flush()...)
}

// TestEvidenceWaitsNoLonger: what waits is released by the caller's clock, without a further line.
func TestEvidenceWaitsNoLonger(t *testing.T) {
	f := formOf("journal")
	o := f.options()
	e, err := parser.NewEvidence(o)
	if err != nil {
		t.Fatal(err)
	}
	o.Evidence, o.TrustedSource = e, f.source
	p := newParser(t, o)
	var records []*parser.Record
	lines := []line{
		at("systemd", killedUnit, start),
		at("earlyoom", `sending SIGTERM to process 4410 uid 0 "python3": badness 902, VmRSS 30511 MiB`, start),
	}
	for text := range bytes.Lines(f.input(lines)) {
		records = append(records, p.Feed(bytes.TrimSuffix(text, []byte{'\n'})).Records...)
	}
	now := start.Add(time.Hour) // the caller's clock need not be the log's
	records = append(records, e.Flush(now)...)
	if len(records) != 0 || !e.Waits() {
		t.Fatalf("%d records at once, waits %v", len(records), e.Waits())
	}
	records = append(records, e.Flush(now.Add(time.Minute))...)
	if len(records) != 2 || e.Waits() {
		t.Errorf("%d records after a minute, want 2; waits %v", len(records), e.Waits())
	}
}
