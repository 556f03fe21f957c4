// SPDX-License-Identifier: Apache-2.0

package parser_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/oomtrail/oomtrail/conformance/corpus/ordinary"
	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/parser"
)

// exported returns a log of dmesg as a journal in export form.
func exported(log []byte) []byte {
	var out bytes.Buffer
	for i, line := range bytes.Split(bytes.TrimSuffix(log, []byte("\n")), []byte("\n")) {
		_, text, _ := bytes.Cut(line, []byte("] "))
		fmt.Fprintf(&out, "__CURSOR=s=%d\n__REALTIME_TIMESTAMP=%d\n_BOOT_ID=b\n_TRANSPORT=kernel\nPRIORITY=4\nSYSLOG_IDENTIFIER=kernel\n", i, 1700000000000000+1000*i)
		if i%3 == 0 && bytes.IndexByte(text, 0) < 0 {
			fmt.Fprintf(&out, "MESSAGE\n%s%s\n\n", []byte{byte(len(text)), byte(len(text) >> 8), 0, 0, 0, 0, 0, 0}, text)
		} else {
			fmt.Fprintf(&out, "MESSAGE=%s\n\n", text)
		}
	}
	return out.Bytes()
}

// canGoOn reports whether reading can go on at a position: a line begins there, and where the log
// holds entries, an entry does.
func canGoOn(log []byte, position int64) bool {
	if position == 0 {
		return true
	}
	rest := log[position:]
	return log[position-1] == '\n' && (!bytes.HasPrefix(log, []byte("__CURSOR=")) || len(bytes.TrimSpace(rest)) == 0 || bytes.HasPrefix(bytes.TrimLeft(rest, "\n"), []byte("__CURSOR=")))
}

// uids returns the ids of records, in order.
func uids(records []*parser.Record) (all []string) {
	for _, r := range records {
		all = append(all, r.Text("event.name")+" "+r.Text("log.record.uid"))
	}
	return all
}

// reader reads a log in blocks of random sizes from a position on, as a host does that keeps a
// checkpoint.
type reader struct {
	log        []byte
	parser     *parser.Parser
	records    []*parser.Record
	at         int64
	checkpoint int64
}

// read reads until it has read to the end, or calls are over. Before each line it looks at where
// the checkpoint stands.
func (r *reader) read(t *testing.T, random *rand.Rand, calls int) {
	t.Helper()
	end := r.at
	for ; calls > 0 && r.at < int64(len(r.log)); calls-- {
		end = min(end+1+random.Int64N(6000), int64(len(r.log)))
		b := parser.Block{Text: bytes.Clone(r.log[r.at:end]), Position: r.at, End: parser.BlockEnd(random.IntN(2)), EveryLine: random.IntN(8) == 0}
		if end == int64(len(r.log)) {
			b.End = parser.InputEnds
		}
		behind := r.at
		used, err := r.parser.ReadBlock(b, func(l *format.Line, made *parser.Result) error {
			if !canGoOn(r.log, l.Position) || l.Position > r.parser.Next() {
				t.Fatalf("a line at %d, the next one at %d: %q", l.Position, r.parser.Next(), l.Text)
			}
			if behind = r.parser.Next(); made.InReport {
				if pending, ok := r.parser.Pending(); ok && pending > l.Position {
					t.Fatalf("a line of a report stands at %d, before what is pending at %d", l.Position, pending)
				}
			}
			r.records = append(r.records, made.Records...)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		r.at += int64(used)
		if next := r.parser.Next(); !canGoOn(r.log, next) || next > r.at {
			t.Fatalf("next is %d after %d, the last line ended at %d", next, r.at, behind)
		}
		r.checkpoint = r.parser.Next()
		if pending, ok := r.parser.Pending(); ok {
			r.checkpoint = pending
		}
	}
}

// TestCheckpointLosesNothing: where a reader goes on from a checkpoint, its records and those from
// before the checkpoint are those of the whole log.
func TestCheckpointLosesNothing(t *testing.T) {
	all, random := reports(t), rand.New(rand.NewPCG(11, 12))
	rounds := 60
	if testing.Short() {
		rounds = 10
	}
	restarts, pendings := 0, 0
	for round := range rounds {
		for name, log := range map[string][]byte{
			"syslog": mixedLog(random, ordinary.Syslog, all), "dmesg": mixedLog(random, ordinary.Dmesg, all), "kmsg": mixedLog(random, ordinary.Kmsg, all),
			"export": exported(mixedLog(random, ordinary.Dmesg, all)),
		} {
			want := uids(plainly(t, log, parser.Options{IncludeOriginal: true}))
			first := reader{log: log, parser: newParser(t)}
			first.read(t, random, 1+random.IntN(8))
			if first.at == int64(len(log)) {
				first.records = append(first.records, first.parser.Flush()...)
				if got := uids(first.records); strings.Join(got, "\n") != strings.Join(want, "\n") {
					t.Fatalf("round %d, %s: records\n%s\nwant\n%s", round, name, strings.Join(got, "\n"), strings.Join(want, "\n"))
				}
				continue
			}
			if _, ok := first.parser.Pending(); ok {
				pendings++
			}
			restarts++
			second := reader{log: log, parser: newParser(t), at: first.checkpoint}
			second.read(t, random, 1<<30)
			second.records = append(second.records, second.parser.Flush()...)
			got := make(map[string]bool)
			for _, uid := range append(uids(first.records), uids(second.records)...) {
				got[uid] = true
			}
			for _, uid := range want {
				if strings.HasPrefix(uid, "oom.kill ") && !got[uid] {
					t.Fatalf("round %d, %s: no record %s after a restart at %d of %d", round, name, uid, first.checkpoint, len(log))
				}
			}
		}
	}
	if restarts < rounds || pendings < rounds/2 {
		t.Errorf("%d restarts, %d with a report open: this shows little", restarts, pendings)
	}
}

// TestLogsOfOtherProgramsAreSkipped: most logs of a machine have no line of the kernel. Their lines
// are read until it is clear that no report had begun before the log, and then left out.
func TestLogsOfOtherProgramsAreSkipped(t *testing.T) {
	foreign := func(n int) (log []byte) {
		for i := range n {
			log = fmt.Appendf(log, "2026-05-02T10:%02d:%02d.%06d+00:00 web-1 nginx[814]: GET /api/v1/items/%d 200\n", i/60%60, i%60, i, i)
		}
		return log
	}
	const kill = "2026-05-02T12:00:00.000000+00:00 web-1 kernel: Out of memory: Killed process 340 (worker) total-vm:1000kB, anon-rss:900kB, file-rss:0kB, shmem-rss:0kB, UID:1000 pgtables:44kB oom_score_adj:0\n"
	for _, lines := range []int{100, 20_000} {
		p, err := parser.New(parser.Options{})
		if err != nil {
			t.Fatal(err)
		}
		log, read := append(foreign(lines), kill...), 0
		var records []*parser.Record
		_, err = p.ReadBlock(parser.Block{Text: log, End: parser.InputEnds}, func(_ *parser.Line, r *parser.Result) error {
			read++
			records = append(records, r.Records...)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		records = append(records, p.Flush()...)
		if read > 2000 || len(records) != 1 {
			t.Errorf("%d lines: %d were read, records %q", lines, read, uids(records))
		}
	}
}
