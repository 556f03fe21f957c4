// SPDX-License-Identifier: Apache-2.0

package filter

import (
	"reflect"
	"slices"
	"testing"
)

// TestTwice: a report that a shipper sends again makes one record, whole or cut off, in one chunk
// or in two. Another tag is another stream: it has a record of its own.
func TestTwice(t *testing.T) {
	f, _ := newFilter(t, "Mode", "only")
	events := inKmsg(1, reportLines...)
	got := brief(run(t, f, "kernel", append(slices.Clone(events), events...)...))
	got = append(got, brief(run(t, f, "kernel", events...))...)
	got = append(got, brief(run(t, f, "kernel", events[:2]...))...)
	got = append(got, brief(run(t, f, "kernel", inKmsg(100, noise)...))...)
	if want := []string{"oom.kill"}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := brief(run(t, f, "other", events...)); !reflect.DeepEqual(got, []string{"oom.kill"}) {
		t.Errorf("another tag: %q", got)
	}
}
