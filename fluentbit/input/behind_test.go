// SPDX-License-Identifier: Apache-2.0

package input

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/oomtrail/oomtrail/fluentbit/fbtest"
	"github.com/oomtrail/oomtrail/fluentbit/filter"
)

// TestBehindIt: the filter takes what the input brings for what it is. Its records pass, each kill
// is one, whichever mode; of the lines alone the filter makes the same kills, verified by their
// facility.
func TestBehindIt(t *testing.T) {
	r := newRig(t, 1000)
	e := r.start(r.settings("Emit", "all"), nil)
	for pid := 1; pid <= 3; pid++ {
		for _, line := range r.report(100 + pid) { // what a user wrote
			priority, rest, _ := strings.Cut(line, ",")
			r.write("1" + priority + "," + rest)
		}
		r.write(r.report(pid)...)
		r.write(r.lines(2)...)
	}
	e.settled()
	events := e.end()
	require.Equal(t, []int64{1, 2, 3}, kills(events))
	var all, lines, records []byte
	for _, event := range events {
		all = append(all, event.Raw...)
		if event.Record["msg"] != nil {
			lines = append(lines, event.Raw...)
		} else {
			records = append(records, event.Raw...)
		}
	}
	through := func(chunk []byte, pairs ...string) []fbtest.Decoded {
		s, err := filter.ParseSettings(func(key string) string {
			for i := 0; i < len(pairs); i += 2 {
				if pairs[i] == key {
					return pairs[i+1]
				}
			}
			return ""
		}, nil)
		require.NoError(t, err)
		f, err := filter.New(s, func(filter.Level, string) {})
		require.NoError(t, err)
		out, modified := f.RunFrom("oom_kill", []byte("oom_kill.0"), chunk)
		if !modified {
			out = chunk
		}
		decoded, err := fbtest.Decode(bytes.Clone(out))
		require.NoError(t, err)
		return decoded
	}
	uids := func(events []fbtest.Decoded) (uids []any) {
		for _, event := range events {
			if oom, ok := event.Record["oom"].(map[string]any); ok {
				assert.Equal(t, "verified", oom["trust"])
				uids = append(uids, oom["record_uid"])
			}
		}
		return uids
	}
	want := uids(events)
	for _, accept := range []string{"marked", "any", "none"} {
		for _, host := range []string{"", "node-1", "node-2"} {
			own := []string{"Accept_Records", accept, "Host_Name", host}
			assert.Len(t, through(all, own...), len(events), own)
			assert.Equal(t, want, uids(through(all, own...)), own)
			only := append(own, "Mode", "only", "Trust", "kernel")
			assert.Len(t, through(all, only...), len(want), only)
			assert.Equal(t, want, uids(through(all, only...)), only)
			assert.Equal(t, want, uids(through(lines, only...)), only)
			assert.Equal(t, want, uids(through(records, only...)), only)
		}
	}
}
