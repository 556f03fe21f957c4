package oomkillreceiver

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func journaldConfig(storage bool) *Config {
	return quick(func(c *Config) {
		c.Source, c.StartAt = sourceJournald, "beginning"
		if storage {
			c.Storage = &storageID
		}
	})
}

func TestJournaldReads(t *testing.T) {
	var k kernel
	j := &fakeJournal{t: t}
	began := time.Now()
	j.write(journalEntries(k.report(100))...)
	next := &sink{}
	run(t, journaldConfig(false), nil, next, j.source)
	next.waitFor(t, 100)
	j.write(journalEntries(k.report(101))...)
	next.waitFor(t, 100, 101)

	res := next.logs[0].ResourceLogs().At(0).Resource().Attributes().AsRaw()
	assert.Equal(t, "node-7", res["host.name"])
	assert.Equal(t, "0123456789abcdef0123456789abcdef", res["host.id"])
	attrs := next.records[0].Attributes().AsRaw()
	assert.Equal(t, "journald", attrs["oom.source"])
	assert.Equal(t, "verified", attrs["oom.trust"])
	assert.Equal(t, "b00700000000000000000000000000aa", attrs["oom.boot.id"])
	assert.WithinRange(t, next.records[0].Timestamp().AsTime(), began.Add(-5*time.Second), time.Now())
}

func TestJournaldStartAtEnd(t *testing.T) {
	var k kernel
	j := &fakeJournal{t: t}
	j.write(journalEntries(k.report(100))...)
	cfg := journaldConfig(true)
	cfg.StartAt = ""
	host, next := newStorageHost(), &sink{}
	stop := run(t, cfg, host, next, j.source)
	stop() // before anything came

	j.write(journalEntries(k.report(101))...)
	run(t, cfg, host, next, j.source)
	next.waitFor(t, 101)
}

// The report that is open when the receiver stops is read again; what is closed is not.
func TestJournaldCheckpoint(t *testing.T) {
	var k kernel
	j := &fakeJournal{t: t}
	host, next := newStorageHost(), &sink{}
	stop := run(t, journaldConfig(true), host, next, j.source)
	j.write(journalEntries(k.report(100))...)
	next.waitFor(t, 100)
	host.waitForStored(t, sourceJournald, fmt.Sprintf(`i=%d"`, k.sequence-1)) // the report is closed by its timeout
	half := journalEntries(k.report(101))
	j.write(half[:4]...)
	time.Sleep(20 * time.Millisecond)
	stop()
	j.write(half[4:]...)
	again := &sink{}
	run(t, journaldConfig(true), host, again, j.source)
	again.waitFor(t, 101)
	lines, _ := again.records[0].Attributes().Get("oom.report.lines")
	assert.EqualValues(t, len(reportLines), lines.Int())
}

func TestJournaldRestartsTheCommand(t *testing.T) {
	var k kernel
	j := &fakeJournal{t: t}
	next := &sink{}
	cfg := journaldConfig(false)
	cfg.ReportTimeout = time.Minute // longer than the pause before the restart
	run(t, cfg, nil, next, j.source)
	lines := journalEntries(k.report(100))
	j.write(lines[:4]...)
	time.Sleep(20 * time.Millisecond)
	j.kill()
	j.write(lines[4:]...)
	next.waitFor(t, 100)
	used, _ := next.records[0].Attributes().Get("oom.report.lines")
	assert.EqualValues(t, len(reportLines), used.Int())
}

func TestJournalctlArgs(t *testing.T) {
	always := []string{"--output=json", "--all", "--quiet", "--no-pager", "--follow", "--no-tail"}
	for name, tc := range map[string]struct {
		cfg    JournaldConfig
		cursor string
		since  time.Time
		want   []string
	}{
		"all of the system's journal": {},
		"from now on":                 {since: time.Unix(1700000000, 12345000), want: []string{"--since=@1700000000.012345"}},
		"after a cursor":              {cursor: "s=1;i=2", since: time.Unix(1, 0), want: []string{"--after-cursor=s=1;i=2"}},
		"of a directory":              {cfg: JournaldConfig{Directory: "/var/log/journal", Namespace: "audit"}, want: []string{"--directory=/var/log/journal", "--namespace=audit"}},
		"of files":                    {cfg: JournaldConfig{Files: []string{"a.journal", "b*.journal"}}, want: []string{"--file=a.journal", "--file=b*.journal"}},
	} {
		t.Run(name, func(t *testing.T) {
			want := append(append([]string{}, always...), append(tc.want, "_TRANSPORT=kernel")...)
			assert.Equal(t, want, journalctlArgs(&tc.cfg, tc.cursor, tc.since))
		})
	}
}

func TestJournalctlThatIsMissing(t *testing.T) {
	cfg := journaldConfig(false)
	cfg.JournalctlPath = "/nowhere/journalctl"
	src := newJournaldSource(cfg)
	err := src.open(testIntake(t, src), nil)
	require.ErrorContains(t, err, `journalctl_path: "/nowhere/journalctl"`)
	assert.ErrorContains(t, err, "name the command by its full path")
}

// TestJournalctlComplains: without a journal journalctl waits for one and says so once, which must not go unheard.
func TestJournalctlComplains(t *testing.T) {
	script := filepath.Join(t.TempDir(), "journalctl")
	require.NoError(t, os.WriteFile(script, []byte("#!/bin/sh\necho 'No journal files were found.' >&2\nexec sleep 60\n"), 0o700))
	heard := make(chan string, 1)
	j, err := startJournalctl(&JournaldConfig{JournalctlPath: script}, nil, func(text string) { heard <- text })
	require.NoError(t, err)
	select {
	case text := <-heard:
		assert.Equal(t, "No journal files were found.", text)
	case <-time.After(10 * time.Second):
		t.Error("nothing was heard")
	}
	assert.ErrorContains(t, j.stop(), "No journal files were found.")
}
