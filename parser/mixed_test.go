// SPDX-License-Identifier: Apache-2.0

package parser_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/parser"
	"github.com/oomtrail/oomtrail/parser/report"
)

// ordinaryTexts are what kernels print between reports; %d is any number.
var ordinaryTexts = []string{
	"usb 1-1: new high-speed USB device number %d using xhci_hcd", "eth0: link up, %d Mbps", "audit: type=1400 audit(%d.1:1): apparmor=\"STATUS\"", "EXT4-fs (sda1): mounted filesystem %d",
	"  indented %d", "x+0x%d/0x2", "CPU%d: Core temperature above threshold", "[drm] %d", "{\"a\":%d}", "", "process '/tmp/%d' started with executable stack", "nfs: server %d not responding",
}

// named are the formats that go by a name.
var named = map[string]report.Format{"/dev/kmsg": report.Kmsg, "dmesg": report.Dmesg, "syslog(2)": report.Dmesg, "imklog": report.Syslog, "bare": report.None, "journalctl -o json": report.JournalJSON}

// mixture writes a log of pieces of reports and of ordinary lines, in one format, in several by
// turns, or in several mixed line by line.
type mixture struct {
	r       *rand.Rand
	reports [][]string
	formats []func(*strings.Builder, int, int64, string)
	log     strings.Builder
	usec    int64
	line    int // the format of the next line, -1 for any
}

func (m *mixture) write(priority int, text string) {
	m.usec += m.r.Int64N(30)
	f := m.line
	if f < 0 {
		f = m.r.IntN(len(m.formats))
	}
	m.formats[f](&m.log, priority, m.usec, text)
}

func (m *mixture) ordinary(n int) {
	for range n {
		text := ordinaryTexts[m.r.IntN(len(ordinaryTexts))]
		if strings.Contains(text, "%d") {
			text = fmt.Sprintf(text, m.r.IntN(1000))
		}
		m.write(6, text)
	}
}

// report writes a piece of a report, mostly the whole.
func (m *mixture) report() {
	lines := m.reports[m.r.IntN(len(m.reports))]
	from, to := 0, min(len(lines), 150)
	if m.r.IntN(3) == 0 {
		from = m.r.IntN(to)
		to = from + 1 + m.r.IntN(to-from)
	}
	for _, raw := range lines[from:to] {
		head, text, ok := strings.Cut(raw, ";")
		if !ok {
			continue
		}
		priority := 4
		_, _ = fmt.Sscanf(head, "%d,", &priority)
		m.write(priority, string(format.UnescapeKmsg([]byte(text))))
	}
}

// damaged breaks one line in some, or none.
func damaged(r *rand.Rand, log []byte) []byte {
	if r.IntN(2) == 0 {
		return log
	}
	lines := bytes.SplitAfter(log, []byte("\n"))
	often := 5 + r.IntN(200)
	for i := 0; i < len(lines); i++ {
		if r.IntN(often) > 0 || len(lines[i]) < 2 {
			continue
		}
		line := bytes.Clone(lines[i])
		at := r.IntN(len(line) - 1)
		switch r.IntN(8) {
		case 0, 1:
			line[at] = byte(r.IntN(256))
		case 2:
			line = append(line[:at], '\n')
		case 3:
			line = nil
		case 4:
			line = append(line, line...)
		case 5:
			line = line[at:]
		case 6: // two lines in one
			line = line[:len(line)-1]
		case 7:
			line = append([]byte("\n"), line...)
		}
		lines[i] = line
	}
	return bytes.Join(lines, nil)
}

