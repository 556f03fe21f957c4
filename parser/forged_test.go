// SPDX-License-Identifier: Apache-2.0

package parser

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/oomtrail/oomtrail/parser/report"
)

// forged returns a log of testdata/attacks that holds what an unprivileged user can have a kernel
// or a program write.
func forged(t testing.TB, name string) string {
	t.Helper()
	log, err := os.ReadFile(filepath.Join("testdata", "attacks", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(log)
}

// asImklog renders what syslog(2) gave as rsyslog writes it, behind a header with the priority or
// without.
func asImklog(log, header string) string {
	var b strings.Builder
	for line := range strings.Lines(log) {
		pri, text, _ := strings.Cut(line, ">")
		b.WriteString(strings.Replace(header, "PRI", pri+">", 1) + text)
	}
	return b.String()
}

// withoutPriority takes the priorities off what syslog(2) gave, as the console and dmesg -p print
// it.
func withoutPriority(log string) string { return strings.ReplaceAll(log, "<3>", "") }

// quiet are ordinary lines in the form of syslog(2), more than are decoded before any is passed
// over.
func quiet(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "<6>[%5d.%06d] usb 1-1: new device number %d\n", 1+i/1000, i%1000, i)
	}
	return b.String()
}

// TestForgedByNewline: the kernel prints a path that an unprivileged user chose, newlines and all,
// and a format that splits records at newlines makes a kill line of it. It is never verified and
// never complete, whoever vouches for the log, at whatever place of it.
func TestForgedByNewline(t *testing.T) {
	for _, name := range []string{"A01-forged-newline-path.syslog2", "A01-real.syslog2"} {
		log := forged(t, name)
		noStamp := strings.NewReplacer("[    1.000000] ", "", "[ 1637.794637] ", "", "[ 1748.002934] ", "").Replace(log)
		for form, log := range map[string]string{
			"syslog(2)":            log,
			"syslog(2), no stamps": noStamp,
			"console":              withoutPriority(log),
			"RFC 3164":             asImklog(log, "PRIMay  1 12:00:00 host kernel: "),
			"RFC 5424":             asImklog(log, "PRI1 2023-05-01T12:00:00.1Z host kernel - - - "),
			"RFC 3164, no stamps":  asImklog(noStamp, "PRIMay  1 12:00:00 host kernel: "),
			"imklog":               asImklog(log, "May  1 12:00:00 host kernel: "),
			"bare":                 withoutPriority(noStamp),
			"headless":             regexp.MustCompile(`(?m)^<3>\[.*\] (Out|z|')`).ReplaceAllString(log, "$1"),
			"many newlines":        regexp.MustCompile(`(?m)^(.*\] )overlayfs: .*\n`).ReplaceAllString(log, "$0"+strings.Repeat("$1\n", 40)),
		} {
			for _, log := range []string{log, quiet(3) + log, quiet(200) + log + quiet(200)} {
				for _, format := range []report.Format{report.Auto, report.Dmesg, report.Syslog} {
					for _, r := range readText(t, Options{Transport: format, TrustedSource: TrustedSyslog}, log) {
						if complete, _ := r.Get("oom.report.complete"); r.Text("oom.trust") != "unverified" || complete.Bool() {
							t.Errorf("%s as %s, read as %v: %s, complete: %v: %s", name, form, format, r.Text("oom.trust"), complete.Bool(), r.Body)
						}
					}
					if got := readText(t, Options{Transport: format, TrustedSource: TrustedSyslog, Trust: TrustKernel}, log); len(got) > 0 {
						t.Errorf("%s as %s, read as %v: a record of the kernel's word only: %s", name, form, format, got[0].Body)
					}
				}
			}
		}
	}
}

