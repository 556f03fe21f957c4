// SPDX-License-Identifier: Apache-2.0

package feeding

import (
	"bytes"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/conformance/corpus/ordinary"
	"github.com/oomtrail/oomtrail/conformance/oracle/render"
	"github.com/oomtrail/oomtrail/parser"
	"github.com/oomtrail/oomtrail/parser/report"
)

// long multiplies the rounds of each test.
var long = flag.Int("long", 1, "how many times as many rounds to go")

// skip leaves the tests of this package out where the race detector runs: they are of one
// goroutine.
func skip(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("runs in one goroutine, which cannot race: make unit runs it")
	}
}

// anyOptions are options of a parser for a format, different by n.
func anyOptions(n int, of report.Format) parser.Options {
	o := parser.Options{
		Trust: parser.Trust(n % 5 % 3), TrustedSource: parser.TrustedSource(n / 3 % 4), MemoryStat: parser.MemoryStat(n % 3), IncludeOriginal: n%4 == 1,
		Location: time.UTC, Reference: func() time.Time { return time.Date(2027, 2, 1, 0, 0, 0, 0, time.UTC) },
	}
	if n%2 == 0 {
		o.Transport = of
	}
	if n%11 == 3 {
		o.MaxReportBytes = 16 << 10
	}
	return o
}

// TestCaptures: the captures as they are, in the forms in which they were taken.
func TestCaptures(t *testing.T) {
	skip(t)
	random, records := rand.New(rand.NewPCG(1, 1)), 0
	for n, c := range load(t) {
		for name, log := range map[string][]byte{"kmsg": c.Kmsg, "syslog": c.Syslog, "journal": c.Journal} {
			if log == nil {
				continue
			}
			of := map[string]report.Format{"kmsg": report.Kmsg, "syslog": report.Dmesg, "journal": report.JournalJSON}[name]
			records += check(t, newInput(c.Name()+" "+name, log, anyOptions(n, of), true), random)
		}
	}
	if records < 40 {
		t.Errorf("only %d records: this shows little", records)
	}
}

// TestFiles: all logs of the other tests.
func TestFiles(t *testing.T) {
	skip(t)
	random, records := rand.New(rand.NewPCG(2, 2)), 0
	for _, pattern := range []string{"cases/*", "logs/*.log", "format-samples/*.*"} {
		files, err := filepath.Glob("../../../testdata/" + pattern)
		if err != nil || len(files) == 0 {
			t.Fatal("no files", pattern, err)
		}
		for n, file := range files {
			if strings.HasSuffix(file, ".json") {
				continue
			}
			log, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for m := range 3 {
				records += check(t, newInput(file, log, anyOptions(n+m, report.Auto), false), random)
			}
		}
	}
	if records < 50 {
		t.Errorf("only %d records: this shows little", records)
	}
}

// TestForms: reports in each format with each damage, between ordinary lines.
func TestForms(t *testing.T) {
	skip(t)
	list, all, records, none := load(t), forms(), 0, 0
	for i, f := range all {
		t.Run(f.name, func(t *testing.T) {
			before := records
			for round := range 16 * *long {
				random := rand.New(rand.NewPCG(uint64(i), uint64(round)))
				d := damages[(i+5*round)%len(damages)]
				log := ordinaryRecords(random.IntN(60), random.Uint64())
				for range 1 + random.IntN(3) {
					c, other := list[random.IntN(len(list))], list[random.IntN(len(list))]
					report := recordsOf(c.Kmsg)
					report = report[:min(len(report), 300)]
					if random.IntN(10) == 0 {
						report = rows(random, 20+random.IntN(100))
					}
					log = append(log, harm(random, d, report, recordsOf(other.Kmsg))...)
					log = append(log, ordinaryRecords(random.IntN([]int{4, 40, 400}[random.IntN(3)]), random.Uint64())...)
				}
				text := f.put(log)
				ruined := random.IntN(3) == 0
				if ruined {
					text = ruin(random, text)
				}
				in := newInput(fmt.Sprintf("%s, %s, ruined %v, round %d", f.name, d.name, ruined, round), text, anyOptions(random.IntN(1000), f.of), f.single && !ruined)
				records += check(t, in, random)
			}
			if records == before {
				none++
			}
		})
	}
	t.Logf("%d records, %d of %d formats without one", records, none, len(all))
	if records < 15*len(all) || none > len(all)/6 {
		t.Errorf("%d records, %d of %d formats without one: this shows little", records, none, len(all))
	}
}

