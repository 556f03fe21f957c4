// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/oomtrail/oomtrail/conformance/corpus/captures"
)

// TestPack holds what the reader takes out of an archive against what was packed.
func TestPack(t *testing.T) {
	const kernel = "../../../testdata/captures/5.10"
	first, second := t.TempDir(), t.TempDir()
	for _, dir := range []string{first, second} {
		if err := pack(kernel, dir); err != nil {
			t.Fatal(err)
		}
	}
	a, _ := os.ReadFile(filepath.Join(first, "5.10.tar.gz"))
	b, _ := os.ReadFile(filepath.Join(second, "5.10.tar.gz"))
	if len(a) == 0 || !bytes.Equal(a, b) {
		t.Error("the same captures packed twice differ")
	}
	want, err := captures.Load(kernel)
	if err != nil {
		t.Fatal(err)
	}
	got, err := captures.Load(first)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != len(want) {
		t.Fatalf("%d captures, packed %d", len(got), len(want))
	}
	for i := range want {
		if got[i].Name() != want[i].Name() || !bytes.Equal(got[i].Kmsg, want[i].Kmsg) || !bytes.Equal(got[i].Syslog, want[i].Syslog) {
			t.Errorf("%s came back as %s", want[i].Name(), got[i].Name())
		}
	}
}

func TestPackNothing(t *testing.T) {
	if err := pack(t.TempDir(), t.TempDir()); err == nil {
		t.Error("an archive of no captures was written")
	}
}
