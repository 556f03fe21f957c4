// SPDX-License-Identifier: Apache-2.0

package oomkillreceiver

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/oomtrail/oomtrail/internal/journalctl"
	"github.com/oomtrail/oomtrail/internal/kmsg"
	"github.com/oomtrail/oomtrail/parser/report"
)

// fuzzFormats are the formats of source file.
var fuzzFormats = []report.Format{
	report.Auto, report.Kmsg, report.Dmesg, report.Syslog, report.JournalJSON, report.JournalExport, report.None,
}

// queuedUIDs takes what a source has queued and returns the ids of the records.
func queuedUIDs(t *testing.T, in *intake) (uids []string) {
	t.Helper()
	for {
		batch, _ := in.queue.takeNow(maxBatch)
		if len(batch) == 0 {
			return uids
		}
		in.queue.release(batch)
		uids = append(uids, uidsOf(batch)...)
	}
}

// openFile opens a source of files as a receiver does.
func openFile(t *testing.T, path string, format report.Format, saved []byte) *fileSource {
	t.Helper()
	cfg := fileConfig(true, path)
	cfg.File.Format = format.String()
	src := newFileSource(cfg).(*fileSource)
	in := testIntake(t, src)
	in.queue = newQueue(1 << 30)
	require.NoError(t, src.open(in, saved))
	return src
}

// readAll reads what there is now, and fails the test when that does not come to an end.
func (f *fileSource) readAll(t *testing.T, size int) {
	t.Helper()
	for range 4 + size/tailBudget {
		more, err := f.round(t.Context())
		require.NoError(t, err)
		if !more {
			return
		}
	}
	t.Fatal("reading comes to no end")
}

// Any bytes in a file, read while they are written, or by two receivers one after the other, make
// the same records as the whole file does.
func FuzzFile(f *testing.F) {
	for _, name := range []string{"6.12/c_memcg_v2/kmsg.raw", "6.12/c_memcg_v2/syslog.raw"} {
		text := capture(f, name)
		f.Add(text, uint16(len(text)/2), uint8(0), false)
		f.Add(text, uint16(len(text)-3), uint8(0), true)
	}
	var k printk
	for i, lines := range [][]string{k.report(100), journalEntries(k.report(101)), {exportEntries(k.report(102))}} {
		f.Add([]byte(strings.Join(lines, "")), uint16(700), uint8([]int{1, 4, 5}[i]), false)
		f.Add([]byte(strings.Join(lines, "")), uint16(1700), uint8(0), false)
	}
	f.Add([]byte("\x1f\x8b\x08\x00"), uint16(2), uint8(0), false)
	f.Add([]byte(strings.Repeat("\x00", 4096)), uint16(1024), uint8(6), false)
	f.Fuzz(func(t *testing.T, text []byte, at uint16, format uint8, zip bool) {
		form := fuzzFormats[int(format)%len(fuzzFormats)]
		path := filepath.Join(t.TempDir(), "kern.log")
		write := func(b []byte) {
			if zip {
				b = []byte(gzipped(t, string(b)))
			}
			require.NoError(t, os.WriteFile(path, b, 0o600))
		}
		write(text)
		whole := openFile(t, path, form, nil)
		defer whole.close()
		whole.readAll(t, len(text))
		require.NoError(t, whole.in.flush(t.Context()))
		want := queuedUIDs(t, whole.in)

		part := text[:min(len(text), int(at))]
		write(part)
		first := openFile(t, path, form, nil)
		defer first.close()
		first.readAll(t, len(text))
		before, saved := queuedUIDs(t, first.in), first.checkpoint()
		var c fileCheckpoint
		require.NoError(t, json.Unmarshal(saved, &c))
		for _, mark := range c.Files {
			assert.LessOrEqual(t, mark.Offset, int64(len(text)))
			assert.GreaterOrEqual(t, mark.Offset, int64(0))
		}
		write(text)
		if !zip { // a compressed file does not grow
			first.readAll(t, len(text))
			require.NoError(t, first.in.flush(t.Context()))
			require.Equal(t, want, append(slices.Clone(before), queuedUIDs(t, first.in)...), "read while it is written")
		}
		second := openFile(t, path, form, saved)
		defer second.close()
		second.readAll(t, len(text))
		require.NoError(t, second.in.flush(t.Context()))
		require.Subset(t, append(before, queuedUIDs(t, second.in)...), want, "read on after a restart")
	})
}

// exportEntries are the records of a kernel log as `journalctl -o export` prints them.
func exportEntries(records []string) string {
	var b strings.Builder
	for _, record := range records {
		_, text, _ := strings.Cut(record, ";")
		b.WriteString("__CURSOR=s=1\n__REALTIME_TIMESTAMP=1700000000000000\n_TRANSPORT=kernel\nPRIORITY=6\n_HOSTNAME=node-7\nMESSAGE=" + text + "\n")
	}
	return b.String()
}

// Any bytes from /dev/kmsg, one record a read, and from journalctl, one entry a line, leave a
// source that goes on and whose checkpoint can be taken up again.
func FuzzRecords(f *testing.F) {
	var k printk
	f.Add([]byte(strings.Join(k.report(100), "\x00")))
	f.Add([]byte(strings.Join(journalEntries(k.report(101)), "\x00")))
	f.Add([]byte("4,5,1,-;Out of memory: Killed process 1 (a)\n SUBSYSTEM=x\n\x006,18446744073709551615,1,-;a\x006,0,-5,c;b"))
	f.Add([]byte(`{"__CURSOR":"a","MESSAGE":[1,2,999],"_TRANSPORT":"kernel"}` + "\x00{\x00null"))
	f.Fuzz(func(t *testing.T, records []byte) {
		r := newRing(1 << 20)
		ks := ringSource(r, "boot-1")(quick(nil)).(*kmsgSource)
		require.NoError(t, ks.open(testIntake(t, ks), nil))
		j := &journaldSource{beginning: true, start: (&fakeJournal{}).start}
		require.NoError(t, j.open(testIntake(t, j), nil))
		defer j.close()
		for record := range strings.SplitSeq(string(records), "\x00") {
			require.NoError(t, ks.log.Take(t.Context(), []byte(record), true))
			for line := range strings.Lines(record) {
				require.NoError(t, j.log.Take(t.Context(), []byte(strings.TrimSuffix(line, "\n"))))
			}
			if saved := ks.checkpoint(); saved != nil {
				var c kmsg.Cursor
				require.NoError(t, json.Unmarshal(saved, &c))
			}
			var c journalctl.Cursor
			require.NoError(t, json.Unmarshal(j.checkpoint(), &c))
		}
		saved := ks.checkpoint()
		again := ringSource(r, "boot-1")(quick(nil)).(*kmsgSource)
		require.NoError(t, again.open(testIntake(t, again), saved))
		require.NoError(t, ks.in.flush(t.Context()))
		require.NoError(t, j.in.flush(t.Context()))
	})
}
