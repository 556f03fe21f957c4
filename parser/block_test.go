// SPDX-License-Identifier: Apache-2.0

package parser_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/oomtrail/oomtrail/conformance/corpus/ordinary"
	"github.com/oomtrail/oomtrail/internal/cputime"
	"github.com/oomtrail/oomtrail/parser"
	"github.com/oomtrail/oomtrail/parser/report"
)

// plainly reads a log line by line; none is passed over.
func plainly(t *testing.T, log []byte, o parser.Options) (records []*parser.Record) {
	t.Helper()
	p, err := parser.New(o)
	if err != nil {
		t.Fatal(err)
	}
	err = parser.EachLine(bytes.NewReader(log), func(line []byte) error {
		records = append(records, p.Feed(line).Records...)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return append(records, p.Flush()...)
}

// inBlocks reads a log in blocks of that size.
func inBlocks(t *testing.T, log []byte, o parser.Options, size int) (records []*parser.Record) {
	t.Helper()
	p, err := parser.New(o)
	if err != nil {
		t.Fatal(err)
	}
	keep := func(r []*parser.Record) error {
		records = append(records, r...)
		return nil
	}
	log = bytes.Clone(log)
	for end := min(size, len(log)); ; end = min(end+size, len(log)) {
		used, _ := p.FeedBlock(log[:end], keep)
		log, end = log[used:], end-used
		if end == len(log) {
			break
		}
	}
	if len(log) > 0 {
		_ = keep(p.Feed(log).Records)
	}
	return append(records, p.Flush()...)
}

// reports are the lines of real reports: priority and text.
func reports(t *testing.T) (all [][]string) {
	t.Helper()
	files, _ := filepath.Glob("../testdata/captures/*/*/kmsg.raw")
	if len(files) == 0 {
		t.Fatal("no captures")
	}
	for _, file := range files {
		log, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, strings.Split(strings.TrimSpace(string(log)), "\n"))
	}
	return all
}

// odd are lines that change how others are read, or look as if they did.
var odd = []string{
	"java: page allocation failure: order:4, mode:0x40dc0(GFP_KERNEL|__GFP_COMP|__GFP_ZERO), nodemask=(null)", "Mem-Info:",
	"Node 0 DMA free:15360kB min:4kB low:16kB high:28kB", "lowmem_reserve[]: 0 1946 1946 1946", "oom_kill_process: 17 callbacks suppressed",
	"sysrq: Manual OOM execution", "sysrq: Show Memory", "Killed process", "memory: usage 4kB", "Call Trace:", " dump_stack+0x1/0x2", "  indented",
	"[    T1] caller", "<4>[    1.000000] stamped twice", "systemd-oomd started", "Tasks in /a are going to be killed due to memory.oom.group set",
}

// mixedLog is ordinary log with reports, pieces of reports and odd lines in it, some of it damaged
// or lost.
func mixedLog(r *rand.Rand, c ordinary.Format, reports [][]string) []byte {
	w := ordinary.NewWriter(c, r.Uint64())
	w.Ordinary(r.IntN(120))
	for range 1 + r.IntN(4) {
		lines := reports[r.IntN(len(reports))]
		from, to := 0, len(lines)
		if r.IntN(3) == 0 {
			from = r.IntN(len(lines))
			to = from + 1 + r.IntN(min(len(lines)-from, 20))
			if r.IntN(2) == 0 {
				w.Lose(1)
			}
		}
		lost := r.IntN(8) == 0
		for _, raw := range lines[from:min(to, from+150)] {
			priority, text, _ := strings.Cut(raw, ";")
			if lost && r.IntN(20) == 0 {
				w.Lose(uint64(1 + r.IntN(9)))
				continue
			}
			n, _ := strconv.Atoi(priority[:strings.IndexByte(priority+",", ',')])
			w.Line(n, text)
		}
		for range r.IntN(3) {
			w.Ordinary(r.IntN(60))
			w.Line(4, odd[r.IntN(len(odd))])
			if r.IntN(4) == 0 {
				w.Lose(uint64(r.IntN(5)))
			}
		}
		w.Ordinary(r.IntN([]int{4, 20, 300}[r.IntN(3)]))
	}
	if r.IntN(3) == 0 {
		for range 1 + r.IntN(6) {
			w.Log[r.IntN(len(w.Log))] = byte(r.IntN(256))
		}
	}
	return w.Log
}

// TestBlocksEqualLines: what is passed over changes nothing.
func TestBlocksEqualLines(t *testing.T) {
	all, r := reports(t), rand.New(rand.NewPCG(5, 6))
	formats := map[ordinary.Format]report.Format{
		ordinary.Syslog: report.Syslog, ordinary.Dmesg: report.Dmesg, ordinary.Kmsg: report.Kmsg, ordinary.Journal: report.JournalJSON,
	}
	rounds, records := 300, 0
	if testing.Short() {
		rounds = 40
	}
	for round := range rounds {
		for carrier, format := range formats {
			log := mixedLog(r, carrier, all)
			o := parser.Options{}
			if round%2 == 0 {
				o.Transport = format
			}
			want := plainly(t, log, o)
			records += len(want)
			for _, size := range []int{256 << 10, 1 + r.IntN(5000)} {
				if got := inBlocks(t, log, o, size); !reflect.DeepEqual(got, want) {
					t.Fatalf("round %d, %v, blocks of %d: %d records, line by line %d%s", round, carrier, size, len(got), len(want), difference(got, want))
				}
			}
			var got []*parser.Record
			if err := parser.ReadAll(bytes.NewReader(log), o, func(rec *parser.Record) error { got = append(got, rec); return nil }); err != nil || !reflect.DeepEqual(got, want) {
				t.Fatalf("ReadAll: %d records, line by line %d, %v", len(got), len(want), err)
			}
		}
	}
	if records < rounds {
		t.Errorf("only %d records: this shows little", records)
	}
}

// TestJournalIsSkipped: of ordinary entries of the journal few are read, and those that are found
// are what a plain reading finds: the kernel's, a program's, one that is JSON in JSON, and one that
// is spread over many lines.
func TestJournalIsSkipped(t *testing.T) {
	const (
		id    = "4f0c2d1e3b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0"
		entry = `{"__REALTIME_TIMESTAMP":"1790000500000000","_BOOT_ID":"00112233445566778899aabbccddeeff","_HOSTNAME":"node-17","PRIORITY":"6","_TRANSPORT":"stdout","SYSLOG_IDENTIFIER":"%s","_PID":"12","MESSAGE":"%s"}` + "\n"
	)
	docker := strings.ReplaceAll(`{"Type":"container","Action":"oom","Actor":{"ID":"`+id+`","Attributes":{"image":"web:1","name":"web"}},"scope":"local","time":1777716001,"timeNano":1777716001871204551}`, `"`, `\"`)
	podman := strings.ReplaceAll(`{"ContainerExitCode":1,"OOMKilled":true,"ID":"`+strings.Replace(id, "4f", "5f", 1)+`","Image":"web:1","Name":"web","Status":"died","time":1777716001,"timeNano":1777716001900000000,"Type":"container"}`, `"`, `\"`)
	var spread strings.Builder
	spread.WriteString("{\n")
	for i := range 400 {
		fmt.Fprintf(&spread, "\t\"FIELD_%d\" : \"x\",\n", i)
	}
	spread.WriteString("\t\"_TRANSPORT\" : \"kernel\",\n\t\"MESSAGE\" : \"Out of memory: Killed process 77 (b) total-vm:1kB, anon-rss:1kB, file-rss:0kB, shmem-rss:0kB\"\n}\n")
	w := ordinary.NewWriter(ordinary.Journal, 7)
	for _, found := range []func(){
		func() { w.Log = fmt.Appendf(w.Log, entry, "docker", docker) },
		func() { w.Log = fmt.Appendf(w.Log, entry, "podman", podman) },
		func() {
			w.Line(3, "Out of memory: Killed process 42 (a) total-vm:1kB, anon-rss:1kB, file-rss:0kB, shmem-rss:0kB")
		},
		func() { w.Log = append(w.Log, spread.String()...) },
	} {
		w.Ordinary(2000)
		found()
	}
	want := plainly(t, w.Log, parser.Options{})
	if len(want) != 4 {
		t.Fatalf("%d records", len(want))
	}
	p, err := parser.New(parser.Options{})
	if err != nil {
		t.Fatal(err)
	}
	read, got := 0, []*parser.Record(nil)
	if _, err := p.ReadBlock(parser.Block{Text: w.Log}, func(_ *parser.Line, r *parser.Result) error {
		read++
		got = append(got, r.Records...)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if got = append(got, p.Flush()...); !reflect.DeepEqual(got, want) {
		t.Errorf("%d records, line by line %d%s", len(got), len(want), difference(got, want))
	}
	const most = 1000 // 64 at the start, 32 before each, and what an open report asks for
	if read > most {
		t.Errorf("%d lines read, at most %d have to be", read, most)
	}
}

// difference names the first attribute that differs.
func difference(got, want []*parser.Record) string {
	for i := range min(len(got), len(want)) {
		for a := range want[i].Attrs() {
			if v, _ := got[i].Get(a.Name); v != a.Value {
				return fmt.Sprintf("; record %d: %s is %v, plainly %v", i, a.Name, v.Any(), a.Value.Any())
			}
		}
		if got[i].Len() != want[i].Len() {
			return fmt.Sprintf("; record %d has attributes of its own", i)
		}
	}
	return ""
}

func BenchmarkOrdinary(b *testing.B) {
	for _, c := range []ordinary.Format{ordinary.Syslog, ordinary.Dmesg, ordinary.Kmsg, ordinary.Journal} {
		log := ordinary.Log(c, 8<<20, 1)
		for _, way := range []struct {
			name string
			read func(*parser.Parser)
		}{
			{"block", func(p *parser.Parser) { _, _ = p.FeedBlock(log, func([]*parser.Record) error { return nil }) }},
			{"may matter, by line", func(p *parser.Parser) {
				for line := range bytes.Lines(log) {
					if p.Open() || parser.MayContainOOM(line) {
						p.Feed(line)
					}
				}
				p.Skip()
			}},
			{"every line fed", func(p *parser.Parser) {
				for line := range bytes.Lines(log) {
					p.Feed(line)
				}
			}},
		} {
			b.Run(c.String()+"/"+way.name, func(b *testing.B) {
				b.SetBytes(int64(len(log)))
				b.ReportAllocs()
				for b.Loop() {
					p, _ := parser.New(parser.Options{})
					way.read(p)
				}
			})
		}
	}
}

// TestPassKeepsProof: one line in the middle of a long log that does not show who wrote it is seen,
// also where nothing near it matters.
func TestPassKeepsProof(t *testing.T) {
	for _, between := range []string{"", "a line of nobody knows whom", "6,1,1,-;out of order", "12,9999,1,-;a user's"} {
		w := ordinary.NewWriter(ordinary.Kmsg, 1)
		w.Ordinary(200)
		if between != "" {
			w.Log = append(append(w.Log, between...), '\n')
		}
		w.Ordinary(200)
		w.Line(3, "Out of memory: Killed process 7 (java) total-vm:8kB, anon-rss:4kB, file-rss:0kB, shmem-rss:0kB, UID:1000 pgtables:4kB oom_score_adj:0")
		want, got := plainly(t, w.Log, parser.Options{}), inBlocks(t, w.Log, parser.Options{}, len(w.Log))
		if len(want) != 1 || !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %d records, line by line %d%s", between, len(got), len(want), difference(got, want))
		}
	}
}

// upsetLog is a long log of /dev/kmsg with reports and pieces of them in it, and all that can keep
// lines from being passed over: dictionaries, pieces of lines, users' lines, losses, repeated
// records, lines of nobody knows whom, and numbers that start anew.
func upsetLog(r *rand.Rand, reports [][]string) []byte {
	w := ordinary.NewWriter(ordinary.Kmsg, r.Uint64())
	w.Ordinary(100)
	often, nobody := 1+r.IntN(300), r.IntN(2) == 0
	for len(w.Log) < 300<<10 {
		w.Ordinary(1 + r.IntN(2*often))
		last := bytes.LastIndexByte(w.Log[:len(w.Log)-1], '\n') + 1
		switch r.IntN(10) {
		case 0, 1:
			w.Log = append(w.Log, " SUBSYSTEM=usb\n DEVICE=c189:5\n"...)
		case 2:
			w.Lose(uint64(100 + r.IntN(900)))
		case 3:
			w.Log = append(w.Log, bytes.Clone(w.Log[last:])...)
		case 4:
			if nobody {
				w.Log = append(w.Log, "who knows\n"...)
			}
		case 5:
			w.Line(30, "systemd[1]: a user's line")
		case 6:
			w.Line(4, odd[r.IntN(len(odd))])
		case 7: // a report, or a piece of one
			lines := reports[r.IntN(len(reports))]
			from := r.IntN(2) * r.IntN(len(lines))
			if r.IntN(2) == 0 {
				w.Lose(uint64(100 + r.IntN(900)))
			}
			for _, raw := range lines[from:min(len(lines), from+30+r.IntN(100))] {
				_, text, _ := strings.Cut(raw, ";")
				w.Line(4, text)
			}
		case 8:
			at := bytes.LastIndex(w.Log, []byte(",-;"))
			w.Log = slices.Replace(w.Log, at, at+3, []byte([]string{",c;", ";", ",-,caller=T7;"}[r.IntN(3)])...)
		case 9:
			if r.IntN(20) == 0 {
				started := ordinary.NewWriter(ordinary.Kmsg, r.Uint64())
				started.Log, w = w.Log, started
			}
		}
	}
	return w.Log
}

// TestLongBlocksEqualLines is [TestBlocksEqualLines] with so much between the lines that matter
// that it is passed over in leaps.
func TestLongBlocksEqualLines(t *testing.T) {
	all, r := reports(t), rand.New(rand.NewPCG(9, 10))
	rounds, records := 60, 0
	if testing.Short() {
		rounds = 6
	}
	for round := range rounds {
		log := upsetLog(r, all)
		for _, format := range []report.Format{report.Auto, report.Kmsg} {
			o := parser.Options{Transport: format, Trust: parser.Trust(round % 3)}
			want := plainly(t, log, o)
			records += len(want)
			for _, size := range []int{len(log), 64 << 10} {
				if got := inBlocks(t, log, o, size); !reflect.DeepEqual(got, want) {
					t.Fatalf("round %d, %v, blocks of %d: %d records, line by line %d%s", round, format, size, len(got), len(want), difference(got, want))
				}
			}
		}
	}
	if records < 5*rounds {
		t.Errorf("only %d records: this shows little", records)
	}
}

// TestManyGapsTakeLinearTime: lines that cannot be passed over, one after the other in a large
// block, take what they take one by one.
func TestManyGapsTakeLinearTime(t *testing.T) {
	for _, lost := range []uint64{0, 1} {
		// Some 50 ms; looking through the whole block anew for each, half a minute.
		cputime.Linear(t, 4<<20, func(size int) {
			w := ordinary.NewWriter(ordinary.Kmsg, 1)
			w.Ordinary(100)
			for len(w.Log) < size {
				w.Ordinary(1)
				w.Lose(lost)
				if lost == 0 {
					w.Log = append(w.Log, "who knows\n"...)
				}
			}
			inBlocks(t, w.Log, parser.Options{}, len(w.Log))
		})
	}
}

// TestPassKeepsSteps: stamps that count from the line before are all added up.
func TestPassKeepsSteps(t *testing.T) {
	var log bytes.Buffer
	log.WriteString("[Nov21 09:15] Linux version 6.12.0\n")
	for range 300 {
		log.WriteString("[  +1.000000] usb 1-1: new device\n")
	}
	log.WriteString("[  +0.500000] a invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0\n")
	for range 12 {
		log.WriteString("[  +1.000000] usb 1-1: new device\n")
	}
	log.WriteString("[  +0.000001] Out of memory: Killed process 7 (java) total-vm:8kB, anon-rss:4kB, file-rss:0kB, shmem-rss:0kB, UID:1000 pgtables:4kB oom_score_adj:0\n")
	want, got := plainly(t, log.Bytes(), parser.Options{}), inBlocks(t, log.Bytes(), parser.Options{}, log.Len())
	if len(want) == 0 || !reflect.DeepEqual(got, want) {
		t.Errorf("%d records, line by line %d%s", len(got), len(want), difference(got, want))
	}
}
