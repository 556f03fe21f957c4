// SPDX-License-Identifier: Apache-2.0

package oomkillreceiver

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/oomtrail/oomtrail/internal/kmsg/kmsgtest"
	"github.com/oomtrail/oomtrail/parser/report"
)

// logWriter writes a kernel log to a file as rsyslog does.
type logWriter struct {
	t    *testing.T
	path string
	printk
}

// append adds text to the file.
func (w *logWriter) append(text ...string) {
	w.t.Helper()
	f, err := os.OpenFile(w.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	require.NoError(w.t, err)
	_, err = f.WriteString(strings.Join(text, ""))
	require.NoError(w.t, err)
	require.NoError(w.t, f.Close())
}

// syslog returns the lines of one kill with rsyslog's prefix.
func (w *logWriter) syslog(pid int) []string {
	var lines []string
	for _, record := range w.report(pid) {
		header, text, _ := strings.Cut(record, ";")
		usec, err := strconv.Atoi(strings.Split(header, ",")[2])
		require.NoError(w.t, err)
		lines = append(lines, fmt.Sprintf("2026-11-21T08:16:59.123456+00:00 node-7 kernel: [%5d.%06d] %s", usec/1e6, usec%1e6, text))
	}
	return lines
}

func gzipped(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, err := z.Write([]byte(text))
	require.NoError(t, err)
	require.NoError(t, z.Close())
	return b.String()
}

// fileConfig returns a configuration that reads the globs from their beginning.
func fileConfig(storage bool, globs ...string) *Config {
	return quick(func(c *Config) {
		c.Source, c.StartAt, c.File.Include = sourceFile, "beginning", globs
		if storage {
			c.Storage = &storageID
		}
	})
}

func TestFileReadsAndFollows(t *testing.T) {
	w := &logWriter{t: t, path: filepath.Join(t.TempDir(), "kern.log")}
	w.append(w.syslog(100)...)
	next := &sink{}
	run(t, fileConfig(false, w.path), nil, next, newSource)
	next.waitFor(t, 100)

	lines := strings.Join(w.syslog(101), "")
	for _, part := range []string{lines[:100], lines[100:101], lines[101:]} { // a writer that does not write whole lines
		w.append(part)
		time.Sleep(10 * time.Millisecond)
	}
	next.waitFor(t, 100, 101)

	res := next.logs[0].ResourceLogs().At(0).Resource().Attributes()
	host, _ := res.Get("host.name")
	assert.Equal(t, "node-7", host.Str())
	assert.Equal(t, time.Date(2026, 11, 21, 8, 16, 59, 123456000, time.UTC), next.records[0].Timestamp().AsTime())
}

// TestFileTellsAReportOnce: also where the file holds it twice, whole and cut off.
func TestFileTellsAReportOnce(t *testing.T) {
	w := &logWriter{t: t, path: filepath.Join(t.TempDir(), "kern.log")}
	first, second := w.syslog(100), w.syslog(101)
	w.append(first...)
	w.append(first...)
	w.append(first[:2]...)
	w.append(second...)
	next := &sink{}
	run(t, fileConfig(false, w.path), nil, next, newSource)
	next.waitFor(t, 100, 101)
	assert.Len(t, next.records, 2)
}

func TestFileStartAtEnd(t *testing.T) {
	w := &logWriter{t: t, path: filepath.Join(t.TempDir(), "kern.log")}
	w.append(w.syslog(100)...)
	cfg := fileConfig(false, w.path)
	cfg.StartAt = ""
	next := &sink{}
	run(t, cfg, nil, next, newSource)
	w.append(w.syslog(101)...)
	next.waitFor(t, 101)
}

func TestFileEndsAnUnfinishedLine(t *testing.T) {
	w := &logWriter{t: t, path: filepath.Join(t.TempDir(), "kern.log")}
	w.append(strings.TrimSuffix(strings.Join(w.syslog(100), ""), "\n"))
	next := &sink{}
	run(t, fileConfig(false, w.path), nil, next, newSource)
	next.waitFor(t, 100)
}

func TestFileThatComesLaterIsReadFromItsBeginning(t *testing.T) {
	dir := t.TempDir()
	cfg := fileConfig(false, filepath.Join(dir, "*.log"))
	cfg.StartAt = "end"
	next := &sink{}
	run(t, cfg, nil, next, newSource)
	w := &logWriter{t: t, path: filepath.Join(dir, "kern.log")}
	w.append(w.syslog(100)...)
	next.waitFor(t, 100)
}

func TestFileExclude(t *testing.T) {
	dir := t.TempDir()
	cfg := fileConfig(false, filepath.Join(dir, "*"))
	cfg.File.Exclude = []string{filepath.Join(dir, "*.bak")}
	for i, name := range []string{"a.log", "a.bak"} {
		w := &logWriter{t: t, path: filepath.Join(dir, name), printk: printk{kmsgtest.Printk{Sequence: uint64(1000 * i)}}}
		w.append(w.syslog(100 + i)...)
	}
	next := &sink{}
	run(t, cfg, nil, next, newSource)
	next.waitFor(t, 100)
	time.Sleep(50 * time.Millisecond)
	assert.Equal(t, []int64{100}, next.pids())
}

// rotations are the ways in which a log is put aside.
var rotations = map[string]func(t *testing.T, w *logWriter){
	"rename": func(t *testing.T, w *logWriter) {
		require.NoError(t, os.Rename(w.path, w.path+".1"))
	},
	"rename and create": func(t *testing.T, w *logWriter) {
		require.NoError(t, os.Rename(w.path, w.path+".1"))
		w.append("")
	},
	"copy and truncate": func(t *testing.T, w *logWriter) {
		text, err := os.ReadFile(w.path)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(w.path+".1", text, 0o600))
		require.NoError(t, os.Truncate(w.path, 0))
	},
	"compress": func(t *testing.T, w *logWriter) {
		text, err := os.ReadFile(w.path)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(w.path+".1.gz", []byte(gzipped(t, string(text))), 0o600))
		require.NoError(t, os.Remove(w.path))
	},
}

