// SPDX-License-Identifier: Apache-2.0

package captures

import (
	"bytes"
	"path/filepath"
	"testing"

	"github.com/oomtrail/oomtrail/conformance/corpus/golden"
	"github.com/oomtrail/oomtrail/parser"
	"github.com/oomtrail/oomtrail/parser/record"
	"github.com/oomtrail/oomtrail/parser/report"
)

const testdata = "../../../testdata/captures"

// TestExpectedRecords holds the records of each bundled capture against those that were reviewed,
// in records.json beside it. Read as what it is, a copy of /dev/kmsg, a capture proves that the
// kernel wrote it; read as it looks, the same records are unverified. `make expected` writes the
// files anew, for git diff to show what changed.
func TestExpectedRecords(t *testing.T) {
	list, err := Load(testdata)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range list {
		t.Run(c.Name(), func(t *testing.T) {
			got := recordsOf(t, c.Kmsg, parser.Options{Transport: report.Kmsg, TrustedSource: parser.TrustedKmsg})
			if err := golden.Check(filepath.Join(testdata, c.Kernel, c.Scenario, "records.json"), got); err != nil {
				t.Error(err)
			}
			verified, unverified := []byte(`"oom.trust": "verified"`), []byte(`"oom.trust": "unverified"`)
			want := bytes.ReplaceAll(formatted(t, got), verified, unverified)
			if err := golden.Compare(formatted(t, recordsOf(t, c.Kmsg, parser.Options{})), want); err != nil {
				t.Errorf("read as it looks: %v", err)
			}
		})
	}
}

// recordsOf returns the records of a log.
func recordsOf(t *testing.T, log []byte, o parser.Options) (records []*record.Record) {
	t.Helper()
	err := parser.ReadAll(bytes.NewReader(log), o, func(r *record.Record) error {
		records = append(records, r)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return records
}

func formatted(t *testing.T, records []*record.Record) []byte {
	t.Helper()
	text, err := golden.Format(records)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