// mixed returns a log and what it is made of.
func mixed(r *rand.Rand, reports [][]string) (log []byte, name string) {
	all := parser.Formats()
	names := make([]string, 0, len(all))
	for name := range all {
		names = append(names, name)
	}
	slices.Sort(names)
	r.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	names = names[:1+r.IntN(3)]
	m := &mixture{r: r, reports: reports, usec: 100_000_000}
	for _, name := range names {
		m.formats = append(m.formats, all[name])
	}
	byLine := len(names) > 1 && r.IntN(2) == 0
	for range 1 + r.IntN(6) {
		if m.line = r.IntN(len(names)); byLine {
			m.line = -1
		}
		m.ordinary(r.IntN([]int{10, 100, 600}[r.IntN(3)]))
		m.report()
		if m.line >= 0 && r.IntN(3) == 0 {
			m.line = r.IntN(len(names))
		}
		m.usec += r.Int64N(20_000_000)
	}
	m.ordinary(r.IntN(40))
	log = damaged(r, []byte(m.log.String()))
	if r.IntN(4) == 0 {
		log = bytes.ReplaceAll(log, []byte("\n"), []byte("\r\n"))
	}
	return log, strings.Join(names, ", ")
}

// refused reads a log in batches, each of which is refused once.
func refused(t *testing.T, r *rand.Rand, log []byte, o parser.Options) (records []*parser.Record) {
	t.Helper()
	p, err := parser.New(o)
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.Split(bytes.TrimSuffix(log, []byte("\n")), []byte("\n"))
	for len(lines) > 0 {
		n := 1 + r.IntN(min(len(lines), 1+r.IntN(60)))
		_ = batch(p.Clone(), lines[:n])
		p = p.Clone()
		records = append(records, batch(p, lines[:n])...)
		lines = lines[n:]
	}
	return append(records, p.Flush()...)
}

// skipping reads a log as a frontend does that leaves lines of no interest out, but for the last
// before one that may matter.
func skipping(t *testing.T, log []byte, o parser.Options) (records []*parser.Record) {
	t.Helper()
	p, err := parser.New(o)
	if err != nil {
		t.Fatal(err)
	}
	var last []byte
	for line := range bytes.Lines(log) {
		line = bytes.TrimSuffix(bytes.Clone(line), []byte("\n"))
		if !p.Open() && !parser.MayContainOOM(line) {
			p.Skip()
			last = line
			continue
		}
		if last != nil {
			records = append(records, p.Feed(last).Records...)
			last = nil
		}
		records = append(records, p.Feed(line).Records...)
	}
	return append(records, p.Flush()...)
}

// told is what records say first, one a line.
func told(records []*parser.Record) string {
	var b strings.Builder
	for _, r := range records {
		for _, name := range []string{"event.name", "log.record.uid", "process.title", "oom.scope", "oom.cgroup.path", "oom.victim.cgroup", "oom.victim.memory.rss", "oom.trigger.name"} {
			fmt.Fprintf(&b, "%s ", r.Text(name))
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// TestMixedInputs: however a log is read, in blocks, line by line or in batches that are refused
// once, it says the same, also where its formats change or are guessed, lines are damaged, and each
// ends in a carriage return.
func TestMixedInputs(t *testing.T) {
	if testing.Short() {
		t.Skip("runs in one goroutine, which cannot race: make unit runs it")
	}
	all, records := reports(t), 0
	rounds := uint64(300)
	for round := range rounds {
		r := rand.New(rand.NewPCG(round, 21))
		log, name := mixed(r, all)
		o := parser.Options{Trust: parser.Trust(r.IntN(2)), TrustedSource: parser.TrustedSource(r.IntN(4))}
		if format, ok := named[name]; ok {
			o.Transport = format
		}
		want := plainly(t, log, o)
		records += len(want)
		for _, size := range []int{len(log) + 1, 1 + r.IntN(8000)} {
			if got := inBlocks(t, log, o, size); !reflect.DeepEqual(got, want) {
				t.Errorf("round %d: %s: blocks of %d: %d records, line by line %d%s", round, name, size, len(got), len(want), difference(got, want))
			}
		}
		if o.Transport != report.Auto {
			if got := skipping(t, log, o); told(got) != told(want) {
				t.Errorf("round %d: %s: skipping\n%sline by line\n%s", round, name, told(got), told(want))
			}
		}
		if got := refused(t, r, log, o); !reflect.DeepEqual(got, want) {
			t.Errorf("round %d: %s: refused once: %d records, line by line %d%s", round, name, len(got), len(want), difference(got, want))
		}
	}
	if records < int(rounds) {
		t.Errorf("only %d records: this shows little", records)
	}
}