// TestMixed: logs whose format changes on the way, also in the middle of a report and between
// ordinary lines.
func TestMixed(t *testing.T) {
	skip(t)
	list, records := load(t), 0
	// Lines are left out by what the log has shown so far: it must have shown that its timestamps
	// count from the line before, or that it is one document of many lines.
	all := slices.DeleteFunc(forms(), func(f form) bool {
		return f.name == "dmesg reltime" || f.name == "dmesg delta" || f.name == "dmesg -J"
	})
	rounds := 150 * *long
	for round := range rounds {
		random := rand.New(rand.NewPCG(7, uint64(round)))
		log := ordinaryRecords(40+random.IntN(300), random.Uint64())
		for range 2 {
			report := recordsOf(list[random.IntN(len(list))].Kmsg)
			if random.IntN(2) == 0 {
				report = grep(report, func(text string) bool { return strings.Contains(text, "Killed process") })
			}
			log = append(log, report[:min(len(report), 200)]...)
			log = append(log, ordinaryRecords(random.IntN(80), random.Uint64())...)
		}
		some := []form{all[random.IntN(len(all))], all[random.IntN(len(all))]}
		var text []byte
		for i := 0; len(log) > 0; i++ {
			n := 1 + random.IntN(min(len(log), []int{3, 30, 200}[random.IntN(3)]))
			text = append(text, some[i%2].put(log[:n])...)
			log = log[n:]
		}
		in := newInput(fmt.Sprintf("%s and %s, round %d", some[0].name, some[1].name, round), text, anyOptions(random.IntN(1000), report.Auto), false)
		records += check(t, in, random)
	}
	if records < rounds {
		t.Errorf("only %d records: this shows little", records)
	}
}

// TestUpset: long logs of /dev/kmsg with all that can keep lines from being left out: dictionaries,
// pieces of lines, users' lines, losses, repeated records, lines that no kernel wrote, and numbers
// that start anew.
func TestUpset(t *testing.T) {
	skip(t)
	list, random, records := load(t), rand.New(rand.NewPCG(9, 10)), 0
	rounds := 100 * *long
	for round := range rounds {
		printed := recordsOf(list[random.IntN(len(list))].Kmsg)
		if len(printed) == 0 {
			continue
		}
		log := upset(random, printed)
		in := newInput(fmt.Sprintf("upset log, round %d", round), log, anyOptions(random.IntN(1000), report.Kmsg), false)
		records += check(t, in, random)
	}
	if records < 2*rounds {
		t.Errorf("only %d records: this shows little", records)
	}
}

func upset(r *rand.Rand, report []render.Record) []byte {
	w := ordinary.NewWriter(ordinary.Kmsg, r.Uint64())
	w.Ordinary(100)
	often, strange := 1+r.IntN(300), r.IntN(2) == 0
	for len(w.Log) < 200<<10 {
		w.Ordinary(1 + r.IntN(2*often))
		last := bytes.LastIndexByte(w.Log[:len(w.Log)-1], '\n') + 1
		switch r.IntN(11) {
		case 0, 1:
			w.Log = append(w.Log, " SUBSYSTEM=usb\n DEVICE=c189:5\n"...)
		case 2:
			w.Lose(uint64(100 + r.IntN(900)))
		case 3:
			w.Log = append(w.Log, bytes.Clone(w.Log[last:])...)
		case 4:
			if strange {
				w.Log = append(w.Log, []string{"who knows\n", "\n", "6 records lost\n", "{\"a\": 1}\n", "6,12\n", " KEY=unheard of\n"}[r.IntN(6)]...)
			}
		case 5:
			w.Line(30, "systemd[1]: a user's line")
		case 6:
			w.Line(4, odd[r.IntN(len(odd))])
		case 7, 8: // a report, or a piece of one
			from := r.IntN(2) * r.IntN(len(report))
			if r.IntN(2) == 0 {
				w.Lose(uint64(100 + r.IntN(900)))
			}
			for _, rec := range report[from:min(len(report), from+30+r.IntN(100))] {
				w.Line(rec.Level, kmsgText(rec.Text))
			}
		case 9:
			at := bytes.LastIndex(w.Log, []byte(",-;"))
			w.Log = slices.Replace(w.Log, at, at+3, []byte([]string{",c;", ";", ",-,caller=T7;"}[r.IntN(3)])...)
		case 10:
			if r.IntN(10) == 0 {
				started := ordinary.NewWriter(ordinary.Kmsg, r.Uint64())
				started.Log, w = w.Log, started
			}
		}
	}
	return w.Log
}

// kmsgText writes a text as /dev/kmsg does, which keeps its newlines from ending the line.
func kmsgText(text string) string {
	var b []byte
	for _, c := range []byte(text) {
		if c < ' ' || c >= 0x7f || c == '\\' {
			b = fmt.Appendf(b, `\x%02x`, c)
		} else {
			b = append(b, c)
		}
	}
	return string(b)
}

