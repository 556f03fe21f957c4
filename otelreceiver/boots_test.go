// SPDX-License-Identifier: Apache-2.0

package oomkillreceiver

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// boots writes a real journal over several boots of one machine.
type boots struct {
	t      *testing.T
	remote string
	path   string
	now    time.Time
	n      int // boots so far
	kernel printk
	export bytes.Buffer
}

func newBoots(t *testing.T) *boots {
	remote := journalRemote(t)
	return &boots{t: t, remote: remote, path: filepath.Join(t.TempDir(), "system.journal"), now: time.Now().Add(-24 * time.Hour).Truncate(time.Second)}
}

// boot starts the machine: its clock of the kernel begins anew.
func (b *boots) boot() *boots {
	b.n++
	b.kernel = printk{}
	b.now = b.now.Add(time.Hour)
	return b.print(b.kernel.print("5;Linux version 6.12.0"))
}

// id is the running boot.
func (b *boots) id() string { return fmt.Sprintf("b00%d00000000000000000000000000aa", b.n) }

func (b *boots) print(records ...string) *boots {
	for _, record := range records {
		b.now = b.now.Add(time.Second)
		exportEntryOf(&b.export, b.id(), record, b.now)
	}
	return b
}

// kill has the kernel report a kill.
func (b *boots) kill(pid int) *boots { return b.print(b.kernel.report(pid)...) }

// save adds what the kernel printed to the journal.
func (b *boots) save() *boots {
	writeJournal(b.t, b.remote, b.path, b.export.Bytes())
	b.export.Reset()
	return b
}

// files is a configuration that reads the journal's files.
func (b *boots) files() *Config {
	cfg := journaldConfig(true)
	cfg.Journald.Files = []string{b.glob()}
	return cfg
}

// glob matches the journal and what was rotated.
func (b *boots) glob() string { return filepath.Join(filepath.Dir(b.path), "*.journal") }

// ofSystem is a configuration that reads the journal as that of the running system: a journalctl
// that finds its files there. Before it first follows it runs the shell commands between.
func (b *boots) ofSystem(between string) *Config {
	journalctl, err := exec.LookPath("journalctl")
	require.NoError(b.t, err)
	dir := b.t.TempDir()
	script := filepath.Join(dir, "journalctl")
	require.NoError(b.t, os.WriteFile(script, []byte(fmt.Sprintf("#!/bin/sh\ncase \"$*\" in *--follow*)\n[ -e %[1]s/followed ] || { :>%[1]s/followed; %[4]s\n }\nesac\nexec %[2]s '--file=%[3]s' \"$@\"\n",
		dir, journalctl, b.glob(), between)), 0o700))
	cfg := journaldConfig(true)
	cfg.Journald.JournalctlPath = script
	return cfg
}

// later has export text wait in a file, and returns the command that adds it to the journal.
func (b *boots) later() string {
	path := filepath.Join(b.t.TempDir(), "export")
	require.NoError(b.t, os.WriteFile(path, b.export.Bytes(), 0o600))
	b.export.Reset()
	return fmt.Sprintf("%s --output=%s --split-mode=none %s >/dev/null 2>&1", b.remote, b.path, path)
}

// waysToRead are the configurations that a journal of several boots is read with.
func (b *boots) waysToRead() map[string]*Config {
	return map[string]*Config{"files": b.files(), "the system's": b.ofSystem("")}
}

// bootsOf returns the boot of each record.
func bootsOf(next *sink) (ids []any) {
	next.mu.Lock()
	defer next.mu.Unlock()
	for _, lr := range next.records {
		ids = append(ids, lr.Attributes().AsRaw()["oom.boot.id"])
	}
	return ids
}

// An OOM, then a reset: the kills of earlier boots are in the journal and are read, also where
// --follow shows the newest boot only.
func TestKillsOfEarlierBoots(t *testing.T) {
	b := newBoots(t)
	b.boot().kill(100).boot().kill(200).kill(201).boot().kill(300).save()
	for name, cfg := range b.waysToRead() {
		t.Run(name, func(t *testing.T) {
			next := &sink{}
			run(t, cfg, newStorageHost(), next, newSource)
			next.waitFor(t, 100, 200, 201, 300)
			assert.Equal(t, []any{"b00100000000000000000000000000aa", "b00200000000000000000000000000aa", "b00200000000000000000000000000aa", "b00300000000000000000000000000aa"}, bootsOf(next))
		})
	}
}

