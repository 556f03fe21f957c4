// SPDX-License-Identifier: Apache-2.0

package livelog

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/parser"
	"github.com/oomtrail/oomtrail/parser/report"
)

var killLines = []string{
	"4,1,1000000,-;app-main invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=985",
	"6,2,1000100,-;oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=a,mems_allowed=0,oom_memcg=/a,task_memcg=/a,task=app-main,pid=100,uid=1000",
	"3,3,1000200,-;Memory cgroup out of memory: Killed process 100 (app-main) total-vm:29348kB, anon-rss:24384kB, file-rss:640kB, shmem-rss:0kB, UID:1000 pgtables:92kB oom_score_adj:985",
}

// feed gives lines to a stream, all read at a time.
func feed(s *Stream, at time.Time, lines ...string) (records []*parser.Record) {
	decoder := format.NewDecoder(report.Kmsg).Trust(report.SourceKmsg)
	for _, line := range lines {
		decoder.Decode([]byte(line), func(l *format.Line) {
			l.Position = int64(l.Sequence)
			records = append(records, s.Feed(l, l.Position+1, at)...)
		})
	}
	return records
}

// TestRestored: what was delivered before a restart is not given again, and is remembered until its
// report is closed.
func TestRestored(t *testing.T) {
	now := time.Unix(1700000000, 0)
	first, err := NewStream(parser.Options{}, nil)
	require.NoError(t, err)
	require.Len(t, feed(first, now, killLines...), 1)
	keys := first.Delivered()
	require.Len(t, keys, 1)
	pending, ok := first.Pending()
	assert.True(t, ok)
	assert.EqualValues(t, 1, pending, "the report is open for further victims")

	second, err := NewStream(parser.Options{}, keys)
	require.NoError(t, err)
	assert.Empty(t, feed(second, now, killLines...))
	assert.Equal(t, keys, second.Delivered())
	later := now.Add(time.Hour)
	assert.Empty(t, second.Tick(later, true))
	assert.Equal(t, keys, second.Delivered(), "one look that found nothing may have been too early")
	assert.Empty(t, second.Tick(later, true))
	assert.Empty(t, second.Delivered(), "the report is closed")
	_, ok = second.Pending()
	assert.False(t, ok)
}

// TestQuiet: a report is closed once all there is was read twice, and its last line is old.
func TestQuiet(t *testing.T) {
	now := time.Unix(1700000000, 0)
	s, err := NewStream(parser.Options{ReportTimeout: time.Minute}, nil)
	require.NoError(t, err)
	assert.Empty(t, feed(s, now, killLines[:2]...))
	for range 3 {
		assert.Empty(t, s.Tick(now.Add(time.Hour), false), "there is more to read")
	}
	for range 3 {
		assert.Empty(t, s.Tick(now.Add(time.Second), true), "the timeout is not over")
	}
	assert.Len(t, s.Tick(now.Add(time.Hour), true), 1)
	assert.Empty(t, s.End())
}
