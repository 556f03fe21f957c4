// SPDX-License-Identifier: Apache-2.0

//go:build linux

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/internal/kmsg/kmsgtest"
)

func TestMain(m *testing.M) {
	if len(os.Args) > 4 && os.Args[1] == "job" { // as main does
		if err := beJob(os.Args[2:]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// testRig is this machine, with a file of some MiB to read and write.
func testRig(t *testing.T) *rig {
	t.Helper()
	if testing.Short() {
		t.Skip("NOT RUN: it takes 40 seconds")
	}
	log, err := os.Open("/dev/kmsg")
	if err != nil {
		t.Skip("NOT RUN: the kernel's log cannot be read: ", err)
	}
	log.Close()
	r, err := newRig("../../../build/oomtrail")
	if err != nil {
		t.Skip(err)
	}
	t.Cleanup(r.close)
	r.disk, r.diskSize = filepath.Join(t.TempDir(), "file"), 256
	return r
}

// TestLeakIsWarnedOf: the kernel kills what leaks, a warning comes before, and the kill names it.
func TestLeakIsWarnedOf(t *testing.T) {
	r := testRig(t)
	// It takes 21 s, and is steady for long enough to be warned of at 75 %: with five seconds left,
	// a busy machine does not matter.
	s := scenario{name: "leak", limit: 64, truth: leaks, lasts: time.Minute, start: one("leak", "3")}
	check(t, r, &s)
}

// TestPageCacheIsHealthy: reading a file that is larger than the limit gives no warning.
func TestPageCacheIsHealthy(t *testing.T) {
	r := testRig(t)
	s := filed(scenario{name: "page cache", limit: 64, lasts: time.Minute, reads: 256}, func(f string) []string { return []string{"read", f, "256", "8"} })
	check(t, r, &s)
}

// check runs a scenario, again where the kernel has not said where it killed.
func check(t *testing.T, r *rig, s *scenario) {
	t.Helper()
	kmsgtest.UntilReported(t, func() bool {
		o, err := r.run(s)
		if err != nil {
			t.Fatal(err)
		}
		details(t.Output(), o)
		if o.killed && !kmsgtest.Reported(t, o.victim.pid) {
			return false
		}
		if what := o.failed(); what != "" {
			t.Error(what)
		}
		return true
	})
}
