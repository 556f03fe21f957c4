// SPDX-License-Identifier: Apache-2.0

package oomkillreceiver

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pipeline"
	"go.opentelemetry.io/collector/receiver"
	"go.opentelemetry.io/collector/receiver/receivertest"

	"github.com/oomtrail/oomtrail/internal/journalctl"
)

// generator makes a kill with each call, of a process id of its own.
type generator struct {
	mu     sync.Mutex
	kernel printk
	pid    int
	write  func(records []string)
}

func (g *generator) Start() {}
func (g *generator) Stop()  {}

func (g *generator) Generate() []receivertest.UniqueIDAttrVal {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.pid++
	g.write(g.kernel.report(g.pid))
	return []receivertest.UniqueIDAttrVal{receivertest.UniqueIDAttrVal(strconv.Itoa(g.pid))}
}

// withTestID returns a factory whose receivers name each record after its victim, as the contract's
// checker wants.
func withTestID(f receiver.Factory) receiver.Factory {
	return receiver.NewFactory(f.Type(), f.CreateDefaultConfig,
		receiver.WithLogs(func(ctx context.Context, set receiver.Settings, cfg component.Config, next consumer.Logs) (receiver.Logs, error) {
			named, err := consumer.NewLogs(func(ctx context.Context, logs plog.Logs) error {
				for _, rl := range logs.ResourceLogs().All() {
					attrs := rl.ScopeLogs().At(0).LogRecords().At(0).Attributes()
					pid, _ := attrs.Get("process.pid")
					attrs.PutStr(receivertest.UniqueIDAttrName, strconv.FormatInt(pid.Int(), 10))
				}
				return next.ConsumeLogs(ctx, logs)
			})
			if err != nil {
				return nil, err
			}
			return f.CreateLogs(ctx, receivertest.NewNopSettings(f.Type()), cfg, named)
		}, f.LogsStability()))
}

func checkContract(t *testing.T, cfg *Config, f receiver.Factory, write func([]string)) {
	t.Helper()
	receivertest.CheckConsumeContract(receivertest.CheckConsumeContractParams{
		T: t, Factory: withTestID(f), Signal: pipeline.SignalLogs, Config: cfg,
		Generator: &generator{write: write, pid: 1000}, GenerateCount: 50,
	})
}

func TestContractFile(t *testing.T) {
	w := &logWriter{t: t, path: filepath.Join(t.TempDir(), "kern.log")}
	w.append("")
	cfg := fileConfig(false, w.path)
	cfg.StartAt = "end"
	checkContract(t, cfg, NewFactory(), func(records []string) { w.append(records...) })
}

func TestContractJournald(t *testing.T) {
	j := &fakeJournal{t: t}
	cfg := quick(func(c *Config) { c.Source = sourceJournald })
	checkContract(t, cfg, newFactory(j.source), func(records []string) { j.write(journalEntries(records)...) })
}

// journalEntries returns records of /dev/kmsg as journalctl prints them with --output=json.
func journalEntries(records []string) []string {
	var entries []string
	for _, record := range records {
		header, text, _ := strings.Cut(strings.TrimSuffix(record, "\n"), ";")
		fields := strings.Split(header, ",")
		entries = append(entries, fmt.Sprintf(`{"_TRANSPORT":"kernel","PRIORITY":%q,"SYSLOG_IDENTIFIER":"kernel","_HOSTNAME":"node-7",`+
			`"_MACHINE_ID":"0123456789abcdef0123456789abcdef","_BOOT_ID":"b00700000000000000000000000000aa","_SOURCE_MONOTONIC_TIMESTAMP":%q,`+
			`"__MONOTONIC_TIMESTAMP":%q,"__REALTIME_TIMESTAMP":"%d","__CURSOR":"s=1;i=%s","MESSAGE":%q}`+"\n",
			fields[0], fields[2], fields[2], time.Now().UnixMicro(), fields[1], text))
	}
	return entries
}

// fakeJournal is a journal in memory, with a journalctl for each reader.
type fakeJournal struct {
	t       *testing.T
	mu      sync.Mutex
	entries []string
	readers []*printer
	args    [][]string
	fail    error
}

func (j *fakeJournal) source(cfg *Config) source {
	return &journaldSource{cfg: cfg.Journald, beginning: cfg.startAtBeginning(), pause: 5 * time.Millisecond, start: j.start}
}

var realtime = regexp.MustCompile(`"__REALTIME_TIMESTAMP":"(\d+)"`)

// start prints the entries that the arguments ask for and, to follow, those to come.
func (j *fakeJournal) start(_ *journalctl.Command, args []string, _ func(string)) (journalctl.Process, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.args = append(j.args, args)
	if j.fail != nil {
		return nil, j.fail
	}
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	from := 0
	for _, arg := range args {
		if cursor, ok := strings.CutPrefix(arg, "--cursor="); ok {
			for i, entry := range j.entries { // the last one: each generator of the contract begins anew
				if strings.Contains(entry, `"__CURSOR":"`+cursor+`"`) {
					from = i
				}
			}
		} else if since, ok := strings.CutPrefix(arg, "--since=@"); ok {
			micros := strings.Replace(since, ".", "", 1)
			for from < len(j.entries) && realtime.FindStringSubmatch(j.entries[from])[1] < micros {
				from++
			}
		}
	}
	p := &printer{w: w, entries: slices.Clone(j.entries[from:]), wake: make(chan struct{}, 1), follows: slices.Contains(args, "--follow")}
	if p.follows {
		j.readers = append(j.readers, p)
	}
	go p.run()
	return &fakeJournalctl{r, p, j}, nil
}

func (j *fakeJournal) write(entries ...string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.entries = append(j.entries, entries...)
	for _, p := range j.readers {
		p.add(entries)
	}
}

// setFail lets no further journalctl start, or with nil lets them again.
func (j *fakeJournal) setFail(err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.fail = err
}

// kill ends every running journalctl.
func (j *fakeJournal) kill() {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, p := range j.readers {
		_ = p.w.Close()
		signal(p.wake)
	}
	j.readers = nil
}

// printer writes entries to a pipe, which takes no more than its reader has room for.
type printer struct {
	w       *os.File
	follows bool
	wake    chan struct{}
	mu      sync.Mutex
	entries []string
}

func (p *printer) add(entries []string) {
	p.mu.Lock()
	p.entries = append(p.entries, entries...)
	p.mu.Unlock()
	signal(p.wake)
}

// run ends when the pipe is closed or, unless the printer follows, when all is printed.
func (p *printer) run() {
	for {
		p.mu.Lock()
		entries := p.entries
		p.entries = nil
		p.mu.Unlock()
		if _, err := p.w.WriteString(strings.Join(entries, "")); err != nil {
			return
		}
		if !p.follows {
			_ = p.w.Close()
			return
		}
		<-p.wake
	}
}

type fakeJournalctl struct {
	*os.File
	printer *printer
	journal *fakeJournal
}

func (f *fakeJournalctl) Finish() error { return f.Close() }

func (f *fakeJournalctl) Stop() error {
	f.journal.mu.Lock()
	defer f.journal.mu.Unlock()
	_ = f.printer.w.Close()
	signal(f.printer.wake)
	return f.Close()
}
