// SPDX-License-Identifier: Apache-2.0

package filter

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/oomtrail/oomtrail/fluentbit/fbtest"
	"github.com/oomtrail/oomtrail/fluentbit/logevent"
)

// TestTwoInARow: a second filter that reads the same lines does not tell again what the first one
// has told beside them.
func TestTwoInARow(t *testing.T) {
	lines := inKmsg(1, append(slices.Clone(reportLines), noise)...)
	tests := []struct {
		name          string
		first, second pairs
		want          int // records behind the second
	}{
		{"as they come", nil, nil, 1},
		{"flat", pairs{"Format", "flat"}, nil, 1},
		{"ecs", pairs{"Format", "ecs"}, nil, 1},
		{"the first names the host", pairs{"Format", "ecs", "Host_Name", "a"}, nil, 1},
		{"the second names the host", nil, pairs{"Host_Name", "a"}, 1},
		{"both name the host", pairs{"Host_Name", "a"}, pairs{"Host_Name", "a"}, 1},
		{"hosts that differ", pairs{"Host_Name", "a"}, pairs{"Host_Name", "b"}, 2},
		{"the second replaces", nil, pairs{"Mode", "replace"}, 1},
		{"nothing but records", nil, pairs{"Mode", "only"}, 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			first, _ := newFilter(t, test.first...)
			second, _ := newFilter(t, test.second...)
			out, _ := first.Run([]byte("kernel"), fbtest.Chunk(lines...))
			if both, modified := second.Run([]byte("kernel"), out); modified {
				out = both
			}
			events, err := fbtest.Decode(out)
			if err != nil {
				t.Fatal(err)
			}
			ours := 0
			for _, e := range events {
				if strings.Contains(fmt.Sprint(e.Record), "oom.kill") {
					ours++
				}
			}
			if ours != test.want || second.count.duplicates != uint64(2-test.want) {
				t.Errorf("%d records, want %d; %s", ours, test.want, &second.count)
			}
		})
	}
}

// TestToldBefore: a record that came in an earlier chunk counts, one under another tag does not.
func TestToldBefore(t *testing.T) {
	first, _ := newFilter(t, "Mode", "only")
	lines := fbtest.Chunk(inKmsg(1, reportLines...)...)
	made, _ := first.Run([]byte("kernel"), lines)
	for tag, want := range map[string]uint64{"kernel": 0, "other": 1} {
		second, _ := newFilter(t)
		second.Run([]byte("kernel"), made)
		second.Run([]byte(tag), lines)
		if second.count.kills != want {
			t.Errorf("%s: %d kills told, want %d", tag, second.count.kills, want)
		}
	}
}

// TestToldIsBounded: the oldest are forgotten.
func TestToldIsBounded(t *testing.T) {
	var seen seenRecords
	for i := range 3 * maxSeen {
		seen.note([]byte("t"), logevent.Claim{UID: fmt.Sprint(i)})
	}
	if len(seen.has) != 2*maxSeen || len(seen.ring) != 2*maxSeen {
		t.Errorf("%d and %d are kept, want %d", len(seen.has), len(seen.ring), 2*maxSeen)
	}
	_, oldest := seen.has[recordKey([]byte("t"), "0", "")]
	_, newest := seen.has[recordKey([]byte("t"), fmt.Sprint(3*maxSeen-1), "")]
	if oldest || !newest {
		t.Errorf("the oldest is kept: %v, the newest: %v", oldest, newest)
	}
}
