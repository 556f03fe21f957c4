// SPDX-License-Identifier: Apache-2.0

package oomkillreceiver

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// stamped returns the lines of one kill as kern.log has them.
func (w *logWriter) stamped(pid int, stamp string) string {
	return strings.ReplaceAll(strings.Join(w.syslog(pid), ""), "2026-11-21T08:16:59.123456+00:00", stamp)
}

// TestFileTime: a stamp without zone and year is read in the setting `location` and lies before the
// file was last written to.
func TestFileTime(t *testing.T) {
	for what, tc := range map[string]struct{ stamp, written, want string }{
		"this year":             {"Mar  2 12:30:00", "2026-03-02T12:00:00Z", "2026-03-02T11:30:00Z"},
		"last year":             {"Mar 21 08:16:59", "2026-03-02T12:00:00Z", "2025-03-21T07:16:59Z"},
		"a clock that is ahead": {"Mar  2 13:30:00", "2026-03-02T12:00:00Z", "2026-03-02T12:30:00Z"},
		"29 February":           {"Feb 29 10:00:00", "2026-03-02T12:00:00Z", "2024-02-29T09:00:00Z"},
		"new year":              {"Dec 31 23:59:59", "2025-12-31T23:00:05Z", "2025-12-31T22:59:59Z"},
		"an old file":           {"Jul  1 12:00:00", "2019-07-02T12:00:00Z", "2019-07-01T10:00:00Z"},
		"no zone":               {"2026-03-02T12:30:00.250000", "2026-03-02T12:00:00Z", "2026-03-02T11:30:00.25Z"},
	} {
		for _, zip := range []bool{false, true} {
			t.Run(what, func(t *testing.T) {
				w := &logWriter{t: t, path: filepath.Join(t.TempDir(), "kern.log")}
				text := w.stamped(100, tc.stamp)
				if zip {
					text = gzipped(t, text)
					w.path += ".gz"
				}
				w.append(text)
				at, err := time.Parse(time.RFC3339, tc.written)
				require.NoError(t, err)
				require.NoError(t, os.Chtimes(w.path, at, at))
				cfg := fileConfig(false, w.path)
				cfg.File.Location = "Europe/Berlin"
				next := &sink{}
				run(t, cfg, nil, next, newSource)
				next.waitFor(t, 100)
				lr := next.records[0]
				assert.Equal(t, tc.want, lr.Timestamp().AsTime().Format(time.RFC3339Nano))
				original, _ := lr.Attributes().Get("oom.time.original")
				assert.Equal(t, tc.stamp, original.Str())
				want := "zone,year"
				if what == "no zone" {
					want = "zone"
				}
				assumed, _ := lr.Attributes().Get("oom.time.assumed")
				assert.Equal(t, want, assumed.Str())
			})
		}
	}
}

// TestFileTimeOfWhatIsAppended: an old file that is written to again has lines of now.
func TestFileTimeOfWhatIsAppended(t *testing.T) {
	w := &logWriter{t: t, path: filepath.Join(t.TempDir(), "kern.log")}
	w.append(w.stamped(100, "Jul  1 12:00:00"))
	at := time.Date(2019, 7, 2, 0, 0, 0, 0, time.UTC)
	require.NoError(t, os.Chtimes(w.path, at, at))
	cfg := fileConfig(false, w.path)
	cfg.File.Location = "UTC"
	next := &sink{}
	run(t, cfg, nil, next, newSource)
	next.waitFor(t, 100)
	assert.Equal(t, 2019, next.records[0].Timestamp().AsTime().Year())
	hour := time.Now().UTC().Add(-time.Hour).Truncate(time.Second)
	w.append(w.stamped(101, hour.Format(time.Stamp)))
	next.waitFor(t, 100, 101)
	assert.Equal(t, hour, next.records[1].Timestamp().AsTime())
}