// The collector is down while the machine boots twice. What came meanwhile is read, once, and what
// comes after.
func TestCollectorDownOverReboots(t *testing.T) {
	for _, way := range []string{"files", "the system's"} {
		t.Run(way, func(t *testing.T) {
			b := newBoots(t)
			cfg := b.waysToRead()[way]
			host, next := newStorageHost(), &sink{}
			b.boot().kill(100).save()
			stop := run(t, cfg, host, next, newSource)
			next.waitFor(t, 100)
			host.waitForStored(t, sourceJournald, lastCursor(t, b.path)) // the report is closed by its timeout
			stop()

			b.kill(101).boot().kill(200).boot().save()
			again := &sink{}
			stop = run(t, cfg, host, again, newSource)
			again.waitFor(t, 101, 200)
			b.kill(300).save()
			again.waitFor(t, 101, 200, 300)
			host.waitForStored(t, sourceJournald, lastCursor(t, b.path))
			stop()
		})
	}
}

// The machine is reset in the middle of a report: the next boot's lines are no part of it.
func TestResetInsideAReport(t *testing.T) {
	b := newBoots(t)
	report := new(printk).report(100)
	b.boot().print(report[:len(report)-1]...).boot().kill(200).save()
	next := &sink{}
	run(t, b.files(), newStorageHost(), next, newSource)
	require.Eventually(t, func() bool { return next.len() == 2 }, time.Minute, 10*time.Millisecond)
	first, second := next.records[0].Attributes().AsRaw(), next.records[1].Attributes().AsRaw()
	assert.Equal(t, "b00100000000000000000000000000aa", first["oom.boot.id"])
	assert.Equal(t, false, first["oom.report.complete"])
	assert.EqualValues(t, 200, second["process.pid"])
	assert.Equal(t, "b00200000000000000000000000000aa", second["oom.boot.id"])
	assert.EqualValues(t, len(reportLines), second["oom.report.lines"])
}

// Other boots' entries come while files are read, as where another machine sends its journal.
func TestBootWhileReading(t *testing.T) {
	b := newBoots(t)
	next := &sink{}
	b.boot().kill(100).save()
	run(t, b.files(), newStorageHost(), next, newSource)
	next.waitFor(t, 100)
	b.kill(101).boot().kill(200).save()
	next.waitFor(t, 100, 101, 200)
}

// Between the pass over all boots and the following nothing is lost: not what is logged then, nor
// where the journal is rotated or the machine boots.
func TestBetweenPassAndFollowing(t *testing.T) {
	for name, tc := range map[string]struct {
		between func(b *boots) string
		want    []int64
	}{
		"logged": {func(b *boots) string { return b.kill(101).later() }, []int64{100, 101, 102}},
		"rotated": {func(b *boots) string {
			return fmt.Sprintf("mv %s %s", b.path, filepath.Join(filepath.Dir(b.path), "system@1.journal")) + "\n" + b.kill(101).later()
		}, []int64{100, 101, 102}},
		"booted": {func(b *boots) string { return b.kill(101).boot().kill(200).later() }, []int64{100, 101, 200, 102}},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBoots(t)
			b.boot().kill(100).save()
			cfg := b.ofSystem(tc.between(b))
			next := &sink{}
			run(t, cfg, newStorageHost(), next, newSource)
			next.waitFor(t, tc.want[:len(tc.want)-1]...)
			b.kill(102).save()
			next.waitFor(t, tc.want...)
		})
	}
}

// journald deletes the oldest entries. When the entry that was read last is among them, the next
// one must not be left out with it.
func TestCursorThatWasDeleted(t *testing.T) {
	b := newBoots(t)
	b.boot().print(b.kernel.print("6;usb 1-1: new device")).save()
	cfg := b.files()
	host, next := newStorageHost(), &sink{}
	stop := run(t, cfg, host, next, newSource)
	host.waitForStored(t, sourceJournald, lastCursor(t, b.path))
	stop()
	require.NoError(t, os.Remove(b.path))
	b.print(b.kernel.print("3;Memory cgroup out of memory: Killed process 100 (app-main) total-vm:29348kB, anon-rss:24384kB, file-rss:640kB, shmem-rss:0kB, UID:1000 pgtables:92kB oom_score_adj:985")).save()
	run(t, cfg, host, next, newSource)
	next.waitFor(t, 100)
}