// countingSource is a file source that counts its rounds.
type countingSource struct {
	*fileSource
	rounds atomic.Int64
}

// run reads round by round as the source itself does.
func (s *countingSource) run(ctx context.Context) {
	for ctx.Err() == nil {
		more, err := s.round(ctx)
		if err != nil || s.in.tick(ctx, !more) != nil {
			return
		}
		s.rounds.Add(1)
		time.Sleep(s.cfg.PollInterval)
	}
}

// waitForRound waits until a round has ended that began after now, so that it saw the files as they
// are.
func (s *countingSource) waitForRound(t *testing.T) {
	t.Helper()
	now := s.rounds.Load()
	require.Eventually(t, func() bool { return s.rounds.Load() >= now+2 }, time.Minute, time.Millisecond)
}

// A report stands half in the old file and half in the new one; both names are in the globs.
func TestFileRotation(t *testing.T) {
	for name, rotate := range rotations {
		for _, glob := range []string{"", "*"} {
			t.Run(name+glob, func(t *testing.T) {
				w := &logWriter{t: t, path: filepath.Join(t.TempDir(), "kern.log")}
				next := &sink{}
				cfg := fileConfig(false, w.path+glob)
				cfg.ReportTimeout = time.Minute // however slow the machine is
				src := &countingSource{fileSource: newFileSource(cfg).(*fileSource)}
				run(t, cfg, nil, next, func(*Config) source { return src })
				w.append(w.syslog(100)...)
				next.waitFor(t, 100)
				lines := w.syslog(101)
				w.append(lines[:3]...)
				rotate(t, w)
				src.waitForRound(t) // what is appended before the source has seen a truncated file could be read as the rest of the old text
				w.append(lines[3:]...)
				next.waitFor(t, 100, 101)
				w.append(w.syslog(102)...)
				next.waitFor(t, 100, 101, 102)
				lr := next.records[1]
				complete, _ := lr.Attributes().Get("oom.report.complete")
				used, _ := lr.Attributes().Get("oom.report.lines")
				assert.EqualValues(t, len(reportLines), used.Int(), "complete: %v", complete.Bool())
			})
		}
	}
}

