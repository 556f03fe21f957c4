// SPDX-License-Identifier: Apache-2.0

package oomkillreceiver

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/oomtrail/oomtrail/internal/kmsg/kmsgtest"
)

// journalRemote finds the tool that makes a real journal file of export text.
func journalRemote(t *testing.T) string {
	t.Helper()
	if _, err := exec.LookPath("journalctl"); err != nil {
		t.Skip("journalctl is not installed")
	}
	for _, path := range []string{"/lib/systemd/systemd-journal-remote", "/usr/lib/systemd/systemd-journal-remote"} {
		if _, err := os.Stat(path); err == nil {
			return path
		}
	}
	t.Skip("systemd-journal-remote is not installed (Debian package systemd-journal-remote)")
	return ""
}

// testBoot is the boot of most tests' entries.
const testBoot = "b00700000000000000000000000000aa"

// exportEntry is one entry in journald's export form.
func exportEntry(b *bytes.Buffer, record string, at time.Time, extra ...string) {
	exportEntryOf(b, testBoot, record, at, extra...)
}

// exportEntryOf is an entry of another boot.
func exportEntryOf(b *bytes.Buffer, boot, record string, at time.Time, extra ...string) {
	header, text, _ := strings.Cut(strings.TrimSuffix(record, "\n"), ";")
	fields := strings.Split(header, ",")
	fmt.Fprintf(b, "__REALTIME_TIMESTAMP=%d\n__MONOTONIC_TIMESTAMP=%s\n_BOOT_ID=%s\n", at.UnixMicro(), fields[2], boot)
	fmt.Fprintf(b, "_TRANSPORT=kernel\n_SOURCE_MONOTONIC_TIMESTAMP=%s\n_HOSTNAME=node-7\n_MACHINE_ID=0123456789abcdef0123456789abcdef\n", fields[2])
	fmt.Fprintf(b, "PRIORITY=%s\nSYSLOG_IDENTIFIER=kernel\n", fields[0])
	for _, field := range extra {
		b.WriteString(field + "\n")
	}
	b.WriteString("MESSAGE=" + text + "\n\n")
}

// writeJournal makes a journal file.
func writeJournal(t *testing.T, remote, path string, export []byte) {
	t.Helper()
	cmd := exec.Command(remote, "--output="+path, "--split-mode=none", "-")
	cmd.Stdin = bytes.NewReader(export)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
}

// lastCursor asks journalctl for the newest entry of a journal file.
func lastCursor(t *testing.T, path string) string {
	t.Helper()
	out, err := exec.Command("journalctl", "--file="+path, "--output=json", "--lines=1").Output()
	require.NoError(t, err)
	var entry struct {
		Cursor string `json:"__CURSOR"`
	}
	require.NoError(t, json.Unmarshal(out, &entry))
	return entry.Cursor
}

// journalctl reads a real journal file. It holds a kernel's report, the same words written to
// /dev/kmsg by a user (journald calls these kernel too, but keeps their facility), and by a program
// through syslog.
func TestRealJournal(t *testing.T) {
	remote := journalRemote(t)
	path := filepath.Join(t.TempDir(), "kernel.journal")
	var k printk
	var export bytes.Buffer
	at := time.Now().Add(-time.Hour).Truncate(time.Microsecond)
	for _, record := range k.report(100) {
		exportEntry(&export, record, at)
	}
	for _, record := range k.report(200) {
		exportEntry(&export, record, at.Add(time.Minute), "SYSLOG_FACILITY=1")
	}
	writeJournal(t, remote, path, export.Bytes())

	cfg := journaldConfig(true)
	cfg.Journald.Files = []string{path}
	host, next := newStorageHost(), &sink{}
	stop := run(t, cfg, host, next, newSource)
	next.waitFor(t, 100)
	host.waitForStored(t, sourceJournald, lastCursor(t, path)) // the report is closed by its timeout
	assert.Equal(t, []int64{100}, next.pids(), "the kernel did not write the other one")
	attrs := next.records[0].Attributes().AsRaw()
	assert.Equal(t, "verified", attrs["oom.trust"])
	assert.Equal(t, "journald", attrs["oom.source"])
	assert.Equal(t, at.Add(0).UTC(), next.records[0].Timestamp().AsTime())
	assert.Equal(t, "node-7", next.logs[0].ResourceLogs().At(0).Resource().Attributes().AsRaw()["host.name"])
	stop()

	// After a restart journalctl finds the cursor in the file and gives what came since, which is
	// nothing.
	again := &sink{}
	run(t, cfg, host, again, newSource)
	time.Sleep(time.Second)
	assert.Empty(t, again.pids())
}

// A cursor into a journal that is gone does not keep the receiver from reading the one that is
// there.
func TestRealJournalThatWasReplaced(t *testing.T) {
	remote := journalRemote(t)
	dir := t.TempDir()
	cfg := journaldConfig(true)
	cfg.Journald.Files = []string{filepath.Join(dir, "*.journal")}
	host := newStorageHost()
	for i, pid := range []int{100, 101} {
		require.NoError(t, os.RemoveAll(filepath.Join(dir, "kernel.journal")))
		k := printk{kmsgtest.Printk{Stamp: time.Duration(i) * time.Hour}}
		var export bytes.Buffer
		for _, record := range k.report(pid) {
			exportEntry(&export, record, time.Now())
		}
		writeJournal(t, remote, filepath.Join(dir, "kernel.journal"), export.Bytes())
		next := &sink{}
		stop := run(t, cfg, host, next, newSource)
		next.waitFor(t, int64(pid))
		host.waitForStored(t, sourceJournald, lastCursor(t, filepath.Join(dir, "kernel.journal")))
		stop()
	}
}

// A journalctl that cannot do what it is told is told of, and tried again, without end.
func TestRealJournalctlThatFails(t *testing.T) {
	journalRemote(t)
	cfg := journaldConfig(false)
	cfg.Journald.Directory = filepath.Join(t.TempDir(), "missing")
	host := &statusHost{Host: newStorageHost()}
	run(t, cfg, host, &sink{}, newSource)
	require.Eventually(t, func() bool { return len(host.seen()) == 1 }, time.Minute, 10*time.Millisecond)
}