// TestWritten: small logs written by hand, for the numbers and stamps where records of /dev/kmsg
// change their width, and for formats that change within a log.
func TestWritten(t *testing.T) {
	skip(t)
	random := rand.New(rand.NewPCG(3, 3))
	const kill = "Out of memory: Killed process 7 (java) total-vm:8kB, anon-rss:4kB, file-rss:0kB, shmem-rss:0kB, UID:1000 pgtables:4kB oom_score_adj:0"
	for n, log := range []string{
		"6,9,1,-;a\n4,10,2,-;b\n12,11,3,-;c\n300,12,4,-;d\n3,13,4,-;" + kill + "\n",
		"6,9999998,1,-;a\n6,9999999,2,-;b\n6,10000000,3,-;c\n3,10000001,4,-;" + kill + "\n",
		"6,18446744073709551614,1,-;a\n6,18446744073709551615,2,-;b\n6,0,3,-;c\n3,1,4,-;" + kill + "\n",
		"6,1,12345678,-;a\n6,2,123456789,-,caller=T1;b\n6,3,1234567890123456,c;c\n6,4,9223372036854775,-;d\n6,5,9223372036854776,-;e\n3,6,1,-;" + kill + "\n",
		"6,1,1,-;plain text \n6,2,2,-;cut off<truncated>\n6,3,3,-;\\x0a\\x41\r\n6,4,4,-;\n SUBSYSTEM=a\n6,5,5,-;[ 1] row<truncated>\n6,6,6,-;end\x00\n3,7,6,-;" + kill + "<truncated>\n",
		"6,1,1,-;a\n[   12.345678] dmesg\n6,2,2,-;b\nJan  1 00:00:00 host kernel: c\n6,3,3,-;d\n{\"MESSAGE\":\"e\"}\n6,4,4,-;f\n__CURSOR=x\n6,5,5,-;g\n\n3,6,6,-;" + kill + "\n",
		"6,1,123456789,-;value 1\n6,2,123456799,-;value 2\n6,3,123456790,-,x;value 3\n6,4,1234567890,-;value 4\n6,5,1234567890123,-;value 5\n6,8,1234567x,-;value\n3,9,1234567890124,-;" + kill + "\n",
		"6,1,123456789,-;value 1\n6,2,123456789,-;value 2\n6,3,\x00\x00\x00\x00\x00\x00\x00\x009,-;value 3\n3,3,123456789,-;" + kill + "\n",
		"6,1,1,-;usb" + strings.Repeat("x", 17<<10) + "\n6,2,2,-;a\n3,3,6,-;" + kill + "\n6,4,9,-;b\n",
		"4,1,1000000,-;a invoked oom-killer: gfp_mask=0xcc0, order=0, oom_score_adj=0\n4,2,1000000,-;CPU: 0 PID: 1 Comm: a Not tainted 3.16.1 #1\n" +
			"4,3,9000000,-;b invoked oom-killer: gfp_mask=0xcc0, order=0, oom_score_adj=0\n4,4,9000000,-;CPU: 1 PID: 2 Comm: b Not tainted 3.16.1 #1\n" +
			"4,5,9000000,-;Call Trace:\n4,6,12000000,-; dump_stack+0x1/0x2\n4,7,12000000,-; dump_header+0x1/0x2\n4,8,12000000,-; out_of_memory+0x1/0x2\n",
	} {
		for m := range 12 {
			o := anyOptions(n+m, report.Kmsg)
			if check(t, newInput(fmt.Sprintf("log %d", n), []byte(log), o, false), random) == 0 && o.Trust != parser.TrustKernel && o.Transport == report.Auto {
				t.Errorf("log %d makes no record", n)
			}
		}
	}
}

// TestSteps: stamps that count from the line before are all added up, also of the lines that are
// left out.
func TestSteps(t *testing.T) {
	skip(t)
	log := []byte("[Nov21 09:15] Linux version 6.12.0\n")
	for range 300 {
		log = append(log, "[  +1.000000] usb 1-1: new device\n"...)
	}
	log = append(log, "[  +0.500000] a invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0\n"...)
	for range 12 {
		log = append(log, "[  +1.000000] usb 1-1: new device\n"...)
	}
	log = append(log, "[  +0.000001] Out of memory: Killed process 7 (java) total-vm:8kB, anon-rss:4kB, file-rss:0kB, shmem-rss:0kB, UID:1000 pgtables:4kB oom_score_adj:0\n"...)
	if check(t, newInput("steps", log, parser.Options{}, false), rand.New(rand.NewPCG(1, 2))) == 0 {
		t.Error("no record")
	}
}