// A log was empty when it was opened, and its first lines come just before the source reads. When
// it is copied and truncated before the next look, the copy is known all the same: it is read on
// where the log was left, and not once more.
func TestRotationOfALogThatWasEmpty(t *testing.T) {
	for _, glob := range []string{"", "*"} {
		w := &logWriter{t: t, path: filepath.Join(t.TempDir(), "kern.log")}
		w.append("")
		cfg := fileConfig(false, w.path+glob)
		src := newFileSource(cfg).(*fileSource)
		in := testIntake(t, src)
		require.NoError(t, src.open(in, nil))
		tail := src.tails[0]
		require.NoError(t, tail.checkReplaced(t.Context()))
		w.append(w.syslog(100)...)
		require.NoError(t, tail.readBlock(t.Context()))
		lines := w.syslog(101)
		w.append(lines[:3]...)
		rotations["copy and truncate"](t, w)
		src.readAll(t, 0)
		w.append(lines[3:]...)
		w.append(w.syslog(102)[0])
		src.readAll(t, 0)
		batch, _ := in.queue.takeNow(10)
		var kills []string
		for _, it := range batch {
			if it.record != nil {
				pid, _ := it.record.Get("process.pid")
				lines, _ := it.record.Get("oom.report.lines")
				kills = append(kills, fmt.Sprintf("%d: %d lines", pid.Int64(), lines.Int64()))
			}
		}
		assert.Equal(t, []string{"100: 8 lines", "101: 8 lines"}, kills, "kern.log%s", glob)
	}
}

// The log is rotated, more than once, while no receiver runs.
func TestFileRotationWhileStopped(t *testing.T) {
	for name, rotate := range rotations {
		t.Run(name, func(t *testing.T) {
			w := &logWriter{t: t, path: filepath.Join(t.TempDir(), "kern.log")}
			host, next := newStorageHost(), &sink{}
			w.append(w.syslog(100)...)
			stop := run(t, fileConfig(true, w.path), host, next, newSource)
			next.waitFor(t, 100)
			lines := w.syslog(101)
			w.append(lines[:3]...)
			time.Sleep(20 * time.Millisecond)
			stop()
			w.append(lines[3:]...)
			w.append(w.syslog(102)...)
			rotate(t, w)
			w.append(w.syslog(103)...)
			again := &sink{}
			run(t, fileConfig(true, w.path), host, again, newSource)
			require.Eventually(t, func() bool {
				pids := again.pids()
				return len(pids) > 0 && pids[len(pids)-1] == 103
			}, time.Minute, 5*time.Millisecond)
			pids := again.pids()
			assert.Equal(t, []int64{101, 102, 103}, pids[len(pids)-3:])
			assert.Subset(t, []int64{100, 101, 102, 103}, pids, "a kill is sent again while its report was open")
		})
	}
}

func TestFileCheckpointAfterRestart(t *testing.T) {
	w := &logWriter{t: t, path: filepath.Join(t.TempDir(), "kern.log")}
	w.append(w.syslog(100)...)
	host, next := newStorageHost(), &sink{}
	stop := run(t, fileConfig(true, w.path), host, next, newSource)
	next.waitFor(t, 100)
	info, err := os.Stat(w.path)
	require.NoError(t, err)
	host.waitForStored(t, sourceFile, fmt.Sprintf(`"offset":%d,`, info.Size())) // the report is closed by its timeout
	stop()
	w.append(w.syslog(101)...)
	again := &sink{}
	run(t, fileConfig(true, w.path), host, again, newSource)
	again.waitFor(t, 101)
}

func TestFileReadsCapturesOfEveryForm(t *testing.T) {
	for _, path := range []string{"6.12/c_memcg_v2/kmsg.raw", "6.12/c_memcg_v2/syslog.raw"} {
		for _, zip := range []bool{false, true} {
			text := string(capture(t, path))
			file := filepath.Join(t.TempDir(), "log")
			if zip {
				text, file = gzipped(t, text), file+".gz"
			}
			require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
			next := &sink{}
			run(t, fileConfig(false, file), nil, next, newSource)
			require.Eventually(t, func() bool { return len(next.pids()) == 1 }, time.Minute, 5*time.Millisecond, path)
		}
	}
}