// TestForgedReport: a report of which every line is a piece of a foreign record is no better than a
// kill line.
func TestForgedReport(t *testing.T) {
	const head = "<3>[    5.000000] "
	report := head + "overlayfs: failed to resolve '/x\n" + head + strings.Join([]string{invocation, cpuLine, callTrace, counter, banner, taskHead, rowA,
		chosenB, killed(memcgWords, 12, "b")}, "\n"+head) + "\n" + head + "': -2\n"
	for _, r := range readText(t, Options{TrustedSource: TrustedSyslog}, quiet(3)+report) {
		if complete, _ := r.Get("oom.report.complete"); r.Text("oom.trust") != "unverified" || complete.Bool() {
			t.Errorf("%s, complete: %v: %s", r.Text("oom.trust"), complete.Bool(), r.Body)
		}
	}
}

// TestForgedWhole: formats that keep a record whole make no record of it. dmesg and journalctl
// indent what follows a newline; /dev/kmsg and the journal escape it.
func TestForgedWhole(t *testing.T) {
	dmesg := forged(t, "A07-forged-continuation.dmesg")
	prefix := strings.Index(dmesg, "overlayfs")
	path := strings.SplitN(forged(t, "A01-real.kmsg"), "\n", 3)[1]
	text := strings.ReplaceAll(path[strings.Index(path, ";")+1:], `\x0a`, `\n`)
	for form, log := range map[string]string{
		"dmesg":           dmesg,
		"dmesg -T":        strings.ReplaceAll(strings.ReplaceAll(dmesg, strings.Repeat(" ", prefix), strings.Repeat(" ", 27)), dmesg[:prefix], "[Fri May  1 12:00:00 2026] "),
		"journalctl":      strings.ReplaceAll(strings.ReplaceAll(dmesg, strings.Repeat(" ", prefix), strings.Repeat(" ", 29)), dmesg[:prefix], "May 01 12:00:00 host kernel: "),
		"/dev/kmsg":       forged(t, "A01-real.kmsg"),
		"journalctl JSON": `{"_TRANSPORT":"kernel","PRIORITY":"3","MESSAGE":"` + text + `"}` + "\n",
		"dmesg -J":        `{"dmesg":[{"pri":3,"time":1748.002934,"msg":"` + text + `"}]}` + "\n",
		"a report's head": strings.Replace(dmesg, "Out of memory: Killed process 1 (init)", "hog invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0", 1),
		"a cgroup's path": strings.Replace(dmesg, "overlayfs: failed to resolve '/x", "oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=/x", 1),
	} {
		for _, log := range []string{log, quiet(200) + log} {
			for _, source := range []TrustedSource{TrustedNone, TrustedKmsg, TrustedJournald, TrustedSyslog} {
				for _, r := range readText(t, Options{TrustedSource: source}, log) {
					if r.Text("process.title") == "init" || form != "a cgroup's path" {
						t.Errorf("%s: %s", form, r.Body)
					}
				}
			}
		}
	}
}

// TestForgedByApplication: a program's output with the fields of a journal entry is no journal
// entry, unless somebody vouches for it.
func TestForgedByApplication(t *testing.T) {
	log := forged(t, "A03-forged-app-json.log")
	for _, o := range []Options{{}, {Transport: report.JournalJSON}, {TrustedSource: TrustedKmsg}, {TrustedSource: TrustedSyslog}} {
		if got := readText(t, o, log); len(got) != 1 || got[0].Text("oom.trust") != "unverified" {
			t.Errorf("%+v: %d records: %s", o, len(got), summary(got))
		}
		o.Trust = TrustKernel
		if got := readText(t, o, log); len(got) > 0 {
			t.Errorf("%+v: %s", o, got[0].Body)
		}
	}
	if got := readText(t, Options{TrustedSource: TrustedJournald}, log); len(got) != 1 || got[0].Text("oom.trust") != "verified" {
		t.Errorf("in a journal: %d records: %s", len(got), summary(got))
	}
}

