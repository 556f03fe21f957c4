// SPDX-License-Identifier: Apache-2.0

package livelog

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/parser"
	"github.com/oomtrail/oomtrail/parser/report"
)

// TestRestartWhileFactsWait: what other programs say of a kill waits for further lines, also when
// it is read again. Over a restart each record comes once.
func TestRestartWhileFactsWait(t *testing.T) {
	journals, err := filepath.Glob("../../testdata/witnesses/*/journal.json")
	require.NoError(t, err)
	require.NotEmpty(t, journals)
	for _, path := range journals {
		journal, err := os.ReadFile(path)
		require.NoError(t, err)
		want, end, _, _ := follow(t, journal, nil, 0, 0, 2*time.Minute)
		for _, stop := range []time.Duration{0, 5 * time.Second, 12 * time.Second, 40 * time.Second} {
			first, _, pending, keys := follow(t, journal, nil, 0, 0, stop)
			if pending < 0 {
				pending = end
			}
			second, _, _, _ := follow(t, journal, keys, pending, stop, 2*time.Minute)
			assert.ElementsMatch(t, want, append(first, second...), "%s, stopped after %s", path, stop)
		}
	}
}

// follow reads a journal from a position on, and ticks each second of a time after its last entry.
// It returns the keys of the records, the position after the last entry, that of the first one
// which is still needed, -1 for none, and what was delivered.
func follow(t *testing.T, journal []byte, restored []string, at int64, from, to time.Duration) (keys []string, next, pending int64, delivered []string) {
	t.Helper()
	s, err := NewStream(parser.Options{}, restored)
	require.NoError(t, err)
	take := func(records []*parser.Record) {
		for _, r := range records {
			keys = append(keys, r.Text("oom.record.key"))
		}
	}
	var last time.Time
	decoder := format.NewDecoder(report.JournalJSON).Trust(report.SourceJournald)
	for line := range bytes.Lines(journal) {
		decoder.Decode(bytes.TrimSuffix(line, []byte{'\n'}), func(l *format.Line) {
			if l.Position, last = next, l.Wall; next >= at {
				take(s.Feed(l, next+1, l.Wall))
			}
		})
		next++
	}
	for wait := from; wait <= to; wait += time.Second {
		take(s.Tick(last.Add(wait), true))
	}
	pending, ok := s.Pending()
	if !ok {
		pending = -1
	}
	return keys, next, pending, s.Delivered()
}
