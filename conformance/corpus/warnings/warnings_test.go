// SPDX-License-Identifier: Apache-2.0

package warnings

import (
	"os"
	"testing"

	"github.com/oomtrail/oomtrail/conformance/corpus/golden"
)

// TestLoad: the records that were read are those that were written.
func TestLoad(t *testing.T) {
	records, err := Load("../../../testdata")
	if err != nil || len(records) < 6 {
		t.Fatal(len(records), err)
	}
	got, err := golden.Format(records)
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile("../../../testdata/warnings/records.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := golden.Compare(got, want); err != nil {
		t.Error(err)
	}
}