// TestTrueNeighbours: what stands before a true report does not make it doubtful: a line with
// another stamp, a line of the same stamp and of another level, lines of the report with one stamp,
// and a name with a newline in it.
func TestTrueNeighbours(t *testing.T) {
	report := []string{invocation, cpuLine, callTrace, counter, banner, taskHead, rowA, rowB, chosenB, killed(memcgWords, 12, "b")}
	syslog2 := func(lines []string, stamp func(int) int) string {
		var b strings.Builder
		for i, line := range lines {
			level := 6
			switch {
			case strings.Contains(line, "invoked oom-killer"), strings.Contains(line, "CPU: "), strings.Contains(line, "Call Trace"):
				level = 4
			case strings.Contains(line, "Killed process"):
				level = 3
			}
			b.WriteString(strings.ReplaceAll("\n"+line, "\n", fmt.Sprintf("\n<%d>[  100.%06d] ", level, stamp(i)))[1:] + "\n")
		}
		return b.String()
	}
	counting := func(i int) int { return i }
	one := func(int) int { return 0 }
	named := append([]string{strings.Replace(invocation, "a invoked", "a\nb invoked", 1)}, report[1:]...)
	for name, log := range map[string]string{
		"behind another stamp":  quiet(3) + syslog2(report, counting),
		"behind another level":  quiet(3) + syslog2(append([]string{"usb 1-1: new device"}, report...), one),
		"of one stamp":          quiet(3) + syslog2(report, one),
		"a newline in the name": quiet(3) + syslog2(named, counting),
		"behind a quiet hour":   quiet(500) + syslog2(report, counting),
	} {
		got := readText(t, Options{TrustedSource: TrustedSyslog}, log)
		if len(got) != 1 || got[0].Text("oom.trust") != "verified" {
			t.Fatalf("%s: %d records: %s", name, len(got), summary(got))
		}
		if complete, _ := got[0].Get("oom.report.complete"); !complete.Bool() {
			t.Errorf("%s: not complete, missing %s", name, got[0].Text("oom.report.missing"))
		}
	}
}

// TestSkippedLinesAreEvidence: where lines are left out, the one before a kill line tells as much
// as if all had been fed: fed it is known, and not fed nothing is taken for granted.
func TestSkippedLinesAreEvidence(t *testing.T) {
	kill := "<3>[    9.000000] " + killed(hostWords, 7, "x")
	for _, tc := range []struct {
		name, last, want string
	}{
		{"the last one is ordinary", "<6>[    8.000000] usb 1-1: new device", "verified"},
		{"the last one may be the head", "<3>[    9.000000] overlayfs: failed to resolve '/x", "unverified"},
		{"the last one is not fed", "", "unverified"},
	} {
		p, err := New(Options{Transport: report.Dmesg, TrustedSource: TrustedSyslog})
		if err != nil {
			t.Fatal(err)
		}
		p.Feed([]byte("<6>[    1.000000] Linux version 6.12.1"))
		p.Skip()
		if tc.last != "" {
			p.Feed([]byte(tc.last))
		}
		records := append(slices.Clone(p.Feed([]byte(kill)).Records), p.Flush()...)
		if len(records) != 1 || records[0].Text("oom.trust") != tc.want {
			t.Errorf("%s: %d records: %s", tc.name, len(records), summary(records))
		}
	}
}

// TestBlocksSeeTheNeighbour: to pass over lines of a block hides none that says what a kill line
// is.
func TestBlocksSeeTheNeighbour(t *testing.T) {
	for _, name := range []string{"A01-forged-newline-path.syslog2", "A01-real.syslog2", "A07-forged-continuation.dmesg", "A01-real.kmsg", "A03-forged-app-json.log"} {
		for _, ordinary := range []int{0, 1, 15, 16, 17, 100, 500} {
			log := quiet(ordinary) + forged(t, name) + quiet(ordinary) + forged(t, name)
			for _, source := range []TrustedSource{TrustedNone, TrustedSyslog} {
				o := Options{TrustedSource: source}
				p, err := New(o)
				if err != nil {
					t.Fatal(err)
				}
				var fed []*Record
				for line := range bytes.Lines([]byte(log)) {
					fed = append(fed, p.Feed(bytes.TrimSuffix(line, []byte("\n"))).Records...)
				}
				fed = append(fed, p.Flush()...)
				var blocks []*Record
				if p, err = New(o); err != nil {
					t.Fatal(err)
				}
				if _, err := p.FeedBlock([]byte(log), func(r []*Record) error { blocks = append(blocks, r...); return nil }); err != nil {
					t.Fatal(err)
				}
				blocks = append(blocks, p.Flush()...)
				if got, want := asJSON(blocks), asJSON(fed); got != want {
					t.Errorf("%s behind %d lines: in blocks\n%s\nline by line\n%s", name, ordinary, got, want)
				}
			}
		}
	}
}

