// SPDX-License-Identifier: Apache-2.0

package oomkillreceiver

import (
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What a storage extension gives back may be of another version, or damaged: it is told and left
// aside.
func FuzzCheckpoint(f *testing.F) {
	f.Add([]byte(`{"boot_id":"boot-1","sequence":5}`))
	f.Add([]byte(`{"cursor":"s=1"}`))
	f.Add([]byte(`{"files":[{"path":"kern.log","id":{"length":3,"hash":"x"},"offset":9}],"done":[{"id":{"length":-1},"size":-5}]}`))
	f.Add([]byte(`{"files":[{"path":"kern.log","id":{"length":-3},"offset":-9}]}`))
	f.Add([]byte("\x00"))
	f.Fuzz(func(t *testing.T, saved []byte) {
		r := newRing(10)
		r.write(new(printk).report(100)...)
		j := &fakeJournal{}
		defer j.kill()
		w := &logWriter{t: t, path: filepath.Join(t.TempDir(), "kern.log")}
		w.append(new(printk).report(100)...)
		for _, cfg := range []*Config{quick(nil), journaldConfig(false), fileConfig(false, w.path)} {
			var src source
			switch cfg.Source {
			case sourceKmsg:
				src = ringSource(r, "boot-1")(cfg)
			case sourceJournald:
				src = j.source(cfg)
			default:
				src = newSource(cfg)
			}
			require.NoError(t, src.open(testIntake(t, src), saved))
			src.checkpoint()
			src.close()
		}
	})
}

func TestDoubtCursor(t *testing.T) {
	j := &journaldSource{last: "s=1", since: time.Unix(1, 0)}
	j.in = testIntake(t, j)
	refusal := errors.New("journalctl said: Failed to seek to cursor: Invalid argument")
	j.doubtCursor(refusal)
	j.doubtCursor(errors.New("journalctl said: No space left on device"))
	assert.Zero(t, j.refused, "something else is wrong")
	for range cursorTries {
		assert.Equal(t, "s=1", j.last)
		j.doubtCursor(refusal)
	}
	assert.Empty(t, j.last)
	assert.True(t, j.since.IsZero(), "the journal is read from its beginning")
}

// Many entries while a report is open do not take memory without bound, and a checkpoint stays
// before the report.
func TestCursorMarksAreBounded(t *testing.T) {
	j := &journaldSource{cfg: JournaldConfig{}, beginning: true, start: (&fakeJournal{}).start}
	require.NoError(t, j.open(testIntake(t, j), nil))
	defer j.close()
	var k printk
	report := journalEntries(k.report(100))
	first := journalEntries([]string{k.print("6;usb 1-1: new device")})
	for _, entry := range append(first, report[:4]...) {
		require.NoError(t, j.take(t.Context(), []byte(entry[:len(entry)-1])))
	}
	before := string(j.checkpoint())
	for range 3 * maxMarks {
		j.mark(cursorMark{position: j.stream.next, cursor: "s=1;i=9"})
	}
	assert.LessOrEqual(t, len(j.marks), maxMarks)
	assert.Equal(t, before, string(j.checkpoint()))
}