// TestFileKnowsTheLineBefore: of a log whose lines are left out unread, the last one counts all the
// same: a kill line behind a line of the same stamp and level may be a piece of the same record,
// which a user had the kernel write. Where the operator vouches for the log, only a kill line that
// is none is verified.
func TestFileKnowsTheLineBefore(t *testing.T) {
	var quiet strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&quiet, "<6>[%5d.%06d] usb 1-1: new device number %d\n", i/1000, i%1000, i)
	}
	const kill = "<3>[   60.000000] Out of memory: Killed process 7 (init) total-vm:4096kB, anon-rss:1024kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:8kB oom_score_adj:0\n"
	for name, tc := range map[string]struct{ before, trusted, want string }{
		"true":            {"<6>[   59.000000] usb 1-1: new device\n", "syslog", "verified"},
		"forged":          {"<3>[   60.000000] overlayfs: failed to resolve '/x\n", "syslog", "unverified"},
		"of other source": {"<6>[   59.000000] usb 1-1: new device\n", "kmsg", "unverified"},
		"of no source":    {"<6>[   59.000000] usb 1-1: new device\n", "", "unverified"},
	} {
		t.Run(name, func(t *testing.T) {
			w := &logWriter{t: t, path: filepath.Join(t.TempDir(), "kern.log")}
			w.append(quiet.String(), tc.before)
			cfg := fileConfig(false, w.path)
			cfg.File.TrustedSource = tc.trusted
			next := &sink{}
			run(t, cfg, nil, next, newSource)
			time.Sleep(50 * time.Millisecond) // the reader comes to the end, so that the kill is in another block
			w.append(kill)
			next.waitFor(t, 7)
			trust, _ := next.records[0].Attributes().Get("oom.trust")
			assert.Equal(t, tc.want, trust.Str())
		})
	}
}

// prettyEntries are entries of the journal as `journalctl -o json-pretty` prints them.
func prettyEntries(t *testing.T, entries []string) string {
	t.Helper()
	var b bytes.Buffer
	for _, entry := range entries {
		require.NoError(t, json.Indent(&b, []byte(strings.TrimSpace(entry)), "", "\t"))
		b.WriteByte('\n')
	}
	return b.String()
}

// An entry of several lines is read whole wherever what is there at the moment ends, and wherever a
// receiver ends.
func TestEntriesOfSeveralLinesStayWhole(t *testing.T) {
	var k printk
	quiet := k.print("6;usb 1-1: new full-speed USB device")
	records := k.report(100)
	kill := records[len(records)-1]
	for name, log := range map[string]string{
		"export": exportEntries([]string{quiet, kill, quiet}),
		"pretty": prettyEntries(t, journalEntries([]string{quiet, kill, quiet})),
	} {
		path := filepath.Join(t.TempDir(), "journal.log")
		require.NoError(t, os.WriteFile(path, []byte(log), 0o600))
		whole := openFile(t, path, report.Auto, nil)
		defer whole.close()
		whole.readAll(t, len(log))
		require.NoError(t, whole.in.flush(t.Context()))
		want := queuedUIDs(t, whole.in)
		require.Len(t, want, 1, name)
		for at := range log {
			if log[at] != '\n' {
				continue
			}
			require.NoError(t, os.WriteFile(path, []byte(log[:at+1]), 0o600))
			first := openFile(t, path, report.Auto, nil)
			defer first.close()
			first.readAll(t, len(log))
			before, saved := queuedUIDs(t, first.in), first.checkpoint()
			require.NoError(t, os.WriteFile(path, []byte(log), 0o600))
			first.readAll(t, len(log))
			require.NoError(t, first.in.flush(t.Context()))
			require.Equal(t, want, append(before, queuedUIDs(t, first.in)...), "%s, read on from %d", name, at)
			second := openFile(t, path, report.Auto, saved)
			defer second.close()
			second.readAll(t, len(log))
			require.NoError(t, second.in.flush(t.Context()))
			require.Subset(t, append(before, queuedUIDs(t, second.in)...), want, "%s, read again from %d", name, at)
		}
	}
}