func asJSON(records []*Record) string {
	var b []byte
	for _, r := range records {
		b = append(r.AppendJSON(b), '\n')
	}
	return string(b)
}

// TestOthersMakeNoRecord: what names another program than the kernel, a process id beside the
// kernel's name, or another facility than 0, makes no record, in whatever form it does so. The same
// line with the kernel's own header makes one.
func TestOthersMakeNoRecord(t *testing.T) {
	text := killed(hostWords, 1, "init")
	const stamp, iso = "May  1 12:00:00 ", "2023-05-01T12:00:00Z "
	object := func(fields string) string { return `{"MESSAGE":"` + text + `","PRIORITY":"3"` + fields + "}" }
	shipped := func(fields string) string { return `{"message":"[    1.000000] ` + text + `"` + fields + "}" }
	docker := func(fields string) string { return `{"log":"` + text + `\n"` + fields + "}" }
	for _, tc := range []struct {
		kernel string
		others []string
	}{
		{stamp + "host kernel: " + text, []string{stamp + "host evil: " + text, stamp + "host evil[7]: " + text, stamp + "host kernel[7]: " + text,
			stamp + "host (evil): " + text, stamp + "host user.err evil: " + text, stamp + "host user.err kernel: " + text}},
		{"<3>" + stamp + "host kernel: " + text, []string{"<11>" + stamp + "host kernel: " + text, "<3>" + stamp + "host evil: " + text, "<3>" + stamp + "host kernel[7]: " + text}},
		{stamp + "[kernel] " + text, []string{stamp + "[evil] " + text}},
		{stamp + "kern.err kernel: " + text, []string{stamp + "user.err kernel: " + text, stamp + "kern.err evil: " + text}},
		{"<3>1 " + iso + "host kernel - - - " + text, []string{"<11>1 " + iso + "host kernel - - - " + text, "<3>1 " + iso + "host evil - - - " + text,
			"<3>1 " + iso + "host kernel 7 - - " + text, "<3>1 " + iso + "host - 7 - - " + text, "1 " + iso + "host - 7 - - " + text}},
		{"[    1.000000] host kernel: " + text, []string{"[    1.000000] host evil[7]: " + text}},
		{"kern  :err   : [    1.000000] " + text, []string{"user  :err   : [    1.000000] " + text}},
		{"<3>[    1.000000] " + text, []string{"<11>[    1.000000] " + text}},
		{"3,1,1000000,-;" + text, []string{"11,1,1000000,-;" + text}},
		{"node: kern: err: [2023-05-01T12:00:00Z]: " + text, []string{"node: user: err: [2023-05-01T12:00:00Z]: " + text}},
		{`{"dmesg":[{"fac":"kern","pri":"err","time":1.000000,"msg":"` + text + `"}]}`, []string{
			`{"dmesg":[{"fac":"user","pri":"err","time":1.000000,"msg":"` + text + `"}]}`, `{"dmesg":[{"pri":11,"time":1.000000,"msg":"` + text + `"}]}`}},
		{object(`,"SYSLOG_IDENTIFIER":"kernel","SYSLOG_FACILITY":"0","_TRANSPORT":"kernel"`), []string{
			object(`,"SYSLOG_IDENTIFIER":"evil","_TRANSPORT":"kernel"`), object(`,"SYSLOG_IDENTIFIER":["kernel","evil"],"_TRANSPORT":"kernel"`),
			object(`,"SYSLOG_FACILITY":"1","_TRANSPORT":"kernel"`), object(`,"SYSLOG_FACILITY":["0","1"],"_TRANSPORT":"kernel"`), object(`,"SYSLOG_PID":"7","_TRANSPORT":"kernel"`)}},
		{object(`,"SYSLOG_IDENTIFIER":"kernel"`), []string{object(`,"SYSLOG_IDENTIFIER":"evil"`), object(`,"SYSLOG_FACILITY":"1"`), object(`,"SYSLOG_FACILITY":3`),
			object(`,"_PID":"7"`), object(`,"_TRANSPORT":"journal"`), object(`,"_TRANSPORT":["kernel","journal"]`), object(`,"facility":"user"`), object(`,"appname":"evil"`)}},
		{shipped(`,"ident":"kernel","pri":"3"`), []string{shipped(`,"ident":"evil","pri":"3"`), shipped(`,"ident":"kernel","pid":"7"`), shipped(`,"pri":"11"`)}},
		{shipped(`,"appname":"kernel","facility":0,"priority":3,"proc_id":"-"`), []string{shipped(`,"appname":"evil","facility":0,"priority":3`),
			shipped(`,"facility":1`), shipped(`,"facility":0,"facility_text":"user"`), shipped(`,"priority":11`), shipped(`,"appname":"kernel","proc_id":"7"`)}},
		{shipped(`,"syslogtag":"kernel:","syslogfacility-text":"kern"`), []string{shipped(`,"syslogtag":"evil:"`), shipped(`,"syslogfacility-text":"local0"`), shipped(`,"syslogfacility":"16"`)}},
		{shipped(`,"program":"kernel","facility":"Frankfurt","priority":"high"`), []string{shipped(`,"program":"evil"`)}},
		{docker(`,"stream":"stdout"`), []string{docker(`,"ident":"evil"`), docker(`,"facility":1`)}},
	} {
		for _, source := range []TrustedSource{TrustedNone, TrustedKmsg, TrustedJournald, TrustedSyslog} {
			if got := readText(t, Options{TrustedSource: source}, tc.kernel+"\n"); len(got) != 1 {
				t.Errorf("%d records of %s", len(got), tc.kernel)
			}
			for _, line := range tc.others {
				if got := readText(t, Options{TrustedSource: source}, line+"\n"); len(got) > 0 {
					t.Errorf("a record of %s", line)
				}
				if got := readText(t, Options{TrustedSource: source, Trust: TrustAny}, line+"\n"); len(got) != 1 || got[0].Text("oom.trust") != "unverified" {
					t.Errorf("with any trust %d records of %s", len(got), line)
				}
			}
		}
	}
}

