// SPDX-License-Identifier: Apache-2.0

package oomkillreceiver

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componentstatus"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/oomtrail/oomtrail/internal/journalctl"
	"github.com/oomtrail/oomtrail/internal/livelog"
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
	var k printk
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
	var k printk
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
	var k printk
	j := &fakeJournal{t: t}
	host, next := newStorageHost(), &sink{}
	stop := run(t, journaldConfig(true), host, next, j.source)
	j.write(journalEntries(k.report(100))...)
	next.waitFor(t, 100)
	host.waitForStored(t, sourceJournald, fmt.Sprintf(`i=%d"`, k.Sequence-1)) // the report is closed by its timeout
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
	var k printk
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

// TestJournaldWitnesses: what another program's entries say of a kill is a record, verified by the
// fields that journald sets; with emit: all its lines are none of the kernel's.
func TestJournaldWitnesses(t *testing.T) {
	entry := func(pid int, cursor string) string {
		return fmt.Sprintf(`{"__CURSOR":"s=1;i=%s;b=aa","__REALTIME_TIMESTAMP":"1777716001000000","_BOOT_ID":"aa","_HOSTNAME":"node-7","_TRANSPORT":"journal","SYSLOG_IDENTIFIER":"systemd-oomd",`+
			`"_PID":"%d","_UID":"977","_COMM":"systemd-oomd","_EXE":"/usr/lib/systemd/systemd-oomd","_SYSTEMD_UNIT":"systemd-oomd.service","PRIORITY":"5",`+
			`"MESSAGE":"Killed /system.slice/ingest%s.service due to memory pressure for /system.slice being 74.18%% > 60.00%% for > 30s with reclaim activity"}`+"\n", cursor, pid, cursor)
	}
	j := &fakeJournal{t: t}
	j.write(entry(812, "1"))
	next := &sink{}
	cfg := journaldConfig(false)
	cfg.Emit = "all"
	run(t, cfg, nil, next, j.source)
	require.Eventually(t, func() bool { next.mu.Lock(); defer next.mu.Unlock(); return len(next.records) > 0 }, 5*time.Second, 10*time.Millisecond)
	next.mu.Lock()
	defer next.mu.Unlock()
	attrs := next.records[0].Attributes().AsRaw()
	assert.Equal(t, "oom.kill", attrs["event.name"])
	assert.Equal(t, "systemd-oomd", attrs["oom.killer"])
	assert.Equal(t, "verified", attrs["oom.trust"])
	assert.Len(t, next.records, 1)
}

func TestJournalctlThatIsMissing(t *testing.T) {
	cfg := journaldConfig(false)
	cfg.Journald.JournalctlPath = "/nowhere/journalctl"
	src := newJournaldSource(cfg)
	err := src.open(testIntake(t, src), nil)
	require.ErrorContains(t, err, `journalctl_path: "/nowhere/journalctl"`)
	assert.ErrorContains(t, err, "name the command by its full path")
}

// TestJournalctlThatFloods: a command that cannot do its work and says so without end does not fill
// the collector's log.
func TestJournalctlThatFloods(t *testing.T) {
	script := filepath.Join(t.TempDir(), "journalctl")
	require.NoError(t, os.WriteFile(script, []byte("#!/bin/sh\ni=0; while [ $i -lt 2000 ]; do echo \"Journal file $i is truncated, ignoring file.\" >&2; i=$((i+1)); done\nexit 1\n"), 0o700))
	core, logs := observer.New(zap.WarnLevel)
	cfg := journaldConfig(false)
	cfg.Journald.JournalctlPath = script
	j := newJournaldSource(cfg).(*journaldSource)
	in := testIntake(t, j)
	in.logger = zap.New(core)
	var err error
	j.live, err = newLive(in, "the journal cannot be read, trying again")
	require.NoError(t, err)
	for range 20 {
		p, err := j.start(&journalctl.Command{Path: script}, nil, j.complain)
		require.NoError(t, err)
		said := p.Finish()
		require.ErrorContains(t, said, "Journal file 1999 is truncated")
		j.Trouble(said)
	}
	assert.Equal(t, livelog.BurstSize, logs.FilterMessage("journalctl complains").Len())
	assert.Equal(t, livelog.BurstSize, logs.FilterMessage("the journal cannot be read, trying again").Len())

	j.complaints.burst.Now = func() time.Time { return time.Now().Add(livelog.BurstSpan) }
	j.complain("again")
	last := logs.All()[logs.Len()-1].ContextMap()
	assert.Equal(t, "again", last["said"])
	assert.Positive(t, last["left_out"], "what was left out is counted")
}

// A journalctl that has gone, as an update of the machine may do it, is an error that names it.
func TestJournalctlThatGoes(t *testing.T) {
	var k printk
	j := &fakeJournal{t: t}
	host, next := &statusHost{Host: componenttest.NewNopHost()}, &sink{}
	core, logs := observer.New(zap.ErrorLevel)
	set := settingsOf(t)
	set.Logger = zap.New(core)
	r, err := newFactory(j.source).CreateLogs(t.Context(), set, journaldConfig(false), next)
	require.NoError(t, err)
	require.NoError(t, r.Start(t.Context(), host))
	t.Cleanup(func() { require.NoError(t, r.Shutdown(context.Background())) })
	j.write(journalEntries(k.report(100))...)
	next.waitFor(t, 100)
	j.setFail(errors.New("exec: no such file"))
	j.kill()
	require.Eventually(t, func() bool { return strings.Contains(fmt.Sprint(logs.All()), "exec: no such file") }, time.Minute, 10*time.Millisecond)
	assert.Equal(t, []componentstatus.Status{componentstatus.StatusRecoverableError}, host.seen())
	j.setFail(nil)
	j.write(journalEntries(k.report(101))...)
	next.waitFor(t, 100, 101)
	require.Eventually(t, func() bool { return len(host.seen()) == 2 }, time.Minute, 10*time.Millisecond)
}
