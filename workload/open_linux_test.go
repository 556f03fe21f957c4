// SPDX-License-Identifier: Apache-2.0

package workload

import (
	"os"
	"runtime"
	"testing"
)

// TestNothingStaysOpen: a resolver, which nobody closes, has no file open once it has answered.
func TestNothingStaysOpen(t *testing.T) {
	open := func() int {
		names, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Skip(err)
		}
		return len(names)
	}
	tr := node(t, 2)
	write(t, tr.path("etc/passwd"), "alice:x:1000:1000::/home/alice:/bin/sh\n")
	before := open()
	var all []*Resolver
	for range 50 {
		r, err := New(Options{Root: tr.root})
		if err != nil {
			t.Fatal(err)
		}
		if n := r.Lookup(Query{PodUID: number(1), UserID: "1000"}); n.Pod == "" || n.User != "alice" {
			t.Fatalf("got %+v", n)
		}
		all = append(all, r)
	}
	if after := open(); after > before {
		t.Errorf("%d files are open, %d were", after, before)
	}
	runtime.KeepAlive(all)
}