// headers are what formats that split records put before each line.
var headers = [...]string{
	"<3>[    5.000000] ", "<3>", "<4>[    5.000000] ", "<6>[    5.000000][    T1] ", "kern  :err   : [    5.000000] ", "[    5.000000] ",
	"[Fri May  1 12:00:00 2026] ", "<3>May  1 12:00:00 host kernel: ", "<3>May  1 12:00:00 host kernel: [    5.000000] ",
	"<3>1 2023-05-01T12:00:00Z host kernel - - - [    5.000000] ", "May  1 12:00:00 host kernel: ", "May  1 12:00:00 host kernel: [    5.000000] ",
	"2023-05-01T12:00:00.1Z host kernel: ", "May  1 12:00:00 host kern.err kernel: ", "kern.err kernel: ",
}

// checkForgedPath has a kernel complain of a path, in a format that splits records, and demands
// that nothing that comes of it is verified or complete, read as what it is or as it looks. It
// returns how many records there are.
func checkForgedPath(t *testing.T, header, path string, quiet int, format report.Format) (records int) {
	t.Helper()
	const most = 976 // bytes of a record
	record := "overlayfs: failed to resolve '/" + path
	record = record[:min(len(record), most)] + "': -2"
	other := strings.NewReplacer("5.000000", "4.000000", "12:00:00", "11:00:00").Replace(header) + "usb 1-1: new device\n"
	log := strings.Repeat(other, quiet) + header + strings.ReplaceAll(record, "\n", "\n"+header) + "\n" + other
	for _, r := range readText(t, Options{Transport: format, TrustedSource: TrustedSyslog}, log) {
		records++
		complete, _ := r.Get("oom.report.complete")
		if r.Text("oom.trust") != "unverified" || complete.Bool() {
			t.Errorf("%s, complete %v, read as %v: %s\n%s", r.Text("oom.trust"), complete.Bool(), format, r.Body, log)
		}
	}
	return records
}

// pathWords are what a forger's path is made of: lines of a report, what stands before lines, and
// what takes a line apart.
var pathWords = []string{"\n", "\n", "\n", "\n", "", "x", " ", "a", "=", "</b>", "&lt;", "> ", "```", "\r", "\x1b[31m", "#012", `\x0a`, "1 ", "- - - ", "overlayfs: ",
	killed(hostWords, 1, "init"), killed(memcgWords, 2, "a\nb"), "Killed process 1", "Out of memory: Killed process 7 (",
	invocation, "a invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0", cpuLine, callTrace, " " + callTrace, counter, banner, taskHead, rowA, chosenB,
	"oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,task_memcg=/,task=a,pid=1,uid=0", "Mem-Info:", "active_anon:1 inactive_anon:2",
	"Out of memory and no killable processes...", "Kernel panic - not syncing: Out of memory: compulsory panic_on_oom is enabled", "oom_reaper: unable to reap pid:1 (init)",
	"Tasks in /x are going to be killed due to memory.oom.group set", ": page allocation failure: order:0", "** 12 printk messages dropped **",
	"<3>", "<6>", "[    9.000000] ", "<3>[    5.000000] ", "May  1 12:00:00 host kernel: ", "May  1 12:00:00 host app[7]: ", "kernel: ", "kern  :err   : ", "systemd[1]: ",
	"3,1,1,-;", `{"_TRANSPORT":"kernel","MESSAGE":"`, `"}`}

// TestForgedAtRandom: no path out of many makes anything verified or complete.
func TestForgedAtRandom(t *testing.T) {
	inOneGoroutine(t)
	r := rand.New(rand.NewPCG(5, 6))
	records := 0
	for range 12_000 {
		var path strings.Builder
		for range 1 + r.IntN(12) {
			path.WriteString(pathWords[r.IntN(len(pathWords))])
		}
		format := [...]report.Format{report.Auto, report.Dmesg, report.Syslog}[r.IntN(3)]
		records += checkForgedPath(t, headers[r.IntN(len(headers))], path.String(), 1, format)
	}
	if records < 200 {
		t.Errorf("only %d records: the paths are too weak", records)
	}
}

// FuzzForgedPath is the same for any path.
func FuzzForgedPath(f *testing.F) {
	whole := strings.Join([]string{invocation, cpuLine, callTrace, counter, banner, taskHead, rowA, chosenB, killed(memcgWords, 12, "b")}, "\n")
	for i, path := range []string{
		"x\n" + killed(hostWords, 1, "init") + "\nz", "x\n\n" + killed(memcgWords, 1, "a\nb"), "\n" + whole, "x\n" + whole + "\n",
		"x\n[    9.000000] " + killed(hostWords, 1, "init") + "\n<3>[    9.000000] " + killed(hostWords, 2, "init"),
		"x\nMay  1 12:00:00 host app[7]: x\n" + killed(hostWords, 1, "init"), "x\noom_reaper: unable to reap pid:1 (init)\n" + chosenB,
	} {
		f.Add(path, byte(i))
	}
	f.Fuzz(func(t *testing.T, path string, header byte) {
		for _, format := range []report.Format{report.Auto, report.Dmesg, report.Syslog} {
			for _, quiet := range []int{1, 100} {
				checkForgedPath(t, headers[int(header)%len(headers)], path, quiet, format)
			}
		}
	})
}
